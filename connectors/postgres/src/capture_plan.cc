// SPDX-License-Identifier: Apache-2.0
#include "capture_plan.h"

#include <algorithm>
#include <utility>

#include "streampark/connectors/option_errors.h"
#include "streampark/connectors/sql/sql_connector.h"

#include "postgres_dialect.h"
#include "postgres_session.h"

namespace streampark::connectors::postgres {
namespace {

using base::ErrorCode;
using sql::Names;
using sql::TableName;

std::string Quoted(const TableName& table) { return PostgresDialect().Quote(table); }
std::string Quoted(const std::string& name) { return PostgresDialect().Quote(name); }

base::Status ReadOptions(const OptionValues& options, CapturePlan& plan) {
  for (const char* other : {"query", "key", "poll.column", "poll.interval", "split.rows", "columns",
                            "where", "resume", "encoding"}) {
    if (options.given().contains(other)) {
      return WrongOption(other, "is of 'mode: rows'", "leave it out");
    }
  }
  if (options.Has("table") != options.List("tables").empty()) {
    return WrongOption("tables", options.Has("table") ? "stands beside 'table'" : "is missing",
                       "name a table, or several in 'tables'");
  }
  if (!options.Has("slot")) {
    return WrongOption("slot", "is missing, and 'mode: changes' reads by it",
                       "name a replication slot of this job's own; 'slot.create: true' makes it");
  }
  plan.slot = options.String("slot");
  const bool good =
      !plan.slot.empty() && plan.slot.size() < 64 && std::ranges::all_of(plan.slot, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      });
  if (!good) {
    return WrongOption("slot", "is '" + plan.slot + "', which is no name of a slot",
                       "small letters, digits and '_', 63 at most");
  }
  plan.publication = options.Has("publication") ? options.String("publication") : plan.slot;
  plan.may_make_slot = options.Boolean("slot.create");
  plan.may_make_publication = options.Boolean("publication.create");
  const std::string& start = options.String("start");
  if (options.Has("start.lsn") != (start == "lsn")) {
    return WrongOption("start.lsn", start == "lsn" ? "is missing" : "needs 'start: lsn'",
                       "a place like 16/B374D848");
  }
  plan.start = start == "now"   ? CaptureStart::kNow
               : start == "lsn" ? CaptureStart::kLsn
                                : CaptureStart::kSlot;
  if (plan.start == CaptureStart::kLsn) {
    const auto lsn = Lsn::Parse(options.String("start.lsn"));
    if (!lsn || !lsn->valid()) {
      return WrongOption("start.lsn",
                         "is '" + options.String("start.lsn") + "', which is no place in a log",
                         "as in 16/B374D848");
    }
    plan.start_lsn = *lsn;
  }
  return base::Ok();
}

base::Status CheckServer(sql::Session& session) {
  const auto rows = SP_TRY(session.Query("SHOW wal_level"));
  const std::string level = rows.empty() ? "" : rows[0].at(0).value_or("");
  if (level == "logical") {
    return base::Ok();
  }
  return base::Error(ErrorCode::kIllegalState,
                     "the server's wal_level is '" + level +
                         "': its log does not have what it takes to read changes from it")
      .WithHint("ALTER SYSTEM SET wal_level = 'logical', and start the server again");
}

base::Result<LoggedTable> FindTable(sql::Session& session, const std::string& written) {
  auto found = SP_TRY(FindLoggedTable(session, SP_TRY(TableName::Parse(written))));
  if (!found) {
    return base::Error(ErrorCode::kNotFound, "relation \"" + written + "\" does not exist");
  }
  if ((found->kind != 'r' && found->kind != 'p') || found->persistence != 'p') {
    return base::Error(ErrorCode::kValidationFailed,
                       found->name.ToString() + " is no table whose changes are logged")
        .WithHint("views, and foreign, temporary and unlogged tables are not");
  }
  return *std::move(found);
}

/// `of_old_rows`: whether the publication has changed and deleted rows.
base::Status CheckIdentity(const LoggedTable& table, bool of_old_rows) {
  if (!of_old_rows || table.has_identity()) {
    return base::Ok();
  }
  return base::Error(ErrorCode::kIllegalState,
                     "nothing names the rows of " + table.name.ToString() +
                         " that are changed or deleted: its replica identity is nothing, or the "
                         "primary key that it has not. The server refuses updates and deletes of "
                         "such a table in a publication")
      .WithHint("give it a primary key, or ALTER TABLE " + Quoted(table.name) +
                " REPLICA IDENTITY FULL");
}

base::Status CheckPublication(const std::optional<Publication>& publication,
                              const std::vector<LoggedTable>& tables, const CapturePlan& plan) {
  if (!publication) {
    if (plan.may_make_publication) {
      return base::Ok();
    }
    return base::Error(ErrorCode::kNotFound, "there is no publication '" + plan.publication + "'")
        .WithHint(MakePublication(plan) +
                  ", before the slot is made; or 'publication.create: true'");
  }
  for (const LoggedTable& table : tables) {
    if (publication->Find(table.name) == nullptr) {
      const bool parts = table.kind == 'p' && !publication->through_root;
      return base::Error(ErrorCode::kIllegalState,
                         "the publication '" + plan.publication + "' lacks the table " +
                             table.name.ToString() + (parts ? ": it has its partitions" : ""))
          .WithHint("ALTER PUBLICATION " + Quoted(plan.publication) +
                    (parts ? " SET (publish_via_partition_root = true)"
                           : " ADD TABLE " + Quoted(table.name)));
    }
  }
  return base::Ok();
}

std::vector<sql::NativeColumn> Readable(const LoggedTable& table,
                                        const std::optional<Publication>& publication) {
  const Publication::Table* published = publication ? publication->Find(table.name) : nullptr;
  std::vector<sql::NativeColumn> columns;
  for (const LoggedTable::Column& column : table.columns) {
    const bool left_out =
        published != nullptr && !published->columns.empty() &&
        std::ranges::find(published->columns, column.native.name) == published->columns.end();
    if (!column.generated && !left_out) {
      columns.push_back(column.native);
    }
  }
  return columns;
}

/// What the log has of each row, changed and deleted ones too, and is never null.
bool IsAlwaysThere(const LoggedTable& table, const std::string& name, bool of_old_rows) {
  const auto found = std::ranges::find_if(
      table.columns, [&](const auto& column) { return column.native.name == name; });
  return found != table.columns.end() && found->native.nullability == Nullability::kRequired &&
         (found->identity || !of_old_rows);
}

bool Holds(Metadata what, const Type& type) {
  switch (what) {
    case Metadata::kLsn:
      return type.kind() == TypeKind::kInt64 || type.kind() == TypeKind::kString;
    case Metadata::kTime:
      return type.kind() == TypeKind::kTimestampTz;
    case Metadata::kTable:
    case Metadata::kOp:
      return type.kind() == TypeKind::kString;
  }
  return false;
}

Type NaturalOf(Metadata what) {
  return what == Metadata::kLsn    ? TypeKind::kInt64
         : what == Metadata::kTime ? TypeKind::kTimestampTz
                                   : TypeKind::kString;
}

/// The metadata that was asked for, by the columns that it goes to.
std::vector<std::pair<std::string, Metadata>> AskedFor(const OptionValues& options) {
  std::vector<std::pair<std::string, Metadata>> asked;
  for (std::size_t i = 0; i < kMetadataNames.size(); ++i) {
    const std::string option = "metadata." + std::string(kMetadataNames[i]);
    if (options.Has(option)) {
      asked.emplace_back(options.String(option), static_cast<Metadata>(i));
    }
  }
  return asked;
}

base::Status CheckMetadata(const Schema& schema, const std::string& column, Metadata what) {
  const std::string option =
      "metadata." + std::string(kMetadataNames[static_cast<std::size_t>(what)]);
  const int at = schema.Find(column);
  if (at < 0) {
    return WrongOption(option, "there is no column '" + column + "'");
  }
  const Type& type = schema.fields()[static_cast<std::size_t>(at)].type;
  if (!Holds(what, type)) {
    return WrongOption(option, "the column '" + column + "' is " + type.ToString(),
                       "it takes " + NaturalOf(what).ToString());
  }
  return base::Ok();
}

/// What the columns of a table are by nature.
std::vector<Field> FieldsOf(const LoggedTable& table, const std::optional<Publication>& publication,
                            bool of_old_rows) {
  std::vector<Field> fields;
  for (const sql::NativeColumn& column : Readable(table, publication)) {
    fields.push_back({column.name, *column.natural,
                      IsAlwaysThere(table, column.name, of_old_rows) ? Nullability::kRequired
                                                                     : Nullability::kNullable});
  }
  return fields;
}

/// The columns that were asked for, or all of the tables, which then have the same.
base::Status ChooseSchema(const std::vector<LoggedTable>& tables,
                          const std::optional<Publication>& publication, bool of_old_rows,
                          const Setup& setup, CapturePlan& plan) {
  const auto asked = AskedFor(setup.options);
  plan.schema = setup.schema;
  if (!plan.schema) {
    std::vector<Field> fields = FieldsOf(tables[0], publication, of_old_rows);
    for (const LoggedTable& table : tables) {
      if (FieldsOf(table, publication, of_old_rows) != fields) {
        return WrongOption("tables",
                           tables[0].name.ToString() + " and " + table.name.ToString() +
                               " have not the same columns",
                           "name the columns that are wanted; all tables must have them");
      }
    }
    for (const auto& [column, what] : asked) {
      fields.push_back({column, NaturalOf(what), Nullability::kRequired});
    }
    plan.schema = std::make_shared<const Schema>(std::move(fields));
  }
  for (const auto& [column, what] : asked) {
    SP_TRY(CheckMetadata(*plan.schema, column, what));
  }
  for (const Field& field : plan.schema->fields()) {
    CapturedColumn& column = plan.columns.emplace_back();
    column.name = field.name;
    for (const auto& [name, what] : asked) {
      if (name == field.name) {
        column.metadata = what;
      }
    }
  }
  return base::Ok();
}

base::Status CheckColumns(const LoggedTable& table, const std::optional<Publication>& publication,
                          bool of_old_rows, const CapturePlan& plan) {
  const std::string what = "the log of the table " + table.name.ToString();
  const auto readable = Readable(table, publication);
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    const Field& field = plan.schema->fields()[i];
    if (plan.columns[i].metadata) {
      continue;
    }
    if (publication) {
      SP_TRY(CheckPublished(*publication, plan.publication, table, {field.name}));
    }
    const sql::NativeColumn* column = SP_TRY(FindColumn(readable, field.name, what));
    SP_TRY(PostgresDialect().Reading(*column, field.type));
    if (field.nullability == Nullability::kRequired &&
        column->nullability == Nullability::kRequired &&
        !IsAlwaysThere(table, field.name, of_old_rows)) {
      return base::Error(ErrorCode::kValidationFailed,
                         "the column '" + field.name + "' is asked for as NOT NULL, and " + what +
                             " does not have it of rows that are changed or deleted")
          .WithHint("let it be null; or ALTER TABLE " + Quoted(table.name) +
                    " REPLICA IDENTITY FULL; or, where rows only come, ALTER PUBLICATION " +
                    Quoted(plan.publication) + " SET (publish = 'insert, truncate')");
    }
  }
  return base::Ok();
}

