// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "streampark/base/http_client.h"
#include "streampark/console/names.h"

namespace streampark::http {

/// A part of an address, percent-decoded; absent when it is malformed or no text.
inline std::optional<std::string> DecodedText(std::string_view part, base::Plus plus) {
  auto text = base::UrlDecode(part, plus);
  const bool is_text =
      text && text->find('\0') == std::string::npos && console::CountCharacters(*text) >= 0;
  return is_text ? text : std::nullopt;
}

}  // namespace streampark::http
