// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "streampark/base/result.h"

namespace streampark::objects {

/// Where objects lie, as people write it: a folder of this machine, or a place in a bucket, `s3://bucket/prefix`.
class Location {
 public:
  Location() = default;
  Location(const std::filesystem::path& folder) : Location(folder.string()) {}
  Location(std::string text);
  Location(const char* text) : Location(std::string(text)) {}
  /// VALIDATION_FAILED for another scheme, and for a bucket or prefix that cannot be; a location holds no name and no password.
  static base::Result<Location> Parse(std::string_view text);

  bool empty() const { return text_.empty(); }
  /// Whether it is a folder of this machine.
  bool local() const;
  /// Of one that is local.
  std::filesystem::path folder() const { return text_; }
  /// Of one that is not.
  std::string bucket() const;
  std::string prefix() const;  // without slashes at its ends

  Location operator/(std::string_view name) const;
  /// `name` below it, whoever chose that name. INVALID_REQUEST when it leads out.
  base::Result<Location> Below(std::string_view name) const;
  Location parent() const;
  /// Its last part.
  std::string name() const;
  const std::string& text() const { return text_; }
  bool operator==(const Location&) const = default;

 private:
  std::string text_;  // of a bucket: without a slash at its end
};

/// Whether `name` may name an object: parts between single slashes, none of them `.` or `..`, no control characters.
bool IsObjectName(std::string_view name);

}  // namespace streampark::objects
