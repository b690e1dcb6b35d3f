// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace streampark::base {

/// Stands where a secret value was.
inline constexpr std::string_view kMask = "******";

/// Whether the value of an option must not be shown, going by its key (Flink's own list of words
/// and some more). In any case of letters.
bool IsSecretKey(std::string_view key);

}  // namespace streampark::base
