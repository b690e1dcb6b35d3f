// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace streampark::base {

/// The candidate that `word` was probably meant to be (Damerau-Levenshtein distance of at most a
/// third of its length); absent when none is near.
std::optional<std::string> ClosestMatch(std::string_view word,
                                        std::span<const std::string> candidates);

}  // namespace streampark::base
