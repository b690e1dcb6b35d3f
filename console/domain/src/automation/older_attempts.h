// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "streampark/console/automation/decision.h"
#include "streampark/console/turns.h"

#include "jobs/job_system.h"

namespace streampark::console {

/// Ends on the engine what runs of an older attempt although a newer one has taken its place: a
/// JobManager that was cut off, or one that reads old records, takes a job up again by itself. Never
/// the newest attempt: whether that one should run is judged (judge.h). A decision says so before
/// the act, with what it was made from; the act goes through the journal. Thread-safe.
class OlderAttempts {
 public:
  struct Parts {
    std::function<bool(const JobState&)> is_paused;
    std::function<void(const Decision&)> decided;
  };
  OlderAttempts(const JobSystem& system, Turns& turns, Parts parts)
      : system_(system), turns_(turns), parts_(std::move(parts)) {}

  /// A job lives on a cluster that is no job's newest attempt. Returns at once; nothing happens when
  /// it is none of ours, or when the look may be from before its end.
  void Seen(std::string_view engine_job_id, base::Timestamp at);

 private:
  /// Ends those that were seen since; there is a line while there are any.
  Turns::Due TakeTurn(const std::stop_token& stop);
  base::Status End(const Attempt& older, const std::stop_token& stop);
  /// Commits why it is ended. False when it is not to be: automation is paused, or it is the newest.
  base::Result<bool> Decide(const Attempt& older);

  const JobSystem& system_;
  Turns& turns_;
  const Parts parts_;
  std::mutex mutex_;
  std::map<std::string, Attempt> seen_;             // by id; guarded by mutex_
  std::map<std::string, base::Timestamp> decided_;  // likewise, the turn's own
};

}  // namespace streampark::console
