// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace streampark::connectors::redis {

/// The id of a stream's entry: `1526919030474-55`, milliseconds since 1970 and a number among those of that moment.
struct StreamId {
  std::uint64_t millis = 0;
  std::uint64_t number = 0;

  auto operator<=>(const StreamId&) const = default;

  std::string ToString() const { return std::to_string(millis) + "-" + std::to_string(number); }

  /// The next one that may be; itself when there is none.
  StreamId Next() const {
    constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
    return number < kMost   ? StreamId{millis, number + 1}
           : millis < kMost ? StreamId{millis + 1, 0}
                            : *this;
  }
  /// The one before; itself when there is none.
  StreamId Before() const {
    return number > 0   ? StreamId{millis, number - 1}
           : millis > 0 ? StreamId{millis - 1, std::numeric_limits<std::uint64_t>::max()}
                        : *this;
  }

  /// Also the milliseconds alone.
  static std::optional<StreamId> Parse(std::string_view text) {
    StreamId id;
    const auto dash = text.find('-');
    const auto read = [](std::string_view digits, std::uint64_t& to) {
      const char* const end = digits.data() + digits.size();
      const auto done = std::from_chars(digits.data(), end, to);
      return done.ec == std::errc() && done.ptr == end;
    };
    const bool good = read(text.substr(0, dash), id.millis) &&
                      (dash == std::string_view::npos || read(text.substr(dash + 1), id.number));
    return good ? std::optional(id) : std::nullopt;
  }
};

}  // namespace streampark::connectors::redis
