// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "testing.h"

namespace streampark::formats {
namespace {

using testing::DecodeOne;
using testing::DecoderOf;
using testing::DecodeStream;
using testing::EncoderOf;
using testing::EncodeStream;
using testing::Given;
using testing::RandomRows;
using testing::RowsOf;
using testing::SchemaOf;
using testing::Strings;

Given Csv(Given more = {}) {
  more["format"] = "csv";
  return more;
}

Strings Streamed(std::string_view schema, const Given& given, std::string_view text,
                 std::size_t step = 1000) {
  const SchemaPtr parsed = SchemaOf(schema);
  return DecodeStream(*DecoderOf(parsed, given), parsed, text, step);
}

TEST(Csv, ReadsRecords) {
  for (const std::size_t step : {1, 2, 3, 7, 1000}) {
    EXPECT_EQ(Streamed("a INT, b STRING, c DOUBLE", Csv(),
                       "1,x,1.5\r\n2,\"a,\"\"b\"\"\r\nc\",\n\n3,\"\",0\r", step),
              (Strings{"+I(1, 'x', 1.5)", "+I(2, 'a,\"b\"\r\nc', NULL)", "+I(3, '', 0)"}))
        << step;
  }
}

TEST(Csv, RefusesRecordsAlone) {
  EXPECT_EQ(
      Streamed("a INT, b STRING", Csv(),
               "1,x\nx,y\n2\n3,z,4\n4,\"q\"r\n5,\xff\n6,ok\n7,\"open\n8,x"),
      (Strings{"+I(1, 'x')", "+I(6, 'ok')", "refused 1 at 4: 'a': x is no INT",
               "refused 2 at 8: has 1 fields and not 2", "refused 3 at 10: has 3 fields and not 2",
               "refused 4 at 16: has something after the closing quote",
               "refused 5 at 23: 'b': \xff is no UTF-8", "refused 7 at 32: ends within quotes"}));
}

TEST(Csv, WithoutMultilineEachLineStandsForItself) {
  const Given given = Csv({{"csv.multiline", "false"}});
  EXPECT_EQ(Streamed("a STRING, b INT", given, "\"open,1\nx,2\n\"a,b\",3\n", 3),
            (Strings{"+I('x', 2)", "+I('a,b', 3)", "refused 0 at 0: ends within quotes"}));
  EXPECT_TRUE(DecoderOf(SchemaOf("a INT"), given)->splits_at_lines());
  EXPECT_FALSE(DecoderOf(SchemaOf("a INT"), Csv())->splits_at_lines());
}

TEST(Csv, FollowsItsOptions) {
  const Given given = Csv(
      {{"csv.delimiter", "\\t"}, {"csv.quote", "'"}, {"csv.escape", "\\"}, {"csv.null", "\\N"}});
  EXPECT_EQ(Streamed("a STRING, b STRING", given, "\\N\t'it\\'s \\\\ \t'\n\t\\\\N\n"),
            (Strings{"+I(NULL, 'it''s \\ \t')", "+I('', '\\\\N')"}));
  EXPECT_EQ(Streamed("a STRING", Csv({{"csv.quote", ""}}), "\"a\"\n"), (Strings{"+I('\"a\"')"}));
}

TEST(Csv, FindsColumnsByTheHeader) {
  const Given given = Csv({{"csv.header", "true"}});
  EXPECT_EQ(Streamed("a INT, b STRING", given, "\xef\xbb\xbf\"b\",other,a\r\nx,?,1\r\n", 2),
            (Strings{"+I(1, 'x')"}));
  EXPECT_EQ(Streamed("a INT, b STRING", given, "a,c\n"),
            (Strings{"error: the header has the column 'b' 0 times"}));
  EXPECT_EQ(Streamed("a INT, b STRING", given, "a,b,a\n"),
            (Strings{"error: the header has the column 'a' 2 times"}));
  EXPECT_EQ(
      Streamed("a INT, b STRING", Csv({{"csv.header", "true"}, {"csv.missing-fields", "null"}}),
               "c,b\n1,x\n2\n"),
      (Strings{"+I(NULL, 'x')", "+I(NULL, NULL)"}));
  EXPECT_EQ(Streamed("a INT", given, ""), (Strings{}));
  EXPECT_EQ(Streamed("a INT NOT NULL", Csv({{"csv.missing-fields", "null"}}), "1\n\n"),
            (Strings{"+I(1)", "refused 1 at 2: 'a': null is not allowed"}));
}

TEST(Csv, MessagesAreOneRecord) {
  EXPECT_EQ(DecodeOne("a INT, b STRING", Csv(), "1,x"), "+I(1, 'x')");
  EXPECT_EQ(DecodeOne("a INT, b STRING", Csv(), "1,x\n"), "+I(1, 'x')");
  EXPECT_EQ(DecodeOne("a INT, b STRING", Csv(), "1,x\n2,y"),
            "refused: has a line break outside quotes");
  EXPECT_EQ(DecodeOne("a INT, b STRING", Csv(), ""), "refused: has 1 fields and not 2");
}

TEST(Csv, StreamsRoundTripInAnyChunks) {
  const SchemaPtr schema = SchemaOf(
      "a BOOLEAN, b TINYINT, c SMALLINT, d INT, e BIGINT, f FLOAT, g DOUBLE, h DECIMAL(30, 10), i "
      "STRING, j BYTES, k DATE, l TIME, m TIMESTAMP, n TIMESTAMP_LTZ, o STRING NOT NULL");
  const SchemaPtr narrow = SchemaOf("a STRING");
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const Given& given :
         {Csv(), Csv({{"csv.null", "0"}, {"csv.header", "true"}}),
          Csv({{"csv.escape", "\\"}, {"csv.delimiter", ";"}, {"csv.null", "null"}})}) {
      for (const SchemaPtr& one : {schema, narrow}) {
        const auto batch = RandomRows(seed).Make(one, 50);
        const std::string stream = EncodeStream(*EncoderOf(one, given), *batch);
        ASSERT_EQ(DecodeStream(*DecoderOf(one, given), one, stream, 1 + seed * 37), RowsOf(*batch))
            << seed << stream;
      }
    }
  }
}

