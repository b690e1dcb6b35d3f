// SPDX-License-Identifier: Apache-2.0
#include "text_decoder.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "streampark/base/utf8.h"
#include "streampark/connectors/value_text.h"

#include "postgres_dialect.h"
#include "postgres_types.h"
#include "value_refusals.h"

namespace streampark::connectors::postgres {
namespace {

constexpr std::uint32_t kInet = 869;

/// The server marks years before the common era with BC and long ones with nothing; value_text.h counts from 0 down and marks long ones
/// with `+`. `scratch` keeps what had to be written anew.
std::string_view YearFromServer(std::string_view text, std::string& scratch) {
  constexpr std::string_view kBefore = " BC";
  const auto dash = text.find('-');
  if (!text.ends_with(kBefore)) {
    if (dash != std::string_view::npos && dash > 4) {
      scratch.assign("+").append(text);
      return scratch;
    }
    return text;
  }
  text.remove_suffix(kBefore.size());
  int year = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), year);
  if (error != std::errc() || year < 1) {
    return text;
  }
  const std::string digits = std::to_string(year - 1);
  scratch.assign(year == 1 ? "" : "-").append(digits.size() < 4 ? 4 - digits.size() : 0, '0');
  scratch.append(digits).append(end, text.data() + text.size());
  return scratch;
}

template <typename T>
bool Parse(std::string_view text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

template <typename T>
std::optional<std::string> AppendNumber(std::string_view text, ColumnBuilder& column) {
  T value{};
  if (!Parse(text, value)) {
    return IsDamaged(text);
  }
  column.Append(value);
  return std::nullopt;
}

std::optional<std::string> AppendDecimal(std::string_view text, const Type& type,
                                         ColumnBuilder& column) {
  const auto value = ParseDecimal(text, type.precision(), type.scale());
  if (!value) {
    return IsNoDecimal(text, type);
  }
  column.Append(*value);
  return std::nullopt;
}

/// `\x00ff`
std::optional<std::string> AppendBytes(std::string_view text, ColumnBuilder& column) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  if (!text.starts_with("\\x") || text.size() % 2 != 0) {
    return IsDamaged(text);
  }
  const std::size_t size = text.size() / 2 - 1;
  char* const out = column.OpenText(size);
  for (std::size_t i = 0; i < size; ++i) {
    const int high = digit(text[2 + 2 * i]);
    const int low = digit(text[3 + 2 * i]);
    if (high < 0 || low < 0) {
      return IsDamaged(text);
    }
    out[i] = static_cast<char>(high << 4 | low);
  }
  column.CloseText(size);
  return std::nullopt;
}

/// A date, timestamp or instant as `type`.
std::optional<std::string> AppendDay(std::string_view text, std::uint32_t oid, const Type& type,
                                     ColumnBuilder& column) {
  if (text == "infinity" || text == "-infinity") {
    return IsInfinite(text[0] == '-' ? "-" : "");
  }
  std::string scratch;
  const std::string_view written = YearFromServer(text, scratch);
  if (type.kind() == TypeKind::kDate) {
    const auto days = ParseDate(written);
    if (!days) {
      return IsDamaged(text);
    }
    column.Append(*days);
    return std::nullopt;
  }
  const auto micros = oid == kTimestamptz ? ParseInstant(written, MissingZone::kIsRefused)
                                          : ParseTimestamp(written);
  if (!micros) {
    return written.starts_with('+') ? IsTooFar() : IsDamaged(text);
  }
  column.Append(*micros);
  return std::nullopt;
}

std::optional<std::string> AppendTimeOfDay(std::string_view text, ColumnBuilder& column) {
  if (text == "24:00:00") {
    return IsEndOfDay();
  }
  const auto micros = ParseTime(text);
  if (!micros) {
    return IsDamaged(text);
  }
  column.Append(*micros);
  return std::nullopt;
}

std::optional<std::string> AppendBool(std::string_view text, ColumnBuilder& column) {
  if (text != "t" && text != "f") {
    return IsDamaged(text);
  }
  column.AppendBoolean(text == "t");
  return std::nullopt;
}

/// Takes the next element of an array's text; quotes and backslashes are undone in `scratch`.
struct Element {
  bool null = false;
  std::string_view text;
};
std::optional<Element> TakeElement(std::string_view& rest, std::string& scratch) {
  if (!rest.starts_with('"')) {
    const auto end = rest.find_first_of(",}");
    if (end == std::string_view::npos || end == 0) {
      return std::nullopt;
    }
    const Element element{.null = rest.substr(0, end) == "NULL", .text = rest.substr(0, end)};
    rest.remove_prefix(end);
    return element;
  }
  scratch.clear();
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return Element{.text = scratch};
    }
    if (rest[i] == '\\' && ++i == rest.size()) {
      break;
    }
    scratch.push_back(rest[i]);
  }
  return std::nullopt;
}

}  // namespace