Names PrimaryKeyOf(const LoggedTable& table) {
  Names key;
  for (const LoggedTable::Column& column : table.columns) {
    if (column.primary) {
      key.push_back(column.native.name);
    }
  }
  return key;
}

}  // namespace

base::Status CheckPublished(const Publication& publication, const std::string& name,
                            const LoggedTable& table, const Names& columns) {
  const Publication::Table* published = publication.Find(table.name);
  for (const std::string& column : columns) {
    if (published != nullptr && !published->columns.empty() &&
        std::ranges::any_of(
            table.columns,
            [&](const auto& one) { return one.native.name == column && !one.generated; }) &&
        std::ranges::find(published->columns, column) == published->columns.end()) {
      return base::Error(ErrorCode::kIllegalState, "the publication '" + name +
                                                       "' leaves out the column '" + column +
                                                       "' of " + table.name.ToString())
          .WithHint(
              "take it out of the publication and add it again with all columns that are "
              "wanted: ALTER PUBLICATION " +
              Quoted(name) + " DROP TABLE " + Quoted(table.name) + ", ADD TABLE …");
    }
  }
  return base::Ok();
}

std::string MakePublication(const CapturePlan& plan) {
  std::string tables;
  for (const CapturedTable& table : plan.tables) {
    tables += (tables.empty() ? "" : ", ") + Quoted(table.name);
  }
  return "CREATE PUBLICATION " + Quoted(plan.publication) + " FOR TABLE " + tables +
         " WITH (publish_via_partition_root = true)";
}

