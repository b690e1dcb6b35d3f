// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "streampark/pump/pump.h"
#include "streampark/pump/table_plan.h"

namespace streampark::pump {
namespace {

void AppendPlan(const TablePlan& plan, std::string& out) {
  out += plan.part + " → " + plan.to_name;
  if (plan.from.estimated_rows) {
    out += ", about " + std::to_string(*plan.from.estimated_rows) + " rows";
  }
  out += plan.form == RowForm::kCopied ? ", copied as they are"
                                       : ", by columns: " + plan.why_by_columns;
  out += "\n";
  std::size_t widest = 0;
  for (const std::string& name : plan.columns) {
    widest = std::max(widest, name.size());
  }
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    const auto column =
        std::ranges::find(plan.from.columns, plan.columns[i], &connectors::CatalogColumn::name);
    out += "  " + plan.columns[i] + std::string(widest - plan.columns[i].size() + 2, ' ') +
           column->native;
    if (plan.form == RowForm::kColumns && column->type) {
      out += " as " + column->type->ToString();
    }
    if (plan.to_columns[i] != plan.columns[i]) {
      out += " → " + plan.to_columns[i];
    }
    out += std::ranges::find(plan.from.key, plan.columns[i]) != plan.from.key.end() ? ", key" : "";
    out += "\n";
  }
  if (!plan.where.empty()) {
    out += "  where " + plan.where + "\n";
  }
  if (plan.create) {
    out += "  " + *plan.create + "\n";
  }
}

}  // namespace

base::Result<std::string> DryRun(const PumpFile& file,
                                 const connectors::ConnectorRegistry& connectors,
                                 const base::Clock& clock) {
  const auto planner = SP_TRY(TablePlanner::Make(file, connectors, clock));
  std::string shown;
  for (const connectors::TableId& table : SP_TRY(planner->Find())) {
    AppendPlan(SP_TRY(planner->Plan(table)), shown);
  }
  return shown;
}

}  // namespace streampark::pump
