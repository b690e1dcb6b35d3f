// SPDX-License-Identifier: Apache-2.0
#include "jobs/ended_attempts.h"

#include <algorithm>

namespace streampark::console {

void EndedAttempts::Add(std::string job_id, const Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  const base::SteadyTime now = clock_.SteadyNow();
  ended_.try_emplace(attempt.id, EndedAttempt{std::move(job_id), attempt, now, now});
}

const EndedAttempt* EndedAttempts::Earliest(std::string_view cluster_id) const {
  const EndedAttempt* earliest = nullptr;
  for (const auto& [id, one] : ended_) {
    if (one.attempt.cluster_id == cluster_id && (earliest == nullptr || one.due < earliest->due)) {
      earliest = &one;
    }
  }
  return earliest;
}

std::optional<EndedAttempt> EndedAttempts::FindDue(std::string_view cluster_id) const {
  const std::lock_guard lock(mutex_);
  const EndedAttempt* earliest = Earliest(cluster_id);
  return earliest != nullptr && earliest->due <= clock_.SteadyNow() ? std::optional(*earliest)
                                                                    : std::nullopt;
}

std::optional<base::SteadyTime> EndedAttempts::NextDue(std::string_view cluster_id) const {
  const std::lock_guard lock(mutex_);
  const EndedAttempt* earliest = Earliest(cluster_id);
  return earliest != nullptr ? std::optional(earliest->due) : std::nullopt;
}

void EndedAttempts::Again(EndedAttempt ended, base::Millis after) {
  const std::lock_guard lock(mutex_);
  ended.due = clock_.SteadyNow() + after;
  ended_.insert_or_assign(ended.attempt.id, std::move(ended));
}

void EndedAttempts::Done(const EndedAttempt& ended) {
  const std::lock_guard lock(mutex_);
  ended_.erase(ended.attempt.id);
}

bool EndedAttempts::Awaits(std::string_view job_id) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(ended_.begin(), ended_.end(),
                     [&](const auto& one) { return one.second.job_id == job_id; });
}

}  // namespace streampark::console
