// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/turns.h"

#include <atomic>
#include <semaphore>
#include <thread>

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

constexpr base::Millis kLong{60'000};

class TurnsTest : public ::testing::Test {
 protected:
  base::SystemClock clock_;
  std::unique_ptr<Turns> turns_ = TurnsOnThreads(clock_)(2);
};

TEST_F(TurnsTest, ALineGoesOnUntilItEnds) {
  std::atomic<int> taken = 0;
  turns_->Begin("a", [&](const std::stop_token&) -> Turns::Due {
    return ++taken < 3 ? Turns::Due(base::Millis(1)) : std::nullopt;
  });
  EXPECT_TRUE(turns_->AwaitEnd("a", kLong, {}));
  EXPECT_EQ(taken, 3);
  EXPECT_TRUE(turns_->AwaitEnd("never there", kLong, {}));
}

TEST_F(TurnsTest, AWakeDuringATurnIsNotLost) {
  std::binary_semaphore under_way{0}, woken{0};
  std::atomic<int> taken = 0;
  turns_->Begin("a", [&](const std::stop_token&) -> Turns::Due {
    if (++taken == 2) {
      return std::nullopt;
    }
    under_way.release();
    woken.acquire();
    return Turns::kWhenWoken;
  });
  under_way.acquire();
  turns_->Wake("a");
  woken.release();
  EXPECT_TRUE(turns_->AwaitEnd("a", kLong, {}));
}

TEST_F(TurnsTest, OneThatHangsDelaysNoOther) {
  std::binary_semaphore under_way{0};
  turns_->Begin("hangs", [&](const std::stop_token& stop) -> Turns::Due {
    under_way.release();
    while (!stop.stop_requested()) {
      std::this_thread::yield();
    }
    return std::nullopt;
  });
  under_way.acquire();
  std::atomic<int> taken = 0;
  for (const char* name : {"a", "b"}) {
    turns_->Begin(name, [&](const std::stop_token&) -> Turns::Due {
      return ++taken < 20 ? Turns::Due(base::Millis(1)) : std::nullopt;
    });
  }
  EXPECT_TRUE(turns_->AwaitEnd("a", kLong, {}));
  EXPECT_TRUE(turns_->AwaitEnd("b", kLong, {}));
  turns_->Interrupt("hangs");
  EXPECT_TRUE(turns_->AwaitEnd("hangs", kLong, {}));
}

TEST_F(TurnsTest, AnInterruptEndsOneTurnNotTheLine) {
  std::binary_semaphore under_way{0};
  std::atomic<bool> fresh = false;
  turns_->Begin("a", [&, first = true](const std::stop_token& stop) mutable -> Turns::Due {
    if (!std::exchange(first, false)) {
      fresh = !stop.stop_requested();
      return std::nullopt;
    }
    under_way.release();
    while (!stop.stop_requested()) {
      std::this_thread::yield();
    }
    return Turns::kWhenWoken;
  });
  under_way.acquire();
  turns_->Interrupt("a");
  EXPECT_TRUE(turns_->AwaitEnd("a", kLong, {}));
  EXPECT_TRUE(fresh);
}

TEST_F(TurnsTest, StopLeavesLinesUnended) {
  turns_->Begin("a", [](const std::stop_token&) { return Turns::Due(base::Millis(1)); });
  turns_->Stop();
  EXPECT_FALSE(turns_->AwaitEnd("a", kLong, {}));
}

}  // namespace
}  // namespace streampark::console
