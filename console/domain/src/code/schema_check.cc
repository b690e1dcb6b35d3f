// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/code/schema_check.h"

#include <regex>
#include <string_view>
#include <utility>

#include "streampark/base/check.h"
#include "streampark/base/json.h"
#include "streampark/base/spelling.h"
#include "streampark/console/code/yaml_document.h"

namespace streampark::console {
namespace {

using base::FieldError;

// std::regex recurses by the length of its input; what has a pattern is short.
constexpr std::size_t kMaxPatternInput = 512;

std::string Quoted(const json::value& value) {
  return value.is_string() ? "`" + std::string(value.get_string()) + "`"
                           : "`" + json::serialize(value) + "`";
}

std::string_view KindOf(const json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return "null";
    case boost::json::kind::bool_:
      return "boolean";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
      return "integer";
    case boost::json::kind::double_:
      return "number";
    case boost::json::kind::string:
      return "string";
    case boost::json::kind::array:
      return "array";
    case boost::json::kind::object:
      return "object";
  }
  return "";
}

/// The words of people for JSON's kinds.
std::string_view InWords(std::string_view kind) {
  if (kind == "object") {
    return "a mapping (key: value)";
  }
  if (kind == "array") {
    return "a list";
  }
  if (kind == "string") {
    return "a text";
  }
  if (kind == "integer") {
    return "a whole number";
  }
  if (kind == "boolean") {
    return "true or false";
  }
  return kind == "null" ? "nothing" : "a number";
}

bool Matches(std::string_view kind, std::string_view wanted) {
  return kind == wanted || (wanted == "number" && kind == "integer");
}

/// Code points, as the specification counts length.
std::size_t LengthOf(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) {
    length += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  }
  return length;
}

class Checker {
 public:
  explicit Checker(const json::value& root) : root_(root) {}

  void Check(const json::value& value, const json::object& given, const std::string& pointer) {
    const json::object& schema = Resolve(given);
    CheckAlternatives(value, schema, pointer);
    if (!CheckType(value, schema, pointer)) {
      return;
    }
    if (value.is_object()) {
      CheckObject(value.get_object(), schema, pointer);
    } else if (value.is_array()) {
      CheckArray(value.get_array(), schema, pointer);
    } else if (value.is_string()) {
      CheckString(std::string_view(value.get_string()), schema, pointer);
    } else if (value.is_number()) {
      CheckNumber(value.to_number<double>(), schema, pointer);
    }
  }

  std::vector<FieldError> Take() { return std::move(errors_); }

 private:
  const json::object& Resolve(const json::object& schema) const {
    const auto* ref = schema.if_contains("$ref");
    if (ref == nullptr) {
      return schema;
    }
    const std::string_view text = ref->as_string();
    SP_CHECK(text.starts_with("#"));
    boost::system::error_code failed;
    const json::value* target = root_.find_pointer(text.substr(1), failed);
    SP_CHECK(target != nullptr && !failed);
    return target->as_object();
  }

  void Report(const std::string& pointer, std::string message, std::string hint = "") {
    errors_.push_back({pointer, std::move(message), std::move(hint)});
  }

  void CheckAlternatives(const json::value& value, const json::object& schema,
                         const std::string& pointer) {
    if (const auto* constant = schema.if_contains("const");
        constant != nullptr && *constant != value) {
      Report(pointer, Quoted(value) + " must be " + Quoted(*constant));
    }
    const auto* words = schema.if_contains("enum");
    if (words == nullptr) {
      return;
    }
    std::vector<std::string> allowed;
    for (const json::value& word : words->as_array()) {
      if (word == value) {
        return;
      }
      allowed.emplace_back(word.as_string());
    }
    std::string list;
    for (const std::string& word : allowed) {
      list += (list.empty() ? "" : ", ") + word;
    }
    const auto near = value.is_string()
                          ? base::ClosestMatch(std::string_view(value.get_string()), allowed)
                          : std::nullopt;
    Report(pointer, Quoted(value) + " is not one of: " + list,
           near ? "did you mean `" + *near + "`?" : "");
  }

