// SPDX-License-Identifier: Apache-2.0
// A process that writes files is killed before and after each thing that it asks of the file system, and started again.
#include <csignal>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/state_bytes.h"

#include "file_connector.h"
#include "file_testing.h"

namespace streampark::connectors::file {
namespace {

using connectors::testing::NumberedRows;
using connectors::testing::NumberedTexts;
using connectors::testing::SinkOf;
using file::testing::ReadAll;
using file::testing::SchemaOf;
using file::testing::Sorted;
using file::testing::StagedIn;

/// Counts points, and ends the process at the one that it was told, as kill -9 does.
class Fate {
 public:
  explicit Fate(int dies_at) : left_(dies_at) {}
  void Pass() {
    if (left_-- == 0) {
      ::raise(SIGKILL);
    }
  }

 private:
  int left_;
};

class MortalOutput final : public FileOutput {
 public:
  MortalOutput(std::unique_ptr<FileOutput> file, Fate& fate)
      : file_(std::move(file)), fate_(fate) {}
  base::Status Write(std::string_view bytes) override {
    fate_.Pass();
    SP_TRY(file_->Write(bytes.substr(0, bytes.size() / 2)));
    fate_.Pass();  // in the middle of a row
    return file_->Write(bytes.substr(bytes.size() / 2));
  }
  base::Status Close() override {
    fate_.Pass();
    return file_->Close();
  }

 private:
  std::unique_ptr<FileOutput> file_;
  Fate& fate_;
};

/// The local store, with a point before each change and, since the next call has one too, after it.
class MortalStore final : public FileStore {
 public:
  explicit MortalStore(Fate& fate) : fate_(fate) {}

  base::Result<std::vector<Found>> List(const std::string& pattern, std::stop_token stop) override {
    return store_->List(pattern, std::move(stop));
  }
  base::Result<std::unique_ptr<FileInput>> Open(const std::string& path) override {
    return store_->Open(path);
  }
  base::Result<std::unique_ptr<FileOutput>> Create(const std::string& path) override {
    fate_.Pass();
    return std::make_unique<MortalOutput>(SP_TRY(store_->Create(path)), fate_);
  }
  base::Status SyncFolder(const std::string& folder) override {
    fate_.Pass();
    return store_->SyncFolder(folder);
  }
  base::Result<Moved> Move(const std::string& from, const std::string& to) override {
    fate_.Pass();
    return store_->Move(from, to);
  }
  base::Result<bool> Exists(const std::string& path) override { return store_->Exists(path); }
  base::Result<std::vector<std::string>> Names(const std::string& folder) override {
    return store_->Names(folder);
  }
  base::Status Remove(const std::string& path) override {
    fate_.Pass();
    return store_->Remove(path);
  }
  base::Status WriteNote(const std::string& path, std::string_view text) override {
    fate_.Pass();
    return store_->WriteNote(path, text);
  }
  base::Result<std::optional<std::string>> ReadNote(const std::string& path) override {
    return store_->ReadNote(path);
  }

