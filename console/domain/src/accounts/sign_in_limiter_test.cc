// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/accounts/sign_in_limiter.h"

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

class SignInLimiterTest : public testing::Test {
 protected:
  int Wait(std::string_view name, std::string_view address) {
    const base::Status status = limiter_.Begin(name, address);
    if (status.ok()) {
      return 0;
    }
    EXPECT_EQ(status.error().code(), base::ErrorCode::kRateLimited);
    return status.error().retry_after_seconds();
  }
  base::ManualClock clock_;
  SignInLimiter limiter_{clock_};
};

TEST_F(SignInLimiterTest, GuessingOneNameGetsSlowerUpToABound) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Wait("admin", std::to_string(i)), 0);
  }
  EXPECT_EQ(Wait("admin", "x"), 1);
  EXPECT_EQ(Wait("ADMIN", "y"), 1);
  EXPECT_EQ(Wait("other", "x"), 0);
  int longest = 0;
  for (int i = 0; i < 20; ++i) {
    const int wait = Wait("admin", "a" + std::to_string(i));
    longest = std::max(longest, wait);
    clock_.Advance(base::Millis(wait * 1000LL));
    EXPECT_EQ(Wait("admin", "b" + std::to_string(i)), 0);
  }
  EXPECT_EQ(longest, 60);
}

TEST_F(SignInLimiterTest, OneAddressCannotTryManyNames) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Wait("name" + std::to_string(i), "here"), 0);
  }
  EXPECT_GT(Wait("another", "here"), 0);
  EXPECT_EQ(Wait("another", "elsewhere"), 0);
}

TEST_F(SignInLimiterTest, SuccessClearsTheName) {
  for (int i = 0; i < 5; ++i) {
    Wait("admin", "here");
  }
  limiter_.Succeeded("admin", "here");
  EXPECT_EQ(Wait("admin", "here"), 0);
}

TEST_F(SignInLimiterTest, QuietIsForgiven) {
  for (int i = 0; i < 5; ++i) {
    Wait("admin", "here");
  }
  EXPECT_GT(Wait("admin", "here"), 0);
  clock_.Advance(base::Millis(16 * 60'000));
  EXPECT_EQ(Wait("admin", "here"), 0);
}

TEST_F(SignInLimiterTest, AFloodOfNamesStaysBounded) {
  for (int i = 0; i < 12'000; ++i) {
    EXPECT_EQ(Wait("n" + std::to_string(i), "a" + std::to_string(i)), 0);
    clock_.Advance(base::Millis(1));
  }
}

}  // namespace
}  // namespace streampark::console
