// SPDX-License-Identifier: Apache-2.0
#include "streampark/objects/location.h"

#include <algorithm>
#include <cctype>

#include "streampark/base/files.h"

namespace streampark::objects {
namespace {

constexpr std::string_view kScheme = "s3://";

base::Error Invalid(std::string_view text, std::string_view why) {
  return base::Error(base::ErrorCode::kValidationFailed,
                     "'" + std::string(text) + "' " + std::string(why))
      .WithHint("write a folder of this machine, or s3://BUCKET/PREFIX");
}

bool IsBucketName(std::string_view bucket) {
  return bucket.size() >= 3 && bucket.size() <= 63 &&
         std::ranges::all_of(bucket, [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
         });
}

}  // namespace

bool IsObjectName(std::string_view name) {
  if (std::ranges::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    return false;
  }
  while (true) {
    const auto slash = name.find('/');
    const auto part = name.substr(0, slash);
    if (part.empty() || part == "." || part == "..") {
      return false;
    }
    if (slash == std::string_view::npos) {
      return true;
    }
    name.remove_prefix(slash + 1);
  }
}

Location::Location(std::string text) : text_(std::move(text)) {
  while (!local() && text_.size() > kScheme.size() && text_.ends_with('/')) {
    text_.pop_back();
  }
}

base::Result<Location> Location::Parse(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos) {
    return Location(std::string(text));
  }
  if (!text.starts_with(kScheme)) {
    return Invalid(std::string(text.substr(0, scheme)) + "://…", "is no place for checkpoints");
  }
  Location location{std::string(text)};
  // What stands before an `@` may be a secret: such a text is not shown.
  if (location.bucket().find_first_of("@:") != std::string::npos) {
    return Invalid("s3://…", "must not hold a name, a password or a port");
  }
  if (!IsBucketName(location.bucket())) {
    return Invalid(text, "names no bucket");
  }
  if (!location.prefix().empty() && !IsObjectName(location.prefix())) {
    return Invalid(text, "has a prefix with empty parts, `.` or `..`");
  }
  return location;
}

bool Location::local() const { return !text_.starts_with(kScheme); }

std::string Location::bucket() const {
  const auto rest = std::string_view(text_).substr(kScheme.size());
  return std::string(rest.substr(0, rest.find('/')));
}

std::string Location::prefix() const {
  const auto slash = text_.find('/', kScheme.size());
  return slash == std::string::npos ? "" : text_.substr(slash + 1);
}

Location Location::operator/(std::string_view name) const {
  return local() ? Location(folder() / name) : Location(text_ + "/" + std::string(name));
}

base::Result<Location> Location::Below(std::string_view name) const {
  if (local()) {
    return Location(SP_TRY(base::ConfinedPath(folder(), name)));
  }
  if (!IsObjectName(name)) {
    return base::Error(base::ErrorCode::kInvalidRequest,
                       "the name '" + std::string(name) + "' cannot be one below " + text_)
        .WithHint("use a name below the folder, without '..'");
  }
  return *this / name;
}

Location Location::parent() const {
  return local() ? Location(folder().parent_path()) : Location(text_.substr(0, text_.rfind('/')));
}

std::string Location::name() const {
  return local() ? folder().filename().string() : text_.substr(text_.rfind('/') + 1);
}

}  // namespace streampark::objects
