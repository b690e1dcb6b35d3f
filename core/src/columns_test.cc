// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streampark::core {
namespace {

using ::testing::HasSubstr;

struct Stop {
  std::string town;
  std::optional<std::int16_t> minutes;
  bool operator==(const Stop&) const = default;
};
SP_RECORD(Stop, town, minutes);

struct Trip {
  std::int64_t id = 0;
  std::uint32_t seats = 0;
  bool late = false;
  double price = 0;
  Timestamp at;
  Date day;
  Bytes seal;
  std::optional<std::string> note;
  std::vector<Stop> stops;
  std::map<std::string, std::int32_t> bags;
  bool operator==(const Trip&) const = default;
};
SP_RECORD(Trip, id, seats, late, price, at, day, seal, note, stops, bags);

Trip Full() {
  return {.id = -5,
          .seats = 4'000'000'000U,
          .late = true,
          .price = 2.5,
          .at = Timestamp(std::chrono::microseconds(1'700'000'000'000'123)),
          .day = Date(std::chrono::days(20'000)),
          .seal = {std::string("\0\xff", 2)},
          .note = "x",
          .stops = {{"Bern", 3}, {"Thun", std::nullopt}},
          .bags = {{"big", 1}, {"small", 2}}};
}

TEST(Columns, RecordsGoToColumnsAndBack) {
  RowWriter<Trip> writer;
  const std::vector<Trip> trips{Full(), Trip{}, Full()};
  for (const auto& trip : trips) {
    writer.Add(trip);
  }
  const auto batch = writer.Finish();
  EXPECT_EQ(batch->schema->ToString(),
            "(id BIGINT NOT NULL, seats BIGINT NOT NULL, late BOOLEAN NOT NULL, price DOUBLE NOT "
            "NULL, at TIMESTAMP_LTZ NOT NULL, day "
            "DATE NOT NULL, seal BYTES NOT NULL, note STRING, stops ARRAY<ROW<town STRING NOT "
            "NULL, minutes SMALLINT> NOT NULL> NOT "
            "NULL, bags MAP<STRING, INT NOT NULL> NOT NULL)");
  Rows<Trip> rows;
  rows.Append(Full(), 0);  // what stays from an older batch must not show through
  rows.Append(Full(), 0);
  rows.Clear();
  RowReader<Trip>::Bind(*batch->schema).value().Read(*batch, rows);
  ASSERT_EQ(rows.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(rows.row(i), trips[i]) << i;
  }
}

struct Narrow {
  std::int16_t id = 0;
  std::string note;
};
SP_RECORD(Narrow, id, note);

TEST(Columns, WhatCannotBeReadIsNamed) {
  const auto bound = RowReader<Narrow>::Bind(*SchemaOf<Trip>());
  ASSERT_FALSE(bound.ok());
  EXPECT_THAT(bound.error().message(),
              HasSubstr("The column 'id' is BIGINT and the field SMALLINT"));
  const connectors::Schema other(
      {{"id", connectors::TypeKind::kInt16}, {"notes", connectors::TypeKind::kString}});
  EXPECT_THAT(RowReader<Narrow>::Bind(other).error().hint(), HasSubstr("did you mean 'notes'?"));
}

TEST(Columns, ANullInAFieldThatHasNoneFails) {
  connectors::BatchBuilder builder(
      std::make_shared<const connectors::Schema>(std::vector<connectors::Field>{
          {"id", connectors::TypeKind::kInt8}, {"note", connectors::TypeKind::kString}}));
  builder.column(0).Append<std::int8_t>(7);
  builder.column(1).AppendText("a");
  builder.EndRow();
  auto batch = builder.Finish();
  const auto reader = RowReader<Narrow>::Bind(*batch->schema).value();
  Rows<Narrow> rows;
  reader.Read(*batch, rows);
  EXPECT_EQ(rows.row(0).id, 7);  // read from a narrower column
  builder.column(0).Append<std::int8_t>(8);
  builder.EndRow();
  batch = builder.Finish();
  EXPECT_THROW(reader.Read(*batch, rows), TaskFailure);
}

TEST(Columns, ChangesAreRowsWithTheirKinds) {
  using Changed = Change<Stop>;
  const std::vector<Changed> changes{{RowKind::kInsert, {"Bern", 3}},
                                     {RowKind::kUpdateBefore, {"Bern", 3}},
                                     {RowKind::kUpdateAfter, {"Bern", std::nullopt}},
                                     {RowKind::kDelete, {"Thun", 5}}};
  RowWriter<Changed> writer;
  for (const auto& change : changes) {
    writer.Add(change);
  }
  const auto batch = writer.Finish();
  EXPECT_EQ(*batch->schema, *SchemaOf<Stop>());
  EXPECT_EQ(connectors::DebugText(*batch, 3), "-D('Thun', 5)");
  Rows<Changed> rows;
  RowReader<Changed>::Bind(*batch->schema).value().Read(*batch, rows);
  ASSERT_EQ(rows.size(), changes.size());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(rows.row(i), changes[i]) << i;
  }
}

TEST(Columns, ADeletionIsNoRowOfAPlainStream) {
  connectors::BatchBuilder builder(SchemaOf<Stop>());
  builder.column(0).AppendText("Bern");
  builder.EndRow(RowKind::kDelete);
  const auto batch = builder.Finish();
  Rows<Stop> rows;
  try {
    RowReader<Stop>::Bind(*batch->schema).value().Read(*batch, rows);
    FAIL();
  } catch (const TaskFailure& failure) {
    EXPECT_THAT(failure.error().ToString(), HasSubstr("A row is -D"));
    EXPECT_THAT(failure.error().hint(), HasSubstr("Source<sp::Change<Row>>"));
  }
}

}  // namespace
}  // namespace streampark::core
