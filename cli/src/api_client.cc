// SPDX-License-Identifier: Apache-2.0
#include "api_client.h"

#include "streampark/base/json.h"

namespace streampark::cli {
namespace {

using base::Error;
using base::ErrorCode;
using base::HttpRequest;
using base::HttpResponse;
using base::Result;

constexpr base::Millis kDeadline{180'000};  // a release resolves dependencies behind the call

std::vector<base::FieldError> FieldsOf(const json::object& problem) {
  std::vector<base::FieldError> fields;
  if (const json::array* items = json::FindArray(problem, "fields")) {
    for (const json::value& item : *items) {
      if (const auto* field = item.if_object()) {
        fields.push_back({json::StringOr(*field, "pointer"), json::StringOr(*field, "message"),
                          json::StringOr(*field, "hint")});
      }
    }
  }
  return fields;
}

Error ErrorOfAnswer(const HttpResponse& response) {
  const auto parsed = json::Parse(response.body);
  if (!parsed.ok() || !parsed->is_object()) {
    return Error(ErrorCode::kInternal,
                 "the console answered with status " + std::to_string(response.status));
  }
  return ErrorOfProblem(parsed->get_object());
}

std::string WithQuery(std::string path, const Query& query) {
  char separator = '?';
  for (const auto& [name, value] : query) {
    if (!value.empty()) {
      path += separator + name + "=" + base::UrlEncode(value);
      separator = '&';
    }
  }
  return path;
}

}  // namespace

Error ErrorOfProblem(const json::object& problem) {
  return Error(base::ParseErrorCode(json::StringOr(problem, "code")).value_or(ErrorCode::kInternal),
               json::StringOr(problem, "detail"))
      .WithHint(json::StringOr(problem, "hint"))
      .WithCause(json::StringOr(problem, "cause"))
      .WithRelatedId(json::StringOr(problem, "relatedId"))
      .WithFields(FieldsOf(problem));
}

Result<HttpResponse> ApiClient::Exchange(HttpRequest request) {
  request.url = connection_.server + request.url;
  request.deadline = kDeadline;
  if (!connection_.token.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + connection_.token);
  }
  auto response = http_.Send(request);
  if (!response.ok() && response.error().code() == ErrorCode::kClusterUnreachable) {
    return Error(ErrorCode::kUnavailable, "no console answers at " + connection_.server)
        .WithHint("start it with `./sp run`, or name another with --server")
        .WithCause(response.error().message());
  }
  HttpResponse answer = SP_TRY(std::move(response));
  if (answer.status >= 400) {
    Error error = ErrorOfAnswer(answer);
    if (error.code() == ErrorCode::kUnauthenticated && error.hint().empty()) {
      return std::move(error).WithHint(
          "`streampark login`, or set STREAMPARK_TOKEN to what `streampark admin token` prints");
    }
    return error;
  }
  return answer;
}

Result<json::value> ApiClient::Send(HttpRequest request) {
  const HttpResponse response = SP_TRY(Exchange(std::move(request)));
  if (response.body.empty()) {
    return json::value(nullptr);
  }
  return json::Parse(response.body);
}

Result<json::value> ApiClient::Get(const std::string& path, const Query& query) {
  return Send({.url = WithQuery(path, query)});
}

Result<std::string> ApiClient::GetText(const std::string& path, const Query& query) {
  HttpResponse response = SP_TRY(Exchange({.url = WithQuery(path, query)}));
  return std::move(response.body);
}

Result<json::value> ApiClient::Post(const std::string& path, const json::value& body,
                                    const std::string& idempotency_key) {
  HttpRequest request{.method = "POST",
                      .url = path,
                      .headers = {{"Content-Type", "application/json"}},
                      .body = json::serialize(body)};
  if (!idempotency_key.empty()) {
    request.headers.emplace_back("Idempotency-Key", idempotency_key);
  }
  return Send(std::move(request));
}

Result<json::value> ApiClient::Put(const std::string& path, const json::value& body) {
  return Send({.method = "PUT",
               .url = path,
               .headers = {{"Content-Type", "application/json"}},
               .body = json::serialize(body)});
}

Result<json::value> ApiClient::Delete(const std::string& path) {
  return Send({.method = "DELETE", .url = path});
}

Result<json::value> ApiClient::GetAll(const std::string& path, Query query) {
  json::array all;
  query.emplace_back("limit", "500");
  query.emplace_back("cursor", "");
  for (;;) {
    const json::value page = SP_TRY(Get(path, query));
    const auto* object = page.if_object();
    const json::array* items = object == nullptr ? nullptr : json::FindArray(*object, "items");
    if (items == nullptr) {
      return Error(ErrorCode::kInternal, "the console answered with something that is no list");
    }
    all.insert(all.end(), items->begin(), items->end());
    query.back().second = json::StringOr(*object, "nextCursor");
    if (query.back().second.empty()) {
      return json::value(std::move(all));
    }
  }
}

}  // namespace streampark::cli
