// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/wire/address.h"

#include <charconv>

namespace streampark::connectors::wire {

std::string Address::ToString() const {
  if (is_path()) {
    return host;
  }
  const bool numbers = host.find(':') != std::string::npos;
  return (numbers ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<Address> ParseAddress(std::string_view text, std::uint16_t usual_port) {
  if (text.starts_with('/')) {
    return Address{.host = std::string(text), .port = 0};
  }
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
    text.remove_prefix(scheme + 3);
  }
  Address address{.host = {}, .port = usual_port};
  const auto colon = text.rfind(':');
  std::string_view host = text;
  if (colon != std::string_view::npos && !text.ends_with(']')) {
    host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, address.port);
    if (read.ec != std::errc() || read.ptr != end) {
      return std::nullopt;
    }
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty()) {
    return std::nullopt;
  }
  address.host = host;
  return address;
}

}  // namespace streampark::connectors::wire
