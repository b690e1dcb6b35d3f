// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace streampark::core {

/// The code point of a `\u` that is taken: four hexadecimal digits, or a pair of surrogates with `\u` between. Takes them off `text`; absent
/// when they are no character.
std::optional<std::uint32_t> TakeUnicodeEscape(std::string_view& text);

}  // namespace streampark::core
