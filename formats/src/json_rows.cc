// SPDX-License-Identifier: Apache-2.0
#include "json_rows.h"

#include <charconv>
#include <limits>

#include "streampark/connectors/value_text.h"
#include "streampark/formats/text_values.h"

namespace streampark::formats {
namespace {

using connectors::ColumnBuilder;
using connectors::Nullability;
using connectors::TypeKind;

constexpr std::size_t kShownOfAValue = 100;

bool IsText(TypeKind kind) { return kind == TypeKind::kString; }

/// A whole number of at most 18 digits, by far the most frequent kind.
bool ReadShortInteger(std::string_view digits, std::int64_t& number) {
  const bool minus = digits.front() == '-';
  if (digits.size() > 18) {
    return false;
  }
  std::int64_t value = 0;
  for (std::size_t i = minus ? 1 : 0; i < digits.size(); ++i) {
    value = value * 10 + (digits[i] - '0');
  }
  number = minus ? -value : value;
  return true;
}

/// A decimal of up to 15 digits and 22 places, where the quotient of two exact doubles is the nearest one (Clinger,
/// How to read floating point numbers accurately, 1990).
bool ReadShortDouble(std::string_view text, double& number) {
  static constexpr double kPowers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  if (text.size() > 16) {
    return false;
  }
  const bool minus = text.front() == '-';
  std::int64_t mantissa = 0;
  std::size_t places = 0;
  bool point = false;
  for (std::size_t i = minus ? 1 : 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      point = true;
    } else if (c >= '0' && c <= '9') {
      mantissa = mantissa * 10 + (c - '0');
      places += point ? 1 : 0;
    } else {
      return false;
    }
  }
  if (mantissa >= 1'000'000'000'000'000) {
    return false;
  }
  number = static_cast<double>(mantissa) / kPowers[places];
  number = minus ? -number : number;
  return true;
}

}  // namespace

JsonRows::Plan JsonRows::PlanOf(const connectors::Field& field) {
  Plan plan{.name = field.name,
            .type = field.type,
            .required = field.nullability == Nullability::kRequired};
  for (const connectors::Field& child : field.type.children()) {
    plan.children.push_back(PlanOf(child));
  }
  return plan;
}

JsonRows::JsonRows(const connectors::Schema& schema, JsonRules rules)
    : root_(PlanOf({"", connectors::Type::Struct(schema.fields()), Nullability::kRequired})),
      rules_(rules) {}

bool JsonRows::ReadRow(JsonCursor& in, BatchBuilder& rows) {
  refusal_.clear();
  if (in.Peek() != '{') {
    in.Fail("is no JSON object");
    refusal_ = Describe(in);
    return false;
  }
  return ReadFields(in, root_, rows.length(),
                    [&](std::size_t i) -> ColumnBuilder& { return rows.column(i); });
}

std::string JsonRows::Describe(const JsonCursor& in) const {
  return std::string(in.fault() == nullptr ? "is no JSON" : in.fault()) + " at byte " +
         std::to_string(in.offset());
}

bool JsonRows::Refuse(const Plan& plan, std::string_view text, std::string_view why) {
  std::string shown(text.substr(0, kShownOfAValue));
  refusal_ = "'" + plan.name + "': " + shown + (shown.size() < text.size() ? "…" : "") + " ";
  refusal_ += why;
  return false;
}

bool JsonRows::Refuse(const JsonCursor& in, const Plan& plan) {
  if (refusal_.empty()) {
    refusal_ = plan.name.empty() ? Describe(in) : "'" + plan.name + "': " + Describe(in);
  }
  return false;
}

bool JsonRows::ReadName(JsonCursor& in, Plan& plan, std::size_t& field) {
  const std::size_t count = plan.children.size();
  if (plan.expected < count && in.TakeExpectedName(plan.children[plan.expected].name)) {
    field = plan.expected++;
    return true;
  }
  std::string_view name;
  if (!in.ReadString(scratch_, name)) {
    return false;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at =
        plan.expected + i < count ? plan.expected + i : plan.expected + i - count;
    if (at < count && plan.children[at].name == name) {
      field = at;
      plan.expected = at + 1;
      return true;
    }
  }
  field = count;
  if (rules_.unknown == UnknownFields::kRefused) {
    refusal_ =
        "the field '" + std::string(name.substr(0, kShownOfAValue)) + "' is not in the schema";
    return false;
  }
  return true;
}

