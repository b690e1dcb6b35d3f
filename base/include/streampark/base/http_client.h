// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"

namespace streampark::base {

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http or https
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  Millis deadline = Millis(5000);  // for the whole exchange
  Millis connect_deadline = Millis(2000);
  std::size_t response_limit = 32U << 20U;
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  /// Absent as an empty view.
  std::string_view header(std::string_view lower_case_name) const;
};

/// Blocking HTTP/1.1 over libcurl with kept-alive connections; follows no redirects, verifies
/// certificates. Thread-safe: each call works on a handle of its own, of a
/// few that are kept for each server. Errors:
/// CLUSTER_UNREACHABLE when the request was not sent; ENGINE_TIMEOUT when it was, and no whole answer
/// came (the deadline passed, or the connection broke): it may have had its effect; CANCELLED by
/// `stop`. A whole response of any status is a value.
class HttpClient {
 public:
  struct Options {
    std::string unix_socket = {};        // talk to this socket instead of the URL's host
    std::filesystem::path ca_file = {};  // besides the system's
    // Who we are to servers that ask, as PEM; the key may be in the certificate's file.
    std::filesystem::path certificate_file = {}, key_file = {};
    std::string key_password = {};
  };
  HttpClient();
  explicit HttpClient(Options options);
  ~HttpClient();
  Result<HttpResponse> Send(const HttpRequest& request, std::stop_token stop = {});
  /// Hands body pieces to `on_data` as they come (server-sent events, big files); returning false
  /// ends the exchange. No deadline for the whole but `request.deadline` for silence.
  Result<HttpResponse> Stream(const HttpRequest& request,
                              const std::function<bool(std::string_view)>& on_data,
                              std::stop_token stop = {});

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

/// Percent-encodes everything but unreserved characters.
std::string UrlEncode(std::string_view text);
/// The bytes that a percent-encoded text stands for; in a query `+` is a blank. Absent when a `%` has no two hexadecimal digits behind it.
enum class Plus : std::uint8_t { kIsBlank, kIsPlus };
std::optional<std::string> UrlDecode(std::string_view text, Plus plus);

}  // namespace streampark::base