base::Status CheckSlot(const CapturePlan& plan, const std::optional<Slot>& slot) {
  const std::string drop = "SELECT pg_drop_replication_slot('" + plan.slot + "')";
  if (!slot) {
    return base::Error(ErrorCode::kNotFound, "there is no replication slot '" + plan.slot + "'")
        .WithHint("SELECT pg_create_logical_replication_slot('" + plan.slot +
                  "', 'pgoutput'); or 'slot.create: true'");
  }
  if (slot->plugin != "pgoutput") {
    return base::Error(ErrorCode::kIllegalState,
                       "the replication slot '" + plan.slot + "' is " +
                           (slot->plugin.empty() ? "a physical one" : "of " + slot->plugin) +
                           ", and changes are read by pgoutput")
        .WithHint("name another slot");
  }
  if (slot->database != plan.address.database && !plan.address.database.empty()) {
    return base::Error(ErrorCode::kIllegalState, "the replication slot '" + plan.slot +
                                                     "' is of the database '" + slot->database +
                                                     "'")
        .WithHint("slots have names of their own in the whole server: name another one");
  }
  if (slot->lost) {
    return base::Error(ErrorCode::kIllegalState,
                       "the server has given the replication slot '" + plan.slot +
                           "' up: its log had grown beyond max_slot_wal_keep_size")
        .WithHint("what it had not sent is lost: " + drop +
                  ", copy the tables anew, and begin without the checkpoint");
  }
  return base::Ok();
}

