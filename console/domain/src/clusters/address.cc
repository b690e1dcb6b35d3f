// SPDX-License-Identifier: Apache-2.0
#include "clusters/address.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>

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

/// As the resolver reads it, which takes 0xA9FEA9FE and 2852039166 for IPv4 as well.
bool IsLinkLocal(const std::string& host) {
  const auto is_169_254 = [](std::uint32_t in_host_order) {
    return in_host_order >> 16U == (169U << 8U | 254U);
  };
  in_addr four{};
  if (::inet_aton(host.c_str(), &four) != 0) {
    return is_169_254(ntohl(four.s_addr));
  }
  in6_addr six{};
  if (!host.starts_with('[') ||
      ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six) != 1) {
    return false;
  }
  std::uint32_t last = 0;
  std::memcpy(&last, &six.s6_addr[12], sizeof last);
  return IN6_IS_ADDR_LINKLOCAL(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && is_169_254(ntohl(last)));
}

}  // namespace

base::Result<std::string> NormalAddress(std::string_view address) {
  const auto scheme_end = address.find("://");
  const std::string scheme =
      Lower(address.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end));
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
  if (IsLinkLocal(host)) {
    return BadAddress("'" + host + "' is a link-local address",
                      "such addresses are for the machine's own services");
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
