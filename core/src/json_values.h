// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "streampark/base/json.h"

/// Values that JSON does not have, for people.
namespace streampark::core {

/// What is no UTF-8 as {"base64": "…"}.
json::value TextValue(std::string_view text);
/// NaN and the infinities as texts.
json::value FloatValue(double value);

}  // namespace streampark::core
