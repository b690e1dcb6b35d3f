// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/testing/crash_job.h"

#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/state_bytes.h"

namespace streampark::connectors::testing {

void Fate::Pass() {
  if (left_-- == 0) {
    ::raise(SIGKILL);
  }
}

namespace {

constexpr int kCheckpoints = 3;
constexpr int kSubtasks = 2;
constexpr std::int64_t kRowsEach = 7;
constexpr int kNever = 1'000'000;

struct Checkpoint {
  std::int64_t number = 0;
  std::vector<Committable> pending;
};

Checkpoint ReadCheckpoint(const std::filesystem::path& file) {
  Checkpoint checkpoint;
  if (!std::filesystem::exists(file)) {
    return checkpoint;
  }
  const std::string record = base::ReadFile(file).value();
  StateReader in(record);
  checkpoint.number = in.Number();
  while (!in.at_end()) {
    Committable one{.subtask = static_cast<int>(in.Number()),
                    .sequence = static_cast<std::uint64_t>(in.Number())};
    one.bytes = in.Text();
    checkpoint.pending.push_back(std::move(one));
  }
  return checkpoint;
}

/// A job in little: its checkpoint is a file. Goes on from it and writes all that is missing.
base::Status RunJob(const CrashTarget& target, const std::filesystem::path& file, Fate& fate) {
  const auto connector = target.make_connector(fate);
  const auto schema = SchemaOf("n BIGINT NOT NULL, name STRING");
  const auto sink = SinkOf(*connector, target.options, schema);
  const auto committer = sink->MakeCommitter().value();
  const Checkpoint restored = ReadCheckpoint(file);
  std::int64_t checkpoint = restored.number;
  SP_TRY(committer->Recover({"lineage", "rows"}, restored.pending,
                            static_cast<std::uint64_t>(checkpoint) + 1, {}));
  std::vector<std::unique_ptr<SinkWriter>> writers;
  for (int subtask = 0; subtask < kSubtasks; ++subtask) {
    writers.push_back(SP_TRY(sink->MakeWriter({"lineage", "rows", subtask}, "")));
  }
  while (checkpoint < kCheckpoints) {
    std::int64_t row = checkpoint * kSubtasks * kRowsEach;
    ++checkpoint;
    std::vector<Committable> prepared;
    StateWriter record;
    record.Number(checkpoint);
    for (const auto& writer : writers) {
      SP_TRY(writer->Write(*NumberedRows(schema, row, kRowsEach)));
      row += kRowsEach;
      for (auto& one : SP_TRY(writer->Prepare(static_cast<std::uint64_t>(checkpoint)))) {
        record.Number(one.subtask).Number(static_cast<std::int64_t>(one.sequence)).Text(one.bytes);
        prepared.push_back(std::move(one));
      }
    }
    fate.Pass();
    SP_TRY(base::WriteFileAtomically(file, record.Take()));
    fate.Pass();
    SP_TRY(committer->Commit(prepared, {}));
    fate.Pass();
  }
  return base::Ok();
}

enum class End { kKilled, kFinished, kFailed };

pid_t StartJob(const CrashTarget& target, const std::filesystem::path& file, int dies_at) {
  const pid_t child = ::fork();
  if (child == 0) {
    Fate fate(dies_at);
    const auto ran = RunJob(target, file, fate);
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

void ExpectAllOnce(const CrashTarget& target, const std::string& when) {
  EXPECT_EQ(Sorted(target.visible()),
            Sorted(NumberedTexts(SchemaOf("n BIGINT NOT NULL, name STRING"), 0,
                                 kCheckpoints * kSubtasks * kRowsEach)))
      << when;
  EXPECT_TRUE(target.staged().empty()) << when;
}

}  // namespace

void ExpectEachRowOnceWhereverItIsKilled(const CrashTarget& target, int points) {
  int killed = 0;
  for (int dies_at = 0;; ++dies_at) {
    const auto folder = base::TemporaryFolder::Create().value();
    const auto file = folder.path() / "checkpoint";
    target.clear();
    const End end = WaitForEnd(StartJob(target, file, dies_at));
    ASSERT_NE(end, End::kFailed) << dies_at;
    if (end == End::kKilled) {
      ++killed;
      ASSERT_EQ(WaitForEnd(StartJob(target, file, kNever)), End::kFinished) << dies_at;
    }
    ExpectAllOnce(target, "killed at point " + std::to_string(dies_at));
    if (::testing::Test::HasFailure() || end == End::kFinished) {
      break;
    }
  }
  EXPECT_GT(killed, points);
}

void ExpectEachRowOnceWheneverItIsKilled(const CrashTarget& target, int kills) {
  std::mt19937 random(17);
  int killed = 0;
  while (killed < kills && !::testing::Test::HasFailure()) {
    const auto folder = base::TemporaryFolder::Create().value();
    const auto file = folder.path() / "checkpoint";
    target.clear();
    End end = End::kKilled;
    while (end == End::kKilled) {
      const pid_t child = StartJob(target, file, kNever);
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
      ::kill(child, SIGKILL);
      end = WaitForEnd(child);
      killed += end == End::kKilled ? 1 : 0;
    }
    ASSERT_EQ(end, End::kFinished);
    ExpectAllOnce(target, "after " + std::to_string(killed) + " kills");
  }
}

}  // namespace streampark::connectors::testing
