// SPDX-License-Identifier: Apache-2.0
#include "jobs/dependency_fetcher.h"

#include <latch>

#include <gtest/gtest.h>

namespace streampark::http {
namespace {

using base::ErrorCode;

TEST(DependencyFetcherTest, NobodyWaitsForARepositoryAndAFailureIsRemembered) {
  base::ManualClock clock;
  std::latch asked(1);
  std::latch answer(1);
  std::atomic<int> fetches = 0;
  DependencyFetcher fetcher(
      [&](const DependencyFetcher::Coordinates&, const std::stop_token&) -> base::Status {
        if (++fetches == 1) {
          asked.count_down();
        }
        answer.wait();
        return base::Error(ErrorCode::kDependencyUnresolved, "no such jar");
      },
      clock);
  const DependencyFetcher::Coordinates jar = {"a:b:1"};
  EXPECT_EQ(fetcher.Begin(jar).code(), ErrorCode::kUnavailable);
  asked.wait();
  // While the repository is silent everybody is answered, and nothing is asked twice.
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(fetcher.Begin(jar).code(), ErrorCode::kUnavailable);
  }
  answer.count_down();
  while (fetcher.Begin(jar).code() != ErrorCode::kDependencyUnresolved) {
    std::this_thread::yield();
  }
  EXPECT_EQ(fetches, 1);
  clock.Advance(base::Millis(60'000));
  EXPECT_EQ(fetcher.Begin(jar).code(), ErrorCode::kUnavailable);
}

TEST(DependencyFetcherTest, TooManySetsAreRefused) {
  base::ManualClock clock;
  DependencyFetcher fetcher(
      [](const DependencyFetcher::Coordinates&, const std::stop_token& stop) -> base::Status {
        while (!stop.stop_requested()) {
          std::this_thread::yield();
        }
        return base::Error(ErrorCode::kCancelled, "stopped");
      },
      clock);
  std::string last;
  for (int i = 0; i < 40; ++i) {
    last = fetcher.Begin({"a:b:" + std::to_string(i)}).message();
  }
  EXPECT_NE(last.find("too many"), std::string::npos);
}

}  // namespace
}  // namespace streampark::http
