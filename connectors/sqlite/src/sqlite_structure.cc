// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <map>

#include "streampark/connectors/sql/structure.h"

#include "sqlite_dialect.h"
#include "sqlite_session.h"

/// Counters, indexes and foreign keys of SQLite, and what makes them. Foreign keys are said in CREATE TABLE alone, and are checked by those who turn
/// that on.
namespace streampark::connectors::sqlite {
namespace {

using sql::Dialect;
using sql::Kin;
using sql::Names;
using sql::TableName;
using sql::TextRow;

constexpr std::size_t kLongestName = 200;

std::string InUpper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// Of CREATE INDEX what follows the table's name: from the first parenthesis outside of quotes.
std::string PartsIn(const std::string& statement) {
  char quote = 0;
  for (std::size_t i = 0; i < statement.size(); ++i) {
    const char c = statement[i];
    if (quote != 0) {
      quote = c == quote ? '\0' : quote;
    } else if (c == '"' || c == '`' || c == '\'') {
      quote = c;
    } else if (c == '[') {
      quote = ']';
    } else if (c == '(') {
      return statement.substr(i);
    }
  }
  return "";
}

std::string SchemaIn(const CatalogTable& table) {
  return table.id.schema.empty() ? "main" : table.id.schema;
}

bool IsKeyAlone(const CatalogTable& table, const std::string& column) {
  return table.key.size() == 1 && table.key[0] == column;
}

void AddIndex(const Dialect& dialect, const CatalogTable& table, const CatalogIndex& index,
              const CatalogOrigin& origin, Kin kin, std::vector<CatalogStatement>& out) {
  const std::string name = sql::NameAt(table, origin, index.name, index.columns, kin, kLongestName);
  CatalogStatement statement{.what = sql::WhatOf(index, name)};
  const bool native = kin == Kin::kSame && !index.native.empty();
  if (!native && !index.only_here.empty()) {
    statement.lost = index.only_here;
  } else {
    statement.lost = native ? "" : index.detail;
    // The index's own name has the schema, its table's has none.
    statement.text = std::string(index.kind == CatalogIndex::Kind::kUnique ? "CREATE UNIQUE INDEX "
                                                                           : "CREATE INDEX ") +
                     dialect.Quote(TableName{table.id.schema, name}) + " ON " +
                     dialect.Quote(table.id.table) + " " +
                     (native ? index.native : PartsOf(dialect, index));
  }
  statement.done = "SELECT 1 FROM " + dialect.Quote(SchemaIn(table)) +
                   ".sqlite_master WHERE type = 'index' AND name = " + Dialect::QuoteText(name) +
                   " AND tbl_name = " + Dialect::QuoteText(table.id.table);
  out.push_back(std::move(statement));
}

void AddCounter(const Dialect& dialect, const CatalogTable& table, const CatalogCounter& counter,
                const CatalogOrigin& origin, std::vector<CatalogStatement>& out) {
  CatalogStatement made{.what = "the counter of " + counter.column};
  if (!IsKeyAlone(table, counter.column) || !sql::IsCounted(table, counter)) {
    made.lost = "SQLite counts in a primary key of one whole number alone";
    out.push_back(std::move(made));
    return;
  }
  if (dialect.CounterInCreate(table, counter, origin).empty()) {
    return;  // a row without it gets the next one by itself
  }
  const std::string sequence = dialect.Quote(SchemaIn(table)) + ".sqlite_sequence";
  const std::string name = Dialect::QuoteText(table.id.table);
  const std::string last = std::to_string(std::max<std::int64_t>(counter.next, 1) - 1);
  const std::string what = "the next value of " + counter.column;
  out.push_back(
      {.what = what,
       .text = "INSERT INTO " + sequence + " (name, seq) VALUES (" + name + ", " + last + ")",
       .done = "SELECT 1 FROM " + sequence + " WHERE name = " + name});
  out.push_back(
      {.what = what,
       .text = "UPDATE " + sequence + " SET seq = max(seq, " + last + ") WHERE name = " + name});
  if (counter.step != 1) {
    out.back().lost = "it counts by " + std::to_string(counter.step) + " there and by 1 here";
  }
}

}  // namespace

base::Status SqliteSession::DescribeStructure(CatalogTable& described) {
  const std::string schema = SchemaIn(described);
  const std::string quoted = Dialect::QuoteText(schema);
  const std::string table = Dialect::QuoteText(described.id.table);
  const std::string master = SqliteDialect().Quote(schema) + ".sqlite_master";
  const auto made =
      SP_TRY(Query("SELECT sql FROM " + master + " WHERE type = 'table' AND name = " + table));
  const std::string words = InUpper(made.empty() ? "" : made[0].at(0).value_or(""));
  if (described.key.size() == 1 && words.find("WITHOUT ROWID") == std::string::npos) {
    const std::string& key = described.key[0];
    const auto column = std::ranges::find(described.columns, key, &CatalogColumn::name);
    if (column != described.columns.end() && InUpper(column->native) == "INTEGER") {
      CatalogCounter counter{.column = key};
      if (words.find("AUTOINCREMENT") != std::string::npos) {
        counter.native = "AUTOINCREMENT";
        const auto last = SP_TRY(Query("SELECT seq FROM " + SqliteDialect().Quote(schema) +
                                       ".sqlite_sequence WHERE name = " + table));
        counter.next = last.empty() ? 1 : sql::NumberIn(last[0].at(0)).value_or(0) + 1;
      }
      described.counters.push_back(std::move(counter));
    }
  }
  for (const TextRow& row :
       SP_TRY(Query("SELECT l.name, l.\"unique\", l.origin, l.partial, m.sql FROM "
                    "pragma_index_list(" +
                    table + ", " + quoted + ") l LEFT JOIN " + master +
                    " m ON m.type = 'index' AND m.name = l.name WHERE l.origin <> 'pk' ORDER BY "
                    "l.name"))) {
    CatalogIndex index;
    const std::string name = row.at(0).value_or("");
    index.name = row.at(2) == "c" ? name : "";  // names of its own begin with sqlite_
    index.kind = row.at(1) == "1" ? CatalogIndex::Kind::kUnique : CatalogIndex::Kind::kPlain;
    index.native = PartsIn(row.at(4).value_or(""));
    bool expression = false;
    for (const TextRow& part : SP_TRY(Query("SELECT name, desc, coll FROM pragma_index_xinfo(" +
                                            Dialect::QuoteText(name) + ", " + quoted +
                                            ") WHERE key = 1 ORDER BY seqno"))) {
      using Direction = CatalogIndex::Part::Direction;
      index.parts.push_back(
          {part.at(0).value_or(""), part.at(1) == "1" ? Direction::kDown : Direction::kUp});
      expression = expression || !part.at(0);
      if (part.at(2) && part.at(2) != "BINARY") {
        index.detail = "COLLATE " + *part.at(2);
      }
      if (part.at(0)) {
        index.columns.push_back(*part.at(0));
      }
    }
    const bool partial = row.at(3) == "1";
    index.expressions =
        expression || partial ? CatalogIndex::Expressions::kSome : CatalogIndex::Expressions::kNone;
    index.only_here = expression ? "it has an expression"
                      : partial  ? "it is of a part of the rows alone"
                                 : "";
    described.indexes.push_back(std::move(index));
  }
  std::map<std::string, CatalogForeignKey> keys;
  for (const TextRow& row :
       SP_TRY(Query("SELECT id, \"table\", \"from\", \"to\", on_update, on_delete FROM "
                    "pragma_foreign_key_list(" +
                    table + ", " + quoted + ") ORDER BY id, seq"))) {
    CatalogForeignKey& key = keys[row.at(0).value_or("")];
    key.to = {.schema = schema, .table = row.at(1).value_or("")};
    key.columns.push_back(row.at(2).value_or(""));
    if (row.at(3)) {
      key.to_columns.push_back(*row.at(3));
    }
    key.on_update = row.at(4).value_or("NO ACTION");
    key.on_delete = row.at(5).value_or("NO ACTION");
  }
  for (auto& [id, key] : keys) {
    if (key.to_columns.empty()) {  // the other's primary key
      key.to_columns = SP_TRY(PrimaryKey({key.to.schema, key.to.table}));
      key.refusal =
          key.to_columns.size() == key.columns.size() ? "" : "what it refers to has no key";
    }
    described.foreign_keys.push_back(std::move(key));
  }
  return base::Ok();
}

std::string SqliteDialect::CounterInCreate(const CatalogTable& table, const CatalogCounter& counter,
                                           const CatalogOrigin& origin) const {
  // Between two files as it was: without the word the next value is behind the largest that is there.
  const bool wanted = origin.family != "sqlite" || counter.native == "AUTOINCREMENT";
  return wanted && IsKeyAlone(table, counter.column) && sql::IsCounted(table, counter)
             ? " PRIMARY KEY AUTOINCREMENT"
             : "";
}

std::vector<CatalogStatement> SqliteDialect::StatementsAfterLoad(
    const CatalogTable& table, const CatalogOrigin& origin) const {
  const Kin kin = origin.family == "sqlite" ? Kin::kSame : Kin::kOther;
  std::vector<CatalogStatement> statements;
  for (const CatalogIndex& index : table.indexes) {
    AddIndex(*this, table, index, origin, kin, statements);
  }
  for (const CatalogCounter& counter : table.counters) {
    AddCounter(*this, table, counter, origin, statements);
  }
  for (const CatalogForeignKey& key : table.foreign_keys) {
    const std::string lost = key.refusal.empty() ? key.native : key.refusal;
    if (!lost.empty()) {
      statements.push_back(
          {.what = "the foreign key " +
                   sql::NameAt(table, origin, key.name, key.columns, kin, kLongestName),
           .lost = lost,
           .turn = CatalogStatement::Turn::kForeignKey});
    }
  }
  return statements;
}

}  // namespace streampark::connectors::sqlite
