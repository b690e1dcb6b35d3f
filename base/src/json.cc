// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/json.h"

#include <algorithm>

namespace streampark::json {
namespace {

constexpr std::size_t kDeepestNesting = 64;

/// What is kept of a value when it is of the wanted kind.
const value* FindPresent(const object& in, std::string_view key) {
  const auto it = in.find(key);
  return it == in.end() || it->value().is_null() ? nullptr : &it->value();
}

}  // namespace

base::Result<value> Parse(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kDeepestNesting;
  boost::json::parser parser({}, options);
  boost::json::error_code error;
  const std::size_t consumed = parser.write(text.data(), text.size(), error);
  if (!error) {
    return parser.release();
  }
  const std::string_view before = text.substr(0, std::min(consumed, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t line_start =
      before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return base::Error(base::ErrorCode::kInvalidRequest,
                     "not valid JSON at line " + std::to_string(line) + ", column " +
                         std::to_string(before.size() - line_start + 1))
      .WithCause(error.message());
}

std::optional<std::string> FindString(const object& in, std::string_view key) {
  const value* found = FindPresent(in, key);
  if (found == nullptr || !found->is_string()) {
    return std::nullopt;
  }
  return std::string(found->get_string());
}

std::optional<std::int64_t> FindInteger(const object& in, std::string_view key) {
  const value* found = FindPresent(in, key);
  if (found == nullptr) {
    return std::nullopt;
  }
  boost::json::error_code error;
  const auto number = found->to_number<std::int64_t>(error);
  return error ? std::nullopt : std::optional(number);
}

std::optional<double> FindNumber(const object& in, std::string_view key) {
  const value* found = FindPresent(in, key);
  if (found == nullptr) {
    return std::nullopt;
  }
  boost::json::error_code error;
  const auto number = found->to_number<double>(error);
  return error ? std::nullopt : std::optional(number);
}

std::optional<bool> FindBool(const object& in, std::string_view key) {
  const value* found = FindPresent(in, key);
  return found == nullptr || !found->is_bool() ? std::nullopt : std::optional(found->get_bool());
}

const object* FindObject(const object& in, std::string_view key) {
  const value* found = FindPresent(in, key);
  return found == nullptr ? nullptr : found->if_object();
}

const array* FindArray(const object& in, std::string_view key) {
  const value* found = FindPresent(in, key);
  return found == nullptr ? nullptr : found->if_array();
}

std::string StringOr(const object& in, std::string_view key, std::string_view fallback) {
  return FindString(in, key).value_or(std::string(fallback));
}

std::int64_t IntegerOr(const object& in, std::string_view key, std::int64_t fallback) {
  return FindInteger(in, key).value_or(fallback);
}

std::vector<std::string> StringsOf(const object& in, std::string_view key) {
  std::vector<std::string> strings;
  if (const array* items = FindArray(in, key)) {
    for (const value& item : *items) {
      if (const auto* text = item.if_string()) {
        strings.emplace_back(*text);
      }
    }
  }
  return strings;
}

value TimeOrNull(std::optional<base::Timestamp> time) {
  return time ? value(base::FormatTimestamp(*time)) : value(nullptr);
}

value TextOrNull(std::string_view text) { return text.empty() ? value(nullptr) : value(text); }

}  // namespace streampark::json