base::Result<CapturePlan> PlanCapture(sql::Address address, const Setup& setup) {
  const OptionValues& options = setup.options;
  CapturePlan plan;
  plan.clock = &setup.time();
  plan.batch_rows = options.Integer("batch.rows");
  SP_TRY(ReadOptions(options, plan));
  plan.what = "the log of " + address.ToString() + " by the slot " + plan.slot;
  plan.address = std::move(address);
  auto session = PostgresSession::Connect(plan.address);
  if (!session.ok()) {
    return std::move(session).error().Annotate("connecting to " + plan.address.ToString());
  }
  SP_TRY(CheckServer(**session));
  Names named = options.List("tables");
  if (named.empty()) {
    named.push_back(options.String("table"));
  }
  std::vector<LoggedTable> tables;
  for (const std::string& name : named) {
    const LoggedTable& table = tables.emplace_back(SP_TRY(FindTable(**session, name)));
    plan.tables.push_back({table.oid, table.name, PrimaryKeyOf(table)});
  }
  const auto publication = SP_TRY(FindPublication(**session, plan.publication));
  const bool of_old_rows = !publication || publication->of_old_rows;
  SP_TRY(CheckPublication(publication, tables, plan));
  SP_TRY(ChooseSchema(tables, publication, of_old_rows, setup, plan));
  for (const LoggedTable& table : tables) {
    SP_TRY(CheckIdentity(table, of_old_rows));
    SP_TRY(CheckColumns(table, publication, of_old_rows, plan));
  }
  const auto slot = SP_TRY(FindSlot(**session, plan.slot));
  if (slot || !plan.may_make_slot) {
    SP_TRY(CheckSlot(plan, slot));
  }
  return plan;
}

std::vector<OptionSpec> CaptureOptions() {
  std::vector<OptionSpec> specs = {
      {.name = "tables",
       .kind = OptionKind::kList,
       .text = "Instead of `table`: several tables that have the columns that are read."},
      {.name = "slot",
       .text = "The replication slot, one of this job's own: it has one reader, and holds the "
               "server's log until a checkpoint has what was read. It is never dropped by us."},
      {.name = "slot.create",
       .kind = OptionKind::kBoolean,
       .text = "Whether a job without a checkpoint makes the slot when it is missing.",
       .fallback = "false"},
      {.name = "publication",
       .text = "The publication that has the tables; absent: it has the slot's name."},
      {.name = "publication.create",
       .kind = OptionKind::kBoolean,
       .text = "Whether to make the publication when it is missing.",
       .fallback = "false"},
      {.name = "start",
       .kind = OptionKind::kChoice,
       .text = "Where a job without a checkpoint begins: where the `slot` is, with what is "
               "committed from `now` on, or at `start.lsn`.",
       .fallback = "slot",
       .choices = {"slot", "now", "lsn"}},
      {.name = "start.lsn",
       .text = "A place in the log, `16/B374D848`: what was committed there or later."},
      {.name = "metadata.lsn",
       .text = "The column that is given the place of the transaction's commit in the log, as "
               "BIGINT or as STRING. It never falls."},
      {.name = "metadata.time",
       .text = "The column that is given the time of the commit, TIMESTAMP_LTZ."},
      {.name = "metadata.table", .text = "The column that is given the table, `public.orders`."},
      {.name = "metadata.op",
       .text = "The column that is given the kind of the row: `+I`, `-U`, `+U`, `-D`."},
  };
  for (OptionSpec& spec : specs) {
    spec.use = OptionUse::kSource;
  }
  return specs;
}

}  // namespace streampark::connectors::postgres
