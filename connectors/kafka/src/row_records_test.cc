// SPDX-License-Identifier: Apache-2.0
#include "row_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/kafka.h"

namespace streampark::connectors::kafka {
namespace {

using ::testing::ElementsAre;

/// Rows by their key, as records `key value`; `-` is a record without a value.
class Upserts {
 public:
  Upserts()
      : plan_(PlanColumns(Options(), Columns(), OptionUse::kSink).value()),
        records_(RowRecords::Make(plan_, RowRecords::Mode::kUpsert).value()),
        rows_(plan_.schema) {}

  Upserts& Add(RowKind kind, std::int32_t key, std::string_view text) {
    rows_.column(0).Append(key);
    rows_.column(1).AppendText(text);
    rows_.EndRow(kind);
    return *this;
  }
  std::vector<std::string> Take() {
    const auto batch = rows_.Finish();
    records_->Begin(*batch);
    std::vector<std::string> made;
    for (std::int64_t row = 0; row < batch->length; ++row) {
      formats::Refusal refusal;
      const auto record = records_->MakeRecord(row, refusal);
      EXPECT_FALSE(refusal) << *refusal;
      if (record) {
        made.push_back(std::string(record->key.value()) + " " +
                       std::string(record->value.value_or("-")));
      }
    }
    return made;
  }

 private:
  static OptionValues Options() {
    return MakeKafkaConnector()
        ->options()
        .Read({{"bootstrap.servers", "localhost:9092"},
               {"topic", "t"},
               {"format", "csv"},
               {"key.format", "csv"},
               {"key.columns", "k"},
               {"mode", "upsert"}},
              OptionUse::kSink)
        .value();
  }
  static SchemaPtr Columns() {
    return std::make_shared<const Schema>(std::vector<Field>{
        {"k", TypeKind::kInt32, Nullability::kRequired}, {"v", TypeKind::kString}});
  }

  const ColumnPlan plan_;
  const std::unique_ptr<RowRecords> records_;
  BatchBuilder rows_;
};

TEST(RowRecords, AnUpdateIsOneRecord) {
  EXPECT_THAT(Upserts()
                  .Add(RowKind::kInsert, 7, "x")
                  .Add(RowKind::kUpdateBefore, 7, "x")
                  .Add(RowKind::kUpdateAfter, 7, "y")
                  .Add(RowKind::kDelete, 7, "y")
                  .Take(),
              ElementsAre("7 7,x", "7 7,y", "7 -"));
}

TEST(RowRecords, WhatNoRowReplacesIsDeleted) {
  Upserts rows;
  EXPECT_THAT(rows.Add(RowKind::kInsert, 7, "x")
                  .Add(RowKind::kUpdateBefore, 7, "x")  // what follows was filtered out
                  .Add(RowKind::kInsert, 8, "z")
                  .Take(),
              ElementsAre("7 7,x", "7 -", "8 8,z"));
  EXPECT_THAT(rows.Add(RowKind::kUpdateBefore, 8, "z").Take(), ElementsAre("8 -"));
  EXPECT_THAT(rows.Add(RowKind::kUpdateAfter, 8, "y").Take(), ElementsAre("8 8,y"));
}

}  // namespace
}  // namespace streampark::connectors::kafka
