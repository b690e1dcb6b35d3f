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

constexpr std::string_view kEverything =
    "a BOOLEAN, b TINYINT, c SMALLINT, d INT, e BIGINT, f FLOAT, g DOUBLE, h DECIMAL(30, 10), i "
    "STRING, j BYTES, k DATE, l TIME, m TIMESTAMP, n TIMESTAMP_LTZ, o ARRAY<STRING>, p MAP<STRING, "
    "ARRAY<INT>>, q ROW<x BIGINT, y ROW<z DECIMAL(5, 2)>>, `odd \"name\"` INT";

std::string Decoded(std::string_view schema, std::string_view message, const Given& given = {}) {
  return DecodeOne(schema, given, message);
}

TEST(Json, ReadsByNameInAnyOrder) {
  EXPECT_EQ(Decoded("a INT, b STRING", R"({"a":1,"b":"x"})"), "+I(1, 'x')");
  EXPECT_EQ(Decoded("a INT, b STRING", R"( { "b" : "x" , "other": [1,{"y":null}], "a" : 1 } )"),
            "+I(1, 'x')");
  EXPECT_EQ(Decoded("a INT, b STRING", R"({"b":"x"})"), "+I(NULL, 'x')");
  EXPECT_EQ(Decoded("a INT, b STRING", R"({"a":1,"a":2,"b":"x","b":"y"})"), "+I(2, 'y')")
      << "the last of a name counts";
  EXPECT_EQ(Decoded("a INT", "{}"), "+I(NULL)");
  const SchemaPtr schema = SchemaOf("a INT, b INT, c INT");
  const auto decoder = DecoderOf(schema, {});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(DecodeOne(*decoder, schema, R"({"c":3,"a":1,"b":2})"), "+I(1, 2, 3)");
    EXPECT_EQ(DecodeOne(*decoder, schema, R"({"a":1,"c":3})"), "+I(1, NULL, 3)");
  }
}

TEST(Json, ReadsNumbersExactly) {
  EXPECT_EQ(Decoded("a BIGINT", R"({"a":9223372036854775807})"), "+I(9223372036854775807)");
  EXPECT_EQ(Decoded("a BIGINT", R"({"a":-9223372036854775808})"), "+I(-9223372036854775808)");
  EXPECT_EQ(Decoded("a INT", R"({"a":1.5e1})"), "+I(15)");
  EXPECT_EQ(Decoded("a INT", R"({"a":"17"})"), "+I(17)");
  EXPECT_EQ(Decoded("a DECIMAL(38, 18)", R"({"a":12345678901234567890.123456789012345678})"),
            "+I(12345678901234567890.123456789012345678)");
  EXPECT_EQ(Decoded("a DOUBLE", R"({"a":0.1})"), "+I(0.1)");
  EXPECT_EQ(Decoded("a DOUBLE", R"({"a":123456789.012345})"), "+I(123456789.012345)");
  EXPECT_EQ(Decoded("a DOUBLE", R"({"a":2.2250738585072011e-308})"), "+I(2.225073858507201e-308)");
  EXPECT_EQ(Decoded("a DOUBLE", R"({"a":"NaN"})"), "+I(nan)");
  EXPECT_EQ(Decoded("a STRING", R"({"a":12.50})"), "+I('12.50')");
  EXPECT_EQ(Decoded("a STRING", R"({"a": {"b": [1, 2]} })"), R"(+I('{"b": [1, 2]}'))");
}

