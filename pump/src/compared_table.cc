// SPDX-License-Identifier: Apache-2.0
#include "compared_table.h"

#include <algorithm>
#include <utility>

#include "streampark/base/check.h"
#include "streampark/connectors/batch_view.h"

namespace streampark::pump {
namespace {

using connectors::CatalogColumn;
using connectors::CatalogTable;
using connectors::TypeKind;

const CatalogColumn& ColumnOf(const CatalogTable& table, const std::string& name) {
  const auto found = std::ranges::find(table.columns, name, &CatalogColumn::name);
  SP_CHECK(found != table.columns.end());
  return *found;
}

std::size_t PlaceOf(const TablePlan& plan, const std::string& name) {
  const auto found = std::ranges::find(plan.to_columns, name);
  SP_CHECK(found != plan.to_columns.end());
  return static_cast<std::size_t>(found - plan.to_columns.begin());
}

/// The source's name of a column of the target; empty when it is computed.
const std::string& SourceName(const TablePlan& plan, const std::string& name) {
  return plan.from_columns[PlaceOf(plan, name)];
}

bool IsAmong(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// Read as text, where both sides are of one type: what has no value of ours (infinity) has a text.
bool BetterAsText(TypeKind kind) {
  return kind == TypeKind::kDecimal || kind == TypeKind::kDate || kind == TypeKind::kTime ||
         kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampTz || kind == TypeKind::kList;
}

base::Error Unreadable(const CatalogColumn& column, const std::string& table) {
  return base::Error(base::ErrorCode::kValidationFailed, "the column '" + column.name + "' of " +
                                                             table + " has the type " +
                                                             column.native + ": " + column.refusal)
      .WithHint("name the columns that are wanted without it, under `transforms`");
}

}  // namespace

base::Result<std::unique_ptr<ComparedTable>> ComparedTable::Make(const TablePlanner& planner,
                                                                 std::vector<TablePlan> plans) {
  std::unique_ptr<ComparedTable> made(new ComparedTable(planner, std::move(plans)));
  const TablePlan& first = made->plans_.front();
  if (!first.target) {
    return base::Error(base::ErrorCode::kNotFound, "the target has no table " + first.to_name)
        .WithHint("the pump makes it, when it runs");
  }
  SP_TRY(made->ChooseColumns());
  SP_TRY(made->ChooseTypes());
  SP_TRY(made->ChooseForms());
  SP_TRY(made->ChooseRanges());
  return made;
}

base::Status ComparedTable::ChooseColumns() {
  const TablePlan& first = plans_.front();
  std::vector<std::string> common;
  for (const TablePlan& plan : plans_) {
    for (const std::string& name : plan.to_columns) {
      const bool everywhere = std::ranges::all_of(
          plans_, [&](const TablePlan& other) { return IsAmong(other.to_columns, name); });
      auto& into = everywhere ? common : left_out_;
      if (!IsAmong(into, name)) {
        into.push_back(name);
      }
    }
  }
  std::vector<std::string> key = first.schema->key();
  if (!std::ranges::all_of(plans_, [&](const auto& plan) { return plan.schema->key() == key; })) {
    key.clear();
  }
  if (key.empty()) {
    key = first.target->key;
  }
  if (!std::ranges::all_of(key, [&](const auto& name) { return IsAmong(common, name); })) {
    key.clear();
  }
  columns_ = key;
  key_columns_ = key.size();
  for (const std::string& name : common) {
    if (!IsAmong(key, name)) {
      columns_.push_back(name);
    }
  }
  if (columns_.empty()) {
    return base::Error(base::ErrorCode::kValidationFailed,
                       "the tables that go into " + first.to_name + " have no column in common");
  }
  return base::Ok();
}

base::Status ComparedTable::ChooseTypes() {
  const TablePlan& first = plans_.front();
  std::vector<std::vector<connectors::Field>> fields(plans_.size() + 1);
  for (const std::string& name : columns_) {
    const CatalogColumn& there = ColumnOf(*first.target, name);
    bool same = !there.wire.empty();
    for (const TablePlan& plan : plans_) {
      same = same && !plan.rule && ColumnOf(plan.from, SourceName(plan, name)).wire == there.wire;
    }
    for (std::size_t i = 0; i <= plans_.size(); ++i) {
      const bool target = i == plans_.size();
      if (!target && plans_[i].rule) {
        continue;
      }
      const CatalogColumn& column =
          target ? there : ColumnOf(plans_[i].from, SourceName(plans_[i], name));
      if (!column.type) {
        return Unreadable(column, target ? first.to_name : plans_[i].part);
      }
      const connectors::Type type = same && BetterAsText(column.type->kind())
                                        ? connectors::Type(TypeKind::kString)
                                        : *column.type;
      fields[i].push_back({column.name, type, column.nullability});
    }
  }
  for (auto& of_place : fields) {
    wanted_.push_back(of_place.empty()
                          ? nullptr
                          : std::make_shared<const connectors::Schema>(std::move(of_place)));
  }
  const bool copied = std::ranges::all_of(plans_, [&](const TablePlan& plan) {
    return plan.form == RowForm::kCopied && plan.to_columns == first.to_columns;
  });
  first_form_ = copied ? RowForm::kCopied : RowForm::kColumns;
  return base::Ok();
}

base::Status ComparedTable::ChooseForms() {
  std::vector<std::vector<ColumnSide>> sides(columns_.size());
  const auto add = [&](const Place& place) -> base::Status {
    if (place.side == Side::kSource && plans_[place.table].rule) {
      const TablePlan& plan = plans_[place.table];
      for (std::size_t i = 0; i < sides.size(); ++i) {
        sides[i].push_back(
            {plan.schema->fields()[PlaceOf(plan, columns_[i])].type, connectors::TextKind::kPlain});
      }
      return base::Ok();
    }
    const connectors::Source* made = SP_TRY(source(place, RowForm::kColumns));
    const auto* comparable = dynamic_cast<const connectors::ComparableSource*>(made);
    const auto& fields = made->schema()->fields();
    for (std::size_t i = 0; i < sides.size(); ++i) {
      sides[i].push_back({fields[i].type, comparable != nullptr ? comparable->texts()[i]
                                                                : connectors::TextKind::kPlain});
    }
    return base::Ok();
  };
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    SP_TRY(add({Side::kSource, i}));
  }
  SP_TRY(add({Side::kTarget, 0}));
  for (const auto& of_column : sides) {
    canonical_.emplace_back(of_column);
  }
  return base::Ok();
}

base::Status ComparedTable::ChooseRanges() {
  if (key_columns_ == 0) {
    return base::Ok();
  }
  const std::string& column = columns_.front();
  target_key_.assign(columns_.begin(), columns_.begin() + static_cast<long>(key_columns_));
  Renew();
  if (SP_TRY(HaveRangesOf(column))) {
    range_column_ = column;
    return base::Ok();
  }
  // By its own key then, or as it lies.
  target_key_.clear();
  Renew();
  return base::Ok();
}

/// Whether all places have ranges of that column, in one order.
base::Result<bool> ComparedTable::HaveRangesOf(const std::string& column) {
  const auto there = ranges({Side::kTarget, 0});
  if (!there.ok()) {
    // A key that the target cannot be read by: it holds nulls, or sorts by no order that a literal has.
    if (there.error().retryable()) {
      return there.error();
    }
    return false;
  }
  if (*there == nullptr || (*there)->column() != column) {
    return false;
  }
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    const auto* own = SP_TRY(ranges({Side::kSource, i}));
    if (own == nullptr || own->order() != (*there)->order() ||
        own->column() != SourceName(plans_[i], column)) {
      return false;
    }
  }
  return true;
}

