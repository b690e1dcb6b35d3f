// SPDX-License-Identifier: Apache-2.0
#include "capture_catalog.h"

#include <algorithm>
#include <charconv>

#include "postgres_dialect.h"
#include "postgres_session.h"
#include "postgres_types.h"

namespace streampark::connectors::postgres {
namespace {

using sql::Dialect;
using sql::TextRow;

template <typename T>
T NumberIn(const TextRow& row, std::size_t column) {
  T value{};
  const std::string text = row.at(column).value_or("");
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

char LetterIn(const TextRow& row, std::size_t column) {
  const std::string text = row.at(column).value_or("");
  return text.empty() ? ' ' : text[0];
}

bool TruthIn(const TextRow& row, std::size_t column) { return row.at(column) == "t"; }

}  // namespace

bool LoggedTable::has_identity() const {
  return std::ranges::any_of(columns, [](const Column& column) { return column.identity; });
}

base::Result<std::optional<LoggedTable>> FindLoggedTable(sql::Session& session,
                                                         const sql::TableName& table) {
  const auto found = SP_TRY(session.Query(
      "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident FROM "
      "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = " +
      ClassOf(table)));
  if (found.empty()) {
    return std::optional<LoggedTable>();
  }
  LoggedTable logged;
  logged.oid = NumberIn<std::uint32_t>(found[0], 0);
  logged.name = {found[0].at(1).value_or(""), found[0].at(2).value_or("")};
  logged.kind = LetterIn(found[0], 3);
  logged.persistence = LetterIn(found[0], 4);
  logged.replica_identity = LetterIn(found[0], 5);
  const auto key_of = [](const std::string& index) {
    return "coalesce(a.attnum = ANY ((" + index + ".indkey::int2[])[0:" + index +
           ".indnkeyatts - 1]), false)";
  };
  const auto rows = SP_TRY(session.Query(
      "SELECT a.attname, a.atttypid, a.atttypmod, a.attnotnull, c.relreplident = 'f' OR " +
      key_of("i") + ", " + key_of("p") +
      ", a.attgenerated <> '' FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND "
      "a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_index p ON p.indrelid = c.oid AND "
      "p.indisprimary LEFT JOIN pg_index i ON i.indrelid = c.oid AND ((c.relreplident = 'd' AND "
      "i.indisprimary) OR (c.relreplident = 'i' AND i.indisreplident)) WHERE c.oid = " +
      std::to_string(logged.oid) + " ORDER BY a.attnum"));
  std::vector<sql::NativeColumn> natives;
  for (const TextRow& row : rows) {
    sql::NativeColumn& native = natives.emplace_back();
    native.name = row.at(0).value_or("");
    native.code = NumberIn<std::uint32_t>(row, 1);
    native.modifier = NumberIn<std::int32_t>(row, 2);
    native.nullability = TruthIn(row, 3) ? Nullability::kRequired : Nullability::kNullable;
    logged.columns.push_back({.native = {},
                              .identity = TruthIn(row, 4),
                              .primary = TruthIn(row, 5),
                              .generated = TruthIn(row, 6)});
  }
  SP_TRY(SettleTypes(session, natives));
  for (std::size_t i = 0; i < natives.size(); ++i) {
    logged.columns[i].native = std::move(natives[i]);
  }
  return std::optional(std::move(logged));
}

base::Status SettleTypes(sql::Session& session, std::vector<sql::NativeColumn>& columns) {
  if (columns.empty()) {
    return base::Ok();
  }
  std::string types;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    types += (types.empty() ? "(" : ", (") + std::to_string(i) + ", " +
             std::to_string(columns[i].code) + "::oid, " + std::to_string(columns[i].modifier) +
             ")";
    columns[i].native = "a type that is no more";
    columns[i].code = kTextLike;
    columns[i].natural = Type(TypeKind::kString);
  }
  const auto rows = SP_TRY(session.Query(
      "WITH RECURSIVE over(n, type, modifier) AS (SELECT * FROM (VALUES " + types +
      ") AS given(n, type, modifier) UNION ALL SELECT o.n, t.typbasetype, t.typtypmod FROM over o "
      "JOIN pg_type t ON t.oid = o.type WHERE t.typtype = 'd') SELECT o.n, o.type, o.modifier, "
      "format_type(o.type, o.modifier), t.typtype, t.typcategory FROM over o JOIN pg_type t ON "
      "t.oid = o.type WHERE t.typtype <> 'd'"));
  for (const TextRow& row : rows) {
    sql::NativeColumn& column = columns.at(NumberIn<std::size_t>(row, 0));
    column.code = NumberIn<std::uint32_t>(row, 1);
    column.modifier = NumberIn<std::int32_t>(row, 2);
    column.native = row.at(3).value_or("");
    SettleType(row.at(4).value_or(""), row.at(5).value_or(""), column);
  }
  return base::Ok();
}

base::Result<std::optional<Publication>> FindPublication(sql::Session& session,
                                                         const std::string& name) {
  const std::string quoted = Dialect::QuoteText(name);
  const auto found = SP_TRY(session.Query(
      "SELECT pubupdate OR pubdelete, pubviaroot FROM pg_publication WHERE pubname = " + quoted));
  if (found.empty()) {
    return std::optional<Publication>();
  }
  Publication publication{
      .of_old_rows = TruthIn(found[0], 0), .through_root = TruthIn(found[0], 1), .tables = {}};
  for (TextRow& row : SP_TRY(session.Query(
           "SELECT t.schemaname, t.tablename, c.name FROM pg_publication_tables t LEFT JOIN "
           "LATERAL jsonb_array_elements_text(to_jsonb(t) -> 'attnames') AS c(name) ON true WHERE "
           "t.pubname = " +
           quoted + " ORDER BY 1, 2"))) {
    sql::TableName table{row.at(0).value_or(""), row.at(1).value_or("")};
    if (publication.tables.empty() || publication.tables.back().name != table) {
      publication.tables.push_back({std::move(table), {}});
    }
    if (row.at(2)) {
      publication.tables.back().columns.push_back(*std::move(row.at(2)));
    }
  }
  return std::optional(std::move(publication));
}

const Publication::Table* Publication::Find(const sql::TableName& name) const {
  const auto found = std::ranges::find(tables, name, &Table::name);
  return found == tables.end() ? nullptr : &*found;
}

base::Result<std::optional<Slot>> FindSlot(sql::Session& session, const std::string& name) {
  const auto rows = SP_TRY(session.Query(
      "SELECT coalesce(s.plugin, ''), coalesce(s.database, ''), s.active_pid, "
      "coalesce(a.application_name, ''), s.confirmed_flush_lsn, coalesce(s.wal_status, '') = "
      "'lost' FROM pg_replication_slots s LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid "
      "WHERE s.slot_name = " +
      Dialect::QuoteText(name)));
  if (rows.empty()) {
    return std::optional<Slot>();
  }
  const TextRow& row = rows[0];
  Slot slot{.plugin = row.at(0).value_or(""),
            .database = row.at(1).value_or(""),
            .reader = std::nullopt,
            .confirmed = Lsn::Parse(row.at(4).value_or("")).value_or(Lsn()),
            .lost = TruthIn(row, 5)};
  if (row.at(2)) {
    slot.reader = "process " + *row.at(2) + " (" + row.at(3).value_or("") + ")";
  }
  return std::optional(std::move(slot));
}

}  // namespace streampark::connectors::postgres
