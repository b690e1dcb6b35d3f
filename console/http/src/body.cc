// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/body.h"

#include <algorithm>

#include "streampark/base/json.h"
#include "streampark/base/spelling.h"
#include "streampark/console/names.h"

namespace streampark::http {
namespace {

/// The media type without its parameters.
std::string_view MediaType(const Request& request) {
  std::string_view type = request.Header("content-type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) {
    type.remove_suffix(1);
  }
  return type;
}

base::Error WrongType(std::string_view wanted, std::string_view sent) {
  return base::Error(base::ErrorCode::kUnsupportedMediaType,
                     sent.empty()
                         ? "the request does not say its content type"
                         : "the content type '" + std::string(sent) + "' is not accepted here")
      .WithHint("send it as " + std::string(wanted));
}

/// Escapes a member's name for a JSON pointer.
std::string PointerPart(std::string_view key) {
  std::string part = "/";
  for (const char c : key) {
    if (c == '~') {
      part += "~0";
    } else if (c == '/') {
      part += "~1";
    } else {
      part += c;
    }
  }
  return part;
}

}  // namespace

base::Result<boost::json::object> JsonBody(const Request& request) {
  const std::string_view type = MediaType(request);
  if (type != "application/json") {
    return WrongType("application/json", type);
  }
  json::value parsed = SP_TRY(json::Parse(request.body));
  if (!parsed.is_object()) {
    return base::Error(base::ErrorCode::kInvalidRequest, "the body is not a JSON object");
  }
  return std::move(parsed.get_object());
}

base::Result<std::string_view> YamlBody(const Request& request) {
  const std::string_view type = MediaType(request);
  if (type != "application/yaml" && type != "application/x-yaml" && type != "text/yaml") {
    return WrongType("application/yaml", type);
  }
  if (console::CountCharacters(request.body) < 0) {
    return base::Error(base::ErrorCode::kInvalidRequest, "the body is not UTF-8 text");
  }
  return std::string_view(request.body);
}

FieldReader::FieldReader(const boost::json::object& object, std::string pointer)
    : object_(object), pointer_(std::move(pointer)) {}

const boost::json::value* FieldReader::Find(std::string_view key) {
  known_.emplace_back(key);
  const auto it = object_.find(key);
  return it == object_.end() || it->value().is_null() ? nullptr : &it->value();
}

std::string FieldReader::Text(std::string_view key, const TextRule& rule) {
  const json::value* found = Find(key);
  if (found == nullptr) {
    if (rule.required) {
      Fault(key, "is missing");
    }
    return std::string(rule.fallback);
  }
  if (!found->is_string()) {
    Fault(key, "must be text");
    return {};
  }
  std::string text(found->get_string());
  const auto count = static_cast<std::size_t>(std::max(0L, console::CountCharacters(text)));
  if (count > rule.longest) {
    Fault(key, "is longer than " + std::to_string(rule.longest) + " characters");
  } else if (count < std::max<std::size_t>(rule.shortest, rule.required ? 1 : 0)) {
    Fault(key, rule.shortest > 1
                   ? "is shorter than " + std::to_string(rule.shortest) + " characters"
                   : "is empty");
  }
  return text;
}

std::string FieldReader::Name(std::string_view key, bool required) {
  std::string name = Text(key, {.required = required});
  if (!name.empty() && !console::IsName(name)) {
    Fault(key, "is not a name",
          "1 to 100 letters, digits, spaces, dots, dashes and underscores, with a letter or digit "
          "at either end");
  }
  return name;
}

std::int64_t FieldReader::Integer(std::string_view key, const IntegerRule& rule) {
  const json::value* found = Find(key);
  if (found == nullptr) {
    if (rule.required) {
      Fault(key, "is missing");
    }
    return rule.fallback;
  }
  boost::json::error_code error;
  const auto number = found->to_number<std::int64_t>(error);
  if (error || !found->is_number()) {
    Fault(key, "must be a whole number");
    return rule.fallback;
  }
  if (number < rule.least) {
    Fault(key, "must be at least " + std::to_string(rule.least));
  } else if (number > rule.most) {
    Fault(key, "must be at most " + std::to_string(rule.most));
  }
  return number;
}

bool FieldReader::Flag(std::string_view key, bool fallback) {
  const json::value* found = Find(key);
  if (found == nullptr) {
    return fallback;
  }
  if (!found->is_bool()) {
    Fault(key, "must be true or false");
    return fallback;
  }
  return found->get_bool();
}

std::string FieldReader::OneOf(std::string_view key, std::span<const std::string_view> allowed,
                               std::string_view fallback) {
  std::string text = Text(key, {.required = fallback.empty(), .fallback = fallback});
  if (!text.empty() && std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
    std::string choices;
    for (const std::string_view choice : allowed) {
      choices.append(choices.empty() ? "" : ", ").append(choice);
    }
    const std::vector<std::string> candidates(allowed.begin(), allowed.end());
    const auto meant = base::ClosestMatch(text, candidates);
    Fault(key, "must be one of " + choices, meant ? "did you mean " + *meant + "?" : "");
  }
  return text;
}

std::vector<std::string> FieldReader::Texts(std::string_view key, std::size_t most) {
  const json::value* found = Find(key);
  std::vector<std::string> texts;
  if (found == nullptr) {
    return texts;
  }
  const json::array* items = found->if_array();
  if (items == nullptr || items->size() > most ||
      !std::all_of(items->begin(), items->end(),
                   [](const json::value& item) { return item.is_string(); })) {
    Fault(key, "must be a list of at most " + std::to_string(most) + " texts");
    return texts;
  }
  for (const json::value& item : *items) {
    texts.emplace_back(item.get_string());
  }
  return texts;
}

std::optional<base::Millis> FieldReader::Duration(std::string_view key, std::string_view fallback) {
  const std::string text = Text(key, {.fallback = fallback});
  if (text.empty()) {
    return std::nullopt;
  }
  const auto duration = base::ParseDuration(text);
  if (!duration) {
    Fault(key, "is not a duration", "write a whole number and a unit: 250ms, 10s, 5m, 1h or 2d");
  }
  return duration;
}

const boost::json::object* FieldReader::Object(std::string_view key) {
  const json::value* found = Find(key);
  if (found != nullptr && !found->is_object()) {
    Fault(key, "must be an object");
    return nullptr;
  }
  return found == nullptr ? nullptr : &found->get_object();
}

const boost::json::value* FieldReader::Value(std::string_view key) { return Find(key); }

bool FieldReader::Has(std::string_view key) const {
  const auto it = object_.find(key);
  return it != object_.end() && !it->value().is_null();
}

void FieldReader::Fault(std::string_view key, std::string message, std::string hint) {
  faults_.push_back({pointer_ + PointerPart(key), std::move(message), std::move(hint)});
}

void FieldReader::Adopt(FieldReader&& inner) {
  static_cast<void>(inner.Finish());
  faults_.insert(faults_.end(), inner.faults_.begin(), inner.faults_.end());
  unknown_.insert(unknown_.end(), inner.unknown_.begin(), inner.unknown_.end());
}

base::Status FieldReader::Finish() {
  for (const auto& member : object_) {
    const std::string_view key = member.key();
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
      const auto meant = base::ClosestMatch(key, known_);
      unknown_.push_back({pointer_ + PointerPart(key), "there is no such field",
                          meant ? "did you mean '" + *meant + "'?" : ""});
      known_.emplace_back(key);
    }
  }
  if (!unknown_.empty()) {
    std::vector<base::FieldError> all = unknown_;
    all.insert(all.end(), faults_.begin(), faults_.end());
    return base::Error(base::ErrorCode::kUnknownField,
                       "there is no field '" + unknown_.front().pointer + "'")
        .WithHint(unknown_.front().hint)
        .WithFields(std::move(all));
  }
  if (!faults_.empty()) {
    return base::Error(base::ErrorCode::kValidationFailed,
                       "'" + faults_.front().pointer + "' " + faults_.front().message)
        .WithHint(faults_.front().hint)
        .WithFields(faults_);
  }
  return base::Ok();
}

}  // namespace streampark::http
