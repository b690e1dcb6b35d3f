// SPDX-License-Identifier: Apache-2.0
#include "rest/flink_rest.h"

#include <algorithm>
#include <functional>

#include "streampark/base/json.h"

#include "rest/java_trace.h"

namespace streampark::flink {
namespace {

constexpr base::Millis kConnectDeadline{2'000};
constexpr int kServiceUnavailable = 503;

bool IsSuccess(int status) { return status / 100 == 2; }

std::string WithoutSlash(std::string address) {
  while (address.ends_with('/')) {
    address.pop_back();
  }
  return address;
}

base::Error Unreachable(const engines::Endpoint& cluster, std::string cause) {
  std::string places;
  for (const std::string& address : cluster.addresses) {
    places += (places.empty() ? "" : ", ") + address;
  }
  return base::Error(base::ErrorCode::kClusterUnreachable,
                     places.empty() ? "the cluster has no address" : "nobody answers at " + places)
      .WithCause(std::move(cause));
}

}  // namespace

std::string RestAnswer::Cause() const {
  const auto parsed = json::Parse(body);
  if (!parsed.ok() || !parsed->is_object()) {
    // Flink speaks JSON. What else answers at an address that somebody named is not repeated to
    // him.
    return {};
  }
  // {"errors": ["Internal server error.", "<Exception on server side: …"]}: the last says most.
  const auto errors = json::StringsOf(parsed->get_object(), "errors");
  return errors.empty() ? std::string() : RootCause(errors.back());
}

base::Error RefusalOf(const RestRequest& request, const RestAnswer& answer) {
  const auto code =
      answer.status == 404 ? base::ErrorCode::kNotFound : base::ErrorCode::kEngineError;
  std::string cause = answer.Cause();
  std::string message = cause.empty() ? "the cluster answered " + std::to_string(answer.status) +
                                            " to " + request.method + " " +
                                            request.path.substr(0, request.path.find('?'))
                                      : "the cluster refused: " + cause;
  return base::Error(code, std::move(message)).WithCause(std::move(cause));
}

base::Result<RestAnswer> FlinkRest::Send(const engines::Endpoint& cluster,
                                         const RestRequest& request, std::stop_token stop) {
  const auto end = std::chrono::steady_clock::now() + request.deadline;
  std::string cause;
  const auto addresses = AddressesInOrder(cluster);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto left =
        std::chrono::duration_cast<base::Millis>(end - std::chrono::steady_clock::now());
    if (left <= base::Millis(0)) {
      break;
    }
    base::HttpRequest http;
    http.method = request.method;
    http.url = addresses[i] + request.path;
    http.body = request.body;
    if (!request.body.empty()) {
      http.headers.emplace_back("Content-Type", "application/json");
    }
    http.deadline = left;
    // A silent address must leave time for those after it.
    const auto share = left / static_cast<int>(addresses.size() - i);
    http.connect_deadline = std::min(kConnectDeadline, std::max(share, base::Millis(50)));
    auto response = http_.Send(http, stop);
    if (!response.ok()) {
      if (response.error().code() != base::ErrorCode::kClusterUnreachable) {
        return std::move(response).error();
      }
      cause =
          response.error().cause().empty() ? response.error().message() : response.error().cause();
      continue;
    }
    RestAnswer answer{response->status, addresses[i], std::move(response->body)};
    if (answer.status == kServiceUnavailable) {  // no leader yet: nothing was done
      cause = answer.Cause();
      continue;
    }
    Remember(cluster, answer.address);
    return answer;
  }
  return Unreachable(cluster, std::move(cause));
}

base::Result<boost::json::value> FlinkRest::Get(const engines::Endpoint& cluster, std::string path,
                                                std::stop_token stop, base::Millis deadline) {
  const RestRequest request{.path = std::move(path), .deadline = deadline};
  const RestAnswer answer = SP_TRY(Send(cluster, request, stop));
  if (!IsSuccess(answer.status)) {
    return RefusalOf(request, answer);
  }
  auto parsed = json::Parse(answer.body);
  if (!parsed.ok()) {
    return base::Error(base::ErrorCode::kEngineError,
                       "what answers at " + answer.address + " is not a Flink cluster")
        .WithCause(parsed.error().message())
        .WithHint("Check the address of the cluster");
  }
  return std::move(parsed).value();
}

base::Status FlinkRest::Stream(const engines::Endpoint& cluster, const std::string& path,
                               const std::function<bool(std::string_view)>& on_data,
                               std::stop_token stop) {
  std::string cause;
  for (const std::string& address : AddressesInOrder(cluster)) {
    base::HttpRequest http;
    http.url = address + path;
    http.deadline = kRestDeadline;
    http.connect_deadline = kConnectDeadline;
    auto response = http_.Stream(http, on_data, stop);
    if (!response.ok()) {
      if (response.error().code() != base::ErrorCode::kClusterUnreachable) {
        return std::move(response).error();
      }
      cause = response.error().message();
      continue;
    }
    if (response->status == kServiceUnavailable) {
      continue;
    }
    Remember(cluster, address);
    if (!IsSuccess(response->status)) {
      return RefusalOf({.path = path}, {response->status, address, response->body});
    }
    return base::Ok();
  }
  return Unreachable(cluster, std::move(cause));
}

std::string FlinkRest::PreferredAddress(const engines::Endpoint& cluster) {
  const auto addresses = AddressesInOrder(cluster);
  return addresses.empty() ? std::string() : addresses.front();
}

std::vector<std::string> FlinkRest::AddressesInOrder(const engines::Endpoint& cluster) {
  std::vector<std::string> addresses;
  for (const std::string& address : cluster.addresses) {
    addresses.push_back(WithoutSlash(address));
  }
  const std::lock_guard lock(mutex_);
  if (const auto known = last_good_.find(cluster.cluster_id); known != last_good_.end()) {
    const auto at = std::find(addresses.begin(), addresses.end(), known->second);
    if (at != addresses.end()) {
      std::rotate(addresses.begin(), at, at + 1);
    }
  }
  return addresses;
}

void FlinkRest::Remember(const engines::Endpoint& cluster, const std::string& address) {
  if (cluster.addresses.size() < 2) {
    return;
  }
  const std::lock_guard lock(mutex_);
  last_good_[cluster.cluster_id] = address;
}

}  // namespace streampark::flink
