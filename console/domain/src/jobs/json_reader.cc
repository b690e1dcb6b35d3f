// SPDX-License-Identifier: Apache-2.0
#include "jobs/json_reader.h"

#include <algorithm>

#include "streampark/base/spelling.h"

namespace streampark::console {

JsonReader::JsonReader(const json::value& value, std::string prefix) : prefix_(std::move(prefix)) {
  object_ = value.if_object();
  if (object_ == nullptr) {
    errors_.push_back({prefix_, "must be an object", ""});
  }
}

const json::value* JsonReader::Find(std::string_view name) {
  asked_.emplace_back(name);
  if (object_ == nullptr) {
    return nullptr;
  }
  const json::value* found = object_->if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::string JsonReader::Pointer(std::string_view name) const {
  std::string pointer = prefix_ + "/";
  for (const char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

void JsonReader::Fail(std::string_view name, std::string message, std::string hint) {
  errors_.push_back({Pointer(name), std::move(message), std::move(hint)});
}

std::optional<std::string> JsonReader::Text(std::string_view name, std::size_t longest) {
  const json::value* found = Find(name);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (!found->is_string()) {
    Fail(name, "must be a text");
    return std::nullopt;
  }
  const auto& text = found->get_string();
  if (text.size() > longest) {
    Fail(name, "is longer than " + std::to_string(longest) + " bytes");
    return std::nullopt;
  }
  return std::string(text);
}

std::optional<std::int64_t> JsonReader::Integer(std::string_view name, std::int64_t least,
                                                std::int64_t most) {
  const json::value* found = Find(name);
  if (found == nullptr) {
    return std::nullopt;
  }
  boost::system::error_code failed;
  const auto number = found->to_number<std::int64_t>(failed);
  if (!found->is_number() || failed) {
    Fail(name, "must be a whole number");
    return std::nullopt;
  }
  if (number < least || number > most) {
    Fail(name, "must be between " + std::to_string(least) + " and " + std::to_string(most));
    return std::nullopt;
  }
  return number;
}

std::optional<bool> JsonReader::Bool(std::string_view name) {
  const json::value* found = Find(name);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (!found->is_bool()) {
    Fail(name, "must be true or false");
    return std::nullopt;
  }
  return found->get_bool();
}

std::vector<std::string> JsonReader::Texts(std::string_view name, std::size_t most,
                                           std::size_t longest) {
  std::vector<std::string> texts;
  const json::value* found = Find(name);
  if (found == nullptr) {
    return texts;
  }
  if (!found->is_array()) {
    Fail(name, "must be a list of texts");
    return texts;
  }
  if (found->get_array().size() > most) {
    Fail(name, "has more than " + std::to_string(most) + " items");
    return texts;
  }
  std::size_t index = 0;
  for (const json::value& item : found->get_array()) {
    if (!item.is_string() || item.get_string().empty() || item.get_string().size() > longest) {
      Fail(std::string(name), "item " + std::to_string(index) + " must be a text of 1 to " +
                                  std::to_string(longest) + " bytes");
    } else {
      texts.emplace_back(item.get_string());
    }
    ++index;
  }
  return texts;
}

std::vector<std::pair<std::string, std::string>> JsonReader::TextMap(std::string_view name) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const json::value* found = Find(name);
  if (found == nullptr) {
    return pairs;
  }
  if (!found->is_object()) {
    Fail(name, "must be an object of texts");
    return pairs;
  }
  for (const auto& [key, value] : found->get_object()) {
    if (!value.is_string()) {
      Fail(name, "the value of \"" + std::string(key) + "\" must be a text");
    } else {
      pairs.emplace_back(key, value.get_string());
    }
  }
  return pairs;
}

std::optional<std::size_t> JsonReader::Word(std::string_view name,
                                            const std::vector<std::string_view>& words) {
  const std::optional<std::string> text = Text(name, 64);
  if (!text) {
    return std::nullopt;
  }
  const auto found = std::find(words.begin(), words.end(), *text);
  if (found != words.end()) {
    return static_cast<std::size_t>(found - words.begin());
  }
  std::string listed;
  for (const std::string_view word : words) {
    listed.append(listed.empty() ? "" : ", ").append(word);
  }
  const std::vector<std::string> candidates(words.begin(), words.end());
  const std::optional<std::string> near = base::ClosestMatch(*text, candidates);
  Fail(name, "\"" + *text + "\" is not one of " + listed,
       near ? "did you mean " + *near + "?" : "");
  return std::nullopt;
}

const json::value* JsonReader::Object(std::string_view name) { return Find(name); }

void JsonReader::Require(std::string_view name) {
  if (object_ != nullptr &&
      (object_->if_contains(name) == nullptr || object_->at(name).is_null())) {
    Fail(name, "is missing");
  }
}

void JsonReader::Adopt(const base::Error& error) {
  auto& into = error.code() == base::ErrorCode::kUnknownField ? unknown_ : errors_;
  into.insert(into.end(), error.fields().begin(), error.fields().end());
}

base::Status JsonReader::Finish() {
  if (object_ != nullptr) {
    for (const auto& [key, value] : *object_) {
      const std::string name(key);
      if (std::find(asked_.begin(), asked_.end(), name) == asked_.end()) {
        const std::optional<std::string> near = base::ClosestMatch(name, asked_);
        unknown_.push_back({Pointer(name), "there is no such field",
                            near ? "did you mean \"" + *near + "\"?" : ""});
      }
    }
  }
  if (errors_.empty() && unknown_.empty()) {
    return base::Ok();
  }
  const bool only_unknown = errors_.empty();
  std::vector<base::FieldError> all = std::move(errors_);
  all.insert(all.end(), unknown_.begin(), unknown_.end());
  std::string message = all.front().pointer + " " + all.front().message;
  if (all.size() > 1) {
    message += ", and " + std::to_string(all.size() - 1) + " more";
  }
  return base::Error(
             only_unknown ? base::ErrorCode::kUnknownField : base::ErrorCode::kValidationFailed,
             std::move(message))
      .WithHint(all.front().hint)
      .WithFields(std::move(all));
}

}  // namespace streampark::console
