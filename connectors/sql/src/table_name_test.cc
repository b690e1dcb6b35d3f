// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sql/table_name.h"

#include <gtest/gtest.h>

namespace streampark::connectors::sql {
namespace {

TEST(TableName, IsReadAsItIsWritten) {
  EXPECT_EQ(TableName::Parse("orders").value(), (TableName{"", "orders"}));
  EXPECT_EQ(TableName::Parse("Sales.Orders").value(), (TableName{"Sales", "Orders"}));
  EXPECT_EQ(TableName::Parse("\"my.schema\".`a\"b`").value(), (TableName{"my.schema", "a\"b"}));
  EXPECT_EQ(TableName::Parse("\"a\"\"b\"").value(), (TableName{"", "a\"b"}));
  for (const TableName& name : {TableName{"", "x"}, {"a.b", "c\"d"}, {"s", "ü`"}}) {
    EXPECT_EQ(TableName::Parse(name.ToString()).value(), name);
  }
}

TEST(TableName, WhatNamesNothingIsRefused) {
  for (const char* text : {"", ".", "a.", ".a", "a.b.c", "\"a", "\"a\"b", "\"\""}) {
    EXPECT_FALSE(TableName::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace streampark::connectors::sql
