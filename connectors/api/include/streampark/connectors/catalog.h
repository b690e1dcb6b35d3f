// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/batch.h"
#include "streampark/connectors/type.h"

namespace streampark::connectors {

/// A column as its system knows it.
struct CatalogColumn {
  std::string name;
  /// Its type as people of that system write it: `numeric(10,2)`.
  std::string native;
  /// What it becomes; absent when it cannot be read, then `refusal` says why.
  std::optional<Type> type;
  std::string refusal;
  Nullability nullability = Nullability::kNullable;
  /// What its values are in the system's own bulk form: where two columns say the same, the bytes of the one are good for the other.
  /// Empty: there is none.
  std::string wire;
};

struct CatalogTable {
  TableId id;
  std::vector<CatalogColumn> columns;
  std::vector<std::string> key;  // the primary key; may be empty
  std::optional<std::int64_t> estimated_rows;
};

/// The tables of a system. Used by one thread at a time; errors as a source's.
class Catalog {
 public:
  virtual ~Catalog() = default;
  /// Two catalogs of one family understand each other's native types: `postgres`.
  virtual std::string family() const = 0;
  /// Those that `pattern` names, sorted: `orders`, `sales.*`, `*.order_*`. Without a dot, of the connection's own schema. None is none.
  virtual base::Result<std::vector<TableId>> Find(const std::string& pattern) = 0;
  /// As the option `table` takes it.
  virtual std::string NameOf(const TableId& table) const = 0;
  /// Absent when there is no such table.
  virtual base::Result<std::optional<CatalogTable>> Describe(const TableId& table) = 0;
  /// The statement that makes such a table, and nothing when it is there: with `columns`' native types where `family` is this one's and they have one, else
  /// with what their types are here. VALIDATION_FAILED names the column that has none.
  virtual base::Result<std::string> CreateStatement(const CatalogTable& table,
                                                    const std::string& family) = 0;
  virtual base::Status Execute(const std::string& statement) = 0;
};

}  // namespace streampark::connectors
