// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/http/request.h"

namespace streampark::http {

/// The body as a JSON object. UNSUPPORTED_MEDIA_TYPE when the content type is not JSON,
/// INVALID_REQUEST when it is not JSON or not an object.
base::Result<boost::json::object> JsonBody(const Request& request);
/// The body of an operation that takes YAML. UNSUPPORTED_MEDIA_TYPE when it says it is something
/// else.
base::Result<std::string_view> YamlBody(const Request& request);

/// What a text member must be like; lengths are in characters, not bytes.
struct TextRule {
  bool required = false;
  std::size_t longest = 1U << 20U;
  std::size_t shortest = 0;
  std::string_view fallback = {};
};

/// What an integer member must be like.
struct IntegerRule {
  bool required = false;
  std::int64_t least = INT64_MIN;
  std::int64_t most = INT64_MAX;
  std::int64_t fallback = 0;
};

/// What is read out of a JSON object that a person or program sent, with every fault collected
/// under its pointer. Ask for all members, then Finish().
///
///   FieldReader in(body);
///   const std::string name = in.Text("name", {.required = true, .longest = 100});
///   const bool admin = in.Flag("admin");
///   SP_TRY(in.Finish());
class FieldReader {
 public:
  /// `pointer` is where `object` stands in the request: empty for the body itself. Both must
  /// outlive the reader.
  explicit FieldReader(const boost::json::object& object, std::string pointer = {});

  std::string Text(std::string_view key, const TextRule& rule = {});
  /// A name as the contract's schema `Name` wants it: letters, digits, space, dot, dash,
  /// underscore.
  std::string Name(std::string_view key, bool required = true);
  std::int64_t Integer(std::string_view key, const IntegerRule& rule = {});
  bool Flag(std::string_view key, bool fallback = false);
  /// One of `allowed`; `fallback` when absent, a fault when that is empty and the member is
  /// required.
  std::string OneOf(std::string_view key, std::span<const std::string_view> allowed,
                    std::string_view fallback = {});
  std::vector<std::string> Texts(std::string_view key, std::size_t most = 64);
  /// A spec duration (`10s`).
  std::optional<base::Millis> Duration(std::string_view key, std::string_view fallback = {});
  /// Null when absent; the member counts as known.
  const boost::json::object* Object(std::string_view key);
  const boost::json::value* Value(std::string_view key);
  bool Has(std::string_view key) const;

  /// Adds a fault of the caller's own.
  void Fault(std::string_view key, std::string message, std::string hint = {});
  /// Takes over the faults of the reader of a member.
  void Adopt(FieldReader&& inner);

  /// UNKNOWN_FIELD when there is a member that nobody asked for (with the nearest known name), else
  /// VALIDATION_FAILED with all faults.
  base::Status Finish();

 private:
  const boost::json::value* Find(std::string_view key);

  const boost::json::object& object_;
  std::string pointer_;
  std::vector<std::string> known_;
  std::vector<base::FieldError> faults_;
  std::vector<base::FieldError> unknown_;
};

}  // namespace streampark::http
