// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/batch_builder.h"

#include <gtest/gtest.h>

namespace streampark::connectors {
namespace {

SchemaPtr Of(std::string_view text) {
  return std::make_shared<const Schema>(Schema::Parse(text).value());
}

std::vector<std::string> Rows(const Batch& batch) {
  std::vector<std::string> rows;
  for (std::int64_t row = 0; row < batch.length; ++row) {
    rows.push_back(DebugText(batch, row));
  }
  return rows;
}

using Strings = std::vector<std::string>;

TEST(Buffer, OwnsOrBorrows) {
  Buffer owned;
  for (int i = 0; i < 1000; ++i) {
    owned.AppendValue(i);
  }
  ASSERT_EQ(owned.size(), 4000U);
  EXPECT_EQ(owned.as<int>()[999], 999);
  Buffer moved = std::move(owned);
  EXPECT_EQ(moved.as<int>()[500], 500);
  auto bytes = std::make_shared<std::string>("abc");
  const std::weak_ptr<std::string> alive = bytes;
  {
    const Buffer borrowed = Buffer::Borrow(std::as_bytes(std::span(*bytes)), bytes);
    bytes.reset();
    EXPECT_EQ(std::string_view(borrowed.as<char>(), borrowed.size()), "abc");
  }
  EXPECT_TRUE(alive.expired());
}

TEST(BufferDeathTest, ABorrowedOneIsNotWritten) {
  Buffer borrowed = Buffer::Borrow({}, std::make_shared<int>());
  EXPECT_DEATH(borrowed.AppendValue(1), "borrowed");
}

TEST(BatchBuilder, HoldsEachKind) {
  BatchBuilder rows(
      Of("a BOOLEAN, b TINYINT, c DOUBLE, d DECIMAL(5, 2), e STRING, f BYTES, g DATE, h TIME, i "
         "TIMESTAMP, j TIMESTAMP_LTZ, k ARRAY<INT>, l MAP<STRING, INT>, m ROW<x INT, y STRING>"));
  rows.column(0).AppendBoolean(true);
  rows.column(1).Append<std::int8_t>(-1);
  rows.column(2).Append(1.5);
  rows.column(3).Append<__int128>(-1250);
  rows.column(4).AppendText("it's");
  rows.column(5).AppendText(std::string_view("\0\xff", 2));
  rows.column(6).Append<std::int32_t>(1);
  rows.column(7).Append<std::int64_t>(1'500'000);
  rows.column(8).Append<std::int64_t>(0);
  rows.column(9).Append<std::int64_t>(-1);
  rows.column(10).child(0).Append<std::int32_t>(1);
  rows.column(10).child(0).AppendNull();
  rows.column(10).EndList();
  rows.column(11).child(0).AppendText("k");
  rows.column(11).child(1).Append<std::int32_t>(2);
  rows.column(11).EndList();
  rows.column(12).child(0).Append<std::int32_t>(3);
  rows.column(12).child(1).AppendText("z");
  rows.column(12).EndStruct();
  rows.EndRow();
  rows.EndRow(RowKind::kDelete);
  const auto batch = rows.Finish();
  EXPECT_EQ(Rows(*batch),
            (Strings{"+I(true, -1, 1.5, -12.50, 'it''s', x'00ff', 1970-01-02, 00:00:01.5, "
                     "1970-01-01 00:00:00, 1969-12-31 23:59:59.999999Z, [1, NULL], {'k': 2}, (3, "
                     "'z'))",
                     "-D(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
                     "NULL)"}));
}

TEST(BatchBuilder, NullsBeginAnywhere) {
  BatchBuilder rows(Of("a INT, b BOOLEAN"));
  for (int i = 0; i < 100; ++i) {
    if (i >= 13 && i % 3 == 0) {
      rows.column(0).AppendNull();
    } else {
      rows.column(0).Append(i);
    }
    rows.column(1).AppendBoolean(i % 2 == 0);
    rows.EndRow();
  }
  const auto batch = rows.Finish();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(batch->columns[0].null(i), i >= 13 && i % 3 == 0) << i;
    EXPECT_EQ(batch->columns[1].bit(i), i % 2 == 0) << i;
  }
  EXPECT_TRUE(batch->columns[1].validity.empty());
}

TEST(BatchBuilder, ForgetsARowThatFails) {
  BatchBuilder rows(
      Of("a BOOLEAN, b STRING, c ARRAY<ROW<x STRING, y BOOLEAN>>, d INT, e MAP<STRING, INT>"));
  const auto fill = [&](int i) {
    rows.column(0).AppendBoolean(true);
    rows.column(1).AppendText(std::to_string(i));
    for (int n = 0; n < i % 3; ++n) {
      ColumnBuilder& element = rows.column(2).child(0);
      element.child(0).AppendText("x");
      element.child(1).AppendBoolean(true);
      element.EndStruct();
    }
    rows.column(2).EndList();
    if (i % 2 == 0) {
      rows.column(3).AppendNull();
    } else {
      rows.column(3).Append(i);
    }
    rows.column(4).child(0).AppendText("k");
  };
  for (int i = 0; i < 40; ++i) {
    fill(i);
    rows.CancelRow();
    rows.column(0).AppendBoolean(false);
    rows.column(1).AppendText("kept");
    rows.column(2).child(0).AppendNull();
    rows.column(2).EndList();
    rows.column(3).Append(i);
    rows.EndRow();
  }
  fill(1);
  const auto batch = rows.Finish();
  ASSERT_EQ(batch->length, 40);
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(DebugText(*batch, i), "+I(false, 'kept', [NULL], " + std::to_string(i) + ", NULL)");
  }
}

