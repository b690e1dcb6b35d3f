// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/spelling.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace streampark::base {
namespace {

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// Optimal string alignment: edits and swaps of neighbours, none of them edited twice.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> cost((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& { return cost[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) {
    at(i, 0) = i;
  }
  for (std::size_t j = 0; j <= b.size(); ++j) {
    at(0, j) = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
      }
    }
  }
  return at(a.size(), b.size());
}

}  // namespace

std::optional<std::string> ClosestMatch(std::string_view word,
                                        std::span<const std::string> candidates) {
  // Longer input is no slip of the finger, and the table grows with the product of the lengths.
  constexpr std::size_t kLongestWord = 128;
  if (word.size() > kLongestWord) {
    return std::nullopt;
  }
  const std::string wanted = LowerCase(word);
  std::size_t best_distance = word.size() / 3 + 1;
  const std::string* best = nullptr;
  for (const std::string& candidate : candidates) {
    const std::size_t gap =
        std::max(candidate.size(), word.size()) - std::min(candidate.size(), word.size());
    if (gap >= best_distance) {
      continue;
    }
    const std::size_t distance = EditDistance(wanted, LowerCase(candidate));
    if (distance < best_distance) {
      best_distance = distance;
      best = &candidate;
    }
  }
  return best == nullptr ? std::nullopt : std::optional<std::string>(*best);
}

}  // namespace streampark::base
