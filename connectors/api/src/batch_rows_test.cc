// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/batch_rows.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/value_text.h"

namespace streampark::connectors {
namespace {

TEST(CopyRowsTest, EveryKindOfColumn) {
  BatchBuilder rows(std::make_shared<const Schema>(
      Schema::Parse("a INT, b STRING, c BOOLEAN, d DECIMAL(10, 2), e ARRAY<STRING>").value()));
  for (int i = 0; i < 100; ++i) {
    if (i % 7 != 0) {
      rows.column(0).Append<std::int32_t>(i);
      rows.column(1).AppendText(std::string(static_cast<std::size_t>(i % 5), 'x'));
      rows.column(2).AppendBoolean(i % 3 == 0);
      rows.column(3).Append<Int128>(i);
      rows.column(4).child(0).AppendText("y");
      rows.column(4).EndList();
    }
    rows.EndRow();
  }
  const auto batch = rows.Finish();
  for (const std::vector<std::int32_t>& wanted :
       {std::vector<std::int32_t>{}, {0}, {99}, {3, 4, 5, 20, 49, 50, 98, 99}}) {
    for (const Column& column : batch->columns) {
      Column copied{.type = column.type};
      for (int again = 0; again < 2; ++again) {
        CopyRows(column, wanted, copied);
        ASSERT_EQ(copied.length, static_cast<std::int64_t>(wanted.size()));
        for (std::size_t i = 0; i < wanted.size(); ++i) {
          EXPECT_EQ(DebugText(copied, static_cast<std::int64_t>(i)), DebugText(column, wanted[i]));
        }
      }
    }
  }
}

}  // namespace
}  // namespace streampark::connectors
