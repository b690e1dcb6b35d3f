// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace streampark::base {

/// RFC 4648: the standard alphabet with padding, or the one for URLs without.
enum class Base64 : std::uint8_t { kStandard, kUrl };

std::string ToBase64(std::string_view bytes, Base64 alphabet);

/// Absent when it is not what ToBase64 writes; padding may be missing.
std::optional<std::string> FromBase64(std::string_view text, Base64 alphabet);

}  // namespace streampark::base
