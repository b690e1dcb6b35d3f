// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "jobs/testing/job_world.h"

/// Mistakes that a console could make, put into one of the parts that a life of it is made from. The
/// product's own code is never touched: a defect that is not found says that the harness is blind.
namespace streampark::faults {

enum class Defect {
  kNone,
  kSkipIntent,           // an act without its intent on disk
  kSkipOutcome,          // an act whose outcome is never written
  kRetryWithoutLooking,  // an open intent is taken for none
  kLookAtWrongId,        // another job is looked at than the one that is meant
  kTrustMemory,          // a look is answered by what was seen some time ago
  kForgetSync,           // commits do not reach the disk
  kTakeSecondStart,      // the same request twice is two operations
  kDeleteHeldSnapshot,   // a snapshot is deleted that something stands on
  kActOnSilence,         // a cluster that does not answer is taken for gone
  kLoseWakeUp,           // who waits to be woken is not
  kSpin,                 // who waits to be woken asks again at once
  kMissProcesses,        // a process whose start was not recorded is not found
  kForgetSuspended,      // what the fleet stops is not noted
};
inline constexpr Defect kDefects[] = {Defect::kSkipIntent,
                                      Defect::kSkipOutcome,
                                      Defect::kRetryWithoutLooking,
                                      Defect::kLookAtWrongId,
                                      Defect::kTrustMemory,
                                      Defect::kForgetSync,
                                      Defect::kTakeSecondStart,
                                      Defect::kDeleteHeldSnapshot,
                                      Defect::kActOnSilence,
                                      Defect::kLoseWakeUp,
                                      Defect::kSpin,
                                      Defect::kMissProcesses,
                                      Defect::kForgetSuspended};
std::string_view ToString(Defect defect);

/// Puts it into the parts. kForgetSync, kActOnSilence and kMissProcesses are the disk's, the watch's
/// and the machine's: the world heeds them.
void PutIn(Defect defect, store::testing::VirtualTime& time, store::testing::LifeParts& parts);

}  // namespace streampark::faults
