// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "avro_schema.h"
#include "avro_writer.h"
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
    "a BOOLEAN, b TINYINT NOT NULL, c SMALLINT, d INT, e BIGINT, f FLOAT, g DOUBLE, h DECIMAL(30, "
    "10), i STRING, j BYTES, k DATE, l TIME, m TIMESTAMP, n TIMESTAMP_LTZ, o ARRAY<STRING>, p "
    "MAP<STRING, ARRAY<INT>>, q ROW<x BIGINT, y ROW<z DECIMAL(5, 2) NOT NULL>>";

Given Avro(Given more = {}) {
  more["format"] = "avro";
  return more;
}

std::string Record(std::string_view fields) {
  return R"({"type":"record","name":"R","fields":[)" + std::string(fields) + "]}";
}

std::string Field(std::string_view name, std::string_view type) {
  return R"({"name":")" + std::string(name) + R"(","type":)" + std::string(type) + "}";
}

std::string Long(std::int64_t value) {
  std::string out;
  AppendAvroLong(value, out);
  return out;
}

std::string Bytes(std::string_view bytes) {
  std::string out;
  AppendAvroBytes(bytes, out);
  return out;
}

TEST(AvroSchema, IsOursAndBack) {
  const SchemaPtr schema = SchemaOf(
      "a BOOLEAN NOT NULL, d INT, e BIGINT, f FLOAT, g DOUBLE, h DECIMAL(30, 10), i STRING, j "
      "BYTES, k DATE, "
      "l TIME, m TIMESTAMP, n TIMESTAMP_LTZ, o ARRAY<STRING NOT NULL>, p MAP<STRING, ARRAY<INT>>, "
      "q "
      "ROW<x BIGINT, y ROW<z DECIMAL(5, 2) NOT NULL>>");
  const auto json = WriteAvroSchema(*schema);
  ASSERT_TRUE(json.ok()) << json.error().ToString();
  const auto parsed = ParseAvroSchema(json.value());
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString() << json.value();
  std::vector<connectors::Field> fields;
  for (const AvroField& field : parsed.value()->children) {
    fields.push_back(FieldOfAvro(field).value());
  }
  EXPECT_EQ(connectors::Schema(fields).ToString(), schema->ToString());
}

TEST(AvroSchema, ResolvesNames) {
  const auto parsed = ParseAvroSchema(Record(
      Field("a", R"({"type":"fixed","name":"n.F","size":3})") + "," + Field("b", R"("n.F")") + "," +
      Field("c", R"({"type":"record","name":"S","namespace":"m","fields":[)" +
                     Field("x", R"({"type":"enum","name":"E","symbols":["A","B"]})") + "," +
                     Field("y", R"("E")") + "]}") +
      "," + Field("d", R"("m.E")")));
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(parsed.value()->children[1].type->size, 3U);
  EXPECT_EQ(parsed.value()->children[3].type->symbols, (Strings{"A", "B"}));
}

TEST(AvroSchema, SaysWhatIsWrong) {
  const auto fault = [](std::string_view json) {
    auto parsed = ParseAvroSchema(json);
    return parsed.ok() ? "" : parsed.error().message();
  };
  EXPECT_EQ(fault(R"("thing")"),
            "the Avro schema names the type 'thing', which it does not define");
  EXPECT_EQ(fault(Record(Field("next", R"(["null","R"])"))),
            "the Avro schema has the type 'R', which holds itself");
  EXPECT_EQ(fault(R"({"type":"array"})"), "the Avro schema has an array of nothing");
  EXPECT_EQ(fault(R"([["int"]])"), "the Avro schema has a union in a union");
  EXPECT_NE(fault("{").find("not valid JSON"), std::string::npos);
  // Each type holds the one before twice: thirty of them would stand for a billion.
  std::string fields = Field("a0", R"({"type":"record","name":"T0","fields":[]})");
  for (int i = 1; i < 30; ++i) {
    const std::string before = "\"T" + std::to_string(i - 1) + "\"";
    fields += "," + Field("a" + std::to_string(i),
                          R"({"type":"record","name":"T)" + std::to_string(i) + R"(","fields":[)" +
                              Field("x", before) + "," + Field("y", before) + "]}");
  }
  EXPECT_EQ(fault(Record(fields)), "the Avro schema has more than 10,000 types");
}

