// SPDX-License-Identifier: Apache-2.0
#include "endpoint.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "streampark/base/secret_keys.h"
#include "streampark/base/url.h"

#include "address.h"

namespace streampark::connectors::http {
namespace {

using base::ErrorCode;

constexpr int kMostRedirections = 5;
constexpr base::Millis kFirstPause{250};
constexpr base::Millis kLongestPause{30'000};
constexpr std::size_t kMostShown = 500;

ErrorCode CodeOf(int status) {
  switch (status) {
    case 400:
    case 422:
      return ErrorCode::kValidationFailed;
    case 401:
      return ErrorCode::kBadCredentials;
    case 403:
      return ErrorCode::kForbidden;
    case 404:
    case 410:
      return ErrorCode::kNotFound;
    case 413:
      return ErrorCode::kPayloadTooLarge;
    case 408:
    case 425:
    case 429:
      return ErrorCode::kUnavailable;
    default:
      return status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kInvalidRequest;
  }
}

/// Seconds, or a date (RFC 9110, 10.2.3); 0 when it is neither or past.
int SecondsOf(std::string_view retry_after, std::time_t now) {
  int seconds = 0;
  const char* const end = retry_after.data() + retry_after.size();
  const auto read = std::from_chars(retry_after.data(), end, seconds);
  if (read.ec == std::errc() && read.ptr == end) {
    return std::max(seconds, 0);
  }
  std::tm date{};
  const std::string text(retry_after);
  if (::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date) == nullptr) {
    return 0;
  }
  return static_cast<int>(std::clamp<std::time_t>(::timegm(&date) - now, 0, 86'400));
}

bool SameServer(const std::string& a, const std::string& b) {
  const auto one = base::Url::Parse(a);
  const auto other = base::Url::Parse(b);
  return one && other && one->SameServer(*other);
}

bool IsRedirection(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

base::HttpClient::Options WithoutCertificate(const base::HttpClient::Options& options) {
  return {.unix_socket = "", .ca_file = options.ca_file};
}

}  // namespace

Endpoint::Endpoint(Access access)
    : access_(std::move(access)),
      client_(access_.client),
      stranger_(WithoutCertificate(access_.client)) {}

std::string Endpoint::Masked(std::string text) const {
  for (const std::string& secret : access_.secrets) {
    for (std::size_t at = 0;
         !secret.empty() && (at = text.find(secret, at)) != std::string::npos;) {
      text.replace(at, secret.size(), base::kMask);
      at += base::kMask.size();
    }
  }
  return text;
}

base::Error Endpoint::ErrorOf(const std::string& what, const base::HttpResponse& response) const {
  base::Error told = base::Error(CodeOf(response.status),
                                 what + " is answered by " + std::to_string(response.status))
                         .WithCause(Masked(response.body.substr(0, kMostShown)));
  if (told.code() == ErrorCode::kBadCredentials || told.code() == ErrorCode::kForbidden) {
    return std::move(told).WithHint("look at 'username', 'password', 'token' and 'secret.header'");
  }
  if (told.code() == ErrorCode::kUnavailable) {
    return std::move(told).WithRetryAfter(
        SecondsOf(response.header("retry-after"), std::time(nullptr)));
  }
  return told;
}

base::Result<std::string> Endpoint::Follow(const base::HttpRequest& request,
                                           const base::HttpResponse& response) const {
  const std::string what = request.method + " " + WithoutQuery(request.url);
  const auto to = base::ResolveUrl(request.url, response.header("location"));
  if (!to || base::Url::Parse(*to)->has_user) {
    return base::Error(ErrorCode::kIllegalState,
                       what + " is redirected to what is no address of http or https");
  }
  const std::string where = what + " is redirected to " + Masked(WithoutQuery(*to));
  if (base::Url::Parse(request.url)->encrypted() && !base::Url::Parse(*to)->encrypted()) {
    return base::Error(ErrorCode::kIllegalState, where + ", which is not encrypted");
  }
  const bool kept = response.status == 307 || response.status == 308;
  if (request.method != "GET" && (!kept || !SameServer(request.url, *to))) {
    return base::Error(ErrorCode::kIllegalState, where)
        .WithHint("rows are sent on to no other place: name that address in 'url'");
  }
  return *to;
}

base::Result<Endpoint::Answer> Endpoint::Ask(base::HttpRequest request,
                                             const std::stop_token& stop) {
  const std::string first = request.url;
  const auto given = request.headers;
  request.deadline = access_.timeout;
  request.connect_deadline = std::min(access_.timeout, base::Millis(10'000));
  request.response_limit = access_.response_limit;
  for (int followed = 0; followed <= kMostRedirections; ++followed) {
    const bool ours = SameServer(first, request.url);
    request.headers.clear();
    if (ours) {
      request.headers = given;
      request.headers.insert(request.headers.end(), access_.headers.begin(), access_.headers.end());
    }
    auto response = (ours ? client_ : stranger_).Send(request, stop);
    if (!response.ok() && response.error().code() == ErrorCode::kEngineError) {
      return base::Error(ErrorCode::kIllegalState, response.error().message())
          .WithHint("raise 'response.limit', or ask for smaller pages");
    }
    if (!response.ok()) {
      return std::move(response).error();
    }
    if (response->status / 100 == 2 || response->status == 304) {
      return Answer{std::move(*response), std::move(request.url)};
    }
    if (!IsRedirection(response->status)) {
      return ErrorOf(request.method + " " + Masked(WithoutQuery(request.url)), *response);
    }
    request.url = SP_TRY(Follow(request, *response));
  }
  return base::Error(ErrorCode::kIllegalState, request.method + " " + WithoutQuery(first) +
                                                   " is redirected more than " +
                                                   std::to_string(kMostRedirections) + " times");
}

base::Result<base::Millis> Retrying::PauseAfter(const base::Error& error) {
  if (!error.retryable()) {
    return error;
  }
  const auto now = clock_->SteadyNow();
  if (!since_) {
    since_ = now;
    pause_ = kFirstPause;
  } else {
    pause_ = std::min(pause_ * 2, kLongestPause);
  }
  const auto pause =
      std::max<base::Millis>(pause_, std::chrono::seconds(error.retry_after_seconds()));
  if (now + pause - *since_ > most_) {
    base::Error given_up(ErrorCode::kIllegalState,
                         error.message() + "; given up after " + base::FormatDuration(most_));
    return std::move(given_up)
        .WithCause(error.cause())
        .WithHint(error.retry_after_seconds() > 0
                      ? "the server asks to wait for " +
                            std::to_string(error.retry_after_seconds()) +
                            " seconds: raise 'retry.for'"
                      : "raise 'retry.for' to wait longer");
  }
  return pause;
}

}  // namespace streampark::connectors::http
