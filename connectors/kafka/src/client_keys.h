// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "streampark/base/result.h"
#include "streampark/connectors/options.h"

#include "client.h"

namespace streampark::connectors::kafka {

enum class Side : std::uint8_t { kSource, kSink };

/// What people set of the client itself, by the names of Kafka's Java client or of librdkafka, as librdkafka's properties. The table at the head of
/// client_keys.cc says what becomes of each name. VALIDATION_FAILED has a field for each that is refused or not known.
base::Result<Settings> ReadClientKeys(const std::map<std::string, std::string>& given, Side side);

/// The prefixes that hand such names to the connector, and all that they gathered, by their whole names (without `properties.`).
std::vector<std::string> ClientKeyPrefixes();
std::map<std::string, std::string> GivenClientKeys(const OptionValues& options);

}  // namespace streampark::connectors::kafka