template <typename ColumnOf>
bool JsonRows::ReadFields(JsonCursor& in, Plan& plan, std::int64_t length,
                          const ColumnOf& column_of) {
  in.Take('{');
  plan.expected = 0;
  std::size_t set = 0;
  if (!in.Take('}')) {
    do {
      std::size_t field = 0;
      if (!in.Expect('"', "lacks a name") || !ReadName(in, plan, field) ||
          !in.Expect(':', "lacks ':'")) {
        return Refuse(in, plan);
      }
      if (field == plan.children.size()) {
        if (!in.SkipValue()) {
          return Refuse(in, plan);
        }
        continue;
      }
      ColumnBuilder& column = column_of(field);
      if (column.length() > length) {  // the last of a name that comes twice counts
        column.Truncate(length);
        --set;
      }
      if (!ReadValue(in, plan.children[field], column)) {
        return Refuse(in, plan.children[field]);
      }
      ++set;
    } while (in.Take(','));
    if (!in.Expect('}', "lacks '}'")) {
      return Refuse(in, plan);
    }
  }
  return set == plan.children.size() || FillMissing(plan, length, column_of);
}

template <typename ColumnOf>
bool JsonRows::FillMissing(Plan& plan, std::int64_t length, const ColumnOf& column_of) {
  for (std::size_t i = 0; i < plan.children.size(); ++i) {
    ColumnBuilder& column = column_of(i);
    if (column.length() > length) {
      continue;
    }
    if (plan.children[i].required || rules_.missing == MissingFields::kRefused) {
      refusal_ = "the field '" + plan.children[i].name + "' is missing";
      return false;
    }
    column.AppendNull();
  }
  return true;
}

bool JsonRows::ReadValue(JsonCursor& in, Plan& plan, ColumnBuilder& column) {
  switch (in.Peek()) {
    case '"':
      return ReadQuoted(in, plan, column);
    case 'n':
      if (!in.TakeWord("null")) {
        return false;
      }
      if (plan.required) {
        return Refuse(plan, "null", "is not allowed");
      }
      column.AppendNull();
      return true;
    case 't':
    case 'f':
      return ReadBoolean(in, plan, column);
    case '[':
      return ReadArray(in, plan, column);
    case '{':
      return ReadObject(in, plan, column);
    default:
      return ReadNumber(in, plan, column);
  }
}

bool JsonRows::ReadQuoted(JsonCursor& in, const Plan& plan, ColumnBuilder& column) {
  in.Take('"');
  std::string_view text;
  if (!in.ReadString(scratch_, text)) {
    return false;
  }
  const TypeKind kind = plan.type.kind();
  if (IsText(kind)) {
    column.AppendText(text);  // the cursor has seen that it is UTF-8
    return true;
  }
  if (kind == TypeKind::kBoolean) {
    return Refuse(plan, text, "is no BOOLEAN");
  }
  const char* const fault = AppendTextValue(text, column);
  return fault == nullptr || Refuse(plan, text, fault);
}

bool JsonRows::ReadNumber(JsonCursor& in, const Plan& plan, ColumnBuilder& column) {
  std::string_view text;
  bool whole = false;
  if (!in.ReadNumber(text, whole)) {
    return false;
  }
  std::int64_t number = 0;
  double real = 0;
  const bool short_integer = whole && ReadShortInteger(text, number);
  switch (plan.type.kind()) {
    case TypeKind::kInt64:
      if (short_integer) {
        column.Append(number);
        return true;
      }
      break;
    case TypeKind::kInt32:
      if (short_integer && number == static_cast<std::int32_t>(number)) {
        column.Append(static_cast<std::int32_t>(number));
        return true;
      }
      break;
    case TypeKind::kFloat64:
      if (ReadShortDouble(text, real)) {
        column.Append(real);
        return true;
      }
      break;
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return AppendInstant(text, plan, column);
    case TypeKind::kBytes:
    case TypeKind::kBoolean:
      return Refuse(plan, text, "is no " + plan.type.ToString());
    default:
      break;
  }
  const char* const fault = AppendTextValue(text, column);
  return fault == nullptr || Refuse(plan, text, fault);
}

