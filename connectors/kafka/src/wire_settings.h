// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "streampark/base/result.h"

#include "client.h"

namespace streampark::connectors::kafka {

struct WireAddress {
  std::string host;
  std::uint16_t port = 0;

  auto operator<=>(const WireAddress&) const = default;
};

/// How the wire client reaches a cluster: what it understands of librdkafka's properties.
struct WireSettings {
  enum class Sasl : std::uint8_t { kNone, kPlain, kScramSha256, kScramSha512 };

  std::vector<WireAddress> brokers;
  bool tls = false;
  Sasl sasl = Sasl::kNone;
  std::string user;
  std::string password;
  // Of TLS, as librdkafka has them; empty: not given.
  std::string ca_file, ca_pem;
  std::string certificate_file, certificate_pem;
  std::string key_file, key_pem, key_password;
  bool checks_certificate = true;
  bool checks_name = true;

  /// VALIDATION_FAILED names a way of signing in that it does not speak.
  static base::Result<WireSettings> From(const Settings& settings);
};

}  // namespace streampark::connectors::kafka
