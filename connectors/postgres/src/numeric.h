// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "streampark/connectors/value_text.h"

/// numeric in binary (src/backend/utils/adt/numeric.c): how many digits of base 10000, the weight of the first, the sign, how many
/// decimal digits after the point are shown, the digits.
namespace streampark::connectors::postgres {

/// As text, exact; also `NaN`, `Infinity`, `-Infinity`. Absent when the bytes are damaged.
std::optional<std::string> NumericText(std::string_view bytes);
/// The unscaled value; absent when it is none, has more digits after the point than `scale`, or more in all than `precision`.
std::optional<Int128> NumericValue(std::string_view bytes, int precision, int scale);

/// `unscaled` / 10^scale.
void AppendNumeric(Int128 unscaled, int scale, std::string& out);
/// From a text of digits with a point, an exponent aside, or `NaN`; false when it is none.
bool AppendNumeric(std::string_view text, std::string& out);

}  // namespace streampark::connectors::postgres
