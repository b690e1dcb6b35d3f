// SPDX-License-Identifier: Apache-2.0
#include "gate.h"

#include <algorithm>

#include "streampark/base/digest.h"
#include "streampark/console/names.h"

#include "decoded_text.h"

namespace streampark::http {
namespace {

constexpr std::size_t kMostQueryParameters = 64;

base::Error Malformed(std::string_view what) {
  return base::Error(base::ErrorCode::kInvalidRequest, std::string(what) + " is malformed");
}

/// The host without its port; brackets of IPv6 stay.
std::string_view WithoutPort(std::string_view host) {
  if (host.starts_with('[')) {
    return host.substr(0, std::min(host.find(']'), host.size() - 1) + 1);
  }
  return host.substr(0, host.rfind(':'));
}

base::Error Rejected(std::string message) {
  return base::Error(base::ErrorCode::kCsrfRejected, std::move(message));
}

}  // namespace

bool IsLoopback(std::string_view address) {
  if (address == "::1" || address == "[::1]" || address == "localhost") {
    return true;
  }
  if (address.starts_with("::ffff:")) {
    address.remove_prefix(7);
  }
  // Digits and dots alone: 127.0.0.1.example.org is somebody else's name.
  return address.starts_with("127.") &&
         address.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool NamesLoopback(std::string_view host) { return IsLoopback(WithoutPort(host)); }

bool IsSafeMethod(std::string_view method) { return method == "GET" || method == "HEAD"; }

base::Status ReadTarget(std::string_view target, Request& request, std::string& raw_path) {
  if (!target.starts_with('/')) {
    return Malformed("the request target");
  }
  const std::size_t question = std::min(target.find('?'), target.size());
  raw_path = target.substr(0, question);
  auto path = DecodedText(raw_path, base::Plus::kIsPlus);
  if (!path) {
    return Malformed("the path");
  }
  request.path = *std::move(path);
  std::string_view query = target.substr(std::min(question + 1, target.size()));
  query = query.substr(0, query.find('#'));
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view item = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (item.empty()) {
      continue;
    }
    const std::size_t equals = std::min(item.find('='), item.size());
    auto name = DecodedText(item.substr(0, equals), base::Plus::kIsBlank);
    auto text = DecodedText(item.substr(std::min(equals + 1, item.size())), base::Plus::kIsBlank);
    if (!name || !text || request.query.size() == kMostQueryParameters) {
      return Malformed("the query");
    }
    request.query.emplace_back(*std::move(name), *std::move(text));
  }
  return base::Ok();
}

base::Status CheckHost(std::string_view host, std::string_view listen) {
  if (host.empty()) {
    return base::Error(base::ErrorCode::kInvalidRequest, "the request has no Host");
  }
  if (IsLoopback(listen) && !NamesLoopback(host) && WithoutPort(host) != listen) {
    return base::Error(base::ErrorCode::kInvalidRequest,
                       "this console listens on this machine alone and is not known as '" +
                           std::string(WithoutPort(host)) + "'")
        .WithHint("use http://localhost, or start the console with --listen");
  }
  return base::Ok();
}

Credentials CredentialsOf(const Request& request) {
  Credentials credentials;
  constexpr std::string_view kBearer = "Bearer ";
  if (const std::string_view authorization = request.Header("authorization");
      authorization.starts_with(kBearer)) {
    credentials.bearer = authorization.substr(kBearer.size());
    return credentials;
  }
  std::string_view cookies = request.Header("cookie");
  while (!cookies.empty()) {
    const std::size_t end = std::min(cookies.find(';'), cookies.size());
    std::string_view cookie = cookies.substr(0, end);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
    while (cookie.starts_with(' ')) {
      cookie.remove_prefix(1);
    }
    if (cookie.size() > kSessionCookie.size() && cookie.starts_with(kSessionCookie) &&
        cookie[kSessionCookie.size()] == '=') {
      credentials.session = cookie.substr(kSessionCookie.size() + 1);
    }
  }
  return credentials;
}

base::Status CheckOrigin(const Request& request) {
  if (IsSafeMethod(request.method)) {
    return base::Ok();
  }
  const std::string_view site = request.Header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") {
    return Rejected("the request came from a page of another site");
  }
  std::string_view origin = request.Header("origin");
  if (origin.empty()) {
    return base::Ok();
  }
  // A browser names the page's own address; it must be the one that it sends the request to. The
  // scheme may differ behind a proxy that ends TLS.
  const std::size_t scheme_end = origin.find("://");
  origin.remove_prefix(scheme_end == std::string_view::npos ? 0 : scheme_end + 3);
  if (origin != request.Header("host")) {
    return Rejected("the request came from a page of another site");
  }
  return base::Ok();
}

base::Status CheckCsrfToken(const Request& request) {
  if (IsSafeMethod(request.method) || request.caller.via() != console::CallerVia::kWeb) {
    return base::Ok();
  }
  if (!base::EqualInConstantTime(request.Header(kCsrfHeader),
                                 request.caller.identity().csrf_token)) {
    return Rejected("the request lacks the session's token")
        .WithHint("send the csrfToken of GET /api/v1/session in the header X-Streampark-Csrf");
  }
  return base::Ok();
}

}  // namespace streampark::http