TEST(Avro, MessagesAndFilesRoundTrip) {
  const SchemaPtr schema = SchemaOf(kEverything);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto batch = RandomRows(seed).Make(schema, 50);
    const auto encoder = EncoderOf(schema, Avro());
    const auto decoder = DecoderOf(schema, Avro());
    for (std::int64_t row = 0; row < batch->length; ++row) {
      std::string message;
      ASSERT_FALSE(encoder->Encode(*batch, row, message));
      ASSERT_EQ(DecodeOne(*decoder, schema, message), DebugText(*batch, row));
      for (std::size_t size = 0; size < message.size(); ++size) {
        ASSERT_EQ(DecodeOne(*decoder, schema, std::string_view(message).substr(0, size)),
                  "refused: is no Avro of this schema");
      }
      ASSERT_EQ(DecodeOne(*decoder, schema, message + "x"), "refused: is no Avro of this schema");
    }
    for (const char* codec : {"null", "deflate"}) {
      const std::string stream =
          EncodeStream(*EncoderOf(schema, Avro({{"avro.codec", codec}})), *batch);
      ASSERT_EQ(DecodeStream(*DecoderOf(schema, Avro()), schema, stream, 1 + seed * 97),
                RowsOf(*batch));
    }
  }
}

TEST(Avro, FilesOfManyBlocksRoundTrip) {
  const SchemaPtr schema = SchemaOf("a BIGINT, b STRING");
  const auto batch = RandomRows(1).Make(schema, 20'000);
  const std::string stream =
      EncodeStream(*EncoderOf(schema, Avro({{"avro.codec", "null"}})), *batch);
  EXPECT_GT(stream.size(), 3 * (64U << 10U));
  EXPECT_EQ(DecodeStream(*DecoderOf(schema, Avro()), schema, stream, 10'000), RowsOf(*batch));
}

TEST(Avro, ReadsWhatAnotherSchemaWrote) {
  const std::string writer = Record(
      Field("skipped", R"({"type":"map","values":["null","long"]})") + "," +
      Field("id", R"("int")") + "," +
      Field("at", R"({"type":"long","logicalType":"timestamp-millis"})") + "," +
      Field("kind", R"({"type":"enum","name":"K","symbols":["A","B"]})") + "," +
      Field(
          "price",
          R"({"type":"fixed","name":"P","size":20,"logicalType":"decimal","precision":9,"scale":1})") +
      "," + Field("either", R"(["string","null","long"])"));
  const SchemaPtr schema = SchemaOf(
      "price DECIMAL(12, 3), kind STRING, at TIMESTAMP_LTZ, id BIGINT, either BIGINT, gone STRING");
  const auto decoder = DecoderOf(schema, Avro({{"avro.schema", writer}}));
  const std::string head = Long(-1) + Long(4) + Bytes("k") + Long(1) + Long(9) + Long(0) +
                           Long(-7) + Long(1500) + Long(1) + std::string(18, '\xff') + "\xff\xf6";
  EXPECT_EQ(DecodeOne(*decoder, schema, head + Long(2) + Long(5)),
            "+I(-1.000, 'B', 1970-01-01 00:00:01.5Z, -7, 5, NULL)");
  EXPECT_EQ(DecodeOne(*decoder, schema, head + Long(1)),
            "+I(-1.000, 'B', 1970-01-01 00:00:01.5Z, -7, NULL, NULL)");
  EXPECT_EQ(DecodeOne(*decoder, schema, head + Long(0) + Bytes("x")),
            "refused: 'either': holds a branch of the union that the column has no place for");
  EXPECT_EQ(DecodeOne(*decoder, schema, head + Long(3)), "refused: is no Avro of this schema");
}

TEST(Avro, RefusesSchemasThatDoNotMeet) {
  const auto fault = [](std::string_view schema, const std::string& writer) {
    auto made = MakeDecoder(testing::OptionsOf(Avro({{"avro.schema", writer}})),
                            {.schema = SchemaOf(schema)});
    return made.ok() ? "" : made.error().message();
  };
  EXPECT_EQ(fault("a INT", Record(Field("a", R"("string")"))),
            "the column 'a' of type INT cannot be read from what the Avro schema has there");
  EXPECT_EQ(fault("a DOUBLE", Record(Field("a", R"("long")"))),
            "the column 'a' of type DOUBLE cannot be read from what the Avro schema has there");
  EXPECT_EQ(fault("a INT NOT NULL", Record(Field("b", R"("int")"))),
            "the Avro schema has the field 'a' 0 times");
  EXPECT_EQ(fault("a STRING", R"("string")"), "");
}

TEST(Avro, CountsThatNothingPaysForAreRefused) {
  const std::string writer = Record(Field("a", R"({"type":"array","items":"null"})"));
  const SchemaPtr schema = SchemaOf("b INT");
  const auto decoder = DecoderOf(schema, Avro({{"avro.schema", writer}}));
  EXPECT_EQ(DecodeOne(*decoder, schema, Long(60'000) + Long(0)), "+I(NULL)");
  EXPECT_EQ(DecodeOne(*decoder, schema, Long(60'000) + Long(60'000) + Long(0)),
            "refused: is no Avro of this schema");
  EXPECT_EQ(DecodeOne(*decoder, schema, Long(std::numeric_limits<std::int64_t>::min())),
            "refused: is no Avro of this schema");
}

TEST(Avro, SchemaRegistrysFrame) {
  const SchemaPtr schema = SchemaOf("a INT NOT NULL");
  const auto encoder =
      EncoderOf(schema, Avro({{"avro.frame", "registry"}, {"avro.schema-id", "258"}}));
  BatchBuilder rows(schema);
  rows.column(0).Append(1);
  rows.EndRow();
  std::string message;
  ASSERT_FALSE(encoder->Encode(*rows.Finish(), 0, message));
  EXPECT_EQ(message, std::string("\0\0\0\1\2\2", 6));
  int asked = 0;
  const FormatSetup setup = {.schema = schema,
                             .schema_of_id = [&](std::uint32_t id) -> base::Result<std::string> {
                               ++asked;
                               if (id != 258) {
                                 return base::Error(base::ErrorCode::kNotFound, "not there");
                               }
                               return Record(Field("a", R"("int")"));
                             }};
  const auto decoder =
      MakeDecoder(testing::OptionsOf(Avro({{"avro.frame", "registry"}})), setup).value();
  EXPECT_EQ(DecodeOne(*decoder, schema, message), "+I(1)");
  EXPECT_EQ(DecodeOne(*decoder, schema, message), "+I(1)");
  EXPECT_EQ(asked, 1);
  message[4] = '\3';
  EXPECT_EQ(DecodeOne(*decoder, schema, message), "refused: the schema 259: not there");
  EXPECT_EQ(DecodeOne(*decoder, schema, "\1xxxxx"), "refused: is not in Schema Registry's frame");
}

TEST(Avro, BrokenFilesAreErrors) {
  const SchemaPtr schema = SchemaOf("a BIGINT, b STRING");
  const auto batch = RandomRows(1).Make(schema, 100);
  const std::string stream = EncodeStream(*EncoderOf(schema, Avro()), *batch);
  const auto decoder = DecoderOf(schema, Avro());
  EXPECT_EQ(DecodeStream(*decoder, schema, "no avro at all", 5).back(),
            "error: the Avro file does not begin as one");
  for (std::size_t size = 1; size < stream.size(); ++size) {
    const Strings told =
        DecodeStream(*decoder, schema, std::string_view(stream).substr(0, size), size);
    ASSERT_TRUE(told.empty() || told.back().starts_with("error: the Avro file ends within"))
        << size;
  }
  std::string other = stream;
  other.back() ^= 1;
  EXPECT_EQ(DecodeStream(*decoder, schema, other, 1000).back(),
            "error: the Avro file lacks the mark at the end of a block");
}

TEST(Avro, WritesToTheSchemaThatIsGiven) {
  const SchemaPtr schema = SchemaOf("a INT, b STRING NOT NULL, c TIMESTAMP_LTZ NOT NULL");
  const std::string json =
      Record(Field("b", R"({"type":"enum","name":"E","symbols":["x","y"]})") + "," +
             Field("c", R"({"type":"long","logicalType":"timestamp-millis"})") + "," +
             Field("a", R"(["null","long"])"));
  const Given given = Avro({{"avro.schema", json}});
  BatchBuilder rows(schema);
  for (const char* b : {"y", "z"}) {
    rows.column(0).Append(1);
    rows.column(1).AppendText(b);
    rows.column(2).Append<std::int64_t>(5000);
    rows.EndRow();
  }
  const auto batch = rows.Finish();
  const auto encoder = EncoderOf(schema, given);
  std::string message;
  ASSERT_FALSE(encoder->Encode(*batch, 0, message));
  EXPECT_EQ(DecodeOne(schema->ToString(), given, message), "+I(1, 'y', 1970-01-01 00:00:00.005Z)");
  EXPECT_EQ(encoder->Encode(*batch, 1, message), "'b': the Avro schema has no place for 'z'");
  EXPECT_FALSE(MakeEncoder(testing::OptionsOf(given), {.schema = SchemaOf("a INT")}).ok());
  EXPECT_FALSE(
      MakeEncoder(testing::OptionsOf(Avro({{"avro.schema", Record(Field("a", R"("int")"))}})),
                  {.schema = SchemaOf("a INT")})
          .ok())
      << "the column may be null, the field not";
}

}  // namespace
}  // namespace streampark::formats
