// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace streampark::connectors::wire {

/// Where a server listens: a name or number and a port, or the path of a unix socket.
struct Address {
  std::string host;  // a path when it begins with a slash
  std::uint16_t port = 0;

  bool is_path() const { return host.starts_with('/'); }
  /// As ParseAddress reads it.
  std::string ToString() const;

  auto operator<=>(const Address&) const = default;
};

/// `host:9092`, `[::1]:9092`, `host`, `SCHEME://host:9092`, `/run/socket`; absent when it is none of these.
std::optional<Address> ParseAddress(std::string_view text, std::uint16_t usual_port);

}  // namespace streampark::connectors::wire
