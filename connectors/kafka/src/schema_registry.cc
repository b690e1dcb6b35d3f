// SPDX-License-Identifier: Apache-2.0
#include "schema_registry.h"

#include <limits>

#include "streampark/base/base64.h"
#include "streampark/base/json.h"

namespace streampark::connectors::kafka {
namespace {

constexpr std::size_t kLargestAnswer = 4U << 20U;
constexpr const char* kType = "application/vnd.schemaregistry.v1+json";

}  // namespace

SchemaRegistry::SchemaRegistry(Place place)
    : place_(std::move(place)), http_({.unix_socket = {}, .ca_file = place_.ca_file}) {}

base::Result<std::string> SchemaRegistry::Ask(base::HttpRequest request) {
  request.url.insert(0, place_.url);
  request.response_limit = kLargestAnswer;
  request.headers.emplace_back("Accept", kType);
  if (!place_.user.empty()) {
    request.headers.emplace_back(
        "Authorization",
        "Basic " + base::ToBase64(place_.user + ":" + place_.password, base::Base64::kStandard));
  }
  auto answer = http_.Send(request);
  if (!answer.ok()) {
    return std::move(answer).error().Annotate("the schema registry " + place_.url);
  }
  if (answer->status == 200) {
    return std::move(answer->body);
  }
  const bool signed_in = answer->status != 401 && answer->status != 403;
  const bool may_pass = answer->status >= 500 || answer->status == 429;
  return base::Error(
             !signed_in              ? base::ErrorCode::kBadCredentials
             : may_pass              ? base::ErrorCode::kClusterUnreachable
             : answer->status == 404 ? base::ErrorCode::kNotFound
                                     : base::ErrorCode::kInvalidRequest,
             "the schema registry " + place_.url + " answers " + std::to_string(answer->status))
      .WithCause(answer->body.substr(0, 500))
      .WithHint(signed_in ? "" : "look at schema.registry.user and schema.registry.password");
}

base::Result<std::string> SchemaRegistry::SchemaOf(std::uint32_t id) {
  if (const auto known = schemas_.find(id); known != schemas_.end()) {
    return known->second;
  }
  auto body = Ask({.url = "/schemas/ids/" + std::to_string(id)});
  if (!body.ok()) {
    const auto code = body.error().code();
    if (body.error().retryable() || code == base::ErrorCode::kBadCredentials) {
      failure_ = body.error();
    }
    return std::move(body).error();
  }
  const auto answer = json::Parse(*body);
  const auto* object = answer.ok() ? answer->if_object() : nullptr;
  const auto* schema = object == nullptr ? nullptr : object->if_contains("schema");
  const auto* type = object == nullptr ? nullptr : object->if_contains("schemaType");
  if (schema == nullptr || !schema->is_string() ||
      (type != nullptr && *type != json::value("AVRO"))) {
    return base::Error(base::ErrorCode::kInvalidRequest, "is no schema of Avro");
  }
  return schemas_.emplace(id, std::string(schema->as_string())).first->second;
}

base::Result<std::uint32_t> SchemaRegistry::Register(const std::string& subject,
                                                     const std::string& schema) {
  base::HttpRequest request{.method = "POST",
                            .url = "/subjects/" + base::UrlEncode(subject) + "/versions"};
  request.headers.emplace_back("Content-Type", kType);
  request.body = json::serialize(json::object{{"schema", schema}});
  const std::string body = SP_TRY(Ask(std::move(request)));
  const auto answer = json::Parse(body);
  const auto* object = answer.ok() ? answer->if_object() : nullptr;
  const auto* id = object == nullptr ? nullptr : object->if_contains("id");
  if (id == nullptr || !id->is_int64() || id->as_int64() < 0 ||
      id->as_int64() > std::numeric_limits<std::int32_t>::max()) {
    return base::Error(base::ErrorCode::kEngineError,
                       "the schema registry " + place_.url + " gave no id");
  }
  return static_cast<std::uint32_t>(id->as_int64());
}

}  // namespace streampark::connectors::kafka
