// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/error.h"
#include "streampark/base/json.h"
#include "streampark/base/result.h"

namespace streampark::console {

/// Reads the members of one JSON object strictly: each asked-for member is checked for its kind,
/// and Finish() reports what is wrong together with members that nobody asked for.
class JsonReader {
 public:
  JsonReader(const json::value& value, std::string prefix);

  std::optional<std::string> Text(std::string_view name, std::size_t longest);
  std::optional<std::int64_t> Integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<bool> Bool(std::string_view name);
  std::vector<std::string> Texts(std::string_view name, std::size_t most, std::size_t longest);
  std::vector<std::pair<std::string, std::string>> TextMap(std::string_view name);
  /// One of `words`; its place among them.
  std::optional<std::size_t> Word(std::string_view name,
                                  const std::vector<std::string_view>& words);
  /// Null when absent.
  const json::value* Object(std::string_view name);

  void Require(std::string_view name);
  void Fail(std::string_view name, std::string message, std::string hint = {});
  /// Takes over what a reader of an inner object found.
  void Adopt(const base::Error& error);
  /// Ok, or UNKNOWN_FIELD when that is all that is wrong, or VALIDATION_FAILED.
  base::Status Finish();

 private:
  const json::value* Find(std::string_view name);
  std::string Pointer(std::string_view name) const;

  const json::object* object_ = nullptr;
  std::string prefix_;
  std::vector<std::string> asked_;
  std::vector<base::FieldError> errors_;
  std::vector<base::FieldError> unknown_;
};

}  // namespace streampark::console