 private:
  const std::shared_ptr<FileStore> store_ = MakeLocalStore();
  Fate& fate_;
};

constexpr int kCheckpoints = 3;
constexpr int kSubtasks = 2;
constexpr std::int64_t kRowsEach = 7;

SchemaPtr Columns() { return SchemaOf("n BIGINT NOT NULL, name STRING"); }

/// A job in little: its checkpoint is a file beside the target. Goes on from it and writes all that is missing.
bool RunJob(const std::filesystem::path& folder, const std::string& format, int dies_at) {
  Fate fate(dies_at);
  const auto connector = MakeFileConnectorOver(std::make_shared<MortalStore>(fate));
  const auto schema = Columns();
  const auto sink = SinkOf(
      *connector, {{"path", folder / "out"}, {"format", format}, {"roll.rows", "4"}}, schema);
  const auto committer = sink->MakeCommitter().value();

  std::int64_t checkpoint = 0;
  std::vector<Committable> pending;
  if (std::filesystem::exists(folder / "checkpoint")) {
    const std::string record = base::ReadFile(folder / "checkpoint").value();
    StateReader in(record);
    checkpoint = in.Number();
    while (!in.at_end()) {
      Committable one{.subtask = static_cast<int>(in.Number()),
                      .sequence = static_cast<std::uint64_t>(in.Number())};
      one.bytes = in.Text();
      pending.push_back(std::move(one));
    }
  }
  const auto next = static_cast<std::uint64_t>(checkpoint) + 1;
  if (!committer->Recover({"lineage", "rows"}, pending, next, {}).ok()) {
    return false;
  }
  std::vector<std::unique_ptr<SinkWriter>> writers;
  for (int subtask = 0; subtask < kSubtasks; ++subtask) {
    writers.push_back(sink->MakeWriter({"lineage", "rows", subtask}, "").value());
  }
  while (checkpoint < kCheckpoints) {
    std::int64_t row = checkpoint * kSubtasks * kRowsEach;
    ++checkpoint;
    std::vector<Committable> prepared;
    StateWriter record;
    record.Number(checkpoint);
    for (const auto& writer : writers) {
      if (!writer->Write(*NumberedRows(schema, row, kRowsEach)).ok()) {
        return false;
      }
      row += kRowsEach;
      auto parts = writer->Prepare(static_cast<std::uint64_t>(checkpoint)).value();
      for (auto& one : parts) {
        record.Number(one.subtask).Number(static_cast<std::int64_t>(one.sequence)).Text(one.bytes);
        prepared.push_back(std::move(one));
      }
    }
    fate.Pass();
    if (!base::WriteFileAtomically(folder / "checkpoint", record.Take()).ok()) {
      return false;
    }
    fate.Pass();
    if (!committer->Commit(prepared, {}).ok()) {
      return false;
    }
    fate.Pass();
  }
  return true;
}

/// In memory where that can be had: a kill loses nothing that was written, and every sync of a disk would be waited for.
base::TemporaryFolder NewFolder() {
  const std::filesystem::path memory = "/dev/shm";
  return base::TemporaryFolder::Create(std::filesystem::is_directory(memory) ? memory : "").value();
}

enum class End { kKilled, kFinished, kFailed };

End RunInAProcess(const std::filesystem::path& folder, const std::string& format, int dies_at) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(RunJob(folder, format, dies_at) ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
    return End::kKilled;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? End::kFinished : End::kFailed;
}

void ExpectAllOnce(const std::filesystem::path& folder, const std::string& format, int dies_at) {
  EXPECT_EQ(Sorted(ReadAll({{"path", folder / "out"}, {"format", format}}, Columns())),
            Sorted(NumberedTexts(Columns(), 0, kCheckpoints * kSubtasks * kRowsEach)))
      << "killed at point " << dies_at;
  EXPECT_TRUE(StagedIn(folder / "out").empty()) << "killed at point " << dies_at;
}

class FileCrash : public ::testing::TestWithParam<const char*> {};

TEST_P(FileCrash, NoRowIsLostOrDoubledWhereverTheProcessIsKilled) {
  int killed = 0;
  for (int dies_at = 0;; ++dies_at) {
    const auto folder = NewFolder();
    const End end = RunInAProcess(folder.path(), GetParam(), dies_at);
    ASSERT_NE(end, End::kFailed) << dies_at;
    if (end == End::kKilled) {
      ++killed;
      ASSERT_EQ(RunInAProcess(folder.path(), GetParam(), 1'000'000), End::kFinished) << dies_at;
    }
    ExpectAllOnce(folder.path(), GetParam(), dies_at);
    if (::testing::Test::HasFailure() || end == End::kFinished) {
      break;
    }
  }
  EXPECT_GT(killed, 50);
}

TEST_P(FileCrash, KilledAgainAndAgainItStillEnds) {
  for (int step = 1; step < 12; ++step) {
    const auto folder = NewFolder();
    End end = End::kKilled;
    // Each run gets a little further than the one before.
    for (int dies_at = step; end == End::kKilled; dies_at += step) {
      end = RunInAProcess(folder.path(), GetParam(), dies_at);
    }
    ASSERT_EQ(end, End::kFinished);
    ExpectAllOnce(folder.path(), GetParam(), step);
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, FileCrash, ::testing::Values("csv", "parquet"));

}  // namespace
}  // namespace streampark::connectors::file
