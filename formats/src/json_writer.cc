// SPDX-License-Identifier: Apache-2.0
#include "json_writer.h"

#include <algorithm>
#include <cmath>

#include "streampark/base/check.h"
#include "streampark/connectors/value_text.h"
#include "streampark/formats/text_values.h"

#include "builtin.h"

namespace streampark::formats {
namespace {

using connectors::Column;
using connectors::TypeKind;

bool IsBare(const Column& column, std::int64_t row) {
  switch (column.type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return true;
    case TypeKind::kFloat32:
      return std::isfinite(column.value<float>(row));
    case TypeKind::kFloat64:  // JSON has no word for the others: they are texts
      return std::isfinite(column.value<double>(row));
    default:
      return false;
  }
}

const connectors::Field* FindUnfit(const std::vector<connectors::Field>& fields) {
  for (const connectors::Field& field : fields) {
    const auto& children = field.type.children();
    const bool map = field.type.kind() == TypeKind::kMap;
    if ((map && children[0].type.kind() != TypeKind::kString) || FindUnfit(children) != nullptr) {
      return &field;
    }
  }
  return nullptr;
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.push_back('"');
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') {
      continue;
    }
    out.append(text, start, i - start);
    start = i + 1;
    out.push_back('\\');
    switch (c) {
      case '"':
      case '\\':
        out.push_back(static_cast<char>(c));
        break;
      case '\n':
        out.push_back('n');
        break;
      case '\r':
        out.push_back('r');
        break;
      case '\t':
        out.push_back('t');
        break;
      default:
        out.append("u00");
        out.push_back(kHex[c >> 4]);
        out.push_back(kHex[c & 15]);
    }
  }
  out.append(text, start, text.size() - start);
  out.push_back('"');
}

JsonWriter::Plan JsonWriter::PlanOf(const connectors::Field& field) {
  Plan plan;
  AppendJsonString(field.name, plan.opening);
  plan.opening.push_back(':');
  for (const connectors::Field& child : field.type.children()) {
    plan.children.push_back(PlanOf(child));
  }
  return plan;
}

JsonWriter::JsonWriter(const connectors::Schema& schema, TimestampForm timestamps,
                       DecimalForm decimals)
    : root_(PlanOf({"", connectors::Type::Struct(schema.fields())})),
      timestamps_(timestamps),
      decimals_(decimals) {}

void JsonWriter::WriteRow(const Batch& batch, std::int64_t row, std::string& out) const {
  out.push_back('{');
  bool first = true;
  for (std::size_t i = 0; i < batch.columns.size(); ++i) {
    if (!batch.is_known(i, row)) {
      continue;
    }
    if (!first) {
      out.push_back(',');
    }
    first = false;
    out += root_.children[i].opening;
    WriteValue(batch.columns[i], row, root_.children[i], out);
  }
  out.push_back('}');
}

void JsonWriter::WriteValue(const Column& column, std::int64_t row, const Plan& plan,
                            std::string& out) const {
  if (column.null(row)) {
    out += "null";
    return;
  }
  switch (column.type.kind()) {
    case TypeKind::kList: {
      const auto [begin, end] = column.range(row);
      out.push_back('[');
      for (auto at = begin; at < end; ++at) {
        out += at == begin ? "" : ",";
        WriteValue(column.children[0], at, plan.children[0], out);
      }
      out.push_back(']');
      return;
    }
    case TypeKind::kMap: {
      const auto [begin, end] = column.range(row);
      out.push_back('{');
      for (auto at = begin; at < end; ++at) {
        out += at == begin ? "" : ",";
        AppendJsonString(column.children[0].text(at), out);
        out.push_back(':');
        WriteValue(column.children[1], at, plan.children[1], out);
      }
      out.push_back('}');
      return;
    }
    case TypeKind::kStruct:
      out.push_back('{');
      for (std::size_t i = 0; i < column.children.size(); ++i) {
        out += i == 0 ? "" : ",";
        out += plan.children[i].opening;
        WriteValue(column.children[i], row, plan.children[i], out);
      }
      out.push_back('}');
      return;
    default:
      return WriteScalar(column, row, out);
  }
}

void JsonWriter::WriteScalar(const Column& column, std::int64_t row, std::string& out) const {
  const TypeKind kind = column.type.kind();
  if (kind == TypeKind::kString) {
    return AppendJsonString(column.text(row), out);
  }
  if (kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampTz) {
    return WriteInstant(column, row, out);
  }
  const bool bare =
      IsBare(column, row) || (kind == TypeKind::kDecimal && decimals_ == DecimalForm::kNumber);
  if (!bare) {
    out.push_back('"');
  }
  WriteTextValue(column, row, 'T', out);
  if (!bare) {
    out.push_back('"');
  }
}

void JsonWriter::WriteInstant(const Column& column, std::int64_t row, std::string& out) const {
  const auto micros = column.value<std::int64_t>(row);
  switch (timestamps_) {
    case TimestampForm::kIso:
    case TimestampForm::kSql:
      out.push_back('"');
      WriteTextValue(column, row, timestamps_ == TimestampForm::kIso ? 'T' : ' ', out);
      out.push_back('"');
      return;
    case TimestampForm::kMicros:
      return WriteInteger(micros, out);
    case TimestampForm::kSeconds:
    case TimestampForm::kMillis: {
      const int places = timestamps_ == TimestampForm::kSeconds ? 6 : 3;
      connectors::AppendDecimal(micros, places, out);
      while (out.back() == '0') {  // there is a point before them
        out.pop_back();
      }
      if (out.back() == '.') {
        out.pop_back();
      }
      return;
    }
  }
}

base::Status CheckFitsJson(const connectors::Schema& schema, std::string_view format) {
  const auto* unfit = FindUnfit(schema.fields());
  return unfit == nullptr ? base::Ok() : base::Status(ColumnRefused(*unfit, format));
}

std::vector<std::string> TimestampFormNames() {
  return {"iso", "sql", "seconds", "millis", "micros"};
}

TimestampForm ParseTimestampForm(std::string_view name) {
  const auto names = TimestampFormNames();
  const auto found = std::find(names.begin(), names.end(), name);
  SP_CHECK(found != names.end());
  return static_cast<TimestampForm>(found - names.begin());
}

}  // namespace streampark::formats
