// SPDX-License-Identifier: Apache-2.0
#include "lsn.h"

#include <charconv>

namespace streampark::connectors::postgres {
namespace {

void AppendHex(std::uint32_t value, std::string& out) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  int shift = 28;
  while (shift > 0 && (value >> static_cast<unsigned>(shift)) == 0) {
    shift -= 4;
  }
  for (; shift >= 0; shift -= 4) {
    out.push_back(kDigits[value >> static_cast<unsigned>(shift) & 0xfU]);
  }
}

std::optional<std::uint32_t> ParseHex(std::string_view text) {
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, 16);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string Lsn::ToString() const {
  std::string text;
  AppendHex(static_cast<std::uint32_t>(at >> 32U), text);
  text.push_back('/');
  AppendHex(static_cast<std::uint32_t>(at), text);
  return text;
}

std::optional<Lsn> Lsn::Parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto high = ParseHex(text.substr(0, slash));
  const auto low = ParseHex(text.substr(slash + 1));
  if (!high || !low) {
    return std::nullopt;
  }
  return Lsn{std::uint64_t{*high} << 32U | *low};
}

}  // namespace streampark::connectors::postgres
