// SPDX-License-Identifier: Apache-2.0
#include "row_transform.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "streampark/base/spelling.h"
#include "streampark/connectors/batch_rows.h"
#include "streampark/connectors/batch_view.h"

namespace streampark::pump {
namespace {

using connectors::Batch;
using connectors::Column;
using connectors::DirtyRecord;
using connectors::Field;
using connectors::Nullability;
using connectors::Schema;
using connectors::TypeKind;
using connectors::ViewOf;
using expressions::Expression;
using expressions::QuoteName;

constexpr std::size_t kMostShown = 64U << 10U;
constexpr const char* kHidden = "***";

bool Has(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// What a mask computes, with `:text` for what the file says.
std::string MaskText(const Mask& mask, const Field& field) {
  const std::string type = field.type.ToString();
  switch (mask.kind) {
    case Mask::Kind::kNull:
      return "CAST(NULL AS " + type + ")";
    case Mask::Kind::kConstant:
      return "CAST(:text AS " + type + ")";
    case Mask::Kind::kHide:
      return field.type.kind() == TypeKind::kString ? "'****'" : "CAST(NULL AS " + type + ")";
    case Mask::Kind::kCover:
      return "cover(" + QuoteName(mask.column) + ", " + std::to_string(mask.first) + ", " +
             std::to_string(mask.last) + ", :text)";
    case Mask::Kind::kHash:
      return "hmac_sha256(" + QuoteName(mask.column) + ", :text)";
  }
  return "";
}

const char* MaskHow(Mask::Kind kind) {
  switch (kind) {
    case Mask::Kind::kNull:
      return "mask: null";
    case Mask::Kind::kConstant:
      return "mask: constant";
    case Mask::Kind::kHide:
      return "mask";
    case Mask::Kind::kCover:
      return "mask: cover";
    case Mask::Kind::kHash:
      return "mask: hash";
  }
  return "mask";
}

/// A mask that reads nothing has one value: whether it can be computed is known at once.
base::Status RequireValue(Expression& expression, const Computed& computed) {
  Column made{.type = expression.type()};
  std::vector<expressions::Failure> failures;
  expression.Evaluate(Batch{.schema = std::make_shared<const Schema>(), .length = 1}, made,
                      failures);
  return failures.empty() ? base::Ok()
                          : base::Status(base::Error(base::ErrorCode::kValidationFailed,
                                                     computed.place + ": " + failures[0].reason));
}

}  // namespace

base::Result<RowTransform> RowTransform::Make(const TableRule& rule, connectors::SchemaPtr read,
                                              std::string table,
                                              const std::map<std::string, std::string>& salts) {
  RowTransform made;
  made.table_ = std::move(table);
  made.read_ = std::move(read);
  made.columns_ = made.read_->fields();
  for (const Field& field : made.columns_) {
    made.hows_.push_back({.name = field.name, .how = ""});
  }
  made.FindHidden(rule);
  SP_TRY(made.MakeCasts(rule));
  SP_TRY(made.MakeComputed(rule));
  SP_TRY(made.MakeFilter(rule));
  SP_TRY(made.MakeMasks(rule, salts));
  SP_TRY(made.MakeOutputs(rule));
  return made;
}

/// What is masked, and what masked values are made from.
void RowTransform::FindHidden(const TableRule& rule) {
  const auto hide = [&](const std::string& name) {
    if (read_->Find(name) >= 0 && !Has(hidden_, name)) {
      hidden_.push_back(name);
    }
  };
  for (const Mask& mask : rule.masks) {
    hide(mask.column);
    for (const Computed& set : rule.sets) {
      if (set.column != mask.column) {
        continue;
      }
      if (const auto compiled = Expression::Compile(set.text, *read_); compiled.ok()) {
        for (const std::size_t at : compiled->columns()) {
          hide(read_->fields()[at].name);
        }
      } else {
        // Its types are those after `cast`: whatever it reads, nothing is shown.
        std::ranges::for_each(read_->fields(), [&](const Field& field) { hide(field.name); });
      }
    }
  }
}

std::size_t RowTransform::Place(const std::string& column) const {
  return static_cast<std::size_t>(std::ranges::find(columns_, column, &Field::name) -
                                  columns_.begin());
}

base::Result<Expression> RowTransform::Compile(const Computed& computed,
                                               expressions::Setting setting) const {
  const Schema schema(columns_);
  auto compiled = Expression::Compile(computed.text, schema, setting);
  if (!compiled.ok()) {
    auto error = std::move(compiled).error();
    return base::Error(error.code(), computed.place + " " + error.message()).WithHint(error.hint());
  }
  const bool hides = std::ranges::any_of(
      compiled->columns(), [&](std::size_t at) { return Has(hidden_, columns_[at].name); });
  if (hides && setting.values == expressions::Setting::Values::kShown) {
    setting.values = expressions::Setting::Values::kHidden;
    return Expression::Compile(computed.text, schema, std::move(setting));
  }
  return compiled;
}

base::Status RowTransform::MakeCasts(const TableRule& rule) {
  for (const Computed& cast : rule.casts) {
    const std::size_t at = Place(cast.column);
    if (at == columns_.size()) {
      std::vector<std::string> names;
      std::ranges::transform(columns_, std::back_inserter(names), &Field::name);
      const auto near = base::ClosestMatch(cast.column, names);
      return base::Error(base::ErrorCode::kValidationFailed,
                         cast.place + ": " + table_ + " has no column '" + cast.column + "'")
          .WithHint(near ? "did you mean '" + *near + "'?" : "");
    }
    Computed whole = cast;
    whole.text = "CAST(" + QuoteName(cast.column) + " AS " + cast.text + ")";
    auto expression = SP_TRY(Compile(whole, {}));
    casts_.push_back({.expression = std::move(expression),
                      .column = at,
                      .what = "'" + cast.column + "'",
                      .origin = cast.origin,
                      .made = {.type = TypeKind::kBoolean}});
  }
  for (const Step& cast : casts_) {
    columns_[cast.column].type = cast.expression.type();
    hows_[cast.column].how = "cast";
  }
  return base::Ok();
}

base::Status RowTransform::MakeComputed(const TableRule& rule) {
  std::size_t added = 0;
  for (const Computed& set : rule.sets) {
    auto expression = SP_TRY(Compile(set, {}));
    const std::size_t at = Place(set.column);
    sets_.push_back({.expression = std::move(expression),
                     .column = at < columns_.size() ? at : columns_.size() + added++,
                     .what = "'" + set.column + "'",
                     .origin = set.origin,
                     .made = {.type = TypeKind::kBoolean}});
  }
  for (std::size_t i = 0; i < sets_.size(); ++i) {
    const Expression& expression = sets_[i].expression;
    const Field field{rule.sets[i].column, expression.type(), expression.nullability()};
    if (sets_[i].column < columns_.size()) {
      columns_[sets_[i].column] = field;
      hows_[sets_[i].column].how = "set";
    } else {
      columns_.push_back(field);
      hows_.push_back({.name = field.name, .how = "set"});
    }
  }
  return base::Ok();
}

base::Status RowTransform::MakeFilter(const TableRule& rule) {
  if (rule.filter.text.empty()) {
    return base::Ok();
  }
  auto expression = SP_TRY(Compile(rule.filter, {}));
  if (expression.type().kind() != TypeKind::kBoolean) {
    return base::Error(
        base::ErrorCode::kValidationFailed,
        rule.filter.place + " is " + expression.type().ToString() + ", and has to be BOOLEAN");
  }
  filter_sees_set_ = std::ranges::any_of(expression.columns(), [&](std::size_t at) {
    return std::ranges::find(sets_, at, &Step::column) != sets_.end();
  });
  filter_.push_back({.expression = std::move(expression),
                     .column = 0,
                     .what = "filter",
                     .origin = rule.filter.origin,
                     .made = {.type = TypeKind::kBoolean}});
  return base::Ok();
}

base::Status RowTransform::MakeMasks(const TableRule& rule,
                                     const std::map<std::string, std::string>& salts) {
  for (const Mask& mask : rule.masks) {
    const std::size_t at = Place(mask.column);
    Computed computed{
        .column = mask.column, .text = "", .place = mask.place, .origin = mask.origin};
    if (at == columns_.size()) {
      return base::Error(base::ErrorCode::kValidationFailed,
                         mask.place + ": " + table_ + " has no column '" + mask.column + "'");
    }
    computed.text = MaskText(mask, columns_[at]);
    const auto salt = salts.find(mask.column);
    const std::string text =
        mask.kind == Mask::Kind::kHash && salt != salts.end() ? salt->second : mask.text;
    auto expression = SP_TRY(Compile(computed, {.parameters = {{"text", text}},
                                                .values = expressions::Setting::Values::kHidden}));
    if (expression.columns().empty()) {
      SP_TRY(RequireValue(expression, computed));
    }
    masks_.push_back({.expression = std::move(expression),
                      .column = at,
                      .what = "'" + mask.column + "'",
                      .origin = mask.origin,
                      .made = {.type = TypeKind::kBoolean}});
    hows_[at].how += (hows_[at].how.empty() ? "" : ", ") + std::string(MaskHow(mask.kind));
    hows_[at].unique = mask.kind == Mask::Kind::kHash;
  }
  for (const Step& mask : masks_) {
    columns_[mask.column].type = mask.expression.type();
    columns_[mask.column].nullability = mask.expression.nullability();
  }
  return base::Ok();
}

base::Status RowTransform::MakeOutputs(const TableRule& rule) {
  for (const std::string& name : rule.drop) {
    if (Place(name) == columns_.size()) {
      return base::Error(base::ErrorCode::kValidationFailed,
                         rule.origin + ": drop: " + table_ + " has no column '" + name + "'");
    }
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!Has(rule.drop, columns_[i].name)) {
      kept_.push_back(i);
      fields_.push_back(columns_[i]);
      outputs_.push_back(hows_[i]);
    }
  }
  if (kept_.empty()) {
    return base::Error(base::ErrorCode::kValidationFailed,
                       rule.origin + ": drop: no column of " + table_ + " is left");
  }
  for (const Field& field : fields_) {
    copies_.push_back({.type = field.type});
  }
  return base::Ok();
}

Batch& RowTransform::Apply(const Batch& batch, const connectors::SchemaPtr& schema,
                           std::vector<DirtyRecord>& dirty) {
  batch_ = &batch;
  dirty_ = &dirty;
  now_.length = batch.length;
  now_.columns.clear();
  for (const Column& column : batch.columns) {
    now_.columns.push_back(ViewOf(column));
  }
  rows_.resize(static_cast<std::size_t>(batch.length));
  std::iota(rows_.begin(), rows_.end(), 0);
  RunAll(casts_);
  if (!filter_sees_set_) {
    Filter();
  }
  while (now_.columns.size() < columns_.size()) {
    now_.columns.push_back({.type = TypeKind::kBoolean});
  }
  RunAll(sets_);
  if (filter_sees_set_) {
    Filter();
  }
  RunAll(masks_);

  out_.schema = schema;
  out_.length = static_cast<std::int64_t>(rows_.size());
  out_.columns.clear();
  out_.kinds.clear();
  const bool all = rows_.size() == static_cast<std::size_t>(batch.length);
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    if (all) {
      out_.columns.push_back(ViewOf(now_.columns[kept_[i]]));
    } else {
      connectors::CopyRows(now_.columns[kept_[i]], rows_, copies_[i]);
      out_.columns.push_back(ViewOf(copies_[i]));
    }
  }
  for (const std::int32_t row : rows_) {
    if (!batch.kinds.empty()) {
      out_.kinds.push_back(batch.kind(row));
    }
  }
  return out_;
}

