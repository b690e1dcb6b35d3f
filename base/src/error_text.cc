// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/error_text.h"

#include "streampark/base/json.h"

namespace streampark::base {

std::string ErrorToText(const Error& error) {
  json::array fields;
  for (const FieldError& field : error.fields()) {
    fields.push_back(
        json::object{{"pointer", field.pointer}, {"message", field.message}, {"hint", field.hint}});
  }
  return json::serialize(json::object{{"code", error.traits().code},
                                      {"message", error.message()},
                                      {"hint", error.hint()},
                                      {"cause", error.cause()},
                                      {"relatedId", error.related_id()},
                                      {"fields", std::move(fields)}});
}

std::optional<Error> ErrorFromText(std::string_view text) {
  const Result<json::value> parsed = json::Parse(text);
  if (!parsed.ok() || !parsed->is_object()) {
    return std::nullopt;
  }
  const json::object& object = parsed->get_object();
  const std::string name = json::StringOr(object, "code");
  Error error(ParseErrorCode(name).value_or(ErrorCode::kInternal),
              json::StringOr(object, "message"));
  std::vector<FieldError> fields;
  if (const json::array* listed = json::FindArray(object, "fields")) {
    for (const json::value& field : *listed) {
      if (field.is_object()) {
        fields.push_back({json::StringOr(field.get_object(), "pointer"),
                          json::StringOr(field.get_object(), "message"),
                          json::StringOr(field.get_object(), "hint")});
      }
    }
  }
  return std::move(error)
      .WithHint(json::StringOr(object, "hint"))
      .WithCause(json::StringOr(object, "cause"))
      .WithRelatedId(json::StringOr(object, "relatedId"))
      .WithFields(std::move(fields));
}

}  // namespace streampark::base
