// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/catalog.h"
#include "streampark/connectors/sql/native_column.h"
#include "streampark/connectors/sql/table_name.h"

namespace streampark::connectors::sql {

using Names = std::vector<std::string>;

/// The words that differ from database to database. Immutable, thread-safe. Sessions are set so that a backslash is nothing special in
/// texts, dates are ISO's and the time zone is UTC.
class Dialect {
 public:
  virtual ~Dialect() = default;

  /// An identifier, whatever is in it.
  virtual std::string Quote(std::string_view identifier) const = 0;
  std::string Quote(const TableName& table) const;
  /// `a, b` quoted.
  std::string QuoteAll(const Names& names) const;
  /// `'it''s'`
  static std::string QuoteText(std::string_view text);

  /// A constant that compares with the column by its index, from a value as KeyText writes it. SNAPSHOT_INVALID when it is none.
  virtual base::Result<std::string> Literal(const NativeColumn& column,
                                            std::string_view text) const = 0;
  /// What to select so that the value of such a column is a text that Literal reads.
  virtual std::string KeyAsText(const NativeColumn& column) const = 0;
  /// What to select so that the column is read as `wanted`. VALIDATION_FAILED says what it may be read as.
  virtual base::Result<std::string> Reading(const NativeColumn& column,
                                            const Type& wanted) const = 0;
  /// Behind a select: without the first `rows` rows.
  virtual std::string Skip(std::int64_t rows) const = 0;

  /// kUnique: of a unique index that is made later, of values of any length.
  enum class KeyPart : std::uint8_t { kNo, kYes, kUnique };
  /// A column's type in CREATE TABLE.
  virtual base::Result<std::string> TypeFor(const Type& type, KeyPart part) const = 0;
  /// Whether a column that reads as this type, made again in the system's own words, keeps every such value; else it is made by TypeFor.
  virtual bool keeps_its_own(const Type& /*type*/) const { return true; }
  /// Behind CREATE TABLE …( … ).
  virtual std::string_view table_options() const { return ""; }
  /// What CREATE TABLE says of the column that counts by itself, where that is no statement of its own; empty: nothing.
  virtual std::string CounterInCreate(const CatalogTable& /*table*/,
                                      const CatalogCounter& /*counter*/,
                                      const CatalogOrigin& /*origin*/) const {
    return "";
  }
  /// Whether CREATE TABLE is the one place for foreign keys.
  virtual bool creates_with_foreign_keys() const { return false; }
  /// See Catalog. Types of other systems' columns are those of TypeFor.
  virtual std::vector<CatalogStatement> StatementsAfterLoad(const CatalogTable& table,
                                                            const CatalogOrigin& origin) const = 0;
  /// `CREATE TEMPORARY TABLE` for rows that are merged at once.
  virtual std::string CreateTemporary(const std::string& table, const std::string& columns) const;
  /// Behind INSERT INTO target (columns) SELECT …: rows whose key is there replace what it has.
  virtual std::string OnConflictUpdate(const Names& columns, const Names& key) const = 0;
  /// The same, and rows whose key is there are left out: `target` keeps what it has.
  virtual std::string OnConflictIgnore(const std::string& target, const Names& key) const = 0;
  /// Takes all rows out of a table, as a part of a transaction.
  virtual std::string Empty(const std::string& target) const { return "DELETE FROM " + target; }
  /// Deletes from `target` what has a key of `keys`, a select of the key's columns.
  virtual std::string DeleteKeys(const std::string& target, const Names& key,
                                 const std::string& keys) const = 0;

  /// Whether DROP TABLE takes part in transactions.
  virtual bool drops_in_transactions() const { return true; }
  /// Begins a transaction whose durability somebody else sees to: Seal.
  virtual std::string BeginLoading() const { return "BEGIN"; }
  /// Begins one that is durable when it has ended.
  virtual std::string Begin() const { return "BEGIN"; }
  /// Makes durable what BeginLoading's transactions wrote to a stage, and says at the table what it is; in a transaction of Begin's.
  virtual std::string Seal(const std::string& /*stage*/, std::string_view /*what*/) const {
    return "";
  }
  /// Behind a select: nobody else may have these rows before the transaction's end.
  virtual std::string_view for_update() const { return " FOR UPDATE"; }
};

}  // namespace streampark::connectors::sql
