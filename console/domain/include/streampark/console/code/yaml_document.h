// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/base/result.h"

namespace streampark::console {

/// One YAML document as JSON, with the place of every value, so that errors can point at what a
/// person wrote. Scalars follow YAML's core schema: plain `true`, `12`, `1.5` and `null` are typed,
/// quoted ones are text.
class YamlDocument {
 public:
  /// All documents of a text; JOB_FILE_INVALID with line and column when it is not YAML, uses an
  /// anchor loop or a key twice, or is longer than a job file may be (2 MiB).
  static base::Result<std::vector<YamlDocument>> Parse(std::string_view text);

  YamlDocument(YamlDocument&&) noexcept;
  YamlDocument& operator=(YamlDocument&&) noexcept;
  ~YamlDocument();

  const boost::json::value& root() const;
  /// Where the value at a JSON pointer stands, or the nearest one above it; a key's own place for
  /// `PointerOfKey`.
  base::TextRange Locate(const std::string& pointer) const;
  /// Where the key of the member at `pointer` stands.
  base::TextRange LocateKey(const std::string& pointer) const;

 private:
  struct Content;
  explicit YamlDocument(std::unique_ptr<Content> content);
  std::unique_ptr<Content> content_;
};

/// One step of a JSON pointer with `~` and `/` escaped (RFC 6901).
std::string PointerStep(std::string_view name);

}  // namespace streampark::console
