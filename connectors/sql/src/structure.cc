// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sql/structure.h"

#include <algorithm>
#include <charconv>

#include "streampark/base/check.h"
#include "streampark/base/digest.h"

namespace streampark::connectors::sql {
namespace {

std::string Joined(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) {
    joined += (joined.empty() ? "" : "_") + name;
  }
  return joined;
}

}  // namespace

std::string NameAt(const CatalogTable& table, const CatalogOrigin& origin, const std::string& name,
                   const std::vector<std::string>& columns, Kin kin, std::size_t most) {
  const std::string& here = table.id.table;
  const std::string& there = origin.id.table;
  std::string chosen = name.empty() ? there + "_" + Joined(columns) : name;
  if (chosen.starts_with(there + "_")) {
    chosen = here + chosen.substr(there.size());
  } else if (here != there || kin == Kin::kOther) {
    chosen = here + "_" + chosen;
  }
  if (chosen.size() > most) {
    // A character is not cut in two.
    std::size_t end = most - 9;
    while (end > 0 && (static_cast<unsigned char>(chosen[end]) & 0xc0U) == 0x80U) {
      --end;
    }
    chosen = chosen.substr(0, end) + "_" + base::Sha256Hex(chosen).substr(0, 8);
  }
  return chosen;
}

std::string WhatOf(const CatalogIndex& index, const std::string& name) {
  return (index.kind == CatalogIndex::Kind::kUnique ? "the unique index " : "the index ") + name;
}

std::string PartsOf(const Dialect& dialect, const CatalogIndex& index) {
  std::string listed;
  for (const CatalogIndex::Part& part : index.parts) {
    listed += (listed.empty() ? "(" : ", ") + dialect.Quote(part.column);
    listed += part.direction == CatalogIndex::Part::Direction::kDown ? " DESC" : "";
  }
  return listed + ")";
}

std::string ForeignKeyWords(const Dialect& dialect, const CatalogForeignKey& key,
                            const TableName& to, Kin kin) {
  std::string words = "FOREIGN KEY (" + dialect.QuoteAll(key.columns) + ") REFERENCES " +
                      dialect.Quote(to) + " (" + dialect.QuoteAll(key.to_columns) + ")";
  words += key.on_update == "NO ACTION" ? "" : " ON UPDATE " + key.on_update;
  words += key.on_delete == "NO ACTION" ? "" : " ON DELETE " + key.on_delete;
  return kin == Kin::kSame && !key.native.empty() ? words + " " + key.native : words;
}

const CatalogColumn& ColumnOf(const CatalogTable& table, const std::string& name) {
  const auto found = std::ranges::find(table.columns, name, &CatalogColumn::name);
  SP_CHECK(found != table.columns.end());
  return *found;
}

bool IsCounted(const CatalogTable& table, const CatalogCounter& counter) {
  const auto& type = ColumnOf(table, counter.column).type;
  return type && (type->kind() == TypeKind::kInt8 || type->kind() == TypeKind::kInt16 ||
                  type->kind() == TypeKind::kInt32 || type->kind() == TypeKind::kInt64);
}

std::optional<std::int64_t> NumberIn(const std::optional<std::string>& text) {
  std::int64_t value = 0;
  if (!text ||
      std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace streampark::connectors::sql
