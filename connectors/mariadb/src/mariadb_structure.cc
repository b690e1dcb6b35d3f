// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "streampark/connectors/sql/structure.h"

#include "mariadb_dialect.h"
#include "mariadb_session.h"

/// Counters, indexes and foreign keys of MariaDB, and what makes them.
namespace streampark::connectors::mariadb {
namespace {

using sql::Dialect;
using sql::Kin;
using sql::Names;
using sql::TableName;
using sql::TextRow;

constexpr std::size_t kLongestName = 64;
/// Of a text without a length, where the index is not unique.
constexpr const char* kIndexedCharacters = "(191)";

std::string WhereIn(const TableId& table, const std::string& prefix) {
  return " WHERE " + prefix +
         "_SCHEMA = " + (table.schema.empty() ? "DATABASE()" : Dialect::QuoteText(table.schema)) +
         " AND TABLE_NAME = " + Dialect::QuoteText(table.table);
}

std::string Own(const Dialect& dialect, const CatalogTable& table) {
  return dialect.Quote(TableName{table.id.schema, table.id.table});
}

/// A text or bytes that became a type without a length.
bool IsLong(const Dialect& dialect, const CatalogTable& table, const std::string& column) {
  const auto& type = sql::ColumnOf(table, column).type;
  if (!type || std::ranges::find(table.key, column) != table.key.end()) {
    return false;
  }
  const auto chosen = dialect.TypeFor(*type, Dialect::KeyPart::kNo);
  return chosen.ok() && chosen->starts_with("long");
}

bool RefersBy(const CatalogTable& table, const std::string& column) {
  return std::ranges::any_of(table.foreign_keys, [&](const CatalogForeignKey& key) {
    return key.refusal.empty() && std::ranges::find(key.columns, column) != key.columns.end();
  });
}

void AddIndex(const Dialect& dialect, const CatalogTable& table, const CatalogIndex& index,
              const CatalogOrigin& origin, Kin kin, std::vector<CatalogStatement>& out) {
  const std::string name = sql::NameAt(table, origin, index.name, index.columns, kin, kLongestName);
  CatalogStatement statement{.what = sql::WhatOf(index, name)};
  const bool native = kin == Kin::kSame && !index.native.empty();
  const bool unique = index.kind == CatalogIndex::Kind::kUnique;
  std::string kind = unique ? "UNIQUE INDEX" : "INDEX";
  std::string parts;
  if (native) {
    kind = index.native_kind;
    parts = index.native;
  } else if (!index.only_here.empty()) {
    statement.lost = index.only_here;
  } else if (kin == Kin::kSame && !index.detail.empty()) {
    statement.lost = index.detail + ", and its columns have other names";
  } else {
    statement.lost = index.detail;
    for (const CatalogIndex::Part& part : index.parts) {
      parts += (parts.empty() ? "(" : ", ") + dialect.Quote(part.column);
      if (kin == Kin::kOther && !unique && IsLong(dialect, table, part.column) &&
          !RefersBy(table, part.column)) {
        parts += kIndexedCharacters;
        statement.lost = "it is over the beginnings of " + part.column + " alone";
      }
      parts += part.direction == CatalogIndex::Part::Direction::kDown ? " DESC" : "";
    }
    parts += ")";
  }
  if (!parts.empty()) {
    statement.text = "ALTER TABLE " + Own(dialect, table) + " ADD " + kind + " " +
                     dialect.Quote(name) + " " + parts;
  }
  statement.done = "SELECT 1 FROM information_schema.STATISTICS" + WhereIn(table.id, "TABLE") +
                   " AND INDEX_NAME = " + Dialect::QuoteText(name);
  out.push_back(std::move(statement));
}

bool LeadsKey(const CatalogTable& table, const std::string& column) {
  return !table.key.empty() && table.key[0] == column;
}

void AddCounter(const Dialect& dialect, const CatalogTable& table, const CatalogCounter& counter,
                Kin kin, std::vector<CatalogStatement>& out) {
  CatalogStatement made{.what = "the counter of " + counter.column};
  const CatalogColumn& column = sql::ColumnOf(table, counter.column);
  const bool leads_index = std::ranges::any_of(table.indexes, [&](const CatalogIndex& index) {
    return (kin == Kin::kSame || index.only_here.empty()) && !index.parts.empty() &&
           index.parts[0].column == counter.column;
  });
  if (&counter != table.counters.data()) {
    made.lost = "MariaDB has one a table";
  } else if (kin == Kin::kOther && !sql::IsCounted(table, counter)) {
    made.lost = "MariaDB counts in whole numbers of up to 64 bits alone";
  } else if (!LeadsKey(table, counter.column) && !leads_index) {
    made.lost = "MariaDB counts in the first column of an index alone";
  }
  if (!made.lost.empty()) {
    out.push_back(std::move(made));
    return;
  }
  if (!LeadsKey(table, counter.column)) {
    std::string type = column.native;
    if (kin == Kin::kOther) {
      type = dialect.TypeFor(*column.type, Dialect::KeyPart::kNo).value_or("bigint");
    }
    made.text = "ALTER TABLE " + Own(dialect, table) + " MODIFY " + dialect.Quote(counter.column) +
                " " + type + " NOT NULL AUTO_INCREMENT";
    made.done = "SELECT 1 FROM information_schema.COLUMNS" + WhereIn(table.id, "TABLE") +
                " AND COLUMN_NAME = " + Dialect::QuoteText(counter.column) +
                " AND EXTRA LIKE '%auto_increment%'";
    out.push_back(std::move(made));
  }
  CatalogStatement next{.what = "the next value of " + counter.column};
  if (counter.next > 0) {
    // The server takes the largest value that is there, where that is more.
    next.text =
        "ALTER TABLE " + Own(dialect, table) + " AUTO_INCREMENT = " + std::to_string(counter.next);
  }
  if (counter.step != 1) {
    next.lost = "it counts by " + std::to_string(counter.step) + " there and by 1 here";
  }
  if (!next.text.empty() || !next.lost.empty()) {
    out.push_back(std::move(next));
  }
}

void AddForeignKey(const Dialect& dialect, const CatalogTable& table, const CatalogForeignKey& key,
                   const CatalogOrigin& origin, Kin kin, std::vector<CatalogStatement>& out) {
  const std::string name = sql::NameAt(table, origin, key.name, key.columns, kin, kLongestName);
  CatalogStatement statement{.what = "the foreign key " + name,
                             .lost = key.refusal,
                             .turn = CatalogStatement::Turn::kForeignKey};
  if (key.on_update == "SET DEFAULT" || key.on_delete == "SET DEFAULT") {
    statement.lost = "InnoDB has no SET DEFAULT";
  }
  if (statement.lost.empty()) {
    statement.text = "ALTER TABLE " + Own(dialect, table) + " ADD CONSTRAINT " +
                     dialect.Quote(name) + " " +
                     ForeignKeyWords(dialect, key, {key.to.schema, key.to.table}, kin);
    statement.lost = key.native;
  }
  statement.done = "SELECT 1 FROM information_schema.REFERENTIAL_CONSTRAINTS" +
                   WhereIn(table.id, "CONSTRAINT") +
                   " AND CONSTRAINT_NAME = " + Dialect::QuoteText(name);
  out.push_back(std::move(statement));
}

}  // namespace

base::Status MariadbSession::DescribeStructure(CatalogTable& described) {
  for (const TextRow& row :
       SP_TRY(Query("SELECT c.COLUMN_NAME, t.AUTO_INCREMENT FROM information_schema.COLUMNS c JOIN "
                    "information_schema.TABLES t USING (TABLE_SCHEMA, TABLE_NAME)" +
                    WhereIn(described.id, "TABLE") + " AND c.EXTRA LIKE '%auto_increment%'"))) {
    described.counters.push_back({.column = row.at(0).value_or(""),
                                  .native = "AUTO_INCREMENT",
                                  .next = sql::NumberIn(row.at(1)).value_or(1)});
  }
  for (const TextRow& row : SP_TRY(
           Query("SELECT INDEX_NAME, NON_UNIQUE, COLUMN_NAME, COLLATION, SUB_PART, INDEX_TYPE FROM "
                 "information_schema.STATISTICS" +
                 WhereIn(described.id, "TABLE") +
                 " AND INDEX_NAME <> 'PRIMARY' ORDER BY INDEX_NAME, SEQ_IN_INDEX"))) {
    const std::string type = row.at(5).value_or("");
    if (described.indexes.empty() || described.indexes.back().name != row.at(0)) {
      CatalogIndex index{.name = row.at(0).value_or("")};
      const bool unique = row.at(1) == "0";
      index.kind = unique ? CatalogIndex::Kind::kUnique : CatalogIndex::Kind::kPlain;
      const bool special = type == "FULLTEXT" || type == "SPATIAL" || type == "VECTOR";
      index.native_kind = special ? type + " INDEX" : unique ? "UNIQUE INDEX" : "INDEX";
      index.only_here = special ? "its kind is " + type : "";
      described.indexes.push_back(std::move(index));
    }
    CatalogIndex& index = described.indexes.back();
    using Direction = CatalogIndex::Part::Direction;
    const std::string column = row.at(2).value_or("");
    const bool down = row.at(3) == "D";
    index.columns.push_back(column);
    index.parts.push_back({column, down ? Direction::kDown : Direction::kUp});
    index.native += (index.native.empty() ? "(" : ", ") + MariadbDialect().Quote(column);
    if (row.at(4) && index.native_kind != "SPATIAL INDEX") {
      index.native += "(" + *row.at(4) + ")";
      index.detail = "it is over beginnings of columns";
      if (index.kind == CatalogIndex::Kind::kUnique) {
        index.only_here = "it is unique in the first " + *row.at(4) + " of " + column;
      }
    }
    index.native += down ? " DESC" : "";
  }
  for (CatalogIndex& index : described.indexes) {
    index.native += ")";
  }
  for (const TextRow& row : SP_TRY(Query(
           "SELECT r.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_SCHEMA, "
           "k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME, r.UPDATE_RULE, r.DELETE_RULE FROM "
           "(SELECT * FROM information_schema.REFERENTIAL_CONSTRAINTS" +
           WhereIn(described.id, "CONSTRAINT") +
           ") r JOIN information_schema.KEY_COLUMN_USAGE k ON k.CONSTRAINT_SCHEMA = "
           "r.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = r.CONSTRAINT_NAME AND k.TABLE_NAME = "
           "r.TABLE_NAME ORDER BY r.CONSTRAINT_NAME, k.ORDINAL_POSITION"))) {
    if (described.foreign_keys.empty() || described.foreign_keys.back().name != row.at(0)) {
      described.foreign_keys.push_back(
          {.name = row.at(0).value_or(""),
           .columns = {},
           .to = {.schema = row.at(2).value_or(""), .table = row.at(3).value_or("")},
           .to_columns = {},
           .on_update = row.at(5).value_or("NO ACTION"),
           .on_delete = row.at(6).value_or("NO ACTION")});
    }
    described.foreign_keys.back().columns.push_back(row.at(1).value_or(""));
    described.foreign_keys.back().to_columns.push_back(row.at(4).value_or(""));
  }
  return base::Ok();
}

std::string MariadbDialect::CounterInCreate(const CatalogTable& table,
                                            const CatalogCounter& counter,
                                            const CatalogOrigin& origin) const {
  const bool counted = origin.family == "mariadb" || sql::IsCounted(table, counter);
  return counted && LeadsKey(table, counter.column) && &counter == table.counters.data()
             ? " AUTO_INCREMENT"
             : "";
}

std::vector<CatalogStatement> MariadbDialect::StatementsAfterLoad(
    const CatalogTable& table, const CatalogOrigin& origin) const {
  const Kin kin = origin.family == "mariadb" ? Kin::kSame : Kin::kOther;
  std::vector<CatalogStatement> statements;
  for (const CatalogIndex& index : table.indexes) {
    AddIndex(*this, table, index, origin, kin, statements);
  }
  for (const CatalogCounter& counter : table.counters) {
    AddCounter(*this, table, counter, kin, statements);
  }
  for (const CatalogForeignKey& key : table.foreign_keys) {
    AddForeignKey(*this, table, key, origin, kin, statements);
  }
  return statements;
}

}  // namespace streampark::connectors::mariadb
