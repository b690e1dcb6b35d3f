// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/testing/sink_contract.h"

namespace streampark::connectors::testing {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SinkContract);

std::unique_ptr<SinkWriter> SinkContract::WriterOf(Sink& sink, const WriterId& id) {
  auto made = sink.MakeWriter(id, "");
  EXPECT_TRUE(made.ok()) << made.error().ToString();
  return std::move(made).value();
}

void SinkContract::Write(SinkWriter& writer, std::int64_t first, std::int64_t count) const {
  const auto refused = writer.Write(*NumberedRows(under_test_->schema(), first, count));
  ASSERT_TRUE(refused.ok()) << refused.error().ToString();
  for (const auto& record : *refused) {
    ADD_FAILURE() << record.where << ": " << record.reason;
  }
}

void SinkContract::Prepare(SinkWriter& writer, std::uint64_t sequence,
                           std::vector<Committable>& to) {
  auto prepared = writer.Prepare(sequence);
  ASSERT_TRUE(prepared.ok()) << prepared.error().ToString();
  to.insert(to.end(), prepared->begin(), prepared->end());
}

void SinkContract::Commit(Committer& committer, const std::vector<Committable>& prepared) {
  const auto committed = committer.Commit(prepared, {});
  ASSERT_TRUE(committed.ok()) << committed.error().ToString();
}

void SinkContract::Recover(Committer& committer, const WriterId& lineage,
                           const std::vector<Committable>& pending, std::uint64_t next) {
  const auto recovered = committer.Recover(lineage, pending, next, {});
  ASSERT_TRUE(recovered.ok()) << recovered.error().ToString();
}

namespace {

TEST_P(SinkContract, SaysWhatItIs) {
  EXPECT_TRUE(connector().capabilities().sink);
  EXPECT_FALSE(connector().text().empty());
  const auto sink = Make();
  // One that can may be asked for less.
  EXPECT_TRUE(sink->delivery() != Delivery::kExactlyOnce ||
              connector().capabilities().exactly_once);
  EXPECT_EQ(sink->MakeCommitter().value() != nullptr, sink->delivery() == Delivery::kExactlyOnce);
}

TEST_P(SinkContract, OptionsThatAreWrongAreNamed) {
  for (const auto& spec : connector().options().specs()) {
    EXPECT_FALSE(spec.text.empty()) << spec.name;
    Given given = under_test_->options();
    const auto refusal = [&] { return SinkRefusal(connector(), given, under_test_->schema()); };
    if (spec.kind != OptionKind::kString && spec.kind != OptionKind::kSecret &&
        spec.kind != OptionKind::kList) {
      given[spec.name] = "nonsense";
      EXPECT_NE(refusal().find("/" + spec.name + ": "), std::string::npos) << refusal();
    }
    if (spec.presence == OptionSpec::Presence::kRequired) {
      given.erase(spec.name);
      EXPECT_NE(refusal().find("/" + spec.name + ": "), std::string::npos) << refusal();
    }
  }
  Given given = under_test_->options();
  given["no-such-option"] = "1";
  EXPECT_NE(SinkRefusal(connector(), given, under_test_->schema()).find("/no-such-option: "),
            std::string::npos);
}

TEST_P(SinkContract, WhatIsPreparedAndCommittedIsThereOnce) {
  const auto sink = Make();
  const auto writer = WriterOf(*sink, {"lineage", "rows", 0});
  const auto committer = sink->MakeCommitter().value();
  std::int64_t written = 0;
  for (std::uint64_t sequence = 1; sequence < 5; ++sequence) {
    for (std::uint64_t i = 0; i < sequence; ++i, written += 40) {
      Write(*writer, written, 40);
    }
    EXPECT_TRUE(writer->Flush().ok());
    const auto prepared = writer->Prepare(sequence).value();
    writer->Snapshot();
    if (committer) {
      Commit(*committer, prepared);
    } else {
      EXPECT_TRUE(prepared.empty());
    }
    EXPECT_EQ(Visible(), Texts(0, written));
  }
  EXPECT_TRUE(under_test_->Staged().empty());
}

TEST_P(SinkContract, NothingWrittenMakesNothing) {
  const auto sink = Make();
  const auto writer = WriterOf(*sink, {"lineage", "rows", 0});
  Write(*writer, 0, 0);
  const auto prepared = writer->Prepare(1).value();
  EXPECT_TRUE(prepared.empty());
  if (const auto committer = sink->MakeCommitter().value()) {
    Commit(*committer, prepared);
  }
  EXPECT_TRUE(Visible().empty());
  EXPECT_TRUE(under_test_->Staged().empty());
}

TEST_P(SinkContract, SubtasksWriteBesideEachOther) {
  const auto sink = Make();
  std::vector<std::unique_ptr<SinkWriter>> writers;
  std::vector<Committable> prepared;
  for (int subtask = 0; subtask < 3; ++subtask) {
    writers.push_back(WriterOf(*sink, {"lineage", "rows", subtask}));
    Write(*writers.back(), subtask * 10, 10);
  }
  for (const auto& writer : writers) {
    Prepare(*writer, 1, prepared);
  }
  if (const auto committer = sink->MakeCommitter().value()) {
    Commit(*committer, prepared);
  }
  EXPECT_EQ(Visible(), Texts(0, 30));
}

}  // namespace
}  // namespace streampark::connectors::testing
