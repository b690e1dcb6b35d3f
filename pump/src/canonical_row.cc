// SPDX-License-Identifier: Apache-2.0
#include "canonical_row.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "streampark/connectors/value_text.h"

namespace streampark::pump {
namespace {

using connectors::Column;
using connectors::Int128;
using connectors::TextKind;
using connectors::Type;
using connectors::TypeKind;

using Form = CanonicalColumn::Form;

constexpr std::int64_t kMicrosOfADay = 86'400'000'000;
constexpr int kMostDigits = 38;

/// What comes before a value.
enum class Tag : char { kNull, kInForm, kAsItIs };

bool IsWhole(TypeKind kind) {
  return kind == TypeKind::kBoolean || kind == TypeKind::kInt8 || kind == TypeKind::kInt16 ||
         kind == TypeKind::kInt32 || kind == TypeKind::kInt64;
}

bool IsFloat(TypeKind kind) { return kind == TypeKind::kFloat32 || kind == TypeKind::kFloat64; }

bool IsNumber(TypeKind kind) {
  return IsWhole(kind) || IsFloat(kind) || kind == TypeKind::kDecimal;
}

bool IsTime(TypeKind kind) {
  return kind == TypeKind::kDate || kind == TypeKind::kTime || kind == TypeKind::kTimestamp ||
         kind == TypeKind::kTimestampTz;
}

/// The digits that a whole number has at most.
int DigitsOf(const Type& type) {
  return type.kind() == TypeKind::kDecimal ? type.precision() - type.scale() : 19;
}

int ScaleOf(const Type& type) { return type.kind() == TypeKind::kDecimal ? type.scale() : 0; }

std::int64_t WholeOf(const Column& column, std::int64_t row) {
  switch (column.type.kind()) {
    case TypeKind::kBoolean:
      return column.bit(row) ? 1 : 0;
    case TypeKind::kInt8:
      return column.value<std::int8_t>(row);
    case TypeKind::kInt16:
      return column.value<std::int16_t>(row);
    case TypeKind::kInt32:
      return column.value<std::int32_t>(row);
    default:
      return column.value<std::int64_t>(row);
  }
}

double FloatOf(const Column& column, std::int64_t row) {
  return column.type.kind() == TypeKind::kFloat32 ? column.value<float>(row)
                                                  : column.value<double>(row);
}

Int128 UnscaledOf(const Column& column, std::int64_t row) {
  return column.type.kind() == TypeKind::kDecimal ? column.value<Int128>(row)
                                                  : Int128{WholeOf(column, row)};
}

/// A number, a text, or what else is shown.
std::string TextOf(const Column& column, std::int64_t row) {
  const TypeKind kind = column.type.kind();
  std::string text;
  if (kind == TypeKind::kString || kind == TypeKind::kBytes) {
    text = column.text(row);
  } else if (IsWhole(kind) || kind == TypeKind::kDecimal) {
    connectors::AppendDecimal(UnscaledOf(column, row), ScaleOf(column.type), text);
  } else {
    text = DebugText(column, row);
  }
  return text;
}

template <typename T>
void AppendFixed(Tag tag, T value, std::string& out) {
  char bytes[1 + sizeof(T)];
  bytes[0] = static_cast<char>(tag);
  std::memcpy(bytes + 1, &value, sizeof(T));
  out.append(bytes, sizeof(bytes));
}

void AppendSized(Tag tag, std::string_view text, std::string& out) {
  AppendFixed(tag, static_cast<std::uint64_t>(text.size()), out);
  out.append(text);
}

/// The exponent of `12e-3` behind its `e`; absent when it is none.
std::optional<int> ExponentOf(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  int exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(exponent)
                                                                  : std::nullopt;
}

void AppendNumber(std::string_view text, std::string& out) {
  const std::string number = CanonicalNumber(text);
  if (number.empty()) {
    AppendSized(Tag::kAsItIs, text, out);
  } else {
    AppendSized(Tag::kInForm, number, out);
  }
}

void AppendFloat(const Column& column, std::int64_t row, std::string& out) {
  double value = 0;
  if (IsFloat(column.type.kind())) {
    value = FloatOf(column, row);
  } else {
    const std::string text = TextOf(column, row);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      return AppendNumber(text, out);
    }
    if (std::isfinite(value)) {
      char back[32];
      const auto wrote = std::to_chars(std::begin(back), std::end(back), value);
      if (CanonicalNumber({back, static_cast<std::size_t>(wrote.ptr - back)}) !=
          CanonicalNumber(text)) {
        return AppendNumber(text, out);
      }
    }
  }
  if (std::isnan(value)) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (value == 0) {
    value = 0;  // of either sign
  }
  AppendFixed(Tag::kInForm, std::bit_cast<std::uint64_t>(value), out);
}

void AppendUuid(std::string_view text, std::string& out) {
  std::string digits;
  for (const char c : text) {
    if (c >= 'A' && c <= 'F') {
      digits.push_back(static_cast<char>(c - 'A' + 'a'));
    } else if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) {
      digits.push_back(c);
    } else if (c != '-' && c != '{' && c != '}') {
      return AppendSized(Tag::kAsItIs, text, out);
    }
  }
  AppendSized(digits.size() == 32 ? Tag::kInForm : Tag::kAsItIs,
              digits.size() == 32 ? std::string_view(digits) : text, out);
}

}  // namespace

