// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sql/testing/query_rows.h"

#include <gtest/gtest.h>

namespace streampark::connectors::sql::testing {

std::vector<std::string> RowsOf(Session& session, const std::string& query) {
  const auto found = session.Query(query);
  EXPECT_TRUE(found.ok()) << found.error().ToString() << " in " << query;
  std::vector<std::string> rows;
  for (const auto& row : *found) {
    std::string& text = rows.emplace_back();
    for (const auto& value : row) {
      text += (&value == row.data() ? "" : "|") + value.value_or("NULL");
    }
  }
  return rows;
}

}  // namespace streampark::connectors::sql::testing
