// SPDX-License-Identifier: Apache-2.0
#include "s3_client.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <utility>

#include "streampark/base/digest.h"

namespace streampark::objects::s3 {
namespace {

using base::Error;
using base::ErrorCode;

constexpr base::Millis kFirstPause{100};
constexpr base::Millis kLongestPause{5'000};
constexpr std::size_t kMostAnswer = std::size_t{16} << 20U;
constexpr std::size_t kClients = 3;
constexpr std::size_t kRange = std::size_t{8} << 20U;
constexpr base::Millis kConnectDeadline{5'000};

/// Whether the same may go well the next time.
bool IsPassing(const base::HttpResponse& response, const Refusal& refusal) {
  return response.status >= 500
             ? response.status != 501 && response.status != 507
             : response.status == 429 || refusal.code == "RequestTimeout" ||
                   refusal.code == "SlowDown" || refusal.code == "OperationAborted" ||
                   refusal.code == "ConditionalRequestConflict";
}

bool IsPassing(const Error& error) {
  return error.code() == ErrorCode::kClusterUnreachable ||
         error.code() == ErrorCode::kEngineTimeout;
}

std::string EncodedPath(const std::string& key) {
  std::string path;
  std::string_view rest = key;
  while (!rest.empty()) {
    const auto slash = rest.find('/');
    path.append("/").append(base::UrlEncode(rest.substr(0, slash)));
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
  }
  return path;
}

}  // namespace

Patience::Patience(base::Millis whole)
    : begun_(std::chrono::steady_clock::now()), whole_(whole), pause_(kFirstPause) {}

base::Millis Patience::spent() const {
  return std::chrono::duration_cast<base::Millis>(std::chrono::steady_clock::now() - begun_);
}

bool Patience::Wait(const std::stop_token& stop) {
  const auto left = whole_ - spent();
  if (left.count() <= 0 || stop.stop_requested()) {
    return false;
  }
  // From half to whole, so that those who failed together do not come again together.
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<base::Millis::rep> between(pause_.count() / 2, pause_.count());
  const auto pause = std::min(base::Millis(between(random)), left);
  pause_ = std::min(pause_ * 2, kLongestPause);
  ++tries_;
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, pause, [] { return false; });
  return !stop.stop_requested();
}

S3Client::S3Client(S3Settings settings, const base::Clock& clock)
    : settings_(std::move(settings)), clock_(clock) {
  for (std::size_t i = 0; i < kClients; ++i) {
    http_.push_back(std::make_unique<base::HttpClient>(
        base::HttpClient::Options{.ca_file = settings_.ca_file}));
  }
  const auto authority = settings_.endpoint.find("://") + 3;
  const std::string scheme = settings_.endpoint.substr(0, authority);
  auto slash = settings_.endpoint.find('/', authority);
  std::string host = settings_.endpoint.substr(authority, slash - authority);
  if (slash != std::string::npos) {
    path_prefix_ = settings_.endpoint.substr(slash);
  }
  if (settings_.where == S3Settings::Bucket::kInPath) {
    path_prefix_ += "/" + base::UrlEncode(settings_.bucket);
  } else {
    host.insert(0, settings_.bucket + ".");
  }
  origin_ = scheme + host;
  // As it is sent: without a port that goes without saying.
  host_ = host;
  for (const auto& [of, port] : {std::pair("http://", ":80"), std::pair("https://", ":443")}) {
    if (scheme == of && host_.ends_with(port)) {
      host_.resize(host_.size() - std::string_view(port).size());
    }
  }
}

base::HttpRequest S3Client::Signed(const Request& request) const {
  const base::Timestamp now = clock_.Now();
  s3::Signed to_sign{.method = request.method,
                     .path = path_prefix_ + EncodedPath(request.key),
                     .query = request.query,
                     .headers = request.headers,
                     .payload_hash = base::Sha256Hex(request.body)};
  if (to_sign.path.empty()) {
    to_sign.path = "/";
  }
  to_sign.headers.emplace_back("host", host_);
  to_sign.headers.emplace_back("x-amz-date", AmzDate(now));
  to_sign.headers.emplace_back("x-amz-content-sha256", to_sign.payload_hash);
  if (request.method == "PUT" || request.method == "POST") {
    // Else the client says that it is a form.
    to_sign.headers.emplace_back("content-type", "application/octet-stream");
  }
  if (!settings_.credentials.session_token.empty()) {
    to_sign.headers.emplace_back("x-amz-security-token", settings_.credentials.session_token);
  }
  base::HttpRequest http{.method = request.method,
                         .url = origin_ + to_sign.path,
                         .headers = to_sign.headers,
                         .body = std::string(request.body),
                         .deadline = settings_.deadline,
                         .connect_deadline = std::min(settings_.deadline, kConnectDeadline),
                         .response_limit = kMostAnswer};
  http.headers.emplace_back("authorization",
                            Authorization(to_sign, settings_.credentials, settings_.region, now));
  if (!request.query.empty()) {
    http.url += "?" + CanonicalQuery(request.query);
  }
  return http;
}

Error S3Client::ErrorOf(const Request& request, const base::HttpResponse& response) const {
  const Refusal refusal = ReadRefusal(response.body);
  const std::string what = request.method + " " + NameOf(request.key);
  const std::string at = " at " + settings_.endpoint;
  const std::string cause = "HTTP " + std::to_string(response.status) +
                            (refusal.code.empty() ? "" : ", " + refusal.code) +
                            (refusal.message.empty() ? "" : ": " + refusal.message);
  const auto& code = refusal.code;
  if (code == "NoSuchBucket") {
    return Error(ErrorCode::kNotFound, "There is no bucket '" + settings_.bucket + "'" + at + ".")
        .WithHint("make the bucket, or mend its name or native.s3.endpoint")
        .WithCause(cause);
  }
  std::string region(response.header("x-amz-bucket-region"));
  if (region.empty()) {
    region = refusal.region;
  }
  if (response.status / 100 == 3 || code == "AuthorizationHeaderMalformed" ||
      code == "IllegalLocationConstraintException") {
    return Error(ErrorCode::kConfigInvalid,
                 "The bucket '" + settings_.bucket + "' is not in the region " + settings_.region +
                     (region.empty() ? "" : " but in " + region) + at + ".")
        .WithHint("set native.s3.region, or AWS_REGION, to the region of the bucket")
        .WithCause(cause);
  }
  if (code == "RequestTimeTooSkewed") {
    const auto theirs = response.header("date");
    return Error(ErrorCode::kConfigInvalid,
                 "The clock of this machine says " + base::FormatTimestamp(clock_.Now()) +
                     (theirs.empty() ? "" : ", that of the store " + std::string(theirs)) +
                     ": the store takes no request from so far away.")
        .WithHint("set the clock of this machine")
        .WithCause(cause);
  }
  if (code == "InvalidAccessKeyId" || code == "XAdminUserNotFound") {
    return Error(ErrorCode::kBadCredentials, "The store" + at + " does not know the access key id.")
        .WithHint("see AWS_ACCESS_KEY_ID or native.s3.access-key-id")
        .WithCause("HTTP " + std::to_string(response.status) + ", " + code);
  }
  if (code == "SignatureDoesNotMatch") {
    return Error(ErrorCode::kBadCredentials,
                 "The secret access key is not that of the access key id" + at + ".")
        .WithHint("see AWS_SECRET_ACCESS_KEY or native.s3.secret-access-key")
        .WithCause("HTTP " + std::to_string(response.status) + ", " + code);
  }
  if (code == "ExpiredToken" || code == "InvalidToken" || code == "TokenRefreshRequired") {
    return Error(ErrorCode::kBadCredentials,
                 "The session token is not valid" + at + ", or not any more.")
        .WithHint("start the job with fresh credentials")
        .WithCause("HTTP " + std::to_string(response.status) + ", " + code);
  }
  if (response.status == 401 || response.status == 403) {
    return Error(ErrorCode::kForbidden, what + " is not allowed to these credentials.")
        .WithHint("the job needs to read, write, list and delete below its prefix")
        .WithCause(cause);
  }
  if (response.status == 404) {
    return Error(ErrorCode::kNotFound, NameOf(request.key) + " is not there.").WithCause(cause);
  }
  if (response.status == 507 || code == "QuotaExceeded" || code == "XMinioStorageFull") {
    return Error(ErrorCode::kStorageFull, "The store" + at + " is full.").WithCause(cause);
  }
  return Error(ErrorCode::kEngineError, what + " failed" + at + ".").WithCause(cause);
}

base::Result<base::HttpResponse> S3Client::Send(const Request& request,
                                                const std::stop_token& stop) {
  Patience patience(request.patience.value_or(settings_.patience));
  while (true) {
    auto sent = http_[next_++ % http_.size()]->Send(Signed(request), stop);
    if (sent.ok() &&
        (sent->status / 100 == 2 || std::ranges::count(request.expected, sent->status) > 0)) {
      return sent;
    }
    const bool passing =
        sent.ok() ? IsPassing(*sent, ReadRefusal(sent->body)) : IsPassing(sent.error());
    Error error = sent.ok() ? ErrorOf(request, *sent) : std::move(sent).error();
    if (!passing || !patience.Wait(stop)) {
      if (stop.stop_requested()) {
        return Error(ErrorCode::kCancelled, "The store's answer is no longer waited for.");
      }
      return patience.tries() == 1
                 ? error
                 : std::move(error).Annotate("tried " + std::to_string(patience.tries()) +
                                             " times in " + base::FormatDuration(patience.spent()));
    }
  }
}

// In ranges, each of which is asked for again by itself: what was cut off costs no more than one, and no more than one is in memory.
base::Status S3Client::Download(const std::string& key,
                                const std::function<base::Status(std::string_view)>& take,
                                const std::stop_token& stop) {
  std::size_t taken = 0;
  std::string etag;
  while (true) {
    Request request{.key = key,
                    .headers = {{"range", "bytes=" + std::to_string(taken) + "-" +
                                              std::to_string(taken + kRange - 1)}},
                    .expected = {416}};
    if (!etag.empty()) {
      request.headers.emplace_back("if-match", etag);
    }
    const auto response = SP_TRY(Send(request, stop));
    if (response.status == 416) {
      return base::Ok();  // it ends here, or is empty
    }
    SP_TRY(take(response.body));
    if (response.status == 200) {
      if (taken > 0) {
        return Error(ErrorCode::kEngineError,
                     "The store gives no parts of objects: " + NameOf(key) + " came whole.");
      }
      return base::Ok();
    }
    etag = response.header("etag");
    taken += response.body.size();
    if (response.body.size() < kRange) {
      return base::Ok();
    }
  }
}

}  // namespace streampark::objects::s3
