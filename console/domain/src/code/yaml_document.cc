// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/code/yaml_document.h"

#include <charconv>
#include <utility>

#include <yaml-cpp/yaml.h>

#include "streampark/base/json.h"

namespace streampark::console {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::TextRange;

constexpr std::size_t kMaxBytes = 2U << 20U;
constexpr int kMaxDepth = 32;
constexpr int kMaxNodes = 20'000;  // aliases make a small text large; no job file comes near this

TextRange RangeOf(const YAML::Mark& mark) {
  if (mark.is_null()) {
    return {};
  }
  return {mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2};
}

Error InvalidAt(const YAML::Mark& mark, const std::string& what) {
  const TextRange range = RangeOf(mark);
  return Error(ErrorCode::kJobFileInvalid, "line " + std::to_string(range.line) + ", column " +
                                               std::to_string(range.column) + ": " + what);
}

/// Types a plain scalar by YAML's core schema.
json::value PlainScalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return nullptr;
  }
  if (text == "true" || text == "True" || text == "TRUE") {
    return true;
  }
  if (text == "false" || text == "False" || text == "FALSE") {
    return false;
  }
  const char* begin = text.data() + (text.front() == '+' ? 1 : 0);
  const char* end = text.data() + text.size();
  std::int64_t integer = 0;
  if (const auto parsed = std::from_chars(begin, end, integer);
      parsed.ec == std::errc() && parsed.ptr == end) {
    return integer;
  }
  const bool numeric = text.find_first_not_of("+-.0123456789eE") == std::string::npos;
  double number = 0;
  if (numeric) {
    if (const auto parsed = std::from_chars(begin, end, number);
        parsed.ec == std::errc() && parsed.ptr == end) {
      return number;
    }
  }
  return json::value(text);
}

/// Scalars become JSON by their tag: yaml-cpp gives "?" to plain ones and "!" to quoted ones.
json::value Scalar(const YAML::Node& node) {
  return node.Tag() == "?" ? PlainScalar(node.Scalar()) : json::value(node.Scalar());
}

class Reader {
 public:
  Reader(std::map<std::string, TextRange>& values, std::map<std::string, TextRange>& keys)
      : values_(values), keys_(keys) {}

  Result<json::value> Read(const YAML::Node& node, const std::string& pointer, int depth) {
    if (depth > kMaxDepth || ++nodes_ > kMaxNodes) {
      return InvalidAt(node.Mark(), "the file is nested too deeply or too large");
    }
    values_[pointer] = RangeOf(node.Mark());
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return Scalar(node);
      case YAML::NodeType::Sequence:
        return ReadSequence(node, pointer, depth);
      case YAML::NodeType::Map:
        return ReadMap(node, pointer, depth);
      case YAML::NodeType::Null:
      case YAML::NodeType::Undefined:
        break;
    }
    return json::value(nullptr);
  }

 private:
  Result<json::value> ReadSequence(const YAML::Node& node, const std::string& pointer, int depth) {
    json::array items;
    for (const YAML::Node& item : node) {
      items.push_back(SP_TRY(Read(item, pointer + "/" + std::to_string(items.size()), depth + 1)));
    }
    return json::value(std::move(items));
  }

  Result<json::value> ReadMap(const YAML::Node& node, const std::string& pointer, int depth) {
    json::object members;
    for (const auto& member : node) {
      if (!member.first.IsScalar()) {
        return InvalidAt(member.first.Mark(), "a key must be a word");
      }
      const std::string& key = member.first.Scalar();
      if (members.contains(key)) {
        return InvalidAt(member.first.Mark(), "the key `" + key + "` stands here twice");
      }
      const std::string inner = pointer + "/" + PointerStep(key);
      keys_[inner] = RangeOf(member.first.Mark());
      members[key] = SP_TRY(Read(member.second, inner, depth + 1));
    }
    return json::value(std::move(members));
  }

  std::map<std::string, TextRange>& values_;
  std::map<std::string, TextRange>& keys_;
  int nodes_ = 0;
};

}  // namespace

struct YamlDocument::Content {
  json::value root;
  std::map<std::string, TextRange> values;
  std::map<std::string, TextRange> keys;
};

YamlDocument::YamlDocument(std::unique_ptr<Content> content) : content_(std::move(content)) {}
YamlDocument::YamlDocument(YamlDocument&&) noexcept = default;
YamlDocument& YamlDocument::operator=(YamlDocument&&) noexcept = default;
YamlDocument::~YamlDocument() = default;

Result<std::vector<YamlDocument>> YamlDocument::Parse(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return Error(ErrorCode::kPayloadTooLarge, "a job file may have at most 2 MiB");
  }
  std::vector<YamlDocument> documents;
  try {
    for (const YAML::Node& node : YAML::LoadAll(std::string(text))) {
      if (node.IsNull()) {
        continue;  // `---` before the first or after the last document
      }
      auto content = std::make_unique<Content>();
      Reader reader(content->values, content->keys);
      content->root = SP_TRY(reader.Read(node, "", 0));
      documents.push_back(YamlDocument(std::move(content)));
    }
  } catch (const YAML::Exception& error) {
    return InvalidAt(error.mark, "this is not YAML: " + error.msg);
  }
  return documents;
}

const json::value& YamlDocument::root() const { return content_->root; }

TextRange YamlDocument::Locate(const std::string& pointer) const {
  for (std::string at = pointer;; at.resize(at.rfind('/'))) {
    if (const auto found = content_->values.find(at); found != content_->values.end()) {
      return found->second;
    }
    if (at.empty() || at.rfind('/') == std::string::npos) {
      return {};
    }
  }
}

TextRange YamlDocument::LocateKey(const std::string& pointer) const {
  const auto found = content_->keys.find(pointer);
  return found == content_->keys.end() ? Locate(pointer) : found->second;
}

std::string PointerStep(std::string_view name) {
  std::string step;
  for (const char c : name) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

}  // namespace streampark::console
