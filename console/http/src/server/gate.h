// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "streampark/base/result.h"
#include "streampark/http/authenticator.h"
#include "streampark/http/request.h"

namespace streampark::http {

/// What is looked at before a request reaches the router. All functions are pure.

inline constexpr std::string_view kSessionCookie = "streampark_session";
inline constexpr std::string_view kCsrfHeader = "x-streampark-csrf";

/// Splits the request target into path and decoded query. `raw_path` keeps its percent-encoding.
/// INVALID_REQUEST when it is malformed.
base::Status ReadTarget(std::string_view target, Request& request, std::string& raw_path);

/// Against DNS rebinding: a console that listens on loopback answers to loopback's names alone.
/// INVALID_REQUEST for another name or none.
base::Status CheckHost(std::string_view host, std::string_view listen);

Credentials CredentialsOf(const Request& request);

/// Of a request by another method than GET or HEAD: it must come from this console's own pages
/// (Sec-Fetch-Site, Origin), and when its caller is known by the cookie it must carry the session's
/// token. CSRF_REJECTED.
base::Status CheckOrigin(const Request& request);
base::Status CheckCsrfToken(const Request& request);

bool IsLoopback(std::string_view address);
/// Of a Host header, with or without a port.
bool NamesLoopback(std::string_view host);
bool IsSafeMethod(std::string_view method);

}  // namespace streampark::http
