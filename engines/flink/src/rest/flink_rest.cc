// SPDX-License-Identifier: Apache-2.0
#include "rest/flink_rest.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "streampark/base/json.h"

#include "rest/java_trace.h"

namespace streampark::flink {
namespace {

constexpr int kServiceUnavailable = 503;

bool IsSuccess(int status) { return status / 100 == 2; }

base::Millis LeftUntil(base::SteadyTime end) {
  return std::chrono::duration_cast<base::Millis>(end - std::chrono::steady_clock::now());
}

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
  std::string cause = answer.Cause();
  // Whoever else answers 404 says nothing about a job.
  const bool not_found = answer.status == 404 && !cause.empty();
  std::string message = cause.empty() ? "the cluster answered " + std::to_string(answer.status) +
                                            " to " + request.method + " " +
                                            request.path.substr(0, request.path.find('?'))
                                      : "the cluster refused: " + cause;
  return base::Error(not_found ? base::ErrorCode::kNotFound : base::ErrorCode::kEngineError,
                     std::move(message))
      .WithCause(std::move(cause));
}

base::Result<RestAnswer> FlinkRest::Send(const engines::Endpoint& cluster,
                                         const RestRequest& request, base::SteadyTime end,
                                         std::stop_token stop) {
  std::string cause;
  std::optional<base::Error> unanswered;  // by one that the request may have reached
  const auto addresses = AddressesInOrder(cluster);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const base::Millis left = LeftUntil(end);
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
    // A silent address must leave time for those after it.
    const auto share = std::max(left / static_cast<int>(addresses.size() - i), base::Millis(50));
    http.deadline = request.looks() ? share : left;
    http.connect_deadline = std::min(timings_.connect, share);
    auto response = http_.Send(http, stop);
    if (!response.ok()) {
      base::Error error = std::move(response).error();
      if (error.code() == base::ErrorCode::kEngineTimeout && request.looks()) {
        unanswered = std::move(error);
      } else if (error.code() == base::ErrorCode::kClusterUnreachable) {
        cause = error.cause().empty() ? error.message() : error.cause();
      } else {
        return error;
      }
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
  if (unanswered) {
    return *std::move(unanswered);
  }
  if (!addresses.empty() && cause.empty() && LeftUntil(end) <= base::Millis(0)) {
    return base::Error(base::ErrorCode::kEngineTimeout, "the cluster did not answer in time");
  }
  return Unreachable(cluster, std::move(cause));
}

base::Result<boost::json::value> FlinkRest::Get(const engines::Endpoint& cluster, std::string path,
                                                base::SteadyTime end, std::stop_token stop) {
  const RestRequest request{.path = std::move(path)};
  const RestAnswer answer = SP_TRY(Send(cluster, request, end, stop));
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

base::Result<boost::json::value> FlinkRest::Get(const engines::Endpoint& cluster, std::string path,
                                                std::stop_token stop) {
  return Get(cluster, std::move(path), EndOfLook(), std::move(stop));
}

base::Status FlinkRest::Stream(const engines::Endpoint& cluster, const std::string& path,
                               const std::function<bool(std::string_view)>& on_data,
                               std::stop_token stop) {
  const base::SteadyTime end = std::chrono::steady_clock::now() + timings_.log;
  bool too_slow = false;  // bytes come, but not in time
  const auto in_time = [&](std::string_view piece) {
    too_slow = LeftUntil(end) <= base::Millis(0);
    return !too_slow && on_data(piece);
  };
  std::string cause;
  for (const std::string& address : AddressesInOrder(cluster)) {
    base::HttpRequest http;
    http.url = address + path;
    http.deadline = timings_.look;
    http.connect_deadline = timings_.connect;
    auto response = http_.Stream(http, in_time, stop);
    if (too_slow) {
      return base::Error(base::ErrorCode::kEngineTimeout, address + path + " was not read within " +
                                                              base::FormatDuration(timings_.log));
    }
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
