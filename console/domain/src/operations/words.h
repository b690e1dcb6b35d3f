// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace streampark::console {

/// The names of an enumeration whose values count from 0.
template <typename Enum, std::size_t N>
struct Words {
  std::array<std::string_view, N> names;

  constexpr std::string_view operator[](Enum value) const {
    return names[static_cast<std::size_t>(value)];
  }
  constexpr std::optional<Enum> Parse(std::string_view text) const {
    for (std::size_t i = 0; i < N; ++i) {
      if (names[i] == text) {
        return static_cast<Enum>(i);
      }
    }
    return std::nullopt;
  }
};

template <typename Enum, typename... Names>
constexpr auto MakeWords(Names... names) {
  return Words<Enum, sizeof...(Names)>{{std::string_view(names)...}};
}

}  // namespace streampark::console
