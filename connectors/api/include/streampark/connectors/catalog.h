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

/// A column that counts by itself in rows that do not name it.
struct CatalogCounter {
  std::string column;
  /// In the system's own words: `GENERATED ALWAYS AS IDENTITY (…)`.
  std::string native;
  std::int64_t next = 1;
  std::int64_t step = 1;
};

/// An index besides the primary key's.
struct CatalogIndex {
  enum class Kind : std::uint8_t { kPlain, kUnique };
  struct Part {
    std::string column;  // empty: an expression
    enum class Direction : std::uint8_t { kUp, kDown } direction = Direction::kUp;
  };
  std::string name;  // empty: it has none
  Kind kind = Kind::kPlain;
  std::vector<Part> parts;
  /// Parts, and columns that are only kept in it.
  std::vector<std::string> columns;
  /// In the system's own words: what it is (`UNIQUE INDEX`, `CONSTRAINT`), and what stands behind the names: `USING gin (tags)`.
  std::string native_kind;
  std::string native;
  /// Whether those name columns in expressions, too.
  enum class Expressions : std::uint8_t { kNone, kSome } expressions = Expressions::kNone;
  /// Why another kind of system cannot have it; empty: it can, by `kind` and `parts`.
  std::string only_here;
  /// What it loses where it is made by those alone: an order of nulls, a collation; empty: nothing.
  std::string detail;
};

struct CatalogForeignKey {
  std::string name;  // empty: it has none
  std::vector<std::string> columns;
  TableId to;
  std::vector<std::string> to_columns;
  std::string on_update = "NO ACTION";
  std::string on_delete = "NO ACTION";
  /// What else it says in the system's own words: `DEFERRABLE INITIALLY DEFERRED`.
  std::string native;
  std::string refusal;  // why it cannot be made elsewhere; empty: it can
};

struct CatalogTable {
  TableId id;
  std::vector<CatalogColumn> columns;
  std::vector<std::string> key;  // the primary key; may be empty
  std::optional<std::int64_t> estimated_rows;
  // Of DescribeStructure.
  std::vector<CatalogCounter> counters;
  std::vector<CatalogIndex> indexes;
  std::vector<CatalogForeignKey> foreign_keys;
};

/// Of which system, and under which name, a table is described that is made elsewhere; and how rows get there.
struct CatalogOrigin {
  std::string family;
  TableId id;
  enum class Rows : std::uint8_t { kAppended, kByKey } rows = Rows::kAppended;
};

/// What makes a part of a table when its rows are there.
struct CatalogStatement {
  std::string what;  // `the unique index orders_no_key`
  std::string text;  // empty: it cannot be made
  /// A query that has a row when it was made already; empty: it may be made again.
  std::string done;
  /// What of it cannot be made, and why. With a text it is made without that.
  std::string lost;
  /// Foreign keys of any table come after the indexes of all.
  enum class Turn : std::uint8_t { kIndex, kForeignKey } turn = Turn::kIndex;
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
  /// The statement that makes such a table, and nothing when it is there: with `columns`' native types where the origin's family is this one's and they have one, else
  /// with what their types are here; with the counters and foreign keys that cannot be added later. VALIDATION_FAILED names the column that
  /// has no type.
  virtual base::Result<std::string> CreateStatement(const CatalogTable& table,
                                                    const CatalogOrigin& origin) = 0;
  /// Adds counters, indexes and foreign keys to a table of Describe's.
  virtual base::Status DescribeStructure(CatalogTable& table) = 0;
  /// What makes those of `table`, a table of CreateStatement's, in this order; and what cannot be made. Nothing of what CreateStatement makes.
  virtual base::Result<std::vector<CatalogStatement>> StatementsAfterLoad(
      const CatalogTable& table, const CatalogOrigin& origin) = 0;
  /// Runs it unless it was run already. VALIDATION_FAILED when rows are not as it says.
  virtual base::Status Make(const CatalogStatement& statement) = 0;
  virtual base::Status Execute(const std::string& statement) = 0;
};

}  // namespace streampark::connectors
