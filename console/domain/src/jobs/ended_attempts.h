// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/console/jobs/job.h"

namespace streampark::console {

/// An attempt that has ended on the engine, and whose last checkpoints and exceptions are still to
/// be asked for.
struct EndedAttempt {
  std::string job_id;
  Attempt attempt;
  base::SteadyTime seen;  // when its end was
  base::SteadyTime due;
  int tries = 0;  // that nobody answered
};

/// Those that are still to be looked at. Thread-safe.
class EndedAttempts {
 public:
  explicit EndedAttempts(const base::Clock& clock) : clock_(clock) {}

  /// Due at once; nothing happens when it is here already.
  void Add(std::string job_id, const Attempt& attempt);
  /// One on the cluster that is due now. It stays until Done; looked at by one at a time.
  std::optional<EndedAttempt> FindDue(std::string_view cluster_id) const;
  /// When the next one on the cluster is due.
  std::optional<base::SteadyTime> NextDue(std::string_view cluster_id) const;
  /// It is due once more.
  void Again(EndedAttempt ended, base::Millis after);
  void Done(const EndedAttempt& ended);
  /// Whether more may become known of how an attempt of the job ended.
  bool Awaits(std::string_view job_id) const;

 private:
  const EndedAttempt* Earliest(std::string_view cluster_id) const;

  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, EndedAttempt, std::less<>> ended_;  // by attempt id
};

}  // namespace streampark::console
