// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/arrow.h"

#include <gtest/gtest.h>

#include "streampark/connectors/batch_builder.h"

namespace streampark::connectors {
namespace {

constexpr std::string_view kEverything =
    "a BOOLEAN, b TINYINT NOT NULL, c DECIMAL(20, 3), d STRING, e BYTES, f DATE, g TIME, h "
    "TIMESTAMP, i TIMESTAMP_LTZ, j ARRAY<STRING>, k MAP<STRING, ARRAY<INT>>, l ROW<x BOOLEAN, y "
    "ROW<z STRING>>, m DOUBLE, PRIMARY KEY (d, b)";

SchemaPtr Of(std::string_view text) {
  return std::make_shared<const Schema>(Schema::Parse(text).value());
}

std::unique_ptr<Batch> Everything(int rows_wanted) {
  BatchBuilder rows(Of(kEverything));
  for (int i = 0; i < rows_wanted; ++i) {
    rows.column(0).AppendBoolean(i % 3 == 0);
    rows.column(1).Append(static_cast<std::int8_t>(i));
    rows.column(2).Append<__int128>(i * 1001);
    rows.column(3).AppendText("d" + std::to_string(i));
    rows.column(5).Append<std::int32_t>(i);
    rows.column(6).Append<std::int64_t>(i);
    rows.column(7).Append<std::int64_t>(i);
    rows.column(8).Append<std::int64_t>(i);
    for (int n = 0; n < i % 4; ++n) {
      rows.column(9).child(0).AppendText(std::to_string(n));
      rows.column(10).child(0).AppendText(std::to_string(n));
      rows.column(10).child(1).child(0).Append<std::int32_t>(n);
      rows.column(10).child(1).EndList();
    }
    rows.column(9).EndList();
    rows.column(10).EndList();
    rows.column(11).child(0).AppendBoolean(i % 2 == 0);
    if (i % 5 == 0) {
      rows.column(11).child(1).AppendNull();
    } else {
      rows.column(11).child(1).child(0).AppendText("z" + std::to_string(i));
      rows.column(11).child(1).EndStruct();
    }
    rows.column(11).EndStruct();
    if (i % 7 != 0) {
      rows.column(12).Append(i * 0.5);
    }
    rows.EndRow();
  }
  return rows.Finish();
}

std::vector<std::string> Rows(const Batch& batch) {
  std::vector<std::string> rows;
  for (std::int64_t row = 0; row < batch.length; ++row) {
    rows.push_back(DebugText(batch, row));
  }
  return rows;
}

TEST(Arrow, SchemasComeBackWithTheirKey) {
  for (const Carry carry : {Carry::kRows, Carry::kChanges}) {
    ArrowSchema exported;
    ExportSchema(*Of(kEverything), carry, &exported);
    EXPECT_STREQ(exported.format, "+s");
    EXPECT_EQ(exported.n_children, carry == Carry::kRows ? 13 : 15);
    EXPECT_STREQ(exported.children[10]->format, "+m");
    EXPECT_STREQ(exported.children[10]->children[0]->children[0]->name, "key");
    EXPECT_EQ(exported.children[1]->flags & ARROW_FLAG_NULLABLE, 0);
    const auto back = ImportSchema(exported, carry);
    ASSERT_TRUE(back.ok()) << back.error().ToString();
    EXPECT_EQ(back.value(), *Of(kEverything));
    exported.release(&exported);
    EXPECT_EQ(exported.release, nullptr);
  }
}

TEST(Arrow, RefusesTypesThatAreNotOurs) {
  for (const char* format : {"U", "L", "tsn:", "d:40,1", "d:10,2,256", "+w:3", "e", "n", "tdm"}) {
    ArrowSchema exported;
    ExportSchema(*Of("amount INT"), Carry::kRows, &exported);
    const char* kept = exported.children[0]->format;
    exported.children[0]->format = format;
    const auto imported = ImportSchema(exported, Carry::kRows);
    ASSERT_FALSE(imported.ok()) << format;
    EXPECT_NE(imported.error().message().find("'amount'"), std::string::npos);
    exported.children[0]->format = kept;
    exported.release(&exported);
  }
}

TEST(Arrow, BatchesCrossWithoutACopy) {
  auto batch = Everything(100);
  const auto before = Rows(*batch);
  const std::byte* values = batch->columns[3].values.data();
  const SchemaPtr schema = batch->schema;
  ArrowArray array;
  ASSERT_TRUE(ExportBatch(std::move(batch), Carry::kRows, &array).ok());
  auto back = ImportBatch(&array, schema, Carry::kRows);
  ASSERT_TRUE(back.ok()) << back.error().ToString();
  EXPECT_EQ(array.release, nullptr);
  EXPECT_EQ(Rows(*back.value()), before);
  EXPECT_EQ(back.value()->columns[3].values.data(), values);
  // One column outlives the rest.
  const Column kept = std::move(back.value()->columns[10]);
  back.value().reset();
  EXPECT_EQ(DebugText(kept, 3), "{'0': [0], '1': [1], '2': [2]}");
}

TEST(Arrow, EmptyBatchesCross) {
  auto batch = Everything(0);
  const SchemaPtr schema = batch->schema;
  ArrowArray array;
  ASSERT_TRUE(ExportBatch(std::move(batch), Carry::kChanges, &array).ok());
  EXPECT_NE(array.children[3]->buffers[1], nullptr);
  const auto back = ImportBatch(&array, schema, Carry::kChanges);
  ASSERT_TRUE(back.ok()) << back.error().ToString();
  EXPECT_EQ(back.value()->length, 0);
}

TEST(Arrow, SlicesAreRead) {
  const auto whole = Rows(*Everything(100));
  for (const std::int64_t offset : {1, 8, 13}) {
    auto batch = Everything(100);
    const SchemaPtr schema = batch->schema;
    ArrowArray array;
    ASSERT_TRUE(ExportBatch(std::move(batch), Carry::kRows, &array).ok());
    array.offset = offset;
    array.length = 20;
    const auto back = ImportBatch(&array, schema, Carry::kRows);
    ASSERT_TRUE(back.ok()) << back.error().ToString();
    EXPECT_EQ(Rows(*back.value()),
              std::vector<std::string>(whole.begin() + offset, whole.begin() + offset + 20));
  }
}

TEST(Arrow, ChangesCarryKindsAndWhatIsKnown) {
  BatchBuilder rows(Of("a INT, b STRING"));
  const auto add = [&](int a, RowKind kind) {
    rows.column(0).Append(a);
    if (kind == RowKind::kUpdateAfter) {
      rows.AppendUnknown(1);
    }
    rows.EndRow(kind);
  };
  add(1, RowKind::kInsert);
  add(2, RowKind::kUpdateAfter);
  add(3, RowKind::kDelete);
  auto batch = rows.Finish();
  const SchemaPtr schema = batch->schema;
  const auto before = Rows(*batch);
  ArrowArray array;
  auto refused = std::make_unique<Batch>();
  refused->schema = schema;
  refused->kinds = {RowKind::kDelete};
  EXPECT_FALSE(ExportBatch(std::move(refused), Carry::kRows, &array).ok());
  ASSERT_TRUE(ExportBatch(std::move(batch), Carry::kChanges, &array).ok());
  const auto back = ImportBatch(&array, schema, Carry::kChanges);
  ASSERT_TRUE(back.ok()) << back.error().ToString();
  EXPECT_EQ(Rows(*back.value()), before);
  EXPECT_EQ(before[1], "+U(2, ?)");
}

TEST(Arrow, AChildMayBeMovedOut) {
  auto batch = Everything(10);
  ArrowArray array;
  ASSERT_TRUE(ExportBatch(std::move(batch), Carry::kRows, &array).ok());
  ArrowArray child = *array.children[3];
  array.children[3]->release = nullptr;
  array.release(&array);
  EXPECT_EQ(std::string_view(static_cast<const char*>(child.buffers[2]), 4), "d0d1");
  child.release(&child);
}

TEST(Arrow, RefusesAnArrayOfAnotherShape) {
  ArrowArray array;
  ASSERT_TRUE(ExportBatch(Everything(3), Carry::kRows, &array).ok());
  EXPECT_FALSE(ImportBatch(&array, Of("a INT"), Carry::kRows).ok());
  EXPECT_EQ(array.release, nullptr) << "taken over in every case";
  ASSERT_TRUE(ExportBatch(Everything(3), Carry::kRows, &array).ok());
  array.children[4]->length = 2;
  EXPECT_FALSE(ImportBatch(&array, Of(kEverything), Carry::kRows).ok());
}

}  // namespace
}  // namespace streampark::connectors
