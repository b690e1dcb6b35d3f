// SPDX-License-Identifier: Apache-2.0
#include "jobs/ended_attempts.h"

#include <algorithm>

namespace streampark::console {
namespace {

// The clock of a test can be moved, so a wait is cut into pieces.
constexpr base::Millis kLongestWait{200};

}  // namespace

std::deque<EndedAttempts::Entry>::iterator EndedAttempts::Find(std::string_view attempt_id) {
  return std::find_if(entries_.begin(), entries_.end(),
                      [&](const Entry& one) { return one.ended.attempt.id == attempt_id; });
}

void EndedAttempts::Add(std::string job_id, const Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  if (Find(attempt.id) != entries_.end()) {
    return;
  }
  const base::SteadyTime now = clock_.SteadyNow();
  entries_.push_back({.ended = {std::move(job_id), attempt, now, now}});
  changed_.notify_all();
}

std::optional<EndedAttempt> EndedAttempts::Take(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const base::SteadyTime now = clock_.SteadyNow();
    base::Millis wait = kLongestWait;
    for (Entry& one : entries_) {
      if (one.taken) {
        continue;
      }
      if (one.ended.due <= now) {
        one.taken = true;
        return one.ended;
      }
      wait = std::min(wait, std::chrono::ceil<base::Millis>(one.ended.due - now));
    }
    if (entries_.empty()) {
      changed_.wait(lock, stop, [&] { return !entries_.empty(); });
    } else {
      changed_.wait_for(lock, stop, wait, [] { return false; });
    }
  }
  return std::nullopt;
}

void EndedAttempts::Again(EndedAttempt ended, base::Millis after) {
  const std::lock_guard lock(mutex_);
  if (const auto found = Find(ended.attempt.id); found != entries_.end()) {
    ended.due = clock_.SteadyNow() + after;
    *found = {.ended = std::move(ended)};
  }
}

void EndedAttempts::Done(const EndedAttempt& ended) {
  const std::lock_guard lock(mutex_);
  if (const auto found = Find(ended.attempt.id); found != entries_.end()) {
    entries_.erase(found);
  }
}

bool EndedAttempts::Awaits(std::string_view job_id) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& one) { return one.ended.job_id == job_id; });
}

}  // namespace streampark::console
