// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "streampark/connectors/wire/socket.h"

#include "wire_bytes.h"
#include "wire_settings.h"

namespace streampark::connectors::kafka {

/// A request of Kafka's protocol in the one version that is spoken here, which brokers have had since 3.0.
struct WireApi {
  std::int16_t key;
  std::int16_t version;
  bool flexible;  // headers with tags
  const char* name;
};

constexpr WireApi kFindCoordinator{10, 1, false, "FindCoordinator"};
constexpr WireApi kSaslHandshake{17, 1, false, "SaslHandshake"};
constexpr WireApi kApiVersions{18, 0, false, "ApiVersions"};
constexpr WireApi kInitProducerId{22, 1, false, "InitProducerId"};
constexpr WireApi kEndTxn{26, 1, false, "EndTxn"};
constexpr WireApi kSaslAuthenticate{36, 1, false, "SaslAuthenticate"};
constexpr WireApi kDescribeCluster{60, 0, true, "DescribeCluster"};
constexpr WireApi kDescribeTransactions{65, 0, true, "DescribeTransactions"};
constexpr WireApi kListTransactions{66, 0, true, "ListTransactions"};

/// A broker that one is signed in to. One call at a time; after an error it is of no more use.
class WireConnection {
 public:
  /// VERSION_MISMATCH: the broker does not know what is spoken here. BAD_CREDENTIALS, and what wire::Socket has.
  static base::Result<std::unique_ptr<WireConnection>> Open(const WireSettings& settings,
                                                            const wire::Address& address,
                                                            const std::stop_token& stop);

  /// The answer's body.
  base::Result<std::string> Call(const WireApi& api, const WireWriter& body,
                                 const std::stop_token& stop);

 private:
  explicit WireConnection(std::unique_ptr<wire::Socket> stream) : stream_(std::move(stream)) {}
  base::Status CheckVersions(const wire::Address& address, const std::stop_token& stop);
  base::Status SignIn(const WireSettings& settings, const std::stop_token& stop);
  base::Result<std::string> Authenticate(std::string_view token, const std::stop_token& stop);

  const std::unique_ptr<wire::Socket> stream_;
  std::int32_t calls_ = 0;
};

/// An answer that is none: ENGINE_ERROR.
base::Error WireNonsense(const WireApi& api);

}  // namespace streampark::connectors::kafka
