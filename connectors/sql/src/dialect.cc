// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sql/dialect.h"

namespace streampark::connectors::sql {

std::string Dialect::Quote(const TableName& table) const {
  return table.schema.empty() ? Quote(table.table) : Quote(table.schema) + "." + Quote(table.table);
}

std::string Dialect::QuoteAll(const Names& names) const {
  std::string list;
  for (const std::string& name : names) {
    list.append(list.empty() ? "" : ", ").append(Quote(name));
  }
  return list;
}

std::string Dialect::QuoteText(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted.append(c == '\'' ? 2 : 1, c);
  }
  return quoted + "'";
}

std::string Dialect::CreateTemporary(const std::string& table, const std::string& columns) const {
  return "CREATE TEMPORARY TABLE " + table + " (" + columns + ")";
}

}  // namespace streampark::connectors::sql
