// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "streampark/connectors/catalog.h"
#include "streampark/connectors/sql/dialect.h"

/// Words for indexes and foreign keys that databases share (ADR 37).
namespace streampark::connectors::sql {

/// Whether a table is described by a database of the same kind.
enum class Kin : std::uint8_t { kSame, kOther };

/// The name of what belongs to `table`, which had `name` where it comes from: as it was, with the target's name in the place of its table's, or
/// behind it, so that no two of a schema are the same. `columns` name what has no name. At most `most` bytes, by a digest at the end.
std::string NameAt(const CatalogTable& table, const CatalogOrigin& origin, const std::string& name,
                   const std::vector<std::string>& columns, Kin kin, std::size_t most);
/// `the unique index orders_no_key`
std::string WhatOf(const CatalogIndex& index, const std::string& name);
/// `(a, b DESC)`
std::string PartsOf(const Dialect& dialect, const CatalogIndex& index);
/// `FOREIGN KEY (a) REFERENCES "t" (b) ON DELETE CASCADE`, with what only this kind says where they are of one.
std::string ForeignKeyWords(const Dialect& dialect, const CatalogForeignKey& key,
                            const TableName& to, Kin kin);
const CatalogColumn& ColumnOf(const CatalogTable& table, const std::string& name);
/// Whether it can count here: it is a whole number of up to 64 bits.
bool IsCounted(const CatalogTable& table, const CatalogCounter& counter);
std::optional<std::int64_t> NumberIn(const std::optional<std::string>& text);

}  // namespace streampark::connectors::sql
