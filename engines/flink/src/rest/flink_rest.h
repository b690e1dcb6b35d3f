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

/// How long a cluster is waited for.
struct RestTimings {
  base::Millis look{10'000};    // one question, whatever number of requests it takes
  base::Millis act{20'000};     // one act
  base::Millis log{60'000};     // one piece of a log; and `look` for silence within it
  base::Millis connect{2'000};  // one address, at most
};

/// One request to a cluster's REST API.
struct RestRequest {
  std::string method = "GET";
  std::string path = {};  // from the root, with its query
  std::string body = {};  // JSON
  bool looks() const { return method == "GET"; }
};

/// What a JobManager said: any status, or the address that said it.
struct RestAnswer {
  int status = 0;
  std::string address;
  std::string body;
  /// The innermost cause that the body of a refusal names; empty when Flink did not write it.
  std::string Cause() const;
};

/// Speaks to clusters that have several addresses: the one that answered last comes first, the next
/// is tried when nobody answers or when the one asked has no leader to speak for. A look shares its
/// time among the addresses, so that one that hangs hides no other; an act that may have arrived at
/// one address is sent to no other. Thread-safe.
class FlinkRest {
 public:
  explicit FlinkRest(RestTimings timings = {}) : timings_(timings) {}
  const RestTimings& timings() const { return timings_; }
  /// When a look that begins now has to end.
  base::SteadyTime EndOfLook() const { return std::chrono::steady_clock::now() + timings_.look; }

  /// The answer of whatever status but 503. CLUSTER_UNREACHABLE when the request reached nobody,
  /// ENGINE_TIMEOUT when it may have.
  base::Result<RestAnswer> Send(const engines::Endpoint& cluster, const RestRequest& request,
                                base::SteadyTime end, std::stop_token stop);
  /// The JSON of a 2xx answer; NOT_FOUND when Flink says 404, ENGINE_ERROR with the engine's cause at
  /// any other, and when the answer is not Flink's.
  base::Result<boost::json::value> Get(const engines::Endpoint& cluster, std::string path,
                                       base::SteadyTime end, std::stop_token stop);
  base::Result<boost::json::value> Get(const engines::Endpoint& cluster, std::string path,
                                       std::stop_token stop);
  /// Hands the body of a 2xx answer to `on_data` piece by piece; returning false ends it.
  base::Status Stream(const engines::Endpoint& cluster, const std::string& path,
                      const std::function<bool(std::string_view)>& on_data, std::stop_token stop);

  /// The address that answered last, else the first one; empty when there is none.
  std::string PreferredAddress(const engines::Endpoint& cluster);

 private:
  std::vector<std::string> AddressesInOrder(const engines::Endpoint& cluster);
  void Remember(const engines::Endpoint& cluster, const std::string& address);

  const RestTimings timings_;
  base::HttpClient http_;
  std::mutex mutex_;
  std::map<std::string, std::string> last_good_;  // cluster id → address
};

/// The error for an answer that is not what a request was to have: NOT_FOUND for Flink's own 404, else
/// ENGINE_ERROR.
base::Error RefusalOf(const RestRequest& request, const RestAnswer& answer);

}  // namespace streampark::flink
