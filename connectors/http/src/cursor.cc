// SPDX-License-Identifier: Apache-2.0
#include "cursor.h"

#include "streampark/connectors/batch_builder.h"
#include "streampark/formats/text_values.h"

namespace streampark::connectors::http {

bool CursorColumn::Orders(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
    case TypeKind::kString:
      return true;
    default:
      return false;
  }
}

CursorColumn::Value CursorColumn::At(const Column& column, std::int64_t row) const {
  switch (type_.kind()) {
    case TypeKind::kInt8:
      return {column.value<std::int8_t>(row), ""};
    case TypeKind::kInt16:
      return {column.value<std::int16_t>(row), ""};
    case TypeKind::kInt32:
    case TypeKind::kDate:
      return {column.value<std::int32_t>(row), ""};
    case TypeKind::kString:
      return {0, std::string(column.text(row))};
    default:
      return {column.value<std::int64_t>(row), ""};
  }
}

std::optional<CursorColumn::Value> CursorColumn::Parse(std::string_view text) const {
  BatchBuilder one(std::make_shared<const Schema>(std::vector<Field>{{"cursor", type_}}));
  if (formats::AppendTextValue(text, one.column(0)) != nullptr) {
    return std::nullopt;
  }
  one.EndRow();
  return At(one.Finish()->columns[0], 0);
}

base::Status CursorColumn::SetBound(std::string_view text) {
  bound_.reset();
  if (text.empty()) {
    return base::Ok();
  }
  bound_ = Parse(text);
  if (!bound_) {
    return base::Error(base::ErrorCode::kValidationFailed,
                       "'" + std::string(text) + "' is no " + type_.ToString());
  }
  return base::Ok();
}

bool CursorColumn::IsBeyond(const Batch& batch, std::int64_t row) const {
  const Column& column = batch.columns[at_];
  return !bound_ || column.null(row) || *bound_ < At(column, row);
}

void CursorColumn::Raise(const Batch& batch, std::int64_t row, std::string& greatest) {
  const Column& column = batch.columns[at_];
  if (column.null(row)) {
    return;
  }
  if (greatest != greatest_text_) {
    greatest_ = Parse(greatest);
    greatest_text_ = greatest;
  }
  Value value = At(column, row);
  if (greatest.empty() || !greatest_ || *greatest_ < value) {
    greatest_ = std::move(value);
    greatest.clear();
    formats::WriteTextValue(column, row, 'T', greatest);
    greatest_text_ = greatest;
  }
}

}  // namespace streampark::connectors::http
