// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "streampark/base/json.h"
#include "streampark/engines/observation.h"

/// Small readers for Flink's answers, where -1 and 0 stand for "not yet" and NaN is a string.
namespace streampark::flink {

/// ENGINE_ERROR: the answer about `what` is none that Flink gives.
base::Error NotFlink(std::string_view what);
/// The object that `answer` must be; ENGINE_ERROR naming `what` otherwise.
base::Result<const json::object*> ExpectObject(const json::value& answer, std::string_view what);
/// The array `key` that an answer cannot be without.
base::Result<const json::array*> ExpectArray(const json::value& answer, std::string_view key,
                                             std::string_view what);

/// Milliseconds since 1970; absent when they are not positive.
std::optional<base::Timestamp> TimeOf(std::int64_t millis);
std::optional<base::Timestamp> FindTime(const json::object& in, std::string_view key);

/// Task counts whose members are words in lower case (the overview) or upper case (job detail).
engines::TaskCounts ReadTaskCounts(const json::object& in);

}  // namespace streampark::flink