TEST(Json, RefusesWhatATypeCannotHold) {
  EXPECT_EQ(Decoded("a INT", R"({"a":2147483648})"), "refused: 'a': 2147483648 is no INT");
  EXPECT_EQ(Decoded("a TINYINT", R"({"a":128})"), "refused: 'a': 128 is no TINYINT");
  EXPECT_EQ(Decoded("a INT", R"({"a":1.5})"), "refused: 'a': 1.5 is no INT");
  EXPECT_EQ(Decoded("a DECIMAL(5, 2)", R"({"a":1.125})"),
            "refused: 'a': 1.125 is no such DECIMAL, or has more digits");
  EXPECT_EQ(Decoded("a DOUBLE", R"({"a":1e999})"), "refused: 'a': 1e999 is no DOUBLE");
  EXPECT_EQ(Decoded("a BOOLEAN", R"({"a":"true"})"), "refused: 'a': true is no BOOLEAN");
  EXPECT_EQ(Decoded("a ROW<b INT>", R"({"a":{"b":"x"}})"), "refused: 'b': x is no INT");
  EXPECT_EQ(Decoded("a INT", R"({"a":[1]})"), "refused: 'a': [1] is no INT");
  EXPECT_EQ(Decoded("a BYTES", R"({"a":"a*"})"), "refused: 'a': a* is no base 64");
  EXPECT_EQ(Decoded("a INT NOT NULL", R"({"a":null})"), "refused: 'a': null is not allowed");
  EXPECT_EQ(Decoded("a INT NOT NULL", "{}"), "refused: the field 'a' is missing");
  EXPECT_EQ(Decoded("a INT", R"({"b":1})", {{"json.unknown-fields", "refuse"}}),
            "refused: the field 'b' is not in the schema");
  EXPECT_EQ(Decoded("a INT", "{}", {{"json.missing-fields", "refuse"}}),
            "refused: the field 'a' is missing");
}

TEST(Json, ReadsInstantsInTheFormThatIsSaid) {
  EXPECT_EQ(Decoded("a TIMESTAMP", R"({"a":"2026-01-31T09:05:00.25"})"),
            "+I(2026-01-31 09:05:00.25)");
  EXPECT_EQ(Decoded("a TIMESTAMP_LTZ", R"({"a":"2026-01-31 09:05:00+02:00"})"),
            "+I(2026-01-31 07:05:00Z)");
  EXPECT_EQ(Decoded("a TIMESTAMP", R"({"a":1.5})", {{"json.timestamp", "seconds"}}),
            "+I(1970-01-01 00:00:01.5)");
  EXPECT_EQ(Decoded("a TIMESTAMP", R"({"a":1769850300123})", {{"json.timestamp", "millis"}}),
            "+I(2026-01-31 09:05:00.123)");
  EXPECT_EQ(Decoded("a TIMESTAMP", R"({"a":-1})", {{"json.timestamp", "micros"}}),
            "+I(1969-12-31 23:59:59.999999)");
  EXPECT_EQ(Decoded("a TIMESTAMP", R"({"a":1})"),
            "refused: 'a': 1 is a number where a text was to come");
}

TEST(Json, ReadsEscapes) {
  EXPECT_EQ(Decoded("a STRING", R"({"a":"\"\\\/\b\f\n\r\té漢😀"})"), "+I('\"\\/\b\f\n\r\té漢😀')");
  EXPECT_EQ(Decoded("a STRING", "{\"a\":\"plain ascii and é漢😀 of many bytes\"}"),
            "+I('plain ascii and é漢😀 of many bytes')");
  EXPECT_EQ(Decoded("`a\"b` INT", R"({"a\"b":1})"), "+I(1)");
}

