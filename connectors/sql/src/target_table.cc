// SPDX-License-Identifier: Apache-2.0
#include "target_table.h"

#include <algorithm>

#include "streampark/base/spelling.h"

namespace streampark::connectors::sql {
namespace {

Names NamesOf(const Schema& schema) {
  Names names;
  for (const Field& field : schema.fields()) {
    names.push_back(field.name);
  }
  return names;
}

base::Result<std::string> CreateStatement(const SinkPlan& plan) {
  const Dialect& dialect = plan.database->dialect();
  std::vector<NewColumn> columns;
  for (const Field& field : plan.schema->fields()) {
    const bool key = std::ranges::find(plan.key, field.name) != plan.key.end();
    auto type = dialect.TypeFor(field.type, key ? Dialect::KeyPart::kYes : Dialect::KeyPart::kNo);
    if (!type.ok()) {
      return std::move(type).error().Annotate("column '" + field.name + "'");
    }
    columns.push_back({field.name, *std::move(type), field.nullability});
  }
  return CreateTable(dialect, plan.target, columns, plan.key);
}

base::Error LacksColumn(const SinkPlan& plan, const std::string& name, const Names& there) {
  std::string listed;
  for (const std::string& one : there) {
    listed.append(listed.empty() ? "" : ", ").append(one);
  }
  const auto near = base::ClosestMatch(name, there);
  return base::Error(base::ErrorCode::kValidationFailed,
                     "the table " + plan.target.ToString() + " has no column '" + name + "'")
      .WithHint((near ? "did you mean '" + *near + "'? " : "") + "it has " + listed);
}

base::Status RequireUnique(Session& session, const SinkPlan& plan) {
  Names key = plan.key;
  std::ranges::sort(key);
  for (Names unique : SP_TRY(session.UniqueKeys(plan.target))) {
    std::ranges::sort(unique);
    if (unique == key) {
      return base::Ok();
    }
  }
  const Dialect& dialect = plan.database->dialect();
  return base::Error(base::ErrorCode::kValidationFailed,
                     "the table " + plan.target.ToString() + " has no unique index over " +
                         dialect.QuoteAll(plan.key) + ", so rows cannot be written by this key")
      .WithHint("ALTER TABLE " + dialect.Quote(plan.target) + " ADD PRIMARY KEY (" +
                dialect.QuoteAll(plan.key) + ")");
}

}  // namespace

std::string CreateTable(const Dialect& dialect, const TableName& table,
                        const std::vector<NewColumn>& columns, const Names& key,
                        const Names& more) {
  std::string listed;
  bool keyed = false;  // by a column itself
  for (const NewColumn& column : columns) {
    const bool in_key = std::ranges::find(key, column.name) != key.end();
    listed += (listed.empty() ? "" : ", ") + dialect.Quote(column.name) + " " + column.type;
    listed += in_key || column.nullability == Nullability::kRequired ? " NOT NULL" : "";
    listed += column.more;
    keyed = keyed || column.more.find("PRIMARY KEY") != std::string::npos;
  }
  if (!key.empty() && !keyed) {
    listed += ", PRIMARY KEY (" + dialect.QuoteAll(key) + ")";
  }
  for (const std::string& one : more) {
    listed += ", " + one;
  }
  return "CREATE TABLE IF NOT EXISTS " + dialect.Quote(table) + " (" + listed + ")" +
         std::string(dialect.table_options());
}

base::Result<std::vector<NativeColumn>> FindTarget(Session& session, const SinkPlan& plan) {
  const Dialect& dialect = plan.database->dialect();
  const std::string all = "SELECT * FROM " + dialect.Quote(plan.target);
  auto described = session.Describe(all);
  if (!described.ok() && described.error().code() == base::ErrorCode::kNotFound &&
      plan.creation == Creation::kWhenMissing) {
    const auto made = session.Execute(SP_TRY(CreateStatement(plan)));
    described = session.Describe(all);
    if (!made.ok() && !described.ok()) {  // else another writer made it at the same moment
      return made.error();
    }
  }
  const std::vector<NativeColumn> there = SP_TRY(std::move(described));
  Names there_names;
  for (const NativeColumn& column : there) {
    there_names.push_back(column.name);
  }
  std::vector<NativeColumn> columns;
  for (const std::string& name :
       AreCopiedRows(*plan.schema) ? plan.copied_columns : NamesOf(*plan.schema)) {
    const auto found = std::ranges::find(there, name, &NativeColumn::name);
    if (found == there.end()) {
      return LacksColumn(plan, name, there_names);
    }
    columns.push_back(*found);
  }
  SP_TRY(session.RequireTransactions(plan.target));
  if (WritesByKey(plan.mode)) {
    SP_TRY(RequireUnique(session, plan));
  }
  return columns;
}

}  // namespace streampark::connectors::sql
