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
    plan.what = "the query";
    plan.selection.from = "(" + options.String("query") + ") AS streampark_query";
    return base::Ok();
  }
  plan.table = SP_TRY(TableName::Parse(options.String("table")));
  plan.what = "the table " + plan.table->ToString();
  plan.selection.from = dialect.Quote(*plan.table);
  return base::Ok();
}

base::Error CannotBeRead(const NativeColumn& column, const std::string& what) {
  return base::Error(base::ErrorCode::kValidationFailed, "the column '" + column.name + "' of " +
                                                             what + " has the type " +
                                                             column.native + ": " + column.refusal)
      .WithHint("name the columns that are wanted without it, or cast it in a query");
}

/// The schema that was asked for, or all columns as they are by nature.
base::Status ChooseColumns(const std::vector<NativeColumn>& there, const SchemaPtr& wanted,
                           const Dialect& dialect, SourcePlan& plan) {
  std::vector<Field> fields;
  if (wanted) {
    fields = wanted->fields();
  } else {
    for (const NativeColumn& column : there) {
      if (!column.natural) {
        return CannotBeRead(column, plan.what);
      }
      fields.push_back({column.name, *column.natural, column.nullability});
    }
  }
  for (const Field& field : fields) {
    const NativeColumn* column = SP_TRY(FindColumn(there, field.name, plan.what));
    plan.selection.items.push_back(SP_TRY(dialect.Reading(*column, field.type)));
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
  const auto session = SP_TRY(database->Connect());
  const auto there = SP_TRY(session->Describe("SELECT * FROM " + plan.selection.from));
  SP_TRY(ChooseColumns(there, setup.schema, dialect, plan));
  SP_TRY(ChooseOrder(*session, there, options, dialect, plan));
  plan.what += " at " + database->address();
  return plan;
}

}  // namespace streampark::connectors::sql
