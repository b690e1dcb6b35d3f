// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace streampark::flink {

inline constexpr std::string_view kMask = "******";

/// Whether the value of an option must not be shown, going by its key (Flink's own list of words
/// and some more).
bool IsSecretKey(std::string_view key);

}  // namespace streampark::flink
