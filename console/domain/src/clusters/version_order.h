// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace streampark::console {

/// Whether `a` is the newer version: numbers by value, part by part; a plain release before one
/// with a suffix (`2.0.0` before `2.0.0-rc1`), suffixes in reverse order of their text.
bool IsNewerVersion(std::string_view a, std::string_view b);

}  // namespace streampark::console
