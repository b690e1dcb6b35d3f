// SPDX-License-Identifier: Apache-2.0
#include "jobs/dependency_fetcher.h"

#include <utility>

namespace streampark::http {
namespace {

constexpr std::size_t kMostWaiting = 32;
constexpr base::Millis kFailureHolds{60'000};

}  // namespace

DependencyFetcher::DependencyFetcher(Fetch fetch, const base::Clock& clock)
    : fetch_(std::move(fetch)),
      clock_(clock),
      queue_(kMostWaiting),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

base::Error DependencyFetcher::Begin(const Coordinates& coordinates) {
  const base::SteadyTime now = clock_.SteadyNow();
  const std::lock_guard lock(mutex_);
  std::erase_if(states_, [&](const auto& item) {
    return item.second.failure && now - item.second.failed_at >= kFailureHolds;
  });
  const auto [state, is_new] = states_.try_emplace(coordinates);
  if (state->second.failure) {
    return *state->second.failure;
  }
  if (is_new && !queue_.TryPush(coordinates)) {
    states_.erase(state);
    return base::Error(base::ErrorCode::kUnavailable, "too many dependencies are being fetched")
        .WithHint("try again soon");
  }
  return base::Error(base::ErrorCode::kUnavailable, "the dependencies are being fetched")
      .WithHint("ask again in a moment");
}

void DependencyFetcher::Run(const std::stop_token& stop) {
  while (const auto coordinates = queue_.Pop(stop)) {
    base::Status fetched = fetch_(*coordinates, stop);
    const std::lock_guard lock(mutex_);
    if (fetched.ok()) {
      states_.erase(*coordinates);
    } else {
      states_[*coordinates] = {.failure = std::move(fetched).error(),
                               .failed_at = clock_.SteadyNow()};
    }
  }
}

}  // namespace streampark::http
