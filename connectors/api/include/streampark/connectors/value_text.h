// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Values as text, the same in every format and connector. Appending never fails; parsing is exact: what the type
/// cannot hold is refused, never rounded.
///
/// | type          | written                       | read as well                                               |
/// |---------------|-------------------------------|------------------------------------------------------------|
/// | decimal       | `-12.50` with its whole scale | exponents, fewer digits, zeros beyond the scale            |
/// | date          | `2026-01-31`, `-0044-03-15`   | years of five digits and more with a sign: `+12026-01-31`  |
/// | time          | `09:05:00`, `09:05:00.25`     | without seconds; one to nine digits of a second, zeros     |
/// |               |                               | beyond microseconds                                        |
/// | timestamp     | date, separator, time         | `T`, `t` or a space between; the date alone is midnight    |
/// | timestamp ltz | the same and `Z`              | `Z`, `+02`, `+02:00`, `+0200`                              |
namespace streampark::connectors {

__extension__ using Int128 = __int128;

/// `unscaled` / 10^scale.
void AppendDecimal(Int128 unscaled, int scale, std::string& out);
/// The unscaled value; absent when it is no number, has more digits after the point than `scale` or
/// more in all than `precision`.
std::optional<Int128> ParseDecimal(std::string_view text, int precision, int scale);
/// 10^exponent, 0 ≤ exponent ≤ 38.
Int128 PowerOfTen(int exponent);

/// Days since 1970-01-01.
void AppendDate(std::int32_t days, std::string& out);
std::optional<std::int32_t> ParseDate(std::string_view text);

/// Microseconds since midnight.
void AppendTime(std::int64_t micros, std::string& out);
std::optional<std::int64_t> ParseTime(std::string_view text);

/// Microseconds since the epoch; `separator` stands between date and time.
void AppendTimestamp(std::int64_t micros, char separator, std::string& out);
/// Without a zone; one that follows is refused.
std::optional<std::int64_t> ParseTimestamp(std::string_view text);

enum class MissingZone : std::uint8_t { kIsUtc, kIsRefused };
/// An instant: what the zone at its end says.
std::optional<std::int64_t> ParseInstant(std::string_view text, MissingZone missing);

}  // namespace streampark::connectors
