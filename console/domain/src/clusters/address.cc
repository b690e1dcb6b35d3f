// SPDX-License-Identifier: Apache-2.0
#include "clusters/address.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <optional>

namespace streampark::console {
namespace {

base::Error BadAddress(std::string message, std::string hint = "http://host:8081") {
  return base::Error(base::ErrorCode::kValidationFailed, std::move(message))
      .WithHint(std::move(hint));
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

bool IsHost(std::string_view host) {
  if (host.starts_with('[')) {  // IPv6
    return host.size() > 3 && host.ends_with(']') &&
           std::all_of(host.begin() + 1, host.end() - 1,
                       [](unsigned char c) { return std::isxdigit(c) || c == ':' || c == '.'; });
  }
  return !host.empty() && host.size() <= 253 && !host.starts_with('-') && !host.starts_with('.') &&
         std::all_of(host.begin(), host.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '-' || c == '.' || c == '_';
         });
}

/// The code point at `at`, which moves behind it; absent when the bytes are not UTF-8.
std::optional<std::uint32_t> NextCodePoint(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const int length = lead < 0x80             ? 1
                     : (lead & 0xE0) == 0xC0 ? 2
                     : (lead & 0xF0) == 0xE0 ? 3
                     : (lead & 0xF8) == 0xF0 ? 4
                                             : 0;
  if (length == 0 || at + static_cast<std::size_t>(length) > text.size()) {
    return std::nullopt;
  }
  std::uint32_t point = length == 1 ? lead : lead & (0x7FU >> length);
  for (int i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[at + static_cast<std::size_t>(i)]);
    if ((next & 0xC0) != 0x80) {
      return std::nullopt;
    }
    point = point << 6U | (next & 0x3FU);
  }
  at += static_cast<std::size_t>(length);
  return point;
}

/// Letters and digits. Beyond ASCII everything but the blocks of spaces, controls, punctuation, symbols
/// and private use counts as a letter: the exact table of Unicode is not worth its size here.
bool IsLetterOrDigit(std::uint32_t point) {
  if (point < 0x80) {
    return std::isalnum(static_cast<int>(point)) != 0;
  }
  const auto in = [point](std::uint32_t first, std::uint32_t last) {
    return point >= first && point <= last;
  };
  return !(point < 0xC0 || point == 0xD7 || point == 0xF7 || in(0x2000, 0x2BFF) ||
           in(0x3000, 0x3004) || in(0x3008, 0x3020) || in(0xD800, 0xF8FF) || in(0xFE00, 0xFE6F) ||
           in(0xFF00, 0xFF0F) || in(0xFFF0, 0xFFFF) || in(0x1F000, 0x1FAFF) || point > 0x3FFFF);
}

}  // namespace

base::Result<std::string> NormalAddress(std::string_view address) {
  const auto scheme_end = address.find("://");
  const std::string scheme = Lower(address.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end));
  if (scheme != "http" && scheme != "https") {
    return BadAddress("the address begins with neither http:// nor https://");
  }
  std::string_view rest = address.substr(scheme_end + 3);
  const auto authority_end = rest.find_first_of("/?#");
  const std::string_view authority = rest.substr(0, authority_end);
  if (authority.find('@') != std::string_view::npos) {
    // The address itself is not repeated: it holds a password.
    return BadAddress("the address contains a user name or password",
                      "an address is shown to everybody who may see the cluster");
  }
  if (authority_end != std::string_view::npos && rest.substr(authority_end) != "/") {
    return BadAddress("the address has a path or query");
  }
  const auto bracket = authority.rfind(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string host = Lower(authority.substr(0, colon));
  if (!IsHost(host)) {
    return BadAddress("'" + host + "' is not a host");
  }
  int port = scheme == "https" ? 443 : 80;
  if (colon != std::string_view::npos) {
    const std::string_view digits = authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size() || port < 1 || port > 65535) {
      return BadAddress("'" + std::string(digits) + "' is not a port");
    }
  }
  return scheme + "://" + host + ":" + std::to_string(port);
}

bool IsDisplayName(std::string_view name) {
  std::size_t at = 0;
  int length = 0;
  bool ends_well = false;
  while (at < name.size()) {
    const auto point = NextCodePoint(name, at);
    if (!point) {
      return false;
    }
    ends_well = IsLetterOrDigit(*point);
    const bool between = *point == ' ' || *point == '.' || *point == '_' || *point == '-';
    if (!ends_well && (!between || length == 0)) {
      return false;
    }
    ++length;
  }
  return length >= 1 && length <= 100 && ends_well;
}

std::string PointerToken(std::string_view text) {
  std::string token;
  for (const char c : text) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

}  // namespace streampark::console
