// SPDX-License-Identifier: Apache-2.0
#include "exchange.h"

#include <iterator>

#include <fmt/format.h>
#include <zlib.h>

#include "streampark/base/log.h"

#include "gate.h"

namespace streampark::http {
namespace {

constexpr std::size_t kWorthCompressing = 1024;
constexpr auto kSlow = std::chrono::seconds(1);

/// The text as gzip; absent when zlib refuses.
std::optional<std::string> Gzipped(std::string_view text) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    return std::nullopt;
  }
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int done = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return done == Z_STREAM_END ? std::optional(std::move(packed)) : std::nullopt;
}

/// Compresses what is worth it for clients elsewhere; on this machine bytes are cheaper than
/// cycles.
void Compress(const Request& request, Response& response) {
  auto* text = std::get_if<std::string>(&response.body);
  if (text == nullptr || text->size() < kWorthCompressing || IsLoopback(request.address) ||
      request.Header("accept-encoding").find("gzip") == std::string_view::npos) {
    return;
  }
  if (auto packed = Gzipped(*text)) {
    *text = *std::move(packed);
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.headers.emplace_back("Vary", "Accept-Encoding");
  }
}

/// Metrics may be read from this machine without signing in, but not through a proxy that runs on
/// it.
bool IsLocalScrape(const Request& request, const api::Route& route) {
  return route.operation_id == "getMetrics" && IsLoopback(request.address) &&
         request.Header("x-forwarded-for").empty() && request.Header("forwarded").empty();
}

}  // namespace

std::string Shared::NewTraceId() {
  return fmt::format("{}-{:x}", trace_prefix, next_trace.fetch_add(1, std::memory_order_relaxed));
}

Exchange::Exchange(Shared& shared, Request request, std::string target)
    : shared_(shared), request_(std::move(request)), target_(std::move(target)) {
  request_.trace_id = shared_.NewTraceId();
  request_.stop = shared_.stop;
}

Response Exchange::Problem(const base::Error& error) {
  if (error.traits().fault == base::Fault::kInternal) {
    base::LogError("request failed", {{"trace", request_.trace_id}, {"error", error}});
  }
  return ProblemOf(error, request_.trace_id);
}

std::optional<Response> Exchange::Open() {
  base::Status ok = ReadTarget(target_, request_, raw_path_);
  if (ok.ok()) {
    ok = CheckHost(request_.Header("host"), shared_.options.listen);
  }
  if (ok.ok()) {
    ok = CheckOrigin(request_);
  }
  if (!ok.ok()) {
    return Problem(ok.error());
  }
  // HEAD is answered as GET is, without its body.
  const std::string_view method =
      request_.method == "HEAD" ? "GET" : std::string_view(request_.method);
  auto match = shared_.router.Find(method, raw_path_);
  if (!match.ok()) {
    if (match.error().code() == base::ErrorCode::kNotFound && method == "GET") {
      if (auto file = shared_.static_files.Find(request_.path, request_.Header("accept-encoding"),
                                                request_.Header("if-none-match"))) {
        return file;
      }
    }
    return Problem(match.error());
  }
  match_ = std::move(match).value();
  is_route_ = true;
  request_.path_parameters = std::move(match_.path_parameters);
  if (match_.route->scope == api::Scope::kPublic || IsLocalScrape(request_, *match_.route)) {
    // Stale credentials must not stand in the way of signing in anew.
    request_.caller =
        match_.route->scope == api::Scope::kPublic ? console::Caller() : console::Caller::Console();
    identified_ = true;
  } else if (auto caller = shared_.authenticator.Recall(CredentialsOf(request_))) {
    request_.caller = *std::move(caller);
    identified_ = true;
  }
  return std::nullopt;
}

std::optional<Response> Exchange::Identify() {
  auto caller = shared_.authenticator.Identify(CredentialsOf(request_));
  if (!caller.ok()) {
    return Problem(caller.error());
  }
  request_.caller = std::move(caller).value();
  identified_ = true;
  return std::nullopt;
}

bool Exchange::wants_spooled_body() const {
  return match_.route->takes_upload &&
         request_.Header("content-type").starts_with("application/octet-stream");
}

bool Exchange::may_send_body() const {
  if (match_.route->scope == api::Scope::kPublic) {
    return true;
  }
  return !request_.caller.anonymous() &&
         (!wants_spooled_body() || request_.caller.CanInSomeTeam(match_.route->permission));
}

bool Exchange::runs_inline() const { return identified_ && match_.execution == Execution::kInline; }

Response Exchange::Run() {
  if (!identified_) {
    if (auto refusal = Identify()) {
      return *std::move(refusal);
    }
  }
  Response response = Execute();
  if (match_.execution == Execution::kPool) {
    Compress(request_, response);
  }
  return response;
}

Response Exchange::Execute() {
  if (const base::Status ok = CheckCsrfToken(request_); !ok.ok()) {
    return Problem(ok.error());
  }
  try {
    auto response = shared_.router.Run(match_, request_);
    return response.ok() ? std::move(response).value() : Problem(response.error());
  } catch (const std::exception& error) {
    // Libraries end in their adapters; what comes here is a defect, which must not end the process.
    return Problem(
        base::Error(base::ErrorCode::kInternal,
                    "an unexpected failure in " + std::string(match_.route->operation_id))
            .WithCause(error.what()));
  }
}

void Exchange::Close(int status) {
  const auto took = std::chrono::steady_clock::now() - begun_;
  shared_.traffic.Record(is_route_ ? match_.index : shared_.router.routes().size(), status, took);
  // Reads that went well would drown the rest.
  const bool notable = !IsSafeMethod(request_.method) || status >= 500 || took > kSlow;
  const base::LogLevel level = status >= 500 ? base::LogLevel::kWarn
                               : notable     ? base::LogLevel::kInfo
                                             : base::LogLevel::kDebug;
  if (base::IsLogged(level)) {
    base::Log(level, "request",
              {{"method", request_.method},
               {"path", request_.path},
               {"status", status},
               {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()},
               {"user", request_.caller.user_name()},
               {"address", request_.address},
               {"trace", request_.trace_id}});
  }
}

std::string_view ReasonOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Payload Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 507:
      return "Insufficient Storage";
    default:
      return "Status";
  }
}

void AppendHead(std::string& out, const Response& response, std::optional<std::uint64_t> length,
                std::string_view date, bool keep_alive, bool strict_transport) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                 ReasonOf(response.status), date);
  if (!response.content_type.empty()) {
    out.append("Content-Type: ").append(response.content_type).append("\r\n");
  }
  if (length && response.status != 204 && response.status != 304) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", *length);
  }
  bool has_cache_control = false;
  for (const auto& [name, text] : response.headers) {
    has_cache_control |= name == "Cache-Control";
    out.append(name).append(": ").append(text).append("\r\n");
  }
  if (!has_cache_control) {
    out.append("Cache-Control: no-store\r\n");
  }
  out.append("X-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n");
  if (strict_transport) {
    out.append("Strict-Transport-Security: max-age=31536000\r\n");
  }
  if (!keep_alive) {
    out.append("Connection: close\r\n");
  }
  out.append("\r\n");
}

}  // namespace streampark::http
