// SPDX-License-Identifier: Apache-2.0
#include "split_place.h"

#include "streampark/connectors/state_bytes.h"

namespace streampark::connectors::sql {
namespace {

constexpr std::uint16_t kPlaceVersion = 1;
constexpr std::int64_t kMostKeyColumns = 1'000;

void Add(const std::optional<std::string>& bound, StateWriter& out) {
  out.Number(bound ? 1 : 0);
  if (bound) {
    out.Text(*bound);
  }
}

std::optional<std::string> TakeBound(StateReader& in) {
  if (in.Number() == 0) {
    return std::nullopt;
  }
  return std::string(in.Text());
}

/// Rows whose key comes after `values`: the first column bounds them for the index, the rest is exact.
///
///   a >= 1 AND (a > 1 OR (a = 1 AND (b > 2)))
std::string Beyond(const Names& columns, const Names& values) {
  std::string condition;
  std::string closing;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string greater = columns[i] + " > " + values[i];
    if (i + 1 == columns.size()) {
      condition += greater;
    } else {
      condition += greater + " OR (" + columns[i] + " = " + values[i] + " AND (";
      closing += "))";
    }
  }
  condition += closing;
  return columns.size() == 1 ? condition
                             : columns[0] + " >= " + values[0] + " AND (" + condition + ")";
}

}  // namespace

Position SplitPlace::ToPosition() const {
  StateWriter out;
  Add(low, out);
  Add(high, out);
  out.Number(static_cast<std::int64_t>(after.size()));
  for (const std::string& value : after) {
    out.Text(value);
  }
  return {kPlaceVersion, out.Number(rows).Take()};
}

base::Result<SplitPlace> SplitPlace::From(const Position& position) {
  StateReader in(position.bytes);
  SplitPlace place;
  place.low = TakeBound(in);
  place.high = TakeBound(in);
  const std::int64_t count = in.Number();
  for (std::int64_t i = 0; i < count && count <= kMostKeyColumns && !in.failed(); ++i) {
    place.after.emplace_back(in.Text());
  }
  place.rows = in.Number();
  if (position.version != kPlaceVersion || !in.done() || count < 0 || count > kMostKeyColumns ||
      place.rows < 0) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "'" + position.bytes + "' is no position in a table");
  }
  return place;
}

base::Result<std::string> SelectFrom(const Dialect& dialect, const Selection& selection,
                                     const SplitPlace& place) {
  std::string select = "SELECT ";
  for (std::size_t i = 0; i < selection.items.size(); ++i) {
    // Under names of ours: ORDER BY takes those of the list before the table's.
    select.append(i == 0 ? "" : ", ").append(selection.items[i]);
    select.append(" AS streampark_").append(std::to_string(i));
  }
  select += " FROM " + selection.from;
  if (selection.order.empty()) {
    select += selection.condition.empty() ? "" : " WHERE " + selection.condition;
    return place.rows == 0 ? select : select + dialect.Skip(place.rows);
  }
  Names columns;
  for (const NativeColumn& column : selection.order) {
    columns.push_back(dialect.Quote(column.name));
  }
  Names conditions;
  if (!selection.condition.empty()) {
    conditions.push_back(selection.condition);
  }
  if (!place.after.empty()) {
    if (place.after.size() != columns.size()) {
      return base::Error(base::ErrorCode::kSnapshotInvalid,
                         "a position of a key of " + std::to_string(place.after.size()) +
                             " columns, and the key has " + std::to_string(columns.size()))
          .WithHint("the key of the table or the option 'key' was changed: start from nothing");
    }
    Names values;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      values.push_back(SP_TRY(dialect.Literal(selection.order[i], place.after[i])));
    }
    conditions.push_back(Beyond(columns, values));
  } else if (place.low) {
    conditions.push_back(columns[0] +
                         " >= " + SP_TRY(dialect.Literal(selection.order[0], *place.low)));
  }
  if (place.high) {
    conditions.push_back(columns[0] + " < " +
                         SP_TRY(dialect.Literal(selection.order[0], *place.high)));
  }
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    select += (i == 0 ? " WHERE " : " AND ") + conditions[i];
  }
  if (selection.sorting == Selection::Sorting::kNone) {
    return select;
  }
  select += " ORDER BY ";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    select.append(i == 0 ? "" : ", ").append(columns[i]);
  }
  return select;
}

}  // namespace streampark::connectors::sql
