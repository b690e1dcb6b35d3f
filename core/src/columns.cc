// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/columns.h"

#include "streampark/base/spelling.h"

namespace streampark::core {

namespace {

using connectors::Field;
using connectors::Type;
using connectors::TypeKind;

bool IsInteger(TypeKind kind) { return kind >= TypeKind::kInt8 && kind <= TypeKind::kInt64; }

/// Whether ColumnCodec reads values of `from` as `wanted`, without loss.
bool Reads(const Type& wanted, const Type& from) {
  if (IsInteger(wanted.kind()) && IsInteger(from.kind())) {
    return from.width() <= wanted.width();
  }
  if (wanted.kind() == TypeKind::kFloat64 && from.kind() == TypeKind::kFloat32) {
    return true;
  }
  if (wanted.kind() == TypeKind::kTimestampTz && from.kind() == TypeKind::kTimestamp) {
    return true;
  }
  if (wanted.kind() != from.kind() || wanted.children().size() != from.children().size()) {
    return false;
  }
  for (std::size_t i = 0; i < wanted.children().size(); ++i) {
    if (!Reads(wanted.children()[i].type, from.children()[i].type)) {
      return false;
    }
  }
  return true;
}

}  // namespace

base::Result<std::vector<int>> BindColumns(const connectors::Schema& wanted,
                                           const connectors::Schema& from) {
  std::vector<int> columns;
  std::vector<base::FieldError> errors;
  for (const auto& field : wanted.fields()) {
    const int found = from.Find(field.name);
    if (found < 0) {
      std::vector<std::string> names;
      for (const auto& there : from.fields()) {
        names.push_back(there.name);
      }
      const auto nearest = base::ClosestMatch(field.name, names);
      errors.push_back(
          {"/" + field.name, "There is no column '" + field.name + "'.",
           nearest ? "did you mean '" + *nearest + "'?" : "it has: " + from.ToString()});
      continue;
    }
    const auto& there = from.fields()[static_cast<std::size_t>(found)];
    if (!Reads(field.type, there.type)) {
      errors.push_back({"/" + field.name,
                        "The column '" + field.name + "' is " + there.type.ToString() +
                            " and the field " + field.type.ToString() + ".",
                        "give the field the column's type"});
    }
    columns.push_back(found);
  }
  if (!errors.empty()) {
    return base::Error(base::ErrorCode::kValidationFailed, errors.front().message)
        .WithHint(errors.front().hint)
        .WithFields(std::move(errors));
  }
  return columns;
}

}  // namespace streampark::core
