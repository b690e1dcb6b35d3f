// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/process.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/formats/file_decoder.h"

#include "testing.h"

namespace streampark::formats {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using testing::Given;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RandomRows;
using testing::RowsOf;
using testing::SchemaOf;
using ::testing::StartsWith;
using testing::Strings;

constexpr const char* kAllTypes =
    "a BOOLEAN, b TINYINT, c SMALLINT, d INT, e BIGINT NOT NULL, f FLOAT, g DOUBLE, h DECIMAL(7, "
    "2), "
    "i DECIMAL(15, 4) NOT NULL, j DECIMAL(38, 10), k STRING, l BYTES, m DATE, n TIME, o TIMESTAMP, "
    "p TIMESTAMP_LTZ, q ARRAY<STRING NOT NULL>, r MAP<STRING, ARRAY<INT>>, "
    "s ROW<x BIGINT NOT NULL, y ROW<z STRING>>, t ARRAY<ROW<x DECIMAL(9, 3), y TIMESTAMP>>";

class BytesInMemory final : public FileBytes {
 public:
  explicit BytesInMemory(std::string_view bytes) : bytes_(bytes) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(bytes_.size()); }
  base::Result<std::size_t> ReadAt(std::int64_t offset, char* to, std::size_t room) override {
    if (offset < 0 || offset > size()) {
      return base::Error(base::ErrorCode::kIoError, "a place beyond the file");
    }
    const auto part = bytes_.substr(static_cast<std::size_t>(offset), room);
    std::copy(part.begin(), part.end(), to);
    return part.size();
  }

 private:
  std::string_view bytes_;
};

OptionValues Options(Given given, connectors::OptionUse use) {
  static const connectors::OptionTable kTable(FormatOptions("parquet", Carrier::kFiles));
  return kTable.Read(given, use).value();
}

std::string Written(const Batch& batch, const Given& given = {}) {
  const auto encoder =
      MakeEncoder(Options(given, connectors::OptionUse::kSink), {.schema = batch.schema}).value();
  return testing::EncodeStream(*encoder, batch);
}

/// The rows from `skipped` on, in batches of `rows`; `refused N: …` and `error: …` with them.
Strings Read(std::string_view file, const SchemaPtr& schema, const Given& given = {},
             std::int64_t skipped = 0, const BatchLimit& limit = {}) {
  const auto decoder =
      MakeFileDecoder(Options(given, connectors::OptionUse::kSource), {.schema = schema}).value();
  auto opened = decoder->Open(std::make_unique<BytesInMemory>(file), limit);
  if (!opened.ok()) {
    return {"error: " + opened.error().ToString()};
  }
  RowGroups& groups = **opened;
  std::size_t first = 0;
  for (std::int64_t at = skipped;
       first < groups.groups().size() && at >= groups.groups()[first].rows; ++first) {
    at -= groups.groups()[first].rows;
    skipped = at;
  }
  Strings rows;
  auto selected = groups.Select(first, groups.groups().size(), skipped);
  if (!selected.ok()) {
    return {"error: " + selected.error().ToString()};
  }
  for (;;) {
    auto read = groups.Read();
    if (!read.ok()) {
      rows.push_back("error: " + read.error().ToString());
      return rows;
    }
    EXPECT_LE(read->count, limit.rows);
    for (const auto& refused : read->refused) {
      rows.push_back("refused " + std::to_string(refused.row) + ": " + refused.reason + ": " +
                     refused.text);
    }
    if (read->batch) {
      const Strings more = RowsOf(*read->batch);
      rows.insert(rows.end(), more.begin(), more.end());
    }
    if (read->count == 0) {
      return rows;
    }
  }
}

Strings Read(std::string_view file, const char* schema, const Given& given = {}) {
  return Read(file, SchemaOf(schema), given);
}

