// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace streampark::connectors {

/// The names of the two columns that carry what our batches have beyond Arrow's.
inline constexpr std::string_view kKindColumn = "$kind";
inline constexpr std::string_view kKnownColumn = "$known";

}  // namespace streampark::connectors
