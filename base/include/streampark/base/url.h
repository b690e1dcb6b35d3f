// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace streampark::base {

/// An address of http or https in its parts. A value.
struct Url {
  std::string scheme;  // in lower case
  std::string host;    // in lower case; an IPv6 number in brackets
  std::string port;    // the scheme's own when none is given
  bool has_user = false;

  /// Absent when it is none, and for what has spaces or control characters.
  static std::optional<Url> Parse(std::string_view text);

  bool encrypted() const { return scheme == "https"; }
  bool SameServer(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

/// What `reference` means where it stands at `url` (RFC 3986, 5), without a fragment; absent when that is no address of http or https.
std::optional<std::string> ResolveUrl(std::string_view url, std::string_view reference);

}  // namespace streampark::base