TEST(Json, RefusesWhatIsNoJson) {
  for (const std::string_view bad : {"",
                                     " ",
                                     "null",
                                     "[]",
                                     "1",
                                     "{",
                                     "{\"a\"",
                                     "{\"a\":",
                                     "{\"a\":1",
                                     "{\"a\":1,",
                                     "{\"a\":1,}",
                                     "{\"a\":1}}",
                                     "{\"a\":1} x",
                                     "{a:1}",
                                     "{\"a\":01}",
                                     "{\"a\":+1}",
                                     "{\"a\":1.}",
                                     "{\"a\":.5}",
                                     "{\"a\":1e}",
                                     "{\"a\":nul}",
                                     "{\"a\":tru}",
                                     "{\"a\":-}",
                                     "{\"b\":[1,]}",
                                     "{\"b\":[1",
                                     "{\"b\":{\"c\" 1}}",
                                     "{\"b\":\"\\x\"}",
                                     "{\"b\":\"\\u12\"}",
                                     "{\"b\":\"\\ud800\"}",
                                     "{\"b\":\"\\udc00\"}",
                                     "{\"b\":\"\\ud800\\u0041\"}",
                                     "{\"b\":\"\x01\"}",
                                     "{\"b\":\"\xff\"}",
                                     "{\"b\":\"\xc0\x80\"}",
                                     "{\"b\":\"\xed\xa0\x80\"}",
                                     "{\"b\":\"\xf4\x90\x80\x80\"}",
                                     "{\"b\":\"\xe6\xbc\"}",
                                     "{\"b\":\"unfinished}",
                                     "{\"b\":\"a long text with a control \x1f character\"}"}) {
    EXPECT_EQ(Decoded("a INT, c STRING", bad).substr(0, 8), "refused:") << bad;
  }
  EXPECT_EQ(Decoded("a INT", "{\"b\":" + std::string(100, '[')),
            "refused: is nested more than 64 deep at byte 70");
  const std::string zero("{\"a\":1}\0", 8);
  EXPECT_EQ(Decoded("a INT", zero), "refused: has something after the object at byte 7");
}

TEST(Json, ARefusedRowLeavesNothing) {
  const SchemaPtr schema = SchemaOf("a ARRAY<ROW<x STRING>>, b INT");
  const auto decoder = DecoderOf(schema, {});
  EXPECT_EQ(
      DecodeStream(*decoder, schema,
                   "{\"a\":[{\"x\":\"1\"}],\"b\":1}\n\n{\"a\":[{\"x\":\"2\"}],\"b\":\"x\"}\r\n"
                   "not json\n{\"a\":[{\"x\":\"3\"}],\"b\":3}",
                   7),
      (Strings{"+I([('1')], 1)", "+I([('3')], 3)", "refused 1 at 25: 'b': x is no INT",
               "refused 2 at 52: is no JSON object at byte 0"}));
}

TEST(Json, StreamsRoundTripInAnyChunks) {
  const SchemaPtr schema = SchemaOf(kEverything);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto batch = RandomRows(seed).Make(schema, 50);
    for (const Given& given :
         {Given{}, Given{{"json.timestamp", "sql"}, {"json.decimal", "string"}},
          Given{{"json.timestamp", "seconds"}}, Given{{"json.timestamp", "millis"}},
          Given{{"json.timestamp", "micros"}}}) {
      const std::string stream = EncodeStream(*EncoderOf(schema, given), *batch);
      ASSERT_EQ(DecodeStream(*DecoderOf(schema, given), schema, stream, 1 + seed * 37),
                RowsOf(*batch))
          << seed;
    }
  }
}

TEST(Json, AnyCutOfAMessageIsRefused) {
  const SchemaPtr schema = SchemaOf(kEverything);
  const auto batch = RandomRows(3).Make(schema, 5);
  const auto encoder = EncoderOf(schema, {});
  const auto decoder = DecoderOf(schema, {});
  for (std::int64_t row = 0; row < batch->length; ++row) {
    std::string message;
    ASSERT_FALSE(encoder->Encode(*batch, row, message));
    for (std::size_t size = 0; size < message.size(); ++size) {
      ASSERT_EQ(DecodeOne(*decoder, schema, std::string_view(message).substr(0, size)).substr(0, 8),
                "refused:");
    }
  }
}

TEST(Json, RefusesSchemasAndRowsThatItCannotHold) {
  const auto decoder =
      MakeDecoder(testing::OptionsOf({}), {.schema = SchemaOf("a ARRAY<MAP<INT, INT>>")});
  EXPECT_EQ(decoder.error().message(),
            "the column 'a' of type ARRAY<MAP<INT, INT>> cannot be held by the format json");
  const SchemaPtr schema = SchemaOf("a INT");
  BatchBuilder rows(schema);
  rows.EndRow(connectors::RowKind::kDelete);
  std::string out;
  EXPECT_TRUE(EncoderOf(schema, {})->Encode(*rows.Finish(), 0, out));
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace streampark::formats
