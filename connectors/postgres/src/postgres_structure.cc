// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "streampark/connectors/sql/structure.h"

#include "postgres_dialect.h"
#include "postgres_session.h"

/// Counters, indexes and foreign keys of PostgreSQL, and what makes them.
namespace streampark::connectors::postgres {
namespace {

using sql::Dialect;
using sql::Kin;
using sql::TableName;
using sql::TextRow;

/// The server cuts names behind it.
constexpr std::size_t kLongestName = 63;

bool IsTrue(const std::optional<std::string>& value) { return value == "t"; }

/// Identity columns, and those of `serial`: a sequence of the column's own, and a default that takes from it.
std::string SelectCounters(const std::string& relation) {
  return "SELECT a.attname, a.attidentity, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, "
         "s.seqcache, s.seqcycle, s.seqrelid::regclass::text, has_sequence_privilege(s.seqrelid, "
         "'SELECT') FROM pg_depend d JOIN pg_sequence s ON s.seqrelid = d.objid JOIN pg_attribute "
         "a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid LEFT JOIN pg_attrdef f ON "
         "f.adrelid = a.attrelid AND f.adnum = a.attnum WHERE d.classid = 'pg_class'::regclass AND "
         "d.refclassid = 'pg_class'::regclass AND d.refobjid = " +
         relation +
         " AND (d.deptype = 'i' OR (d.deptype = 'a' AND pg_get_expr(f.adbin, f.adrelid) LIKE "
         "'nextval(%')) ORDER BY a.attnum";
}

/// A row a column of an index: those of expressions have no name.
std::string SelectIndexes(const std::string& relation) {
  return "SELECT c.relname, i.indisunique, m.amname, k.n <= i.indnkeyatts, a.attname, "
         "coalesce(i.indoption[k.n - 1] & 1, 0), i.indexprs IS NOT NULL, i.indpred IS NOT NULL, "
         "pg_get_constraintdef(o.oid), o.contype, substr(pg_get_indexdef(i.indexrelid), "
         "length(format('CREATE %sINDEX %I ON %s%I.%I ', CASE WHEN i.indisunique THEN 'UNIQUE ' "
         "ELSE '' END, c.relname, CASE WHEN c.relkind = 'I' THEN 'ONLY ' ELSE '' END, n.nspname, "
         "t.relname)) + 1), i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
         "JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace JOIN "
         "pg_am m ON m.oid = c.relam CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS "
         "k(attribute, n) LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = "
         "k.attribute AND k.attribute <> 0 LEFT JOIN pg_constraint o ON o.conindid = i.indexrelid "
         "AND o.contype IN ('u', 'x') WHERE NOT i.indisprimary AND i.indrelid = " +
         relation + " ORDER BY c.relname, k.n";
}

std::string SelectForeignKeys(const std::string& relation) {
  return "SELECT o.conname, a.attname, n.nspname, t.relname, b.attname, o.confupdtype, "
         "o.confdeltype, o.confmatchtype, o.condeferrable, o.condeferred, o.convalidated, "
         "pg_get_constraintdef(o.oid) ~ 'ON DELETE SET (NULL|DEFAULT) \\(' FROM pg_constraint o "
         "CROSS JOIN LATERAL unnest(o.conkey, o.confkey) WITH ORDINALITY AS k(own, other, n) JOIN "
         "pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.own JOIN pg_attribute b ON "
         "b.attrelid = o.confrelid AND b.attnum = k.other JOIN pg_class t ON t.oid = o.confrelid "
         "JOIN pg_namespace n ON n.oid = t.relnamespace WHERE o.contype = 'f' AND o.conparentid = "
         "0 AND o.conrelid = " +
         relation + " ORDER BY o.conname, k.n";
}

std::string ActionOf(const std::optional<std::string>& letter) {
  const std::string action = letter.value_or("a");
  return action == "r"   ? "RESTRICT"
         : action == "c" ? "CASCADE"
         : action == "n" ? "SET NULL"
         : action == "d" ? "SET DEFAULT"
                         : "NO ACTION";
}

CatalogIndex IndexOf(const TextRow& row) {
  CatalogIndex index{.name = row.at(0).value_or("")};
  const std::string method = row.at(2).value_or("");
  const bool expressions = IsTrue(row.at(6));
  const bool partial = IsTrue(row.at(7));
  index.kind = IsTrue(row.at(1)) ? CatalogIndex::Kind::kUnique : CatalogIndex::Kind::kPlain;
  index.native_kind = row.at(8) ? "CONSTRAINT" : row.at(1) == "t" ? "UNIQUE INDEX" : "INDEX";
  index.native = row.at(8) ? *row.at(8) : row.at(10).value_or("");
  index.expressions =
      expressions || partial ? CatalogIndex::Expressions::kSome : CatalogIndex::Expressions::kNone;
  index.only_here = row.at(9) == "x"    ? "it is an exclusion constraint"
                    : expressions       ? "it has an expression"
                    : partial           ? "it is of a part of the rows alone"
                    : method != "btree" ? "its method is " + method
                    : index.native.find("NULLS NOT DISTINCT") != std::string::npos
                        ? "nulls are equal in it"
                        : "";
  return index;
}

/// Whether its words are its columns and no more, but for quotes.
bool IsSaidByParts(const CatalogIndex& index) {
  std::string parts;
  for (const CatalogIndex::Part& part : index.parts) {
    parts += (parts.empty() ? "" : ", ") + part.column;
    parts += part.direction == CatalogIndex::Part::Direction::kDown ? " DESC" : "";
  }
  std::string words = index.native;
  std::erase(words, '"');
  return words == (index.native_kind == "CONSTRAINT" ? "UNIQUE (" : "USING btree (") + parts + ")";
}

std::string Own(const Dialect& dialect, const CatalogTable& table) {
  return dialect.Quote(TableName{table.id.schema, table.id.table});
}

void AddCounter(const Dialect& dialect, const CatalogTable& table, const CatalogCounter& counter,
                const CatalogOrigin& origin, Kin kin, std::vector<CatalogStatement>& out) {
  const std::string what = "the counter of " + counter.column;
  if (!sql::IsCounted(table, counter)) {
    const auto& type = sql::ColumnOf(table, counter.column).type;
    out.push_back({.what = what,
                   .lost = "PostgreSQL counts in whole numbers of up to 64 bits alone, and it is " +
                           (type ? type->ToString() : "something else")});
    return;
  }
  const std::string own = Own(dialect, table);
  const std::string column = dialect.Quote(counter.column);
  std::string words = kin == Kin::kSame ? counter.native : "GENERATED BY DEFAULT AS IDENTITY";
  std::string lost;
  if (words.starts_with("GENERATED ALWAYS") && origin.rows == CatalogOrigin::Rows::kByKey) {
    words.replace(0, std::string_view("GENERATED ALWAYS").size(), "GENERATED BY DEFAULT");
    lost = "ALWAYS: rows that are written by key name it";
  }
  out.push_back({.what = what,
                 .text = "ALTER TABLE " + own + " ALTER COLUMN " + column + " ADD " + words,
                 .done = "SELECT 1 FROM pg_attribute WHERE attidentity <> '' AND attname = " +
                         Dialect::QuoteText(counter.column) +
                         " AND attrelid = " + ClassOf({table.id.schema, table.id.table}),
                 .lost = lost});
  const bool up = counter.step >= 0;
  const std::string next = std::to_string(counter.next);
  out.push_back(
      {.what = "the next value of " + counter.column,
       .text = "SELECT setval(s.seqrelid::regclass, greatest(s.seqmin, least(s.seqmax, " +
               std::string(up ? "greatest(" : "least(") + next + ", (SELECT " +
               (up ? "max(" : "min(") + column + ")::bigint + s.seqincrement FROM " + own +
               ")))), false) FROM pg_sequence s WHERE s.seqrelid = pg_get_serial_sequence(" +
               Dialect::QuoteText(own) + ", " + Dialect::QuoteText(counter.column) +
               ")::regclass"});
}

void AddIndex(const Dialect& dialect, const CatalogTable& table, const CatalogIndex& index,
              const CatalogOrigin& origin, Kin kin, std::vector<CatalogStatement>& out) {
  const std::string name = sql::NameAt(table, origin, index.name, index.columns, kin, kLongestName);
  CatalogStatement statement{.what = sql::WhatOf(index, name)};
  const std::string own = Own(dialect, table);
  const bool native = kin == Kin::kSame && !index.native.empty();
  if (!native && !index.only_here.empty()) {
    statement.lost = index.only_here;
  } else if (native && index.native_kind == "CONSTRAINT") {
    statement.text =
        "ALTER TABLE " + own + " ADD CONSTRAINT " + dialect.Quote(name) + " " + index.native;
  } else {
    statement.lost = native ? "" : index.detail;
    const std::string kind = index.kind == CatalogIndex::Kind::kUnique ? "UNIQUE INDEX" : "INDEX";
    statement.text = "CREATE " + (native ? index.native_kind : kind) + " " + dialect.Quote(name) +
                     " ON " + own + " " + (native ? index.native : PartsOf(dialect, index));
  }
  statement.done =
      "SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE "
      "c.relname = " +
      Dialect::QuoteText(name) + " AND i.indrelid = " + ClassOf({table.id.schema, table.id.table});
  out.push_back(std::move(statement));
}

void AddForeignKey(const Dialect& dialect, const CatalogTable& table, const CatalogForeignKey& key,
                   const CatalogOrigin& origin, Kin kin, std::vector<CatalogStatement>& out) {
  const std::string name = sql::NameAt(table, origin, key.name, key.columns, kin, kLongestName);
  CatalogStatement statement{.what = "the foreign key " + name,
                             .lost = key.refusal,
                             .turn = CatalogStatement::Turn::kForeignKey};
  if (key.refusal.empty()) {
    statement.text = "ALTER TABLE " + Own(dialect, table) + " ADD CONSTRAINT " +
                     dialect.Quote(name) + " " +
                     ForeignKeyWords(dialect, key, {key.to.schema, key.to.table}, kin);
    statement.lost = kin == Kin::kSame ? "" : key.native;
  }
  statement.done = "SELECT 1 FROM pg_constraint WHERE conname = " + Dialect::QuoteText(name) +
                   " AND conrelid = " + ClassOf({table.id.schema, table.id.table});
  out.push_back(std::move(statement));
}

}  // namespace

base::Status PostgresSession::DescribeStructure(CatalogTable& described) {
  const std::string relation = ClassOf({described.id.schema, described.id.table});
  for (const TextRow& row : SP_TRY(Query(SelectCounters(relation)))) {
    CatalogCounter counter{.column = row.at(0).value_or("")};
    counter.native = std::string(row.at(1) == "a" ? "GENERATED ALWAYS" : "GENERATED BY DEFAULT") +
                     " AS IDENTITY (START " + row.at(2).value_or("1") + " INCREMENT " +
                     row.at(3).value_or("1") + " MINVALUE " + row.at(4).value_or("1") +
                     " MAXVALUE " + row.at(5).value_or("1") + " CACHE " + row.at(6).value_or("1") +
                     (IsTrue(row.at(7)) ? " CYCLE)" : ")");
    counter.next = sql::NumberIn(row.at(2)).value_or(1);
    counter.step = sql::NumberIn(row.at(3)).value_or(1);
    if (IsTrue(row.at(9))) {  // else what is there says where to go on
      const auto last =
          SP_TRY(Query("SELECT last_value, is_called FROM " + row.at(8).value_or("")));
      counter.next = sql::NumberIn(last.at(0).at(0)).value_or(counter.next);
      const bool room =
          counter.step > 0
              ? counter.next <= std::numeric_limits<std::int64_t>::max() - counter.step
              : counter.next >= std::numeric_limits<std::int64_t>::min() - counter.step;
      counter.next += IsTrue(last.at(0).at(1)) && room ? counter.step : 0;
    }
    described.counters.push_back(std::move(counter));
  }
  for (const TextRow& row : SP_TRY(Query(SelectIndexes(relation)))) {
    if (!IsTrue(row.at(11))) {
      continue;  // one that was never finished
    }
    if (described.indexes.empty() || described.indexes.back().name != row.at(0)) {
      described.indexes.push_back(IndexOf(row));
    }
    CatalogIndex& index = described.indexes.back();
    if (row.at(4)) {
      index.columns.push_back(*row.at(4));
    }
    if (IsTrue(row.at(3))) {
      using Direction = CatalogIndex::Part::Direction;
      index.parts.push_back(
          {row.at(4).value_or(""), row.at(5) == "1" ? Direction::kDown : Direction::kUp});
    }
  }
  for (CatalogIndex& index : described.indexes) {
    index.detail = IsSaidByParts(index) ? "" : index.native;
  }
  for (const TextRow& row : SP_TRY(Query(SelectForeignKeys(relation)))) {
    if (described.foreign_keys.empty() || described.foreign_keys.back().name != row.at(0)) {
      CatalogForeignKey key{
          .name = row.at(0).value_or(""),
          .columns = {},
          .to = {.schema = row.at(2).value_or(""), .table = row.at(3).value_or("")},
          .to_columns = {},
          .on_update = ActionOf(row.at(5)),
          .on_delete = ActionOf(row.at(6))};
      const auto add = [&](const char* words) {
        key.native += (key.native.empty() ? "" : " ") + std::string(words);
      };
      if (IsTrue(row.at(8))) {
        add("DEFERRABLE");
      }
      if (IsTrue(row.at(9))) {
        add("INITIALLY DEFERRED");
      }
      if (!IsTrue(row.at(10))) {
        add("NOT VALID");
      }
      key.refusal = row.at(7) == "f"     ? "it is MATCH FULL"
                    : IsTrue(row.at(11)) ? "it sets some of its columns alone"
                                         : "";
      described.foreign_keys.push_back(std::move(key));
    }
    described.foreign_keys.back().columns.push_back(row.at(1).value_or(""));
    described.foreign_keys.back().to_columns.push_back(row.at(4).value_or(""));
  }
  return base::Ok();
}

std::vector<CatalogStatement> PostgresDialect::StatementsAfterLoad(
    const CatalogTable& table, const CatalogOrigin& origin) const {
  const Kin kin = origin.family == "postgres" ? Kin::kSame : Kin::kOther;
  std::vector<CatalogStatement> statements;
  for (const CatalogIndex& index : table.indexes) {
    AddIndex(*this, table, index, origin, kin, statements);
  }
  for (const CatalogCounter& counter : table.counters) {
    AddCounter(*this, table, counter, origin, kin, statements);
  }
  for (const CatalogForeignKey& key : table.foreign_keys) {
    AddForeignKey(*this, table, key, origin, kin, statements);
  }
  return statements;
}

}  // namespace streampark::connectors::postgres