TEST(Csv, RefusesOptionsAndSchemasThatDoNotFit) {
  const auto refused = [](std::string_view schema, const Given& given) {
    return MakeDecoder(testing::OptionsOf(given), {.schema = SchemaOf(schema)}).error().ToString();
  };
  EXPECT_EQ(
      refused("a ARRAY<INT>", Csv()),
      "VALIDATION_FAILED: the column 'a' of type ARRAY<INT> cannot be held by the format csv");
  EXPECT_EQ(refused("a INT", Csv({{"csv.delimiter", "::"}})),
            "VALIDATION_FAILED: some options are not valid; /csv.delimiter: '::' is not one ASCII "
            "character");
  EXPECT_NE(refused("a INT", Csv({{"csv.delimiter", "\""}})).find("/csv.delimiter"),
            std::string::npos);
  EXPECT_NE(refused("a INT", Csv({{"csv.null", "a,b"}})).find("/csv.null"), std::string::npos);
}

TEST(Csv, RefusesToWriteWhatCouldNotBeReadBack) {
  const SchemaPtr schema = SchemaOf("a STRING");
  BatchBuilder rows(schema);
  rows.column(0).AppendText("a,b\nc");
  rows.EndRow();
  const auto batch = rows.Finish();
  std::string out;
  EXPECT_TRUE(EncoderOf(schema, Csv({{"csv.quote", ""}}))->Encode(*batch, 0, out));
  EXPECT_TRUE(EncoderOf(schema, Csv({{"csv.multiline", "false"}}))->Encode(*batch, 0, out));
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace streampark::formats
