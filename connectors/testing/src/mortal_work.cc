// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/testing/mortal_work.h"

#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streampark/base/temporary_folder.h"

namespace streampark::connectors::testing {
namespace {

constexpr int kNever = 1'000'000;

enum class End { kKilled, kFinished, kFailed };

pid_t Start(const MortalWork& work, const std::filesystem::path& checkpoint, int dies_at) {
  const pid_t child = ::fork();
  if (child == 0) {
    Fate fate(dies_at);
    const auto ran = work.run(checkpoint, fate);
    if (!ran.ok()) {
      ADD_FAILURE() << ran.error().ToString();
    }
    ::_exit(ran.ok() ? 0 : 1);
  }
  return child;
}

End WaitForEnd(pid_t child) {
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
    return End::kKilled;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? End::kFinished : End::kFailed;
}

}  // namespace

void Fate::Pass() {
  if (left_-- == 0) {
    ::raise(SIGKILL);
  }
}

int KillAtEachPoint(const MortalWork& work) {
  for (int dies_at = 0;; ++dies_at) {
    const auto folder = base::TemporaryFolder::Create().value();
    const auto checkpoint = folder.path() / "checkpoint";
    work.prepare();
    const End end = WaitForEnd(Start(work, checkpoint, dies_at));
    EXPECT_NE(end, End::kFailed) << dies_at;
    if (end == End::kKilled) {
      EXPECT_EQ(WaitForEnd(Start(work, checkpoint, kNever)), End::kFinished) << dies_at;
    }
    work.check("killed at point " + std::to_string(dies_at));
    if (::testing::Test::HasFailure() || end == End::kFinished) {
      return dies_at;
    }
  }
}

void KillAgainAndAgain(const MortalWork& work, int widest) {
  for (int step = 1; step <= widest && !::testing::Test::HasFailure(); ++step) {
    const auto folder = base::TemporaryFolder::Create().value();
    work.prepare();
    End end = End::kKilled;
    for (int dies_at = step; end == End::kKilled; dies_at += step) {
      end = WaitForEnd(Start(work, folder.path() / "checkpoint", dies_at));
    }
    EXPECT_EQ(end, End::kFinished) << step;
    work.check("killed every " + std::to_string(step) + " points further");
  }
}

void KillAtRandomMoments(const MortalWork& work, int kills) {
  std::mt19937 random(17);
  int killed = 0;
  while (killed < kills && !::testing::Test::HasFailure()) {
    const auto folder = base::TemporaryFolder::Create().value();
    const auto checkpoint = folder.path() / "checkpoint";
    work.prepare();
    End end = End::kKilled;
    // Later and later, so that the work gets on also where it is slow.
    for (unsigned longest = 60'000; end == End::kKilled; longest += longest / 4) {
      const pid_t child = Start(work, checkpoint, kNever);
      std::this_thread::sleep_for(std::chrono::microseconds(random() % longest));
      ::kill(child, SIGKILL);
      end = WaitForEnd(child);
      killed += end == End::kKilled ? 1 : 0;
    }
    EXPECT_EQ(end, End::kFinished);
    work.check("after " + std::to_string(killed) + " kills");
  }
}

}  // namespace streampark::connectors::testing
