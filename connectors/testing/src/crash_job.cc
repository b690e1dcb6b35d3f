// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/testing/crash_job.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "streampark/base/files.h"
#include "streampark/connectors/state_bytes.h"

namespace streampark::connectors::testing {

namespace {

constexpr int kCheckpoints = 3;
constexpr int kSubtasks = 2;
constexpr std::int64_t kRowsEach = kRowsOfASinkJob / kCheckpoints / kSubtasks;

constexpr const char* kColumns = "n BIGINT NOT NULL, name STRING";

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

void ExpectAllOnce(const CrashTarget& target, const std::string& when) {
  EXPECT_EQ(Sorted(target.visible()), Sorted(NumberedTexts(SchemaOf(kColumns), 0, kRowsOfASinkJob)))
      << when;
  EXPECT_TRUE(target.staged().empty()) << when;
}

MortalWork WorkOf(const CrashTarget& target) {
  return {.prepare = target.clear,
          .run =
              [&](const std::filesystem::path& checkpoint, Fate& fate) {
                const auto connector = target.make_connector(fate);
                return RunSinkJob(*connector, target.options, SchemaOf(kColumns), checkpoint, fate);
              },
          .check = [&](const std::string& when) { ExpectAllOnce(target, when); }};
}

}  // namespace

base::Status RunSinkJob(const Connector& connector, const Given& options, const SchemaPtr& schema,
                        const std::filesystem::path& file, Fate& fate) {
  const auto sink = SinkOf(connector, options, schema);
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

void ExpectEachRowOnceWhereverItIsKilled(const CrashTarget& target, int points) {
  EXPECT_GT(KillAtEachPoint(WorkOf(target)), points);
}

void ExpectEachRowOnceHoweverOftenItIsKilled(const CrashTarget& target, int widest) {
  KillAgainAndAgain(WorkOf(target), widest);
}

void ExpectEachRowOnceWheneverItIsKilled(const CrashTarget& target, int kills) {
  KillAtRandomMoments(WorkOf(target), kills);
}

}  // namespace streampark::connectors::testing