  bool CheckType(const json::value& value, const json::object& schema, const std::string& pointer) {
    const auto* type = schema.if_contains("type");
    if (type == nullptr) {
      return true;
    }
    const std::string_view kind = KindOf(value);
    if (type->is_array()) {
      for (const json::value& wanted : type->get_array()) {
        if (Matches(kind, wanted.as_string())) {
          return true;
        }
      }
      Report(pointer,
             "this must be a text, a number or true/false, not " + std::string(InWords(kind)));
      return false;
    }
    const std::string_view wanted = type->as_string();
    if (Matches(kind, wanted)) {
      return true;
    }
    Report(pointer,
           "this must be " + std::string(InWords(wanted)) + ", not " + std::string(InWords(kind)),
           wanted == "string" && (kind == "integer" || kind == "number" || kind == "boolean")
               ? "put it in quotes"
               : "");
    return false;
  }

  void CheckObject(const json::object& object, const json::object& schema,
                   const std::string& pointer) {
    static const json::object kNone;
    const json::object* properties = json::FindObject(schema, "properties");
    properties = properties == nullptr ? &kNone : properties;
    for (const std::string& name : json::StringsOf(schema, "required")) {
      if (!object.contains(name)) {
        Report(pointer, "the key `" + name + "` is missing");
      }
    }
    std::vector<std::string> known;
    for (const auto& property : *properties) {
      known.emplace_back(property.key());
    }
    const auto* additional = schema.if_contains("additionalProperties");
    for (const auto& member : object) {
      const std::string inner = pointer + "/" + PointerStep(member.key());
      if (const auto* property = properties->if_contains(member.key())) {
        Check(member.value(), property->as_object(), inner);
      } else if (additional != nullptr && additional->is_object()) {
        Check(member.value(), additional->get_object(), inner);
      } else if (additional != nullptr && !additional->as_bool()) {
        const auto near = base::ClosestMatch(member.key(), known);
        Report(inner, "unknown key `" + std::string(member.key()) + "`",
               near ? "did you mean `" + *near + "`?" : "");
      }
    }
  }

  void CheckArray(const json::array& items, const json::object& schema,
                  const std::string& pointer) {
    if (const auto most = json::FindInteger(schema, "maxItems");
        most && items.size() > static_cast<std::size_t>(*most)) {
      Report(pointer, "at most " + std::to_string(*most) + " items are allowed");
    }
    if (const auto least = json::FindInteger(schema, "minItems");
        least && items.size() < static_cast<std::size_t>(*least)) {
      Report(pointer, "at least " + std::to_string(*least) + " items are needed");
    }
    if (const json::object* item_schema = json::FindObject(schema, "items")) {
      for (std::size_t i = 0; i < items.size(); ++i) {
        Check(items[i], *item_schema, pointer + "/" + std::to_string(i));
      }
    }
  }

  void CheckString(std::string_view text, const json::object& schema, const std::string& pointer) {
    const std::size_t length = LengthOf(text);
    if (const auto least = json::FindInteger(schema, "minLength");
        least && length < static_cast<std::size_t>(*least)) {
      Report(pointer, "this must not be empty");
    }
    if (const auto most = json::FindInteger(schema, "maxLength");
        most && length > static_cast<std::size_t>(*most)) {
      Report(pointer, "this may have at most " + std::to_string(*most) + " characters");
      return;
    }
    const auto pattern = json::FindString(schema, "pattern");
    if (pattern && (text.size() > kMaxPatternInput ||
                    !std::regex_match(text.begin(), text.end(), std::regex(*pattern)))) {
      Report(pointer,
             "`" + std::string(text.substr(0, 80)) + "` does not have the form that is needed here",
             json::StringOr(schema, "description"));
    }
  }

  void CheckNumber(double number, const json::object& schema, const std::string& pointer) {
    if (const auto least = json::FindInteger(schema, "minimum");
        least && number < static_cast<double>(*least)) {
      Report(pointer, "this must be at least " + std::to_string(*least));
    }
    if (const auto most = json::FindInteger(schema, "maximum");
        most && number > static_cast<double>(*most)) {
      Report(pointer, "this must be at most " + std::to_string(*most));
    }
  }

  const json::value& root_;
  std::vector<FieldError> errors_;
};

}  // namespace

std::vector<FieldError> CheckAgainstSchema(const json::value& document, const json::value& schema) {
  Checker checker(schema);
  checker.Check(document, schema.as_object(), "");
  return checker.Take();
}

}  // namespace streampark::console
