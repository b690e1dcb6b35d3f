// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/response.h"

#include "streampark/base/json.h"

namespace streampark::http {

Response Response::Json(const boost::json::value& value, int status) {
  Response response;
  response.status = status;
  response.body = json::serialize(value);
  return response;
}

Response Response::Json(std::shared_ptr<const std::string> bytes) {
  Response response;
  response.body = std::move(bytes);
  return response;
}

Response Response::Text(std::string text, std::string content_type) {
  Response response;
  response.content_type = std::move(content_type);
  response.body = std::move(text);
  return response;
}

Response Response::NoContent() {
  Response response;
  response.status = 204;
  response.content_type.clear();
  return response;
}

Response&& Response::WithHeader(std::string name, std::string value) && {
  headers.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

Response&& Response::WithETag(std::string_view tag) && {
  return std::move(*this).WithHeader("ETag", "\"" + std::string(tag) + "\"");
}

Response&& Response::WithAudit(std::string target, std::string team_id) && {
  audit_target = std::move(target);
  audit_team = std::move(team_id);
  return std::move(*this);
}

boost::json::object ProblemJson(const base::Error& error, std::string_view trace_id) {
  const base::ErrorCodeTraits& traits = error.traits();
  json::object problem;
  problem["type"] = "urn:streampark:error:" + std::string(traits.code);
  problem["title"] = traits.title;
  problem["status"] = traits.http_status;
  problem["code"] = traits.code;
  problem["detail"] = error.message();
  problem["retryable"] = error.retryable();
  if (!error.hint().empty()) {
    problem["hint"] = error.hint();
  }
  if (!error.cause().empty()) {
    problem["cause"] = error.cause();
  }
  if (!error.related_id().empty()) {
    problem["relatedId"] = error.related_id();
  }
  if (!trace_id.empty()) {
    problem["traceId"] = trace_id;
  }
  if (!error.fields().empty()) {
    json::array fields;
    for (const base::FieldError& field : error.fields()) {
      json::object entry{{"pointer", field.pointer}, {"message", field.message}};
      if (!field.hint.empty()) {
        entry["hint"] = field.hint;
      }
      fields.push_back(std::move(entry));
    }
    problem["fields"] = std::move(fields);
  }
  return problem;
}

Response ProblemOf(const base::Error& error, std::string_view trace_id) {
  Response response;
  response.status = error.traits().http_status;
  response.content_type = "application/problem+json";
  response.body = json::serialize(ProblemJson(error, trace_id));
  if (error.retry_after_seconds() > 0) {
    response.headers.emplace_back("Retry-After", std::to_string(error.retry_after_seconds()));
  }
  return response;
}

}  // namespace streampark::http
