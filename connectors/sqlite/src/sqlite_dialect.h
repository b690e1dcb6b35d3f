// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/connectors/sql/dialect.h"

namespace streampark::connectors::sqlite {

class SqliteDialect final : public sql::Dialect {
 public:
  using Dialect::Quote;
  std::string Quote(std::string_view identifier) const override;
  base::Result<std::string> Literal(const sql::NativeColumn& column,
                                    std::string_view text) const override;
  std::string KeyAsText(const sql::NativeColumn& column) const override;
  base::Result<std::string> Reading(const sql::NativeColumn& column,
                                    const Type& wanted) const override;
  std::string Skip(std::int64_t rows) const override;
  base::Result<std::string> TypeFor(const Type& type, KeyPart part) const override;
  /// What is declared DECIMAL is kept as a double.
  bool keeps_its_own(const Type& type) const override { return type.kind() != TypeKind::kDecimal; }
  std::string CounterInCreate(const CatalogTable& table, const CatalogCounter& counter,
                              const CatalogOrigin& origin) const override;
  bool creates_with_foreign_keys() const override { return true; }
  std::vector<CatalogStatement> StatementsAfterLoad(const CatalogTable& table,
                                                    const CatalogOrigin& origin) const override;
  std::string OnConflictUpdate(const sql::Names& columns, const sql::Names& key) const override;
  std::string OnConflictIgnore(const std::string& target, const sql::Names& key) const override;
  std::string DeleteKeys(const std::string& target, const sql::Names& key,
                         const std::string& keys) const override;
  /// One session writes at a time, so it takes its turn before it reads what it decides by.
  std::string BeginLoading() const override { return "BEGIN IMMEDIATE"; }
  std::string Begin() const override { return "BEGIN IMMEDIATE"; }
  std::string_view for_update() const override { return ""; }
};

}  // namespace streampark::connectors::sqlite
