// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>

#include "streampark/base/json.h"
#include "streampark/pump/verify.h"

namespace streampark::pump {
namespace {

using Kind = TableVerdict::Kind;

std::string_view NameOf(Kind kind) {
  return kind == Kind::kEqual ? "equal" : kind == Kind::kDifferent ? "different" : "unknown";
}

std::string_view NameOf(RowDifference::Kind kind) {
  switch (kind) {
    case RowDifference::Kind::kMissing:
      return "missing";
    case RowDifference::Kind::kExtra:
      return "extra";
    case RowDifference::Kind::kDifferent:
      return "different";
    case RowDifference::Kind::kRepeated:
      return "repeated";
  }
  return "";
}

std::string Listed(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) {
    joined += (joined.empty() ? "" : ", ") + name;
  }
  return joined;
}

std::string Rows(std::int64_t rows) {
  return std::to_string(rows) + (rows == 1 ? " row" : " rows");
}

std::string TextOf(const RangeDifference& range, const std::string& column) {
  std::string text = column.empty() ? "the whole table" : column;
  if (!column.empty()) {
    text += range.low ? " from " + *range.low : "";
    text += range.high ? " below " + *range.high : "";
    text += range.low || range.high ? "" : ": all";
  }
  return text + ": " + Rows(range.source_rows) + " at the source, " +
         std::to_string(range.target_rows) + " at the target" +
         (range.named ? "" : "; not all is named");
}

std::string TextOf(const RowDifference& difference) {
  std::string text = std::string(NameOf(difference.kind)) + "  ";
  for (std::size_t i = 0; i < difference.key.size(); ++i) {
    const auto& value = difference.key[i];
    const std::string quote = value.is_text ? "'" : "";
    text.append(i == 0 ? "" : ", ").append(value.column).append("=");
    text.append(quote).append(value.text).append(quote);
  }
  text += difference.row ? "(" + *difference.row + ")" : "";
  if (difference.kind == RowDifference::Kind::kRepeated || difference.source_rows > 1 ||
      difference.target_rows > 1) {
    text += "  " + std::to_string(difference.source_rows) + " at the source, " +
            std::to_string(difference.target_rows) + " at the target";
  }
  for (std::size_t i = 0; i < difference.columns.size(); ++i) {
    const auto& column = difference.columns[i];
    text += (i == 0 ? "  in " : ", ") + column.name;
    if (column.source && column.target) {
      text += " (" + *column.source + " → " + *column.target + ")";
    }
  }
  return text;
}

void Append(const TableVerdict& table, std::string& out) {
  out += Listed(table.sources) + " → " + (table.target.empty() ? "?" : table.target) + ": " +
         (table.kind == Kind::kUnknown ? "could not tell" : std::string(NameOf(table.kind)));
  if (table.kind != Kind::kUnknown) {
    out += ", " + Rows(table.source_rows) + " at the source, " + std::to_string(table.target_rows) +
           " at the target";
  }
  out += "\n";
  if (!table.why_unknown.empty()) {
    out += "  " + table.why_unknown + "\n";
  }
  if (!table.left_out.empty()) {
    out +=
        "  not compared, since not all of the tables have them: " + Listed(table.left_out) + "\n";
  }
  if (table.kind != Kind::kDifferent) {
    return;
  }
  const bool all = std::ranges::all_of(table.range_differences, &RangeDifference::named);
  out += std::string(all ? "  " : "  at least ") + std::to_string(table.missing) + " missing, " +
         std::to_string(table.extra) + " extra, " + std::to_string(table.different) +
         " different, " + std::to_string(table.repeated) + " repeated, in " +
         std::to_string(table.different_ranges) + " of " + std::to_string(table.ranges) +
         (table.ranges == 1 ? " range" : " ranges") + "\n";
  for (const RangeDifference& range : table.range_differences) {
    out += "  " + TextOf(range, table.range_column) + "\n";
  }
  if (table.key.empty()) {
    out += "  without a key rows are counted and not named\n";
  }
  for (const RowDifference& difference : table.differences) {
    if (!difference.key.empty() || difference.row) {
      out += "    " + TextOf(difference) + "\n";
    }
  }
}

json::value OrNull(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

json::array ArrayOf(const std::vector<std::string>& names) {
  return json::array(names.begin(), names.end());
}

json::object JsonOf(const RowDifference& difference) {
  json::object key;
  for (const auto& value : difference.key) {
    key[value.column] = value.text;
  }
  json::array columns;
  for (const auto& column : difference.columns) {
    json::object one{{"name", column.name}};
    if (column.source && column.target) {
      one["source"] = *column.source;
      one["target"] = *column.target;
    }
    columns.push_back(std::move(one));
  }
  json::object out{{"kind", std::string(NameOf(difference.kind))},
                   {"key", std::move(key)},
                   {"sourceRows", difference.source_rows},
                   {"targetRows", difference.target_rows},
                   {"columns", std::move(columns)}};
  if (difference.row) {
    out["row"] = *difference.row;
  }
  return out;
}

json::object JsonOf(const TableVerdict& table) {
  json::array ranges;
  for (const RangeDifference& range : table.range_differences) {
    ranges.push_back(json::object{{"low", OrNull(range.low)},
                                  {"high", OrNull(range.high)},
                                  {"sourceRows", range.source_rows},
                                  {"targetRows", range.target_rows},
                                  {"named", range.named}});
  }
  json::array differences;
  for (const RowDifference& difference : table.differences) {
    differences.push_back(JsonOf(difference));
  }
  return {{"sources", ArrayOf(table.sources)},
          {"target", json::TextOrNull(table.target)},
          {"verdict", std::string(NameOf(table.kind))},
          {"reason", json::TextOrNull(table.why_unknown)},
          {"key", ArrayOf(table.key)},
          {"rangeColumn", json::TextOrNull(table.range_column)},
          {"leftOut", ArrayOf(table.left_out)},
          {"sourceRows", table.source_rows},
          {"targetRows", table.target_rows},
          {"sourceRowsRead", table.source_rows_read},
          {"targetRowsRead", table.target_rows_read},
          {"ranges", table.ranges},
          {"differentRanges", table.different_ranges},
          {"missing", table.missing},
          {"extra", table.extra},
          {"different", table.different},
          {"repeated", table.repeated},
          {"rangeDifferences", std::move(ranges)},
          {"differences", std::move(differences)}};
}

}  // namespace

Kind VerifyReport::kind() const {
  const auto any = [&](Kind kind) {
    return std::ranges::any_of(tables, [&](const auto& one) { return one.kind == kind; });
  };
  return any(Kind::kDifferent)                   ? Kind::kDifferent
         : any(Kind::kUnknown) || tables.empty() ? Kind::kUnknown
                                                 : Kind::kEqual;
}

std::string VerifyReport::ToText() const {
  std::string out;
  for (const TableVerdict& table : tables) {
    Append(table, out);
  }
  return out;
}

std::string VerifyReport::ToJson() const {
  json::array all;
  for (const TableVerdict& table : tables) {
    all.push_back(JsonOf(table));
  }
  return json::serialize(
      json::object{{"verdict", std::string(NameOf(kind()))}, {"tables", std::move(all)}});
}

}  // namespace streampark::pump