std::string CanonicalNumber(std::string_view text) {
  std::string number;
  if (text.starts_with('-') || text.starts_with('+')) {
    number.append(text[0] == '-' ? "-" : "");
    text.remove_prefix(1);
  }
  const std::size_t e = text.find_first_of("eE");
  const auto stated =
      e == std::string_view::npos ? std::optional(0) : ExponentOf(text.substr(e + 1));
  const std::string_view written = text.substr(0, e);
  const std::size_t point = written.find('.');
  std::string digits(written.substr(0, point));
  int exponent = 0;
  if (point != std::string_view::npos) {
    digits += written.substr(point + 1);
    exponent = -static_cast<int>(written.size() - point - 1);
  }
  if (!stated || digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) {
    return "";
  }
  const std::size_t last = digits.find_last_not_of('0');
  if (last == std::string::npos) {
    return "0";
  }
  exponent += static_cast<int>(digits.size() - last - 1);
  digits.resize(last + 1);
  digits.erase(0, digits.find_first_not_of('0'));
  return number + digits + "e" + std::to_string(exponent + *stated);
}

CanonicalColumn::CanonicalColumn(const std::vector<ColumnSide>& sides) {
  const auto all = [&](const auto& is) {
    return std::ranges::all_of(sides, [&](const ColumnSide& side) { return is(side.type.kind()); });
  };
  const auto any = [&](TypeKind kind) {
    return std::ranges::any_of(sides, [&](const auto& side) { return side.type.kind() == kind; });
  };
  const auto any_texts = [&](TextKind texts) {
    return std::ranges::any_of(sides, [&](const auto& side) { return side.texts == texts; });
  };
  const auto or_text = [](bool (*is)(TypeKind)) {
    return [is](TypeKind kind) { return is(kind) || kind == TypeKind::kString; };
  };
  const auto only = [](TypeKind wanted) {
    return [wanted](TypeKind kind) { return kind == wanted; };
  };
  if (all(IsWhole)) {
    form_ = Form::kWhole;
  } else if (all(only(TypeKind::kString))) {
    form_ = any_texts(TextKind::kNumber)   ? Form::kNumber
            : any_texts(TextKind::kUuid)   ? Form::kUuid
            : any_texts(TextKind::kPadded) ? Form::kPadded
                                           : Form::kText;
  } else if (all(or_text(IsNumber))) {
    int digits = 0;
    for (const ColumnSide& side : sides) {
      scale_ = std::max(scale_, ScaleOf(side.type));
      digits = std::max(digits, DigitsOf(side.type));
    }
    form_ = any(TypeKind::kFloat32) || any(TypeKind::kFloat64)        ? Form::kFloat
            : any(TypeKind::kString) || digits + scale_ > kMostDigits ? Form::kNumber
                                                                      : Form::kDecimal;
  } else if (all(or_text(IsTime))) {
    form_ = any(TypeKind::kTimestampTz) ? Form::kInstant
            : any(TypeKind::kTimestamp) ? Form::kTimestamp
            : any(TypeKind::kTime)      ? Form::kTime
                                        : Form::kDate;
  } else if (all(only(TypeKind::kBytes))) {
    form_ = Form::kBytes;
  } else if (all(only(TypeKind::kList))) {
    form_ = Form::kList;
    std::vector<ColumnSide> elements;
    for (const ColumnSide& side : sides) {
      elements.push_back({side.type.children()[0].type, side.texts});
    }
    elements_.emplace_back(elements);
  }
}

