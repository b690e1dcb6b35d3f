// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/base/http_client.h"
#include "streampark/base/result.h"

namespace streampark::cli {

/// Where the console is and how to be let in.
struct Connection {
  std::string server;  // http://127.0.0.1:10000
  std::string token;
};

/// The Error that a problem document tells of.
base::Error ErrorOfProblem(const boost::json::object& problem);

using Query = std::vector<std::pair<std::string, std::string>>;

/// Calls of /api/v1 with the caller's token. A problem document becomes the Error that the console
/// meant. CLUSTER_UNREACHABLE is reworded: here it is the console that does not answer.
class ApiClient {
 public:
  explicit ApiClient(Connection connection) : connection_(std::move(connection)) {}

  base::Result<boost::json::value> Get(const std::string& path, const Query& query = {});
  /// With a key, a repeat answers what the first one did.
  base::Result<boost::json::value> Post(const std::string& path, const boost::json::value& body,
                                        const std::string& idempotency_key = {});
  base::Result<boost::json::value> Put(const std::string& path, const boost::json::value& body);
  base::Result<boost::json::value> Delete(const std::string& path);
  /// Any method and body; empty answers are null.
  base::Result<boost::json::value> Send(base::HttpRequest request);
  base::Result<std::string> GetText(const std::string& path, const Query& query = {});
  /// All items of a paged list.
  base::Result<boost::json::value> GetAll(const std::string& path, Query query = {});

  const Connection& connection() const { return connection_; }

 private:
  base::Result<base::HttpResponse> Exchange(base::HttpRequest request);

  Connection connection_;
  base::HttpClient http_;
};

}  // namespace streampark::cli
