// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>

#include "streampark/pump/table_plan.h"

/// Targets as the job makes them: columns and key at first, then what their tables have besides (ADR 37).
namespace streampark::pump {
namespace {

using connectors::CatalogColumn;
using connectors::CatalogForeignKey;
using connectors::CatalogIndex;
using connectors::CatalogStatement;
using connectors::CatalogTable;
using Names = std::vector<std::string>;

/// The target's name of a column of the source; empty when it is not written, or not as it is.
std::string WrittenAs(const TablePlan& plan, const std::string& column) {
  for (std::size_t i = 0; i < plan.from_columns.size(); ++i) {
    if (plan.from_columns[i] == column && plan.how[i].empty()) {
      return plan.to_columns[i];
    }
  }
  return "";
}

/// Why they cannot be had at the target; else they have the target's names.
std::string Rename(const TablePlan& plan, Names& columns) {
  for (std::string& column : columns) {
    const std::string to = WrittenAs(plan, column);
    if (to.empty()) {
      return "its column " + column + " is not written as it is";
    }
    column = to;
  }
  return "";
}

/// Whether all columns of the table are at the target under their names.
bool KeepsAll(const TablePlan& plan) {
  return std::ranges::all_of(plan.from.columns, [&](const CatalogColumn& column) {
    return WrittenAs(plan, column.name) == column.name;
  });
}

std::string Rename(const TablePlan& plan, CatalogIndex& index) {
  const Names before = index.columns;
  if (std::string why = Rename(plan, index.columns); !why.empty()) {
    return why;
  }
  const bool words_hold = index.columns == before &&
                          (index.expressions == CatalogIndex::Expressions::kNone || KeepsAll(plan));
  if (!words_hold) {
    if (!index.only_here.empty()) {
      return index.only_here + ", and columns of the table have other names or are not there";
    }
    index.native.clear();
  }
  for (CatalogIndex::Part& part : index.parts) {
    part.column = part.column.empty() ? "" : WrittenAs(plan, part.column);
  }
  return "";
}

std::string NameOf(const std::string& name, const Names& columns) {
  if (!name.empty()) {
    return name;
  }
  std::string listed;
  for (const std::string& column : columns) {
    listed += (listed.empty() ? "" : ", ") + column;
  }
  return "over " + listed;
}

void AddStructure(const TablePlan& plan, const CatalogTable& described, CatalogTable& made,
                  Names& left_out) {
  for (connectors::CatalogCounter counter : described.counters) {
    const std::string to = WrittenAs(plan, counter.column);
    if (to.empty()) {
      left_out.push_back("the counter of " + counter.column + ": it is not written as it is");
      continue;
    }
    counter.column = to;
    made.counters.push_back(std::move(counter));
  }
  for (CatalogIndex index : described.indexes) {
    const std::string what = "the index " + NameOf(index.name, index.columns);
    if (const std::string why = Rename(plan, index); !why.empty()) {
      left_out.push_back(what + ": " + why);
      continue;
    }
    made.indexes.push_back(std::move(index));
  }
}

/// The plan of the table that a key refers to.
const TablePlan* FindPlan(const std::vector<TablePlan*>& plans, const connectors::TableId& table) {
  for (const TablePlan* plan : plans) {
    if (plan->from.id.schema == table.schema && plan->from.id.table == table.table) {
      return plan;
    }
  }
  return nullptr;
}

/// Why it cannot be had; else it is that of the targets.
std::string Resolve(const TablePlan& plan, const std::vector<TablePlan*>& plans,
                    CatalogForeignKey& key) {
  if (std::string why = Rename(plan, key.columns); !why.empty()) {
    return why;
  }
  const TablePlan* other = FindPlan(plans, key.to);
  if (other == nullptr) {
    return "it refers to " + key.to.schema + "." + key.to.table + ", which this job does not move";
  }
  if (std::string why = Rename(*other, key.to_columns); !why.empty()) {
    return "what it refers to, " + other->part + ": " + why;
  }
  key.to = other->to;
  return "";
}

}  // namespace

connectors::CatalogOrigin TablePlanner::OriginOf(const TablePlan& plan) const {
  using Rows = connectors::CatalogOrigin::Rows;
  return {.family = from_->family(),
          .id = plan.from.id,
          .rows = IsAppended() ? Rows::kAppended : Rows::kByKey};
}

base::Status TablePlanner::PlanMade(TablePlan& plan) {
  SP_TRY(Connect());
  CatalogTable wanted{.id = plan.to, .columns = {}, .key = plan.schema->key()};
  for (std::size_t i = 0; i < plan.to_columns.size(); ++i) {
    const auto from =
        std::ranges::find(plan.from.columns, plan.from_columns[i], &CatalogColumn::name);
    if (from != plan.from.columns.end()) {
      wanted.columns.push_back(*from);
    } else {
      const connectors::Field& field = plan.schema->fields()[i];
      wanted.columns.push_back({.name = "", .type = field.type, .nullability = field.nullability});
    }
    wanted.columns.back().name = plan.to_columns[i];
  }
  if (file_.indexes) {
    CatalogTable described = plan.from;
    SP_TRY(from_->DescribeStructure(described));
    AddStructure(plan, described, wanted, plan.left_out);
    wanted.foreign_keys = std::move(described.foreign_keys);  // to be resolved: PlanStructure
  }
  plan.made = std::move(wanted);
  CatalogTable alone = *plan.made;
  alone.foreign_keys.clear();
  auto statement = to_->CreateStatement(alone, OriginOf(plan));
  if (!statement.ok()) {
    return std::move(statement).error().Annotate("the target " + plan.to_name);
  }
  plan.create = *std::move(statement);
  return base::Ok();
}

base::Result<std::vector<CatalogStatement>> TablePlanner::PlanStructure(
    const std::vector<TablePlan*>& plans) {
  SP_TRY(Connect());
  std::vector<CatalogStatement> after;
  for (TablePlan* plan : plans) {
    if (!plan->made) {
      continue;
    }
    std::vector<CatalogForeignKey> keys;
    for (CatalogForeignKey key : std::exchange(plan->made->foreign_keys, {})) {
      const std::string what = "the foreign key " + NameOf(key.name, key.columns);
      if (const std::string why = Resolve(*plan, plans, key); !why.empty()) {
        plan->left_out.push_back(what + ": " + why);
      } else {
        keys.push_back(std::move(key));
      }
    }
    plan->made->foreign_keys = std::move(keys);
    const auto origin = OriginOf(*plan);
    plan->create = SP_TRY(to_->CreateStatement(*plan->made, origin));
    for (CatalogStatement& one : SP_TRY(to_->StatementsAfterLoad(*plan->made, origin))) {
      one.what += " of " + plan->to_name;
      if (!one.lost.empty()) {
        plan->left_out.push_back(one.what + ": " + one.lost);
      }
      if (!one.text.empty()) {
        after.push_back(std::move(one));
      }
    }
  }
  std::ranges::stable_sort(after, {}, &CatalogStatement::turn);
  return after;
}

base::Status TablePlanner::Execute(const std::string& statement) {
  SP_TRY(Connect());
  return to_->Execute(statement);
}

base::Status TablePlanner::Make(const CatalogStatement& statement) {
  SP_TRY(Connect());
  return to_->Make(statement);
}

}  // namespace streampark::pump
