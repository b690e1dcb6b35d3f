// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "streampark/base/result.h"

namespace streampark::connectors::sql {

/// A table as people write it: `orders`, `sales.orders`, `"Sales"."Order.Lines"` (with double quotes or backticks). Names
/// are taken as they are written: nothing is folded to upper or lower case.
struct TableName {
  std::string schema;  // of MariaDB the database; empty: the session's own
  std::string table;

  /// INVALID_REQUEST.
  static base::Result<TableName> Parse(std::string_view text);
  /// What Parse reads.
  std::string ToString() const;

  bool operator==(const TableName&) const = default;
};

}  // namespace streampark::connectors::sql
