// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/clusters/cluster_gate.h"

#include <atomic>
#include <latch>
#include <thread>

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

using Call = ClusterCircuit::Call;
using Outcome = ClusterCircuit::Outcome;
using Pass = ClusterCircuit::Pass;

class CircuitTest : public testing::Test {
 protected:
  /// The pass of a call that was let through; absent: refused.
  std::optional<Pass> Enter(Call call) {
    const auto pass = circuit_.Enter(call, {});
    if (!pass.ok()) {
      EXPECT_EQ(pass.error().code(), base::ErrorCode::kClusterUnreachable);
      return std::nullopt;
    }
    return *pass;
  }
  /// A whole call; false when it was refused.
  bool Make(Call call, Outcome outcome) {
    const auto pass = Enter(call);
    if (pass) {
      circuit_.Leave(call, *pass, outcome);
    }
    return pass.has_value();
  }
  void Silence() {
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(Make(Call::kLook, Outcome::kSilent));
    }
    EXPECT_TRUE(circuit_.open());
  }

  base::ManualClock clock_;
  ClusterCircuit circuit_{clock_, {.patience = base::Millis(20)}};
};

TEST_F(CircuitTest, OpensAfterSilencesInARowAndNotForAnswers) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(Make(Call::kLook, i % 3 == 0 ? Outcome::kAnswered : Outcome::kSilent));
    EXPECT_FALSE(circuit_.open());
  }
  EXPECT_TRUE(Make(Call::kLook, Outcome::kAnswered));
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(Make(Call::kLook, Outcome::kCancelled));  // says nothing
  }
  Silence();
  EXPECT_FALSE(Make(Call::kLook, Outcome::kAnswered));
}

TEST_F(CircuitTest, OneProbeAtATimeAfterPausesThatGrowToABound) {
  Silence();
  base::Millis pause(1'000);
  for (int i = 0; i < 10; ++i) {
    clock_.Advance(pause - base::Millis(1));
    EXPECT_FALSE(Enter(Call::kLook)) << i;
    clock_.Advance(base::Millis(1));
    EXPECT_EQ(Enter(Call::kLook), Pass::kProbe) << i;
    EXPECT_FALSE(Enter(Call::kLook)) << "a second probe";
    EXPECT_FALSE(Enter(Call::kAct)) << "an act beside a probe";
    circuit_.Leave(Call::kLook, Pass::kProbe, Outcome::kSilent);
    pause = std::min(pause * 2, base::Millis(30'000));
  }
  clock_.Advance(pause);
  EXPECT_TRUE(Make(Call::kLook, Outcome::kAnswered));
  EXPECT_FALSE(circuit_.open());
  Silence();
  clock_.Advance(base::Millis(1'000));
  EXPECT_TRUE(Make(Call::kLook, Outcome::kAnswered)) << "pauses begin anew";
}

TEST_F(CircuitTest, APersonsActMayTryAnyTime) {
  Silence();
  EXPECT_TRUE(Make(Call::kAct, Outcome::kSilent));
  EXPECT_TRUE(circuit_.open());
  EXPECT_TRUE(Make(Call::kAct, Outcome::kAnswered));
  EXPECT_FALSE(circuit_.open());
}

TEST_F(CircuitTest, TheWatchAlwaysLooksAndItsNewSuccessCloses) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(Make(Call::kObserve, Outcome::kSilent));
  }
  EXPECT_TRUE(circuit_.open());
  EXPECT_FALSE(Make(Call::kLook, Outcome::kAnswered));
  EXPECT_TRUE(Make(Call::kObserve, Outcome::kAnswered));
  EXPECT_FALSE(circuit_.open());
}

TEST_F(CircuitTest, AnOverviewThatAnswersDoesNotHideDetailsThatHang) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Make(Call::kObserve, Outcome::kAnswered));
    EXPECT_TRUE(Make(Call::kLook, Outcome::kSilent));
  }
  EXPECT_TRUE(circuit_.open());
  EXPECT_TRUE(Make(Call::kObserve, Outcome::kAnswered));
  EXPECT_TRUE(circuit_.open());
}

TEST_F(CircuitTest, SilencesOfCallsThatWereUnderWayDoNotLengthenThePause) {
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(Enter(Call::kLook), Pass::kOrdinary);
  }
  for (int i = 0; i < 6; ++i) {
    circuit_.Leave(Call::kLook, Pass::kOrdinary, Outcome::kSilent);
  }
  clock_.Advance(base::Millis(1'000));
  EXPECT_EQ(Enter(Call::kLook), Pass::kProbe);
}

TEST_F(CircuitTest, FewCallsAreUnderWayAtOnce) {
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(Enter(Call::kLook), Pass::kOrdinary);
  }
  EXPECT_FALSE(Enter(Call::kLook)) << "one too many, and none ended";
  circuit_.Leave(Call::kLook, Pass::kOrdinary, Outcome::kAnswered);
  EXPECT_EQ(Enter(Call::kLook), Pass::kOrdinary);
  EXPECT_EQ(circuit_.calls_under_way(), 6);
}

TEST(Circuit, WhoWaitsIsLetInWhenACallEndsAndSentAwayWhenItOpens) {
  const base::SystemClock clock;
  ClusterCircuit circuit(clock, {.silences = 1, .calls = 1, .patience = base::Millis(60'000)});
  const auto enter = [&] { return circuit.Enter(Call::kLook, {}); };
  ASSERT_TRUE(enter().ok());
  std::optional<bool> let_in;
  {
    const std::jthread waiter([&] { let_in = enter().ok(); });
    circuit.Leave(Call::kLook, Pass::kOrdinary, Outcome::kAnswered);
  }
  EXPECT_EQ(let_in, true);
  {
    const std::jthread waiter([&] { let_in = enter().ok(); });
    circuit.Leave(Call::kLook, Pass::kOrdinary, Outcome::kSilent);
  }
  EXPECT_EQ(let_in, false);
  std::stop_source stop;
  ClusterCircuit full(clock, {.calls = 0, .patience = base::Millis(60'000)});
  const std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_EQ(full.Enter(Call::kLook, stop.get_token()).error().code(), base::ErrorCode::kCancelled);
}

}  // namespace
}  // namespace streampark::console
