// SPDX-License-Identifier: Apache-2.0
// Parquet files of pyarrow, and pyarrow over ours: $STREAMPARK_PYTHON has it.
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/files.h"
#include "streampark/base/process.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/batch_builder.h"

#include "file_testing.h"

namespace streampark::connectors::file {
namespace {

namespace fs = std::filesystem;

using connectors::testing::RowsOf;
using connectors::testing::SinkOf;
using file::testing::Given;
using file::testing::ReadAll;
using file::testing::SchemaOf;
using file::testing::Strings;

Strings LinesOf(const std::string& text) {
  Strings lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

Strings RunPyarrow(std::vector<std::string> arguments) {
  const char* python = std::getenv("STREAMPARK_PYTHON");
  if (python == nullptr) {
    ADD_FAILURE() << "STREAMPARK_PYTHON names no Python with pyarrow: `./sp test engine` does";
    return {};
  }
  arguments.insert(arguments.begin(), {python, SP_PYARROW_FILES});
  const auto run = base::RunCommand({.argv = std::move(arguments)}, base::Millis(120'000));
  EXPECT_TRUE(run.ok() && run->exit_code == 0) << (run.ok() ? run->errors : run.error().ToString());
  return run.ok() ? LinesOf(run->output) : Strings();
}

/// `error: IN /a/b.parquet: why` without the file, and dirty rows without what was read of them.
std::string WithoutPlace(std::string row, const std::string& path) {
  if (row.starts_with("error: ")) {
    return "error: " + row.substr(row.find(path) + path.size() + 2);
  }
  if (row.starts_with("dirty: ")) {
    row.erase(row.rfind(": +I("));
    row.erase(7, path.size() + 2);
  }
  return row;
}

TEST(ParquetOfPyarrow, IsReadAsItWasWritten) {
  const auto folder = base::TemporaryFolder::Create().value();
  RunPyarrow({"write", folder.path()});
  int files = 0;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    if (entry.path().extension() != ".expected") {
      continue;
    }
    ++files;
    Strings expected = LinesOf(base::ReadFile(entry.path(), 64U << 20U).value());
    const auto schema = SchemaOf(expected.front());
    expected.erase(expected.begin());
    const std::string path = fs::path(entry.path()).replace_extension(".parquet");
    for (const char* split_size : {"64MiB", "20000", "300"}) {
      for (const char* batch_rows : {"4096", "2"}) {
        if (expected.size() > 1'000 && std::string_view(split_size) == "300") {
          continue;
        }
        Strings rows = ReadAll({{"path", path},
                                {"format", "parquet"},
                                {"split.size", split_size},
                                {"batch.rows", batch_rows}},
                               schema);
        Strings told;
        for (std::string& row : rows) {
          told.push_back(WithoutPlace(std::move(row), path));
        }
        if (expected.front().starts_with("error: ")) {  // each split says so
          told.resize(1);
        }
        if (std::string_view(batch_rows) ==
            "2") {  // dirty rows stand before the batch that they were in
          std::ranges::sort(told);
          std::ranges::sort(expected);
        }
        ASSERT_EQ(told, expected) << path << " in splits of " << split_size;
      }
      expected = LinesOf(base::ReadFile(entry.path(), 64U << 20U).value());
      expected.erase(expected.begin());
    }
  }
  EXPECT_GE(files, 15);
}

TEST(ParquetOfPyarrow, NanosecondsAreCutWhereThatIsAskedFor) {
  const auto folder = base::TemporaryFolder::Create().value();
  RunPyarrow({"write", folder.path()});
  EXPECT_THAT(ReadAll({{"path", folder.path() / "fine.parquet"},
                       {"format", "parquet"},
                       {"parquet.nanoseconds", "cut"}},
                      SchemaOf("n BIGINT, ts TIMESTAMP")),
              ::testing::ElementsAre("+I(1, 1970-01-01 00:00:00.000001)",
                                     "+I(2, 1970-01-01 00:00:00.000001)",
                                     "+I(3, 1969-12-31 23:59:59.999998)"));
}

/// Every fourth row has nulls; values are within what Python can show.
std::unique_ptr<Batch> RowsOfAllTypes(const SchemaPtr& schema, std::int64_t count) {
  BatchBuilder rows(schema);
  for (std::int64_t n = 0; n < count; ++n) {
    std::size_t at = 0;
    const auto next = [&]() -> ColumnBuilder& { return rows.column(at++); };
    next().Append(n);
    if (n % 4 != 3) {
      next().AppendBoolean(n % 3 == 0);
      next().Append(static_cast<std::int8_t>(n - 50));
      next().Append(static_cast<std::int16_t>(n * 300));
      next().Append(static_cast<std::int32_t>(n * -70'000));
      next().Append(static_cast<float>(n) + 0.5F);
      next().Append(static_cast<double>(n) - 0.25);
      next().Append(static_cast<__int128>(n - 40));
      next().Append(static_cast<__int128>(n) * 1'000'000'007);
      next().Append(static_cast<__int128>(n) * n * 1'000'000'000'000'000'003);
      next().AppendText("text " + std::to_string(n % 7) + " é");
      next().AppendText(std::string_view("\x00\xff\x01", static_cast<std::size_t>(n % 4)));
      next().Append(static_cast<std::int32_t>(n * 300 - 5'000));
      next().Append(n * 7'200'000'123 % 86'400'000'000);
      next().Append(n * 1'000'000'007'011 - 1);
      next().Append(n * -1'000'000'007'011);
      ColumnBuilder& list = next();
      for (std::int64_t i = 0; i < n % 3; ++i) {
        list.child(0).Append(static_cast<std::int32_t>(i));
      }
      list.EndList();
      ColumnBuilder& map = next();
      map.child(0).AppendText("key");
      map.child(1).AppendNull();
      map.EndList();
      ColumnBuilder& row = next();
      row.child(0).Append(n);
      row.child(1).AppendText("y");
      row.EndStruct();
    }
    rows.EndRow();
  }
  return rows.Finish();
}

TEST(ParquetOfOurs, IsReadByPyarrow) {
  const auto schema = SchemaOf(
      "id BIGINT NOT NULL, a BOOLEAN, b TINYINT, c SMALLINT, d INT, f FLOAT, g DOUBLE, h "
      "DECIMAL(5, 2), "
      "i DECIMAL(18, 3), j DECIMAL(38, 10), k STRING, l BYTES, m DATE, n TIME, o TIMESTAMP, "
      "p TIMESTAMP_LTZ, q ARRAY<INT>, r MAP<STRING, BIGINT>, s ROW<x BIGINT NOT NULL, y STRING>");
  const auto batch = RowsOfAllTypes(schema, 100);
  const auto connector = MakeFileConnector();
  for (const char* codec : {"none", "snappy", "zstd", "gzip"}) {
    const auto folder = base::TemporaryFolder::Create().value();
    const auto sink = SinkOf(*connector,
                             {{"path", folder.path()},
                              {"format", "parquet"},
                              {"parquet.codec", codec},
                              {"parquet.row-group-size", "4KiB"}},
                             schema);
    const auto writer = sink->MakeWriter({"01ABC", "rows", 0}, "").value();
    ASSERT_TRUE(writer->Write(*batch).value().empty());
    const auto prepared = writer->Prepare(1).value();
    ASSERT_TRUE(sink->MakeCommitter().value()->Commit(prepared, {}).ok());
    const Strings names = file::testing::PublishedIn(folder.path());
    ASSERT_EQ(names.size(), 1U);
    EXPECT_TRUE(names[0].ends_with(".parquet"));
    Strings read = RunPyarrow({"read", folder.path() / names[0]});
    ASSERT_FALSE(read.empty());
    EXPECT_EQ(read.front(),
              "id int64 not null, a bool, b int8, c int16, d int32, f float, g double, "
              "h decimal128(5, 2), i decimal128(18, 3), j decimal128(38, 10), k string, l binary, "
              "m date32[day], n time64[us], o timestamp[us], p timestamp[us, tz=UTC], "
              "q list<element: int32>, r map<string, int64 ('r')>, "
              "s struct<x: int64 not null, y: string>");
    read.erase(read.begin());
    EXPECT_EQ(read, RowsOf(*batch)) << codec;
  }
}

}  // namespace
}  // namespace streampark::connectors::file
