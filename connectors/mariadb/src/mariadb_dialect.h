// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/connectors/sql/dialect.h"

namespace streampark::connectors::mariadb {

class MariadbDialect final : public sql::Dialect {
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
  std::string CounterInCreate(const CatalogTable& table, const CatalogCounter& counter,
                              const CatalogOrigin& origin) const override;
  std::vector<CatalogStatement> StatementsAfterLoad(const CatalogTable& table,
                                                    const CatalogOrigin& origin) const override;
  std::string_view table_options() const override;
  std::string CreateTemporary(const std::string& table, const std::string& columns) const override;
  std::string OnConflictUpdate(const sql::Names& columns, const sql::Names& key) const override;
  std::string OnConflictIgnore(const std::string& target, const sql::Names& key) const override;
  std::string DeleteKeys(const std::string& target, const sql::Names& key,
                         const std::string& keys) const override;
  bool drops_in_transactions() const override { return false; }
};

}  // namespace streampark::connectors::mariadb