bool JsonRows::AppendInstant(std::string_view number, const Plan& plan, ColumnBuilder& column) {
  const TypeKind kind = plan.type.kind();
  int places = 0;  // fractions of a unit are exact down to the microsecond
  switch (rules_.timestamps) {
    case TimestampForm::kIso:
    case TimestampForm::kSql:
      return Refuse(plan, number, "is a number where a text was to come");
    case TimestampForm::kSeconds:
      places = 6;
      break;
    case TimestampForm::kMillis:
      places = 3;
      break;
    case TimestampForm::kMicros:
      break;
  }
  const auto whole = connectors::ParseDecimal(number, 38, kind == TypeKind::kDate ? 0 : places);
  const bool fits =
      whole && (kind == TypeKind::kDate   ? *whole == static_cast<std::int32_t>(*whole)
                : kind == TypeKind::kTime ? *whole >= 0 && *whole < 86'400'000'000
                                          : *whole == static_cast<std::int64_t>(*whole));
  if (!fits) {
    return Refuse(plan, number, "is no " + plan.type.ToString());
  }
  if (kind == TypeKind::kDate) {
    column.Append(static_cast<std::int32_t>(*whole));
  } else {
    column.Append(static_cast<std::int64_t>(*whole));
  }
  return true;
}

bool JsonRows::ReadBoolean(JsonCursor& in, const Plan& plan, ColumnBuilder& column) {
  const bool value = in.Peek() == 't';
  const std::string_view word = value ? "true" : "false";
  if (!in.TakeWord(word)) {
    return false;
  }
  if (plan.type.kind() == TypeKind::kBoolean) {
    column.AppendBoolean(value);
    return true;
  }
  if (IsText(plan.type.kind())) {
    column.AppendText(word);
    return true;
  }
  return Refuse(plan, word, "is no " + plan.type.ToString());
}

/// A column of text takes what has a structure as the JSON that it is.
bool JsonRows::KeepRaw(JsonCursor& in, const Plan& plan, ColumnBuilder& column) {
  const char* const start = in.at();
  if (!in.SkipValue()) {
    return false;
  }
  const std::string_view raw(start, static_cast<std::size_t>(in.at() - start));
  if (!IsText(plan.type.kind())) {
    return Refuse(plan, raw, "is no " + plan.type.ToString());
  }
  column.AppendText(raw);
  return true;
}

bool JsonRows::ReadArray(JsonCursor& in, Plan& plan, ColumnBuilder& column) {
  if (plan.type.kind() != TypeKind::kList) {
    return KeepRaw(in, plan, column);
  }
  in.Take('[');
  if (!in.Take(']')) {
    do {
      if (!ReadValue(in, plan.children[0], column.child(0))) {
        return false;
      }
    } while (in.Take(','));
    if (!in.Expect(']', "lacks ']'")) {
      return false;
    }
  }
  column.EndList();
  return true;
}

bool JsonRows::ReadObject(JsonCursor& in, Plan& plan, ColumnBuilder& column) {
  if (plan.type.kind() == TypeKind::kMap) {
    return ReadMap(in, plan, column);
  }
  if (plan.type.kind() != TypeKind::kStruct) {
    return KeepRaw(in, plan, column);
  }
  if (!ReadFields(in, plan, column.length(),
                  [&](std::size_t i) -> ColumnBuilder& { return column.child(i); })) {
    return false;
  }
  column.EndStruct();
  return true;
}

bool JsonRows::ReadMap(JsonCursor& in, Plan& plan, ColumnBuilder& column) {
  in.Take('{');
  if (!in.Take('}')) {
    do {
      std::string_view key;
      if (!in.Expect('"', "lacks a name") || !in.ReadString(scratch_, key)) {
        return false;
      }
      column.child(0).AppendText(key);
      if (!in.Expect(':', "lacks ':'") || !ReadValue(in, plan.children[1], column.child(1))) {
        return false;
      }
    } while (in.Take(','));
    if (!in.Expect('}', "lacks '}'")) {
      return false;
    }
  }
  column.EndList();
  return true;
}

}  // namespace streampark::formats