void RowTransform::Run(Step& step) {
  if (rows_.size() == static_cast<std::size_t>(now_.length)) {
    step.expression.Evaluate(now_, step.made, failures_);
  } else {
    step.expression.Evaluate(now_, rows_, step.made, failures_);
  }
  TakeFailures(step.what, step.origin);
}

/// Each sees what was there before all of them.
void RowTransform::RunAll(std::vector<Step>& steps) {
  for (Step& step : steps) {
    Run(step);
  }
  for (Step& step : steps) {
    now_.columns[step.column] = ViewOf(step.made);
  }
}

void RowTransform::Filter() {
  for (Step& step : filter_) {
    step.expression.Select(now_, rows_, failures_);
    TakeFailures(step.what, step.origin);
  }
}

void RowTransform::TakeFailures(const std::string& what, const std::string& origin) {
  if (failures_.empty()) {
    return;
  }
  for (const expressions::Failure& failure : failures_) {
    std::string text = "+I(";
    for (std::size_t i = 0; i < batch_->columns.size(); ++i) {
      text += i == 0 ? "" : ", ";
      text += Has(hidden_, read_->fields()[i].name)
                  ? kHidden
                  : connectors::DebugText(batch_->columns[i], failure.row);
    }
    text += ")";
    text.resize(std::min(text.size(), kMostShown));
    dirty_->push_back({.where = table_ + ", transformed by " + origin,
                       .reason = what + ": " + failure.reason,
                       .bytes = std::move(text)});
  }
  std::erase_if(rows_, [&](std::int32_t row) {
    return std::ranges::binary_search(failures_, std::int64_t{row}, {}, &expressions::Failure::row);
  });
}

void RowTransform::Hide(DirtyRecord& record) const {
  if (hidden_.empty()) {
    return;
  }
  record.bytes = kHidden;
  for (const std::string& name : hidden_) {
    if (record.reason.starts_with("'" + name + "'")) {
      record.reason = "'" + name + "': it cannot be read";
    }
  }
}

}  // namespace streampark::pump
