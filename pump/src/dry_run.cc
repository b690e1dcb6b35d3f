// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "streampark/connectors/overwriting_ledger.h"
#include "streampark/pump/pump.h"
#include "streampark/pump/table_plan.h"

namespace streampark::pump {
namespace {

/// Names with blanks up to the widest of them.
std::vector<std::string> Padded(const std::vector<std::string>& names) {
  std::size_t widest = 0;
  for (const std::string& name : names) {
    widest = std::max(widest, name.size());
  }
  std::vector<std::string> padded = names;
  for (std::string& name : padded) {
    name.resize(widest + 2, ' ');
  }
  return padded;
}

/// What is read of each column.
void AppendRead(const TablePlan& plan, std::string& out) {
  const auto names = Padded(plan.columns);
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    const auto column =
        std::ranges::find(plan.from.columns, plan.columns[i], &connectors::CatalogColumn::name);
    out += "  " + names[i] + column->native;
    if (plan.form == RowForm::kColumns && column->type) {
      out += " as " + column->type->ToString();
    }
    if (!plan.rule && plan.to_columns[i] != plan.columns[i]) {
      out += " → " + plan.to_columns[i];
    }
    out += std::ranges::find(plan.from.key, plan.columns[i]) != plan.from.key.end() ? ", key" : "";
    out += "\n";
  }
}

/// What the target gets, where that is something else.
void AppendWritten(const TablePlan& plan, std::string& out) {
  if (!plan.rule) {
    return;
  }
  if (!plan.rule->filter.text.empty()) {
    out += "  filter " + plan.rule->filter.text + "\n";
  }
  out += "  becomes\n";
  const auto names = Padded(plan.to_columns);
  for (std::size_t i = 0; i < plan.to_columns.size(); ++i) {
    const connectors::Field& field = plan.schema->fields()[i];
    out += "  " + names[i] + field.type.ToString();
    out += field.nullability == connectors::Nullability::kRequired ? " NOT NULL" : "";
    if (!plan.how[i].empty()) {
      out += ", " + plan.how[i];
    } else if (plan.from_columns[i] != plan.to_columns[i]) {
      out += ", from " + plan.from_columns[i];
    }
    const auto& key = plan.schema->key();
    out += std::ranges::find(key, field.name) != key.end() ? ", key" : "";
    out += "\n";
  }
}

void AppendPlan(const TablePlan& plan, std::string& out) {
  out += plan.part + " → " + plan.to_name;
  if (plan.from.estimated_rows) {
    out += ", about " + std::to_string(*plan.from.estimated_rows) + " rows";
  }
  out += plan.form == RowForm::kCopied ? ", copied as they are"
                                       : ", by columns: " + plan.why_by_columns;
  out += "\n";
  AppendRead(plan, out);
  if (!plan.where.empty()) {
    out += "  where " + plan.where + "\n";
  }
  AppendWritten(plan, out);
  if (plan.create) {
    out += "  " + *plan.create + "\n";
  }
  for (const std::string& one : plan.left_out) {
    out += "  left out: " + one + "\n";
  }
}

}  // namespace

base::Result<std::string> DryRun(const PumpFile& file,
                                 const connectors::ConnectorRegistry& connectors,
                                 const base::Clock& clock) {
  const auto planner = SP_TRY(TablePlanner::Make(file, connectors, clock));
  std::string shown;
  std::vector<TablePlan> plans;
  for (const connectors::TableId& table : SP_TRY(planner->Find())) {
    plans.push_back(SP_TRY(planner->Plan(table)));
  }
  std::vector<TablePlan*> all;
  for (TablePlan& plan : plans) {
    all.push_back(&plan);
  }
  const auto after_load = SP_TRY(planner->PlanStructure(all));
  for (const TablePlan& plan : plans) {
    AppendPlan(plan, shown);
    if (plan.overwrites) {
      const auto sink = SP_TRY(planner->MakeSink(plan, plan.form));
      const auto ledger =
          SP_TRY(sink->MakeSplitLedger({.lineage = "", .sink = file.name, .part = plan.part}));
      if (const auto* overwriting = dynamic_cast<connectors::OverwritingLedger*>(ledger.get())) {
        shown += "  before the first row: " + overwriting->EmptyStatement() + "\n";
      }
    }
  }
  shown += after_load.empty() ? "" : "when all rows are there:\n";
  for (const connectors::CatalogStatement& one : after_load) {
    shown += "  " + one.text + "\n";
  }
  return shown;
}

}  // namespace streampark::pump
