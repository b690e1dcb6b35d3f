// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "testing.h"

namespace streampark::formats {
namespace {

using testing::DecodeOne;
using testing::EncoderOf;
using testing::Given;
using testing::SchemaOf;

const Given kDebezium = {{"format", "debezium"}};

std::string Decoded(std::string_view message, std::string_view schema = "id INT, name STRING") {
  return DecodeOne(schema, kDebezium, message);
}

TEST(Debezium, EnvelopesAreChanges) {
  EXPECT_EQ(Decoded(R"({"before":null,"after":{"id":1,"name":"a"},"op":"c","ts_ms":5})"),
            "+I(1, 'a')");
  EXPECT_EQ(Decoded(R"({"op":"r","after":{"id":1,"name":"a"}})"), "+I(1, 'a')");
  EXPECT_EQ(Decoded(R"({"before":{"id":1,"name":"a"},"after":{"id":1,"name":"b"},"op":"u"})"),
            "-U(1, 'a') +U(1, 'b')");
  EXPECT_EQ(Decoded(R"({"before":null,"after":{"id":1,"name":"b"},"op":"u"})"), "+U(1, 'b')");
  EXPECT_EQ(Decoded(R"({"before":{"id":1},"after":null,"op":"d"})"), "-D(1, NULL)");
  EXPECT_EQ(
      Decoded(
          R"({"schema":{"x":[1]},"payload":{"before":null,"after":{"id":1,"name":"a"},"source":{"op":"x"},"op":"c"}})"),
      "+I(1, 'a')");
}

TEST(Debezium, TombstonesAreNoRows) {
  for (const std::string_view empty : {"", " ", "null", R"({"schema":{},"payload":null})"}) {
    EXPECT_EQ(Decoded(empty), "") << empty;
  }
}

TEST(Debezium, HalfAChangeIsNoRow) {
  EXPECT_EQ(Decoded(R"({"before":{"id":1},"after":{"id":"x"},"op":"u"})"),
            "refused: after: 'id': x is no INT");
  EXPECT_EQ(Decoded(R"({"before":{"id":"x"},"after":{"id":1},"op":"u"})"),
            "refused: before: 'id': x is no INT");
  EXPECT_EQ(Decoded(R"({"before":null,"after":null,"op":"d"})"),
            "refused: has no row before: the table has to log it (REPLICA IDENTITY FULL)");
  EXPECT_EQ(Decoded(R"({"before":null,"after":null,"op":"c"})"), "refused: has no row after");
  EXPECT_EQ(Decoded(R"({"op":"t"})"), "refused: has the op \"t\", which is no change of a row");
  EXPECT_EQ(Decoded(R"({"id":1})"), "refused: has no op: is no envelope of Debezium");
  EXPECT_EQ(Decoded(R"({"op":"c")"), "refused: lacks '}' at byte 9");
  EXPECT_EQ(Decoded(R"({"op":"c"} x)"), "refused: has something after the envelope at byte 11");
  EXPECT_EQ(Decoded(R"({"op":"c","after":[1]})"), "refused: after: is no JSON object at byte 0");
}

TEST(Debezium, ReadsItsOwnTypes) {
  EXPECT_EQ(
      Decoded(
          R"({"op":"c","after":{"a":20484,"b":32700000000,"c":1769850300000001,"d":"2026-01-31T09:05:00Z","e":"12.5"}})",
          "a DATE, b TIME, c TIMESTAMP, d TIMESTAMP_LTZ, e DECIMAL(5, 2)"),
      "+I(2026-01-31, 09:05:00, 2026-01-31 09:05:00.000001, 2026-01-31 09:05:00Z, 12.50)");
}

TEST(Debezium, WhatWasNotSentIsNotKnown) {
  EXPECT_EQ(
      Decoded(R"({"op":"u","before":null,"after":{"id":1,"name":"__debezium_unavailable_value"}})"),
      "+U(1, ?)");
}

TEST(Debezium, WritesChangesAsTheyAreRead) {
  const SchemaPtr schema = SchemaOf("id INT");
  BatchBuilder rows(schema);
  using connectors::RowKind;
  for (const RowKind kind :
       {RowKind::kInsert, RowKind::kUpdateBefore, RowKind::kUpdateAfter, RowKind::kDelete}) {
    rows.column(0).Append(static_cast<int>(kind));
    rows.EndRow(kind);
  }
  const auto batch = rows.Finish();
  const auto encoder = EncoderOf(schema, kDebezium);
  std::string read;
  for (std::int64_t row = 0; row < 4; ++row) {
    std::string message;
    ASSERT_FALSE(encoder->Encode(*batch, row, message));
    read += DecodeOne("id INT", kDebezium, message);
  }
  EXPECT_EQ(read, "+I(0)-D(1)+I(2)-D(3)");
}

}  // namespace
}  // namespace streampark::formats
