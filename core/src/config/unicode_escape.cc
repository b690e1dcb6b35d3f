// SPDX-License-Identifier: Apache-2.0
#include "config/unicode_escape.h"

#include <charconv>
#include <system_error>

namespace streampark::core {
namespace {

std::optional<std::uint32_t> TakeUnit(std::string_view& text) {
  std::uint32_t unit = 0;
  const auto digits = text.substr(0, 4);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
  if (digits.size() < 4 || error != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  text.remove_prefix(4);
  return unit;
}

}  // namespace

std::optional<std::uint32_t> TakeUnicodeEscape(std::string_view& text) {
  const auto high = TakeUnit(text);
  if (!high || (*high & 0xf800U) != 0xd800U) {
    return high;
  }
  if (*high >= 0xdc00U || !text.starts_with("\\u")) {
    return std::nullopt;
  }
  text.remove_prefix(2);
  const auto low = TakeUnit(text);
  if (!low || (*low & 0xfc00U) != 0xdc00U) {
    return std::nullopt;
  }
  return 0x10000U + ((*high - 0xd800U) << 10U) + (*low - 0xdc00U);
}

}  // namespace streampark::core
