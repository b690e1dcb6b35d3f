// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/http_client.h"
#include "streampark/base/result.h"

namespace streampark::connectors::http {

/// How servers are reached, and who we are to them.
struct Access {
  base::HttpClient::Options client;  // with our certificate
  std::vector<std::pair<std::string, std::string>> headers;
  /// What no error may show.
  std::vector<std::string> secrets;
  base::Millis timeout{30'000};
  std::size_t response_limit = 16U << 20U;
};

/// Asks servers. Thread-safe. Errors:
///
/// | what                                        | code                                          |
/// |---------------------------------------------|-----------------------------------------------|
/// | no answer                                   | CLUSTER_UNREACHABLE, ENGINE_TIMEOUT            |
/// | 408, 425, 429, 5xx                          | UNAVAILABLE, with Retry-After when it was said |
/// | 401, 403                                    | BAD_CREDENTIALS, FORBIDDEN                    |
/// | 404, 410                                    | NOT_FOUND                                     |
/// | 400, 422                                    | VALIDATION_FAILED                             |
/// | 413                                         | PAYLOAD_TOO_LARGE                             |
/// | all other 3xx and 4xx                       | INVALID_REQUEST                               |
/// | more than `response.limit`                  | ILLEGAL_STATE                                 |
/// | a redirection that may not be followed      | ILLEGAL_STATE                                 |
class Endpoint {
 public:
  /// An answer and the address that gave it, after redirections.
  struct Answer {
    base::HttpResponse response;
    std::string url;
  };

  explicit Endpoint(Access access);

  /// Sends it with our headers. An answer of 2xx or 304; redirections are followed, at most five: of GET to any server, but without our
  /// headers and certificate to another one; of other methods (307, 308) on the same server alone; never from https to http.
  base::Result<Answer> Ask(base::HttpRequest request, const std::stop_token& stop);

 private:
  base::Error ErrorOf(const std::string& what, const base::HttpResponse& response) const;
  base::Result<std::string> Follow(const base::HttpRequest& request,
                                   const base::HttpResponse& response) const;
  std::string Masked(std::string text) const;

  const Access access_;
  base::HttpClient client_;
  base::HttpClient stranger_;  // without our certificate
};

/// How long to wait before what failed is tried again, and when to give up. Not thread-safe.
class Retrying {
 public:
  Retrying(base::Millis most, const base::Clock& clock) : most_(most), clock_(&clock) {}

  /// The pause; or the error that it is given up with, which nobody tries again.
  base::Result<base::Millis> PauseAfter(const base::Error& error);
  void Succeeded() { since_.reset(); }

 private:
  base::Millis most_;
  const base::Clock* clock_;
  std::optional<base::SteadyTime> since_;  // the first failure
  base::Millis pause_{0};
};

}  // namespace streampark::connectors::http
