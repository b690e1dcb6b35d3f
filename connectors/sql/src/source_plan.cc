// SPDX-License-Identifier: Apache-2.0
#include "source_plan.h"

#include <algorithm>

#include "streampark/connectors/option_errors.h"
#include "streampark/connectors/sql/key_text.h"
#include "streampark/connectors/sql/sql_connector.h"

namespace streampark::connectors::sql {
namespace {

bool HasExactOrder(const NativeColumn& column) {
  return column.natural && CanBeKey(*column.natural) && column.order == NativeColumn::Order::kOne;
}

base::Status FromOptions(const OptionValues& options, const Dialect& dialect, SourcePlan& plan) {
  if (options.Has("table") == options.Has("query")) {
    return WrongOption("table", options.Has("table") ? "stands beside 'query'" : "is missing",
                       "name a table, or write a query");
  }
  if (options.Has("query")) {
    if (options.Has("where")) {
      return WrongOption("where", "stands beside 'query'", "write the condition into the query");
    }
    plan.what = "the query";
    plan.selection.from = "(" + options.String("query") + ") AS streampark_query";
    return base::Ok();
  }
  plan.table = SP_TRY(TableName::Parse(options.String("table")));
  plan.what = "the table " + plan.table->ToString();
  plan.selection.from = dialect.Quote(*plan.table);
  if (options.Has("where")) {
    plan.selection.condition = "(" + options.String("where") + ")";
  }
  return base::Ok();
}

base::Error CannotBeRead(const NativeColumn& column, const std::string& what) {
  return base::Error(base::ErrorCode::kValidationFailed, "the column '" + column.name + "' of " +
                                                             what + " has the type " +
                                                             column.native + ": " + column.refusal)
      .WithHint("name the columns that are wanted without it, or cast it in a query");
}

/// The columns that are named, as they are by nature.
base::Result<std::vector<NativeColumn>> NamedColumns(const std::vector<NativeColumn>& there,
                                                     const Names& names, const std::string& what) {
  std::vector<NativeColumn> named;
  for (const std::string& name : names) {
    named.push_back(*SP_TRY(FindColumn(there, name, what)));
  }
  return names.empty() ? there : named;
}

/// The schema that was asked for, or the columns that are named, or all.
base::Status ChooseColumns(const std::vector<NativeColumn>& there, const SchemaPtr& wanted,
                           const Names& names, const Dialect& dialect, SourcePlan& plan) {
  const auto columns = SP_TRY(NamedColumns(there, names, plan.what));
  if (AreCopiedRows(*plan.schema)) {
    for (const NativeColumn& column : columns) {
      plan.selection.items.push_back(dialect.Quote(column.name));
    }
    plan.texts = {TextKind::kPlain};
    return base::Ok();
  }
  std::vector<Field> fields;
  if (wanted) {
    fields = wanted->fields();
  } else {
    for (const NativeColumn& column : columns) {
      if (!column.natural) {
        return CannotBeRead(column, plan.what);
      }
      fields.push_back({column.name, *column.natural, column.nullability});
    }
  }
  for (const Field& field : fields) {
    const NativeColumn* column = SP_TRY(FindColumn(there, field.name, plan.what));
    plan.selection.items.push_back(SP_TRY(dialect.Reading(*column, field.type)));
    plan.texts.push_back(column->texts);
  }
  plan.schema = wanted ? wanted : std::make_shared<const Schema>(std::move(fields));
  return base::Ok();
}

base::Status RefuseNulls(Session& session, const SourcePlan& plan, const Dialect& dialect,
                         const NativeColumn& column) {
  if (column.nullability == Nullability::kRequired) {
    return base::Ok();
  }
  const auto found = SP_TRY(session.Query("SELECT 1 FROM " + plan.selection.from + " WHERE " +
                                          dialect.Quote(column.name) + " IS NULL LIMIT 1"));
  if (found.empty()) {
    return base::Ok();
  }
  return WrongOption("key", "names '" + column.name + "', which is null in some rows",
                     "take columns that are never null, and unique together");
}

/// The columns that rows are read by: those that were named, the primary key, or where rows lie.
base::Status ChooseOrder(Session& session, const std::vector<NativeColumn>& there,
                         const OptionValues& options, const Dialect& dialect, SourcePlan& plan) {
  const Names named = options.List("key");
  Names names = named;
  if (names.empty() && plan.table) {
    names = SP_TRY(session.PrimaryKey(*plan.table));
  }
  for (const std::string& name : names) {
    const NativeColumn* column = SP_TRY(FindColumn(there, name, plan.what));
    if (!HasExactOrder(*column)) {
      if (named.empty()) {
        plan.selection.order.clear();  // a primary key of floats: read as if there were none
        break;
      }
      return WrongOption("key", "names '" + name + "' of the type " + column->native +
                                    ", which has no exact order");
    }
    plan.selection.order.push_back(*column);
    if (!named.empty()) {
      SP_TRY(RefuseNulls(session, plan, dialect, *column));
      plan.selection.order.back().nullability = Nullability::kRequired;
    }
  }
  if (options.Has("poll.column")) {
    const std::string& name = options.String("poll.column");
    const NativeColumn* column = SP_TRY(FindColumn(there, name, plan.what));
    if (!HasExactOrder(*column)) {
      return WrongOption("poll.column", "names '" + name + "' of the type " + column->native +
                                            ", which has no exact order");
    }
    std::erase_if(plan.selection.order, [&](const NativeColumn& one) { return one.name == name; });
    plan.selection.order.insert(plan.selection.order.begin(), *column);
    plan.poll = options.Duration("poll.interval");
    plan.selection.from = "(SELECT * FROM " + plan.selection.from + " WHERE " +
                          dialect.Quote(name) + " IS NOT NULL) AS streampark_rows";
  } else if (plan.selection.order.empty() && plan.table) {
    if (auto physical = SP_TRY(session.FindPhysicalOrder(*plan.table, plan.split_rows))) {
      plan.selection.order.push_back(std::move(physical->column));
    }
  }
  if (plan.resumes_splits()) {
    return base::Ok();
  }
  for (const NativeColumn& column : plan.selection.order) {
    plan.selection.items.push_back(SP_TRY(dialect.Reading(column, *column.natural)));
    plan.hidden.push_back(
        {"streampark_key_" + column.name, *column.natural, Nullability::kRequired});
  }
  return base::Ok();
}

}  // namespace

base::Result<SourcePlan> PlanSource(DatabasePtr database, const Setup& setup) {
  const OptionValues& options = setup.options;
  const Dialect& dialect = database->dialect();
  SourcePlan plan;
  plan.database = database;
  plan.split_rows = options.Integer("split.rows");
  plan.batch_rows = options.Integer("batch.rows");
  plan.clock = &setup.time();
  SP_TRY(FromOptions(options, dialect, plan));
  const bool copied = AsksForCopies(options);
  if (copied && (setup.schema || options.Has("poll.column"))) {
    return WrongOption("encoding", "is 'copy', and somebody asks for columns or polls",
                       "leave it out: rows so are for a sink of the same kind of database");
  }
  plan.schema = copied ? CopiedRows() : std::make_shared<const Schema>();
  if (copied || options.String("resume") == "split") {
    plan.selection.sorting = Selection::Sorting::kNone;
  }
  const auto session = SP_TRY(database->Connect());
  const auto there = SP_TRY(session->Describe("SELECT * FROM " + plan.selection.from));
  SP_TRY(ChooseColumns(there, setup.schema, options.List("columns"), dialect, plan));
  SP_TRY(ChooseOrder(*session, there, options, dialect, plan));
  plan.what += " at " + database->address();
  return plan;
}

}  // namespace streampark::connectors::sql
