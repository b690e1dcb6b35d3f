// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "streampark/base/clock.h"
#include "streampark/base/http_client.h"
#include "streampark/base/result.h"
#include "streampark/engines/engine.h"

namespace streampark::flink {

constexpr base::Millis kRestDeadline{10'000};

/// One request to a cluster's REST API.
struct RestRequest {
  std::string method = "GET";
  std::string path = {};                  // from the root, with its query
  std::string body = {};                  // JSON
  base::Millis deadline = kRestDeadline;  // over all addresses together
};

/// What a JobManager said: any status, or the address that said it.
struct RestAnswer {
  int status = 0;
  std::string address;
  std::string body;
  /// The innermost cause that the body of a refusal names.
  std::string Cause() const;
};

/// Speaks to clusters that have several addresses: the one that answered last comes first, the next
/// is tried when nobody answers or when the one asked has no leader to speak for. Thread-safe.
class FlinkRest {
 public:
  /// The answer of whatever status but 503. CLUSTER_UNREACHABLE when no address gave one,
  /// ENGINE_TIMEOUT when the request may have arrived.
  base::Result<RestAnswer> Send(const engines::Endpoint& cluster, const RestRequest& request,
                                std::stop_token stop);
  /// The JSON of a 2xx answer; NOT_FOUND at 404, ENGINE_ERROR with the engine's cause at any other.
  base::Result<boost::json::value> Get(const engines::Endpoint& cluster, std::string path,
                                       std::stop_token stop, base::Millis deadline = kRestDeadline);
  /// Hands the body of a 2xx answer to `on_data` piece by piece; returning false ends it.
  base::Status Stream(const engines::Endpoint& cluster, const std::string& path,
                      const std::function<bool(std::string_view)>& on_data, std::stop_token stop);

  /// The address that answered last, else the first one; empty when there is none.
  std::string PreferredAddress(const engines::Endpoint& cluster);

 private:
  std::vector<std::string> AddressesInOrder(const engines::Endpoint& cluster);
  void Remember(const engines::Endpoint& cluster, const std::string& address);

  base::HttpClient http_;
  std::mutex mutex_;
  std::map<std::string, std::string> last_good_;  // cluster id → address
};

/// The error for an answer that is not 2xx.
base::Error RefusalOf(const RestRequest& request, const RestAnswer& answer);

}  // namespace streampark::flink
