// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"

/// Parts of a JSON text as they stand there, without reading values: numbers keep their digits.
namespace streampark::formats {

/// A path into a JSON value (RFC 6901): `/data/items`, `/pages/0/next`; the empty one is the whole.
class JsonPointer {
 public:
  JsonPointer() = default;
  /// Absent when it is none.
  static std::optional<JsonPointer> Parse(std::string_view text);
  /// Names and places, from the outside in, unescaped.
  const std::vector<std::string>& steps() const { return steps_; }

 private:
  std::vector<std::string> steps_;
};

/// The value there, as a part of `text`; absent when there is none. INVALID_REQUEST when what stands before it is no JSON. Of a name that is
/// there twice the first counts.
base::Result<std::optional<std::string_view>> FindJson(std::string_view text,
                                                       const JsonPointer& pointer);

/// The elements of a list, or the value itself when it is none; nothing of null. INVALID_REQUEST when it is no JSON, or more follows.
base::Result<std::vector<std::string_view>> JsonElements(std::string_view text);

/// A string's characters, or a number or a boolean as it is written; absent for null, lists, objects and what is no JSON.
std::optional<std::string> JsonText(std::string_view text);

}  // namespace streampark::formats
