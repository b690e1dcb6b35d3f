// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
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

/// The queue of them. Thread-safe.
class EndedAttempts {
 public:
  explicit EndedAttempts(const base::Clock& clock) : clock_(clock) {}

  /// Due at once; nothing happens when it is in the queue already.
  void Add(std::string job_id, const Attempt& attempt);
  /// Blocks until one is due, and lends it out: it counts as awaited until Done or Again. Absent
  /// when `stop` is requested.
  std::optional<EndedAttempt> Take(std::stop_token stop);
  /// Puts one that was taken back.
  void Again(EndedAttempt ended, base::Millis after);
  void Done(const EndedAttempt& ended);
  /// Whether more may become known of how an attempt of the job ended.
  bool Awaits(std::string_view job_id) const;

 private:
  struct Entry {
    EndedAttempt ended;
    bool taken = false;
  };
  std::deque<Entry>::iterator Find(std::string_view attempt_id);

  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Entry> entries_;
};

}  // namespace streampark::console
