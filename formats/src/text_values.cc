// SPDX-License-Identifier: Apache-2.0
#include "streampark/formats/text_values.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "streampark/base/base64.h"
#include "streampark/base/check.h"
#include "streampark/base/utf8.h"
#include "streampark/connectors/value_text.h"

namespace streampark::formats {
namespace {

using connectors::Column;
using connectors::ColumnBuilder;
using connectors::TypeKind;

template <typename T>
const char* AppendInteger(std::string_view text, ColumnBuilder& column, const char* fault) {
  T number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) {
    // `12.0` and `1e3` are whole numbers too.
    const auto exact = connectors::ParseDecimal(text, 38, 0);
    if (!exact || *exact < std::numeric_limits<T>::min() ||
        *exact > std::numeric_limits<T>::max()) {
      return fault;
    }
    number = static_cast<T>(*exact);
  }
  column.Append(number);
  return nullptr;
}

template <typename T>
const char* AppendFloating(std::string_view text, ColumnBuilder& column, const char* fault) {
  T number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) {
    return fault;
  }
  column.Append(number);
  return nullptr;
}

template <typename T>
const char* AppendParsed(std::optional<T> value, ColumnBuilder& column, const char* fault) {
  if (!value) {
    return fault;
  }
  column.Append(*value);
  return nullptr;
}

const char* AppendBytes(std::string_view text, ColumnBuilder& column) {
  const auto bytes = base::FromBase64(text, base::Base64::kStandard);
  if (!bytes) {
    return "is no base 64";
  }
  column.AppendText(*bytes);
  return nullptr;
}

template <typename T>
void WriteShortest(T value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
  } else {
    char digits[64];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
}

}  // namespace

const char* AppendTextValue(std::string_view text, ColumnBuilder& column) {
  switch (column.type().kind()) {
    case TypeKind::kBoolean:
      if (text != "true" && text != "false" && text != "TRUE" && text != "FALSE") {
        return "is no BOOLEAN";
      }
      column.AppendBoolean(text.size() == 4);
      return nullptr;
    case TypeKind::kInt8:
      return AppendInteger<std::int8_t>(text, column, "is no TINYINT");
    case TypeKind::kInt16:
      return AppendInteger<std::int16_t>(text, column, "is no SMALLINT");
    case TypeKind::kInt32:
      return AppendInteger<std::int32_t>(text, column, "is no INT");
    case TypeKind::kInt64:
      return AppendInteger<std::int64_t>(text, column, "is no BIGINT");
    case TypeKind::kFloat32:
      return AppendFloating<float>(text, column, "is no FLOAT");
    case TypeKind::kFloat64:
      return AppendFloating<double>(text, column, "is no DOUBLE");
    case TypeKind::kDecimal:
      return AppendParsed(
          connectors::ParseDecimal(text, column.type().precision(), column.type().scale()), column,
          "is no such DECIMAL, or has more digits");
    case TypeKind::kString:
      if (!base::IsUtf8(text)) {
        return "is no UTF-8";
      }
      column.AppendText(text);
      return nullptr;
    case TypeKind::kBytes:
      return AppendBytes(text, column);
    case TypeKind::kDate:
      return AppendParsed(connectors::ParseDate(text), column, "is no DATE");
    case TypeKind::kTime:
      return AppendParsed(connectors::ParseTime(text), column, "is no TIME");
    case TypeKind::kTimestamp:
      return AppendParsed(connectors::ParseTimestamp(text), column, "is no TIMESTAMP");
    case TypeKind::kTimestampTz:
      return AppendParsed(connectors::ParseInstant(text, connectors::MissingZone::kIsUtc), column,
                          "is no TIMESTAMP_LTZ");
    case TypeKind::kList:
    case TypeKind::kMap:
    case TypeKind::kStruct:
      break;
  }
  return "cannot be read as a nested value";
}

void WriteTextValue(const Column& column, std::int64_t row, char date_time_separator,
                    std::string& out) {
  switch (column.type.kind()) {
    case TypeKind::kBoolean:
      out += column.bit(row) ? "true" : "false";
      return;
    case TypeKind::kInt8:
      return WriteInteger(column.value<std::int8_t>(row), out);
    case TypeKind::kInt16:
      return WriteInteger(column.value<std::int16_t>(row), out);
    case TypeKind::kInt32:
      return WriteInteger(column.value<std::int32_t>(row), out);
    case TypeKind::kInt64:
      return WriteInteger(column.value<std::int64_t>(row), out);
    case TypeKind::kFloat32:
      return WriteFloat(column.value<float>(row), out);
    case TypeKind::kFloat64:
      return WriteFloat(column.value<double>(row), out);
    case TypeKind::kDecimal:
      return connectors::AppendDecimal(column.value<connectors::Int128>(row), column.type.scale(),
                                       out);
    case TypeKind::kString:
      out += column.text(row);
      return;
    case TypeKind::kBytes:
      out += base::ToBase64(column.text(row), base::Base64::kStandard);
      return;
    case TypeKind::kDate:
      return connectors::AppendDate(column.value<std::int32_t>(row), out);
    case TypeKind::kTime:
      return connectors::AppendTime(column.value<std::int64_t>(row), out);
    case TypeKind::kTimestamp:
      return connectors::AppendTimestamp(column.value<std::int64_t>(row), date_time_separator, out);
    case TypeKind::kTimestampTz:
      connectors::AppendTimestamp(column.value<std::int64_t>(row), date_time_separator, out);
      out.push_back('Z');
      return;
    case TypeKind::kList:
    case TypeKind::kMap:
    case TypeKind::kStruct:
      break;
  }
  SP_CHECK(!"a nested value has no text here");
}

void WriteFloat(float value, std::string& out) { WriteShortest(value, out); }
void WriteFloat(double value, std::string& out) { WriteShortest(value, out); }

void WriteInteger(std::int64_t value, std::string& out) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

}  // namespace streampark::formats
