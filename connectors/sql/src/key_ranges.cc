// SPDX-License-Identifier: Apache-2.0
#include "key_ranges.h"

#include <algorithm>
#include <charconv>

#include "streampark/connectors/value_text.h"

namespace streampark::connectors::sql {
namespace {

constexpr std::int64_t kMostRanges = 100'000;
/// Without an estimate rows are counted, up to so many ranges' worth.
constexpr std::int64_t kCountedRanges = 100;

bool IsWhole(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return true;
    case TypeKind::kDecimal:
      return type.scale() == 0 && type.precision() <= 20;
    default:
      return false;
  }
}

base::Error NoNumber(const std::string& column) {
  return {base::ErrorCode::kInternal, "the least and greatest '" + column + "' are no numbers"};
}

base::Result<std::int64_t> CountRows(Session& session, const RangeQuestion& question) {
  if (question.estimate && *question.estimate > question.rows * kCountedRanges) {
    return *question.estimate;
  }
  const auto answer = SP_TRY(
      session.Query("SELECT COUNT(*) FROM (SELECT 1 FROM " + question.from + " LIMIT " +
                    std::to_string(question.rows * kCountedRanges) + ") AS streampark_counted"));
  const auto count = answer.empty() || answer[0].empty() || !answer[0][0]
                         ? std::nullopt
                         : ParseDecimal(*answer[0][0], 18, 0);
  if (!count) {
    return NoNumber(question.column->name);
  }
  return std::max(static_cast<std::int64_t>(*count), question.estimate.value_or(0));
}

base::Result<Names> EqualWidths(Session& session, const std::string& column,
                                const RangeQuestion& question) {
  const auto answer = SP_TRY(
      session.Query("SELECT MIN(" + column + "), MAX(" + column + ") FROM " + question.from));
  Names bounds;
  if (answer.empty() || answer[0].size() != 2 || !answer[0][0] || !answer[0][1]) {
    return bounds;
  }
  const auto least = ParseDecimal(*answer[0][0], 38, 0);
  const auto most = ParseDecimal(*answer[0][1], 38, 0);
  if (!least || !most) {
    return NoNumber(question.column->name);
  }
  const std::int64_t count = SP_TRY(CountRows(session, question));
  const Int128 values = *most - *least + 1;
  const Int128 ranges =
      std::min<Int128>({(count + question.rows - 1) / question.rows, values, Int128{kMostRanges}});
  for (Int128 i = 1; i < ranges; ++i) {
    std::string bound;
    AppendDecimal(*least + values * i / ranges, 0, bound);
    bounds.push_back(std::move(bound));
  }
  return bounds;
}

}  // namespace

base::Result<Names> FindBounds(Session& session, const Dialect& dialect,
                               const RangeQuestion& question, const std::stop_token& stop) {
  const std::string column = dialect.Quote(question.column->name);
  if (IsWhole(*question.column->natural)) {
    return EqualWidths(session, column, question);
  }
  // Under a name of ours: ORDER BY takes those of the list before the table's.
  const std::string select =
      "SELECT " + dialect.KeyAsText(*question.column) + " AS streampark_key FROM " + question.from;
  Names bounds;
  std::string beyond;
  while (static_cast<std::int64_t>(bounds.size()) < kMostRanges) {
    if (stop.stop_requested()) {
      return base::Error(base::ErrorCode::kCancelled, "stopped while looking for ranges of keys");
    }
    const auto answer = SP_TRY(session.Query(select + beyond + " ORDER BY " + column + " LIMIT 1" +
                                             " OFFSET " + std::to_string(question.rows)));
    if (answer.empty() || answer[0].empty() || !answer[0][0]) {
      break;
    }
    const std::string& bound = *answer[0][0];
    if (!bounds.empty() && bounds.back() == bound) {
      // More equal values than a range has rows: on to the first other value.
      const auto next = SP_TRY(session.Query(select + " WHERE " + column + " > " +
                                             SP_TRY(dialect.Literal(*question.column, bound)) +
                                             " ORDER BY " + column + " LIMIT 1"));
      if (next.empty() || next[0].empty() || !next[0][0]) {
        break;
      }
      bounds.push_back(*next[0][0]);
    } else {
      bounds.push_back(bound);
    }
    beyond = " WHERE " + column + " >= " + SP_TRY(dialect.Literal(*question.column, bounds.back()));
  }
  return bounds;
}

}  // namespace streampark::connectors::sql
