// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/testing/sink_contract.h"

#include "file_testing.h"

namespace streampark::connectors::file {
namespace {

using connectors::testing::NumberedRows;
using connectors::testing::NumberedTexts;
using connectors::testing::SinkOf;
using file::testing::Given;
using file::testing::PublishedIn;
using file::testing::ReadAll;
using file::testing::SchemaOf;
using file::testing::Sorted;
using file::testing::StagedIn;
using file::testing::Strings;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FolderUnderTest final : public connectors::testing::SinkUnderTest {
 public:
  explicit FolderUnderTest(Given options) : options_(std::move(options)) {}

  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override {
    return SchemaOf("n BIGINT NOT NULL, name STRING, price DOUBLE");
  }
  Given options() const override {
    Given given = options_;
    given["path"] = path();
    return given;
  }
  Strings Visible() override {
    if (PublishedIn(path()).empty()) {
      return {};
    }
    return ReadAll({{"path", path()}, {"format", options_.at("format")}}, schema());
  }
  Strings Staged() override { return StagedIn(path()); }

 private:
  std::string path() const { return folder_.path() / "made" / "by the sink"; }

  const Given options_;
  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  const std::unique_ptr<Connector> connector_ = MakeFileConnector();
};

class FileSinkTest : public ::testing::Test {
 protected:
  std::unique_ptr<Sink> Make(Given more = {}) {
    more.insert({{"path", path()}, {"format", "csv"}});
    return SinkOf(*connector_, more, schema_);
  }
  static std::vector<Committable> Prepared(SinkWriter& writer, std::uint64_t sequence) {
    return writer.Prepare(sequence).value();
  }
  void Write(SinkWriter& writer, std::int64_t first, std::int64_t count) {
    ASSERT_TRUE(writer.Write(*NumberedRows(schema_, first, count)).ok());
  }
  std::string path() const { return folder_.path().string(); }
  std::string Content(const std::string& name) const {
    return base::ReadFile(folder_.path() / name).value();
  }

