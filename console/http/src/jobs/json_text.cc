// SPDX-License-Identifier: Apache-2.0
#include "jobs/json_text.h"

#include <charconv>
#include <cmath>

namespace streampark::http {

JsonText& JsonText::Text(std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  Comma();
  out_ += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out_.append(1, '\\').append(1, c);
    } else if (c == '\n') {
      out_ += "\\n";
    } else if (byte < 0x20) {
      out_.append("\\u00").append(1, kDigits[byte >> 4U]).append(1, kDigits[byte & 15U]);
    } else {
      out_ += c;
    }
  }
  out_ += '"';
  return *this;
}

JsonText& JsonText::Number(std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return Raw(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

JsonText& JsonText::Member(std::string_view name, std::optional<double> number) {
  if (!number || !(std::abs(*number) < 1e15)) {
    return Key(name).Null();
  }
  char digits[24];
  const auto end =
      std::to_chars(digits, digits + sizeof digits, *number, std::chars_format::fixed, 2).ptr;
  return Key(name).Raw(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

}  // namespace streampark::http