base::Result<std::unique_ptr<RowTransform>> ComparedTable::MakeTransform(const Place& place) const {
  return place.side == Side::kSource ? plans_[place.table].MakeTransform()
                                     : std::unique_ptr<RowTransform>();
}

connectors::Batch ComparedTable::Compared(const Place& place,
                                          const connectors::Batch& transformed) const {
  std::vector<std::size_t> places;
  for (const std::string& name : columns_) {
    places.push_back(PlaceOf(plans_[place.table], name));
  }
  return connectors::ViewOf(transformed, nullptr, places);
}

base::Result<const connectors::KeyRanges*> ComparedTable::ranges(const Place& place) {
  const auto* comparable =
      dynamic_cast<connectors::ComparableSource*>(SP_TRY(source(place, first_form_)));
  return comparable != nullptr ? comparable->key_ranges() : nullptr;
}

base::Result<std::unique_ptr<connectors::Source>> ComparedTable::MakeSource(const Place& place,
                                                                            RowForm form) const {
  const bool target = place.side == Side::kTarget;
  const std::size_t number = target ? plans_.size() : place.table;
  const auto wanted = form == RowForm::kCopied ? nullptr : wanted_[number];
  return target ? planner_.MakeSourceOfTarget(plans_.front(), form, wanted, target_key_)
                : planner_.MakeSource(plans_[number], form, wanted);
}

base::Result<connectors::Source*> ComparedTable::source(const Place& place, RowForm form) {
  const std::lock_guard lock(mutex_);
  auto& made = sources_[{place.side == Side::kTarget ? plans_.size() : place.table, form}];
  if (!made) {
    auto source = SP_TRY(MakeSource(place, form));
    if (auto* comparable = dynamic_cast<connectors::ComparableSource*>(source.get())) {
      SP_TRY(comparable->HoldSnapshot());
    }
    made = std::move(source);
  }
  return made.get();
}

void ComparedTable::Renew() {
  const std::lock_guard lock(mutex_);
  sources_.clear();
}

}  // namespace streampark::pump