TEST(BatchBuilder, WritesTextInPlace) {
  BatchBuilder rows(Of("a STRING"));
  std::memcpy(rows.column(0).OpenText(10), "abcdef", 6);
  rows.column(0).CloseText(3);
  rows.EndRow();
  rows.column(0).OpenText(100);
  rows.column(0).AppendText("g");
  rows.EndRow();
  EXPECT_EQ(Rows(*rows.Finish()), (Strings{"+I('abc')", "+I('g')"}));
}

TEST(BatchBuilder, SaysWhatIsNotKnown) {
  BatchBuilder rows(Of("a INT, b STRING"));
  for (int i = 0; i < 10; ++i) {
    rows.column(0).Append(i);
    if (i == 9) {
      rows.AppendUnknown(1);
      rows.CancelRow();
      rows.column(0).Append(i);
    }
    if (i == 4) {
      rows.AppendUnknown(1);
    }
    rows.EndRow(i == 4 ? RowKind::kUpdateAfter : RowKind::kInsert);
  }
  const auto batch = rows.Finish();
  EXPECT_EQ(DebugText(*batch, 4), "+U(4, ?)");
  EXPECT_EQ(DebugText(*batch, 9), "+I(9, NULL)");
  EXPECT_TRUE(batch->known[0].empty());
  BatchBuilder copy(batch->schema);
  for (std::int64_t row = 3; row < 6; ++row) {
    copy.AppendFrom(*batch, row);
  }
  EXPECT_EQ(Rows(*copy.Finish()), (Strings{"+I(3, NULL)", "+U(4, ?)", "+I(5, NULL)"}));
}

TEST(BatchBuilder, UsesBuffersAgain) {
  BatchBuilder rows(Of("a BIGINT, b STRING, c ARRAY<STRING>"));
  const auto fill = [&](std::string_view text) {
    for (int i = 0; i < 100; ++i) {
      rows.column(0).Append<std::int64_t>(i);
      rows.column(1).AppendText(text);
      rows.column(2).child(0).AppendText(text);
      rows.column(2).EndList();
      rows.EndRow();
    }
    return rows.Finish();
  };
  auto first = fill("first");
  const Batch* object = first.get();
  const std::byte* values = first->columns[0].values.data();
  const std::byte* nested = first->columns[2].children[0].values.data();
  rows.Recycle(std::move(first));
  auto second = fill("other");
  auto third = fill("third");
  EXPECT_EQ(third.get() == object, false);
  EXPECT_EQ(second.get(), object);
  EXPECT_EQ(DebugText(*second, 99), "+I(99, 'other', ['other'])");
  EXPECT_EQ(third->columns[0].values.data(), values);
  EXPECT_EQ(third->columns[2].children[0].values.data(), nested);
  EXPECT_EQ(DebugText(*third, 0), "+I(0, 'third', ['third'])");
}

TEST(BatchBuilder, CopiesNestedRows) {
  BatchBuilder rows(Of("a ARRAY<MAP<STRING, ROW<x INT>>>"));
  for (int i = 0; i < 3; ++i) {
    for (int n = 0; n < i; ++n) {
      ColumnBuilder& map = rows.column(0).child(0);
      map.child(0).AppendText(std::to_string(n));
      map.child(1).child(0).Append(n);
      map.child(1).EndStruct();
      map.EndList();
    }
    rows.column(0).EndList();
    rows.EndRow();
  }
  const auto batch = rows.Finish();
  BatchBuilder copy(batch->schema);
  copy.AppendFrom(*batch, 2);
  copy.AppendFrom(*batch, 0);
  EXPECT_EQ(Rows(*copy.Finish()), (Strings{"+I([{'0': (0)}, {'1': (1)}])", "+I([])"}));
}

}  // namespace
}  // namespace streampark::connectors