TEST(Parquet, RandomRowsOfAllTypesComeBack) {
  const auto schema = SchemaOf(kAllTypes);
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const auto batch = RandomRows(seed).Make(schema, static_cast<int>(seed * seed * 5));
    const Strings rows = RowsOf(*batch);
    for (const char* codec : {"none", "snappy", "zstd", "gzip"}) {
      const std::string file = Written(
          *batch,
          {{"parquet.codec", codec}, {"parquet.row-group-size", seed % 2 == 0 ? "1KiB" : "1MiB"}});
      ASSERT_EQ(Read(file, schema, {}, 0, {.rows = 1 + static_cast<std::int64_t>(seed) * 40}), rows)
          << seed << codec;
    }
  }
}

TEST(Parquet, ReadingGoesOnAtEachRow) {
  const auto schema = SchemaOf(kAllTypes);
  const auto batch = RandomRows(7).Make(schema, 60);
  const Strings rows = RowsOf(*batch);
  const std::string file = Written(*batch, {{"parquet.row-group-size", "3KiB"}});
  for (std::int64_t skipped = 0; skipped <= 60; ++skipped) {
    ASSERT_EQ(Read(file, schema, {}, skipped, {.rows = 7}),
              Strings(rows.begin() + skipped, rows.end()))
        << skipped;
  }
}