void CanonicalColumn::Append(const Column& column, std::int64_t row, std::string& out) const {
  if (column.null(row)) {
    out.push_back(static_cast<char>(Tag::kNull));
    return;
  }
  AppendValue(column, row, out);
}

void CanonicalColumn::AppendValue(const Column& column, std::int64_t row, std::string& out) const {
  switch (form_) {
    case Form::kWhole:
      return AppendFixed(Tag::kInForm, WholeOf(column, row), out);
    case Form::kDecimal:
      return AppendFixed(
          Tag::kInForm,
          UnscaledOf(column, row) * connectors::PowerOfTen(scale_ - ScaleOf(column.type)), out);
    case Form::kNumber:
      return AppendNumber(TextOf(column, row), out);
    case Form::kFloat:
      return AppendFloat(column, row, out);
    case Form::kText:
    case Form::kBytes:
      return AppendSized(Tag::kInForm, column.text(row), out);
    case Form::kPadded: {
      const std::string_view text = column.text(row);
      return AppendSized(Tag::kInForm, text.substr(0, text.find_last_not_of(' ') + 1), out);
    }
    case Form::kUuid:
      return AppendUuid(column.text(row), out);
    case Form::kDate:
    case Form::kTime:
    case Form::kTimestamp:
    case Form::kInstant:
      if (!AppendTime(column, row, out)) {
        AppendSized(Tag::kAsItIs, TextOf(column, row), out);
      }
      return;
    case Form::kList: {
      const auto range = column.range(row);
      AppendFixed(Tag::kInForm, range.end - range.begin, out);
      for (auto i = range.begin; i < range.end; ++i) {
        elements_[0].Append(column.children[0], i, out);
      }
      return;
    }
    case Form::kShown:
      return AppendSized(Tag::kAsItIs, DebugText(column, row), out);
  }
}

bool CanonicalColumn::AppendTime(const Column& column, std::int64_t row, std::string& out) const {
  const TypeKind kind = column.type.kind();
  std::optional<std::int64_t> value;
  if (kind == TypeKind::kString) {
    const std::string_view text = column.text(row);
    switch (form_) {
      case Form::kDate:
        value = connectors::ParseDate(text);
        break;
      case Form::kTime:
        value = connectors::ParseTime(text);
        break;
      case Form::kTimestamp:
        value = connectors::ParseTimestamp(text);
        break;
      default:
        value = connectors::ParseInstant(text, connectors::MissingZone::kIsUtc);
        break;
    }
  } else if (kind == TypeKind::kDate) {
    const std::int64_t days = column.value<std::int32_t>(row);
    const bool as_days = form_ == Form::kDate;
    if (std::int64_t micros = 0; as_days || !__builtin_mul_overflow(days, kMicrosOfADay, &micros)) {
      value = as_days ? days : micros;
    }
  } else {
    value = column.value<std::int64_t>(row);
  }
  if (value) {
    AppendFixed(Tag::kInForm, *value, out);
  }
  return value.has_value();
}

}  // namespace streampark::pump