  const WriterId id_ = {"01ABC", "daily sums", 3};
  const SchemaPtr schema_ = SchemaOf("n INT NOT NULL, name STRING");
  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  const std::unique_ptr<Connector> connector_ = MakeFileConnector();
};

TEST_F(FileSinkTest, APartIsNamedAfterWhoWroteIt) {
  const auto sink = Make({{"csv.header", "true"}});
  const auto writer = sink->MakeWriter(id_, "").value();
  Write(*writer, 3, 2);
  EXPECT_THAT(StagedIn(path()),
              ElementsAre(::testing::StartsWith(path() + "/.streampark/01ABC-daily%20sums/3-")));
  ASSERT_TRUE(sink->MakeCommitter().value()->Commit(Prepared(*writer, 12), {}).ok());
  EXPECT_THAT(PublishedIn(path()), ElementsAre("daily%20sums-01ABC-00000012-3-0.csv"));
  EXPECT_EQ(Content("daily%20sums-01ABC-00000012-3-0.csv"), "n,name\n3,row 3\n4,\n");
}

TEST_F(FileSinkTest, PartsRollByRowsBySizeAndByAge) {
  struct Case {
    const char* option;
    const char* value;
    std::size_t parts;
  };
  for (const Case& one :
       {Case{"roll.rows", "4", 3}, Case{"roll.rows", "5", 2}, Case{"roll.size", "1", 10},
        Case{"roll.size", "1MiB", 1}, Case{"roll.interval", "1h", 1}}) {
    const auto sink = Make({{one.option, one.value}});
    const auto writer = sink->MakeWriter(id_, "").value();
    Write(*writer, 0, 10);
    EXPECT_EQ(Prepared(*writer, 1).size(), one.parts) << one.option << one.value;
    for (const auto& staged : StagedIn(path())) {
      std::filesystem::remove(staged);
    }
  }
  base::ManualClock clock;
  const auto sink =
      connector_
          ->MakeSink(
              {.options = connector_->options()
                              .Read({{"path", path()}, {"format", "csv"}, {"roll.interval", "1m"}},
                                    OptionUse::kSink)
                              .value(),
               .schema = schema_,
               .clock = &clock})
          .value();
  const auto writer = sink->MakeWriter(id_, "").value();
  Write(*writer, 0, 10);
  clock.Advance(base::Millis(60'000));
  ASSERT_TRUE(writer->Flush().ok());
  Write(*writer, 0, 10);
  EXPECT_EQ(Prepared(*writer, 1).size(), 2U);
}

TEST_F(FileSinkTest, RowsThatTheFormatRefusesAreDirty) {
  const auto sink = Make();
  const auto writer = sink->MakeWriter(id_, "").value();
  BatchBuilder rows(schema_);
  rows.column(0).Append<std::int32_t>(1);
  rows.EndRow(RowKind::kDelete);
  const auto refused = writer->Write(*rows.Finish()).value();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].where, "the sink 'daily sums'");
  EXPECT_EQ(refused[0].bytes, "-D(1, NULL)");
  EXPECT_TRUE(Prepared(*writer, 1).empty());
  EXPECT_TRUE(StagedIn(path()).empty());
}

TEST_F(FileSinkTest, FilesThatReadersTookAwayAreNotMissed) {
  const auto sink = Make();
  const auto writer = sink->MakeWriter(id_, "").value();
  Write(*writer, 0, 10);
  const auto prepared = Prepared(*writer, 1);
  ASSERT_TRUE(sink->MakeCommitter().value()->Commit(prepared, {}).ok());
  for (const auto& name : PublishedIn(path())) {
    std::filesystem::remove(folder_.path() / name);
  }
  ASSERT_TRUE(sink->MakeCommitter().value()->Recover(id_, prepared, 2, {}).ok());
  EXPECT_TRUE(PublishedIn(path()).empty());
}

TEST_F(FileSinkTest, StagedFilesThatSomebodyDeletedAreMissed) {
  const auto sink = Make({{"roll.rows", "5"}});
  const auto writer = sink->MakeWriter(id_, "").value();
  Write(*writer, 0, 10);
  const auto prepared = Prepared(*writer, 1);
  std::filesystem::remove(StagedIn(path()).front());
  const auto committed = sink->MakeCommitter().value()->Commit(prepared, {});
  ASSERT_FALSE(committed.ok());
  EXPECT_THAT(committed.error().ToString(), HasSubstr("the rows of checkpoint 1 are gone"));
  EXPECT_TRUE(PublishedIn(path()).empty()) << "all of a checkpoint or nothing";
}

TEST_F(FileSinkTest, AnOlderCheckpointOfTheSameLineageIsRefused) {
  const auto sink = Make();
  const auto writer = sink->MakeWriter(id_, "").value();
  std::vector<std::vector<Committable>> prepared;
  for (std::uint64_t sequence = 1; sequence < 3; ++sequence) {
    Write(*writer, 0, 10);
    prepared.push_back(Prepared(*writer, sequence));
    ASSERT_TRUE(sink->MakeCommitter().value()->Commit(prepared.back(), {}).ok());
  }
  const auto recovered = sink->MakeCommitter().value()->Recover(id_, prepared[0], 2, {});
  ASSERT_FALSE(recovered.ok());
  EXPECT_THAT(recovered.error().ToString(),
              HasSubstr("holds files of checkpoint 2, and the job goes on from checkpoint 1"));
  EXPECT_EQ(PublishedIn(path()).size(), 2U);
}

TEST_F(FileSinkTest, CommittablesNeverLeadOutOfTheFolder) {
  for (const char* bytes : {"4:../x 1:a 1:b ", "14:.streampark/.. 1:a 1:b ",
                            "13:.streampark/x 4:../a 1:b ", "13:.streampark/x 1:a 4:../b ",
                            "13:.streampark/x 1:a 2:.. ", "15:.streampark/x/y 1:a 1:b "}) {
    const Committable bad{.subtask = 0, .sequence = 1, .version = 1, .bytes = bytes};
    const auto committed = Make()->MakeCommitter().value()->Commit({&bad, 1}, {});
    ASSERT_FALSE(committed.ok()) << bytes;
    EXPECT_EQ(committed.error().code(), base::ErrorCode::kSnapshotInvalid) << bytes;
  }
}

TEST_F(FileSinkTest, AFolderThatCannotBeMadeSaysSo) {
  testing::Put(folder_.path() / "file", "x");
  const auto sink = Make({{"path", path() + "/file/x"}});
  const auto writer = sink->MakeWriter(id_, "").value();
  const auto written = writer->Write(*NumberedRows(schema_, 0, 1));
  ASSERT_FALSE(written.ok());
  EXPECT_THAT(written.error().ToString(), HasSubstr(path() + "/file"));
}

auto Folder(Given options) {
  return [=] { return std::make_unique<FolderUnderTest>(options); };
}

}  // namespace
}  // namespace streampark::connectors::file

namespace files = streampark::connectors::file;
SP_EXACTLY_ONCE_CONTRACT(FolderOfJson, files::Folder({{"format", "json"}, {"roll.rows", "7"}}));
SP_EXACTLY_ONCE_CONTRACT(FolderOfPackedCsv,
                         files::Folder({{"format", "csv"}, {"compression", "gzip"}}));
SP_EXACTLY_ONCE_CONTRACT(FolderOfAvro, files::Folder({{"format", "avro"}, {"roll.size", "300"}}));
SP_EXACTLY_ONCE_CONTRACT(FolderOfParquet,
                         files::Folder({{"format", "parquet"}, {"roll.rows", "7"}}));
SP_EXACTLY_ONCE_CONTRACT(FolderOfParquetGroups, files::Folder({{"format", "parquet"},
                                                               {"parquet.row-group-size", "100"},
                                                               {"roll.size", "1500"}}));
