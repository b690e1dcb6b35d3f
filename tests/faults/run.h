// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "defects.h"

/// A console, an engine, people and misfortune, in one thread and virtual time. Everything follows
/// from the seed.
namespace streampark::faults {

/// Where a console can be killed: at a passage to the outside or of the journal, within a step of a
/// kind of operation; or in the care of jobs, which belongs to no operation.
struct Passage {
  std::string kind;   // START, or CARE
  std::string step;   // SUBMIT
  std::string point;  // INTENT_SUBMIT.before
  auto operator<=>(const Passage&) const = default;
};
std::string ToString(const Passage& passage);

struct Plan {
  std::uint64_t seed = 1;
  int turns = 100;  // with commands, faults and kills; then quiet ones until all has ended
  std::set<int> kills_at = {};  // the passages of these numbers, beside those that are drawn
  Defect defect = Defect::kNone;
  bool keep_trace = false;
};

struct Outcome {
  std::string broken;              // the promise that was; empty: none
  int turns = 0;                   // with faults, that were taken
  std::uint64_t digest = 0;        // of everything that happened, in order
  std::vector<std::string> trace;  // the same in words, if it was to be kept
  std::map<Passage, int> passed;   // each with the number that it was first passed under
  std::set<Passage> killed;        // those that a life ended at
  int commands = 0, kills = 0, faults = 0;
};

Outcome Take(const Plan& plan);

}  // namespace streampark::faults
