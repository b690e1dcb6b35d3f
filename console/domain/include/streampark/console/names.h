// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace streampark::console {

/// Whether `text` is a name as the contract's schema `Name` wants it: 1 to 100 letters, digits,
/// spaces, dots, dashes and underscores, a letter or digit at either end.
bool IsName(std::string_view text);
/// What two names that count as the same share: the name in lower case. For unique indexes and
/// searches.
std::string NameKey(std::string_view name);
/// The number of characters (code points) of UTF-8 text; -1 when it is not UTF-8.
long CountCharacters(std::string_view text);

}  // namespace streampark::console
