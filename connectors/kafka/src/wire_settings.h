// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/wire/socket.h"

#include "client.h"

namespace streampark::connectors::kafka {

/// How the wire client reaches a cluster: what it understands of librdkafka's properties.
struct WireSettings {
  enum class Sasl : std::uint8_t { kNone, kPlain, kScramSha256, kScramSha512 };

  std::vector<wire::Address> brokers;
  std::optional<wire::Tls> tls;  // absent: plain
  Sasl sasl = Sasl::kNone;
  std::string user;
  std::string password;

  /// VALIDATION_FAILED names a way of signing in that it does not speak.
  static base::Result<WireSettings> From(const Settings& settings);
};

}  // namespace streampark::connectors::kafka