TEST(Parquet, RowGroupsEndAtTheirSize) {
  const auto schema = SchemaOf("n BIGINT NOT NULL");
  BatchBuilder rows(schema);
  for (std::int64_t n = 0; n < 10'000; ++n) {
    rows.column(0).Append(n);
    rows.EndRow();
  }
  const std::string file = Written(*rows.Finish(), {{"parquet.row-group-size", "16000"}});
  const auto decoder =
      MakeFileDecoder(Options({}, connectors::OptionUse::kSource), {.schema = schema}).value();
  const auto opened = decoder->Open(std::make_unique<BytesInMemory>(file), {}).value();
  ASSERT_EQ(opened->groups().size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(opened->groups()[i].rows, 2'000);
    EXPECT_GT(opened->groups()[i].begin, i == 0 ? 0 : opened->groups()[i - 1].begin);
  }
}

TEST(Parquet, BatchesOfLargeRowsAreSmall) {
  const auto schema = SchemaOf("text STRING");
  BatchBuilder rows(schema);
  for (int i = 0; i < 300; ++i) {
    rows.column(0).AppendText(std::string(100'000, 'x'));  // of which the file has one
    rows.EndRow();
  }
  const auto batch = rows.Finish();
  const std::string file = Written(*batch);
  EXPECT_LT(file.size(), 1'000'000U);
  const auto decoder =
      MakeFileDecoder(Options({}, connectors::OptionUse::kSource), {.schema = schema}).value();
  const auto opened =
      decoder->Open(std::make_unique<BytesInMemory>(file), {.rows = 50, .bytes = 1'000'000})
          .value();
  ASSERT_TRUE(opened->Select(0, 1, 0).ok());
  std::vector<std::int64_t> counts;
  for (auto read = opened->Read().value(); read.count > 0; read = opened->Read().value()) {
    counts.push_back(read.count);
  }
  ASSERT_GT(counts.size(), 10U);
  EXPECT_LE(*std::max_element(counts.begin() + 1, counts.end()), 10);
}

TEST(Parquet, OnlyTheColumnsThatAreAskedForAreRead) {
  const auto schema =
      SchemaOf("a INT, b STRING, c ROW<x INT, y STRING, z ROW<v INT, w INT>>, d BIGINT");
  const auto batch = RandomRows(3).Make(schema, 50);
  std::string file = Written(*batch, {{"parquet.codec", "none"}});
  Strings expected;
  for (std::int64_t row = 0; row < batch->length; ++row) {
    const auto& c = batch->columns[2];
    const auto& z = c.children[2];
    expected.push_back("+I(" + DebugText(batch->columns[3], row) + ", " +
                       (c.null(row)   ? "NULL"
                        : z.null(row) ? "(NULL)"
                                      : "((" + DebugText(z.children[1], row) + "))") +
                       ", " + DebugText(batch->columns[0], row) + ")");
  }
  EXPECT_EQ(Read(file, "d BIGINT, c ROW<z ROW<w INT>>, a INT"), expected);
}

TEST(Parquet, ColumnsThatAFileLacksAreRefusedOrNull) {
  const auto batch =
      RandomRows(5).Make(SchemaOf("a INT NOT NULL, b ROW<x INT NOT NULL> NOT NULL"), 2);
  const std::string file = Written(*batch);
  EXPECT_THAT(
      Read(file, "a INT, c STRING"),
      ElementsAre("error: VALIDATION_FAILED: the column 'c' is not in the file "
                  "[parquet.missing-columns = null reads a column that is not there as null]"));
  EXPECT_THAT(Read(file, "b ROW<x INT, y INT>"),
              ElementsAre(HasSubstr("the column 'b.y' is not in the file")));
  const Given null = {{"parquet.missing-columns", "null"}};
  EXPECT_THAT(Read(file, "c STRING, b ROW<y INT, z ARRAY<INT>>", null),
              ElementsAre("+I(NULL, (NULL, NULL))", "+I(NULL, (NULL, NULL))"));
  EXPECT_THAT(Read(file, "c STRING", null), ElementsAre("+I(NULL)", "+I(NULL)"));
  EXPECT_THAT(Read(file, "a INT, c STRING NOT NULL", null),
              ElementsAre(HasSubstr("the column 'c' is NOT NULL, and not in the file")));
  EXPECT_THAT(Read(file, "A INT"), ElementsAre(HasSubstr("the column 'A' is not in the file")));
}

TEST(Parquet, TypesThatDoNotFitAreNamedWithTheOneThatDoes) {
  const auto batch = RandomRows(5).Make(SchemaOf(kAllTypes), 3);
  const std::string file = Written(*batch);
  const auto refused = [&](const char* column) {
    const Strings rows = Read(file, column);
    return rows.size() == 1 ? rows[0] : "";
  };
  EXPECT_EQ(refused("k INT"),
            "error: VALIDATION_FAILED: the column 'k' is string in the file, and cannot be read as "
            "INT [declare it as STRING]");
  EXPECT_THAT(refused("q INT"), HasSubstr("[declare it as ARRAY<STRING>]"));
  EXPECT_THAT(refused("r ROW<a INT>"), HasSubstr("[declare it as MAP<STRING, ARRAY<INT>>]"));
  EXPECT_THAT(refused("s STRING"), HasSubstr("[declare it as ROW<x BIGINT, y ROW<z STRING>>]"));
  EXPECT_THAT(
      refused("t ARRAY<ROW<x BYTES>>"),
      HasSubstr("the column 't.element.x' is decimal128(9, 3) in the file, and cannot be read "
                "as BYTES [declare it as DECIMAL(9, 3)]"));
  EXPECT_THAT(refused("g FLOAT"), HasSubstr("cannot be read as FLOAT [declare it as DOUBLE]"));
  EXPECT_THAT(refused("o DATE"), HasSubstr("[declare it as TIMESTAMP]"));
  EXPECT_THAT(refused("p TIME"), HasSubstr("[declare it as TIMESTAMP_LTZ]"));
}

TEST(Parquet, ValuesThatDoNotFitMakeTheirRowsRefused) {
  const auto schema = SchemaOf("n BIGINT, d DECIMAL(10, 3), l ARRAY<BIGINT>");
  BatchBuilder rows(schema);
  for (const std::int64_t n : {1L, 40'000L, 3L, 4L}) {
    rows.column(0).Append(n);
    rows.column(1).Append(static_cast<__int128>(n * 10));
    if (n == 3) {
      rows.column(2).AppendNull();
    } else {
      for (std::int64_t i = 0; i < n && i < 3; ++i) {
        rows.column(2).child(0).Append(n == 4 ? i * 200 : i);
      }
      rows.column(2).EndList();
    }
    rows.EndRow();
  }
  const std::string file = Written(*rows.Finish());
  EXPECT_THAT(Read(file, "n SMALLINT, d DECIMAL(3, 2)"),
              ElementsAre("refused 1: 'n': 40000 is no SMALLINT: +I(-25536, 400.00)", "+I(1, 0.01)",
                          "+I(3, 0.03)", "+I(4, 0.04)"));
  EXPECT_THAT(Read(file, "l ARRAY<TINYINT>"),
              ElementsAre("refused 3: 'l.element': 200 is no TINYINT: +I([0, -56, -112])",
                          "+I([0])", "+I([0, 1, 2])", "+I(NULL)"));
  EXPECT_THAT(Read(file, "n BIGINT, l ARRAY<BIGINT> NOT NULL"),
              ElementsAre("refused 2: 'l' is null, and NOT NULL: +I(3, NULL)", "+I(1, [0])",
                          "+I(40000, [0, 1, 2])", "+I(4, [0, 200, 400])"));
  EXPECT_THAT(Read(file, "n DECIMAL(4, 1)"),
              ElementsAre(StartsWith("refused 1: 'n': 40000 is no DECIMAL(4, 1)"), "+I(1.0)",
                          "+I(3.0)", "+I(4.0)"));
}

TEST(Parquet, BytesAreTextWhereTheyAreUtf8) {
  const auto schema = SchemaOf("b BYTES");
  BatchBuilder rows(schema);
  for (const char* text :
       {"plain", "\xc3", "\xa9", "é漢"}) {  // the second and third are no characters by themselves
    rows.column(0).AppendText(text);
    rows.EndRow();
  }
  const Strings read = Read(Written(*rows.Finish()), "b STRING");
  ASSERT_EQ(read.size(), 4U);
  EXPECT_THAT(read[0], StartsWith("refused 1: 'b': is no UTF-8"));
  EXPECT_THAT(read[1], StartsWith("refused 2: 'b': is no UTF-8"));
  EXPECT_EQ(read[2], "+I('plain')");
  EXPECT_EQ(read[3], "+I('é漢')");
}

TEST(Parquet, WhatCannotBeWrittenIsRefused) {
  const auto schema = SchemaOf("a INT NOT NULL, b ARRAY<ROW<x INT NOT NULL>>");
  const auto encoder =
      MakeEncoder(Options({}, connectors::OptionUse::kSink), {.schema = schema}).value();
  const auto nulls = SchemaOf("a INT, b ARRAY<ROW<x INT>>");
  BatchBuilder rows(nulls);
  rows.EndRow();
  rows.column(0).Append<std::int32_t>(1);
  rows.column(1).child(0).child(0).AppendNull();
  rows.column(1).child(0).EndStruct();
  rows.column(1).EndList();
  rows.EndRow();
  rows.column(0).Append<std::int32_t>(2);
  rows.EndRow(connectors::RowKind::kDelete);
  rows.column(0).Append<std::int32_t>(3);
  rows.EndRow(connectors::RowKind::kUpdateAfter);
  const auto batch = rows.Finish();
  std::string out;
  encoder->BeginStream(out);
  EXPECT_EQ(encoder->AppendToStream(*batch, 0, out), "'a' is null, and NOT NULL");
  EXPECT_EQ(encoder->AppendToStream(*batch, 1, out), "'b.element.x' is null, and NOT NULL");
  EXPECT_EQ(encoder->AppendToStream(*batch, 2, out),
            "a row that takes back another cannot be written in this format");
  EXPECT_EQ(encoder->AppendToStream(*batch, 3, out), std::nullopt);
  EXPECT_GT(encoder->kept_back(), 0U);
  ASSERT_TRUE(encoder->EndStream(out).ok());
  EXPECT_THAT(Read(out, "a INT, b ARRAY<ROW<x INT>>"), ElementsAre("+I(3, NULL)"));
  // The encoder begins anew.
  std::string again;
  encoder->BeginStream(again);
  EXPECT_EQ(encoder->AppendToStream(*batch, 3, again), std::nullopt);
  ASSERT_TRUE(encoder->EndStream(again).ok());
  EXPECT_EQ(again, out);
}

TEST(Parquet, AFileWithoutRowsIsOne) {
  const auto schema = SchemaOf("a INT");
  const std::string file = Written(*BatchBuilder(schema).Finish());
  EXPECT_THAT(Read(file, schema), IsEmpty());
}

TEST(Parquet, OtherFilesSaySo) {
  for (const char* bytes :
       {"", "a", "PAR1", "PAR1PAR1", "a,b\n1,2\n1,2\n1,2\n", "PAR1\xff\xff\xff\x7fPAR1"}) {
    EXPECT_THAT(
        Read(bytes, "a INT"),
        ElementsAre(StartsWith("error: INVALID_REQUEST: the Parquet file cannot be read (")))
        << bytes;
  }
}

/// Wherever a file is cut, it is none: its index stands at its end.
TEST(Parquet, CutFilesAreErrors) {
  const auto schema = SchemaOf("a BIGINT, b STRING");
  const std::string file = Written(*RandomRows(2).Make(schema, 30));
  for (std::size_t size = 0; size < file.size(); ++size) {
    ASSERT_THAT(Read(std::string_view(file).substr(0, size), schema),
                ElementsAre(StartsWith("error: INVALID_REQUEST: ")))
        << size;
  }
}

/// Bytes that are changed are found by the pages' checksums, or make the index unreadable, or change nothing: in no case are there other
/// rows than those that were written, and never more.
TEST(Parquet, DamagedPagesAreErrors) {
  const auto schema = SchemaOf("a BIGINT, b STRING, c ARRAY<INT>, d DECIMAL(9, 2)");
  const auto batch = RandomRows(9).Make(schema, 200);
  const Strings rows = RowsOf(*batch);
  for (const char* codec : {"none", "snappy", "gzip", "zstd"}) {
    const std::string file =
        Written(*batch, {{"parquet.codec", codec}, {"parquet.row-group-size", "2KiB"}});
    std::mt19937 random(1);
    for (int i = 0; i < 400; ++i) {
      std::string damaged = file;
      damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
      Strings read = Read(damaged, schema);
      ASSERT_LE(read.size(), rows.size() + 1) << codec << i;
    }
  }
}

/// Many bytes at once, also of the index: an end comes of it in any case.
TEST(Parquet, DamagedFilesEnd) {
  const auto schema = SchemaOf(kAllTypes);
  const std::string file =
      Written(*RandomRows(4).Make(schema, 40), {{"parquet.row-group-size", "4KiB"}});
  for (unsigned seed = 0; seed < 1500; ++seed) {
    std::mt19937 random(seed);
    std::string damaged = file;
    const bool of_index = seed % 2 == 0;
    const std::size_t from = of_index ? damaged.size() * 2 / 3 : 0;
    for (auto changes = 1 + random() % 8; changes > 0; --changes) {
      damaged[from + random() % (damaged.size() - from)] = static_cast<char>(random());
    }
    Read(damaged, schema, {}, random() % 50,
         {.rows = 1 + static_cast<std::int64_t>(random() % 20)});
  }
}

/// It runs itself again as a program that has no library beside it, since one is loaded for good.
TEST(Parquet, ThatIsNotInstalledIsOneError) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe");
  const auto library = program.parent_path() / "libstreampark_parquet.so";
  if (std::filesystem::exists(library)) {
    const auto alone = base::TemporaryFolder::Create(program.parent_path()).value();
    std::filesystem::create_hard_link(program, alone.path() / "program");
    const auto run =
        base::RunCommand({.argv = {alone.path() / "program",
                                   "--gtest_filter=Parquet.ThatIsNotInstalledIsOneError"}},
                         base::Millis(60'000))
            .value();
    EXPECT_EQ(run.exit_code, 0) << run.output;
    EXPECT_THAT(run.output, HasSubstr("[  PASSED  ] 1 test"));
    return;
  }
  const auto tried =
      MakeFileDecoder(Options({}, connectors::OptionUse::kSource), {.schema = SchemaOf("a INT")});
  ASSERT_FALSE(tried.ok());
  EXPECT_EQ(tried.error().ToString(),
            "NOT_FOUND: there is no Parquet library " + library.string() +
                " [put libstreampark_parquet.so there, with libarrow and libparquet beside it, as "
                "`./sp build` and `./sp sdk` do]");
}

TEST(Parquet, IsOfferedToFilesAlone) {
  EXPECT_THAT(FormatOptions("json")[0].choices, Each(::testing::Ne("parquet")));
  EXPECT_THAT(FormatOptions("json", Carrier::kFiles)[0].choices, ::testing::Contains("parquet"));
}

}  // namespace
}  // namespace streampark::formats