base::Result<TextDecoder> TextDecoder::Make(const sql::NativeColumn& column, const Type& type) {
  SP_TRY(PostgresDialect().Reading(column, type));  // what a select refuses is refused here
  return TextDecoder(column.code, type);
}

std::optional<std::string> TextDecoder::Append(std::string_view text, ColumnBuilder& column) const {
  switch (type_.kind()) {
    case TypeKind::kBoolean:
      return AppendBool(text, column);
    case TypeKind::kInt16:
      return AppendNumber<std::int16_t>(text, column);
    case TypeKind::kInt32:
      return AppendNumber<std::int32_t>(text, column);
    case TypeKind::kInt64:
      return AppendNumber<std::int64_t>(text, column);
    case TypeKind::kFloat32:
      return AppendNumber<float>(text, column);
    case TypeKind::kFloat64:
      if (oid_ == kFloat4) {  // widened, and not read anew: 0.1 is another number in 32 bits
        float value = 0;
        if (!Parse(text, value)) {
          return IsDamaged(text);
        }
        column.Append(static_cast<double>(value));
        return std::nullopt;
      }
      return AppendNumber<double>(text, column);
    case TypeKind::kDecimal:
      return AppendDecimal(text, type_, column);
    case TypeKind::kBytes:
      return AppendBytes(text, column);
    case TypeKind::kDate:
    case TypeKind::kTimestampTz:
    case TypeKind::kTimestamp:
      return AppendDay(text, oid_, type_, column);
    case TypeKind::kTime:
      return AppendTimeOfDay(text, column);
    case TypeKind::kList:
      return AppendArray(text, column);
    default:
      return AppendText(text, column);
  }
}

/// Casts of the server's to text are its output functions, but for a few.
std::optional<std::string> TextDecoder::AppendText(std::string_view text,
                                                   ColumnBuilder& column) const {
  if (oid_ == kBool) {
    if (text != "t" && text != "f") {
      return IsDamaged(text);
    }
    column.AppendText(text == "t" ? "true" : "false");
    return std::nullopt;
  }
  if (oid_ == kInet && text.find('/') == std::string_view::npos) {
    column.AppendText(std::string(text) +
                      (text.find(':') == std::string_view::npos ? "/32" : "/128"));
    return std::nullopt;
  }
  if (!base::IsUtf8(text)) {
    return IsNoUtf8();
  }
  column.AppendText(text);
  return std::nullopt;
}

/// `{1,NULL,3}`, `{"a,b","say \"x\""}`, `{{1},{2}}`; with indexes that do not begin at 1 `[0:1]={1,2}`.
std::optional<std::string> TextDecoder::AppendArray(std::string_view text,
                                                    ColumnBuilder& column) const {
  std::string_view rest = text;
  if (rest.starts_with('[')) {
    const auto equals = rest.find('=');
    rest.remove_prefix(equals == std::string_view::npos ? rest.size() : equals + 1);
  }
  const auto dimensions = std::min(rest.find_first_not_of('{'), rest.size());
  if (dimensions > 1) {
    return HasDimensions(static_cast<int>(dimensions));
  }
  if (dimensions == 0 || !rest.ends_with('}')) {
    return IsDamaged(text);
  }
  rest.remove_prefix(1);
  ColumnBuilder& elements = column.child(0);
  const auto before = elements.length();
  const TextDecoder decoder(ElementOf(oid_), type_.children()[0].type);
  std::string scratch;
  std::optional<std::string> refusal;
  while (!refusal && rest != "}") {
    const auto element = TakeElement(rest, scratch);
    if (!element) {
      refusal = IsDamaged(text);
    } else if (element->null) {
      elements.AppendNull();
    } else {
      refusal = decoder.Append(element->text, elements);
    }
    if (!refusal && rest != "}") {
      const bool more = rest.starts_with(',');
      rest.remove_prefix(more ? 1 : 0);
      if (!more || rest == "}") {
        refusal = IsDamaged(text);
      }
    }
  }
  if (refusal) {
    elements.Truncate(before);
    return refusal;
  }
  column.EndList();
  return std::nullopt;
}

}  // namespace streampark::connectors::postgres
