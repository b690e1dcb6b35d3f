// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace streampark::connectors::postgres {

/// A place in the server's log: bytes since its beginning. 0 is no place.
struct Lsn {
  std::uint64_t at = 0;

  bool valid() const { return at != 0; }
  /// `16/B374D848`, as the server writes it.
  std::string ToString() const;
  /// What ToString writes, in letters of either case.
  static std::optional<Lsn> Parse(std::string_view text);

  auto operator<=>(const Lsn&) const = default;
};

}  // namespace streampark::connectors::postgres
