// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"

/// Boost.JSON under one name, with the small readers that every adapter needs. Include it in
/// sources; headers take <boost/json/fwd.hpp>.
namespace streampark::json {

using boost::json::array;
using boost::json::object;
using boost::json::serialize;
using boost::json::value;

/// INVALID_REQUEST with line and column when `text` is not JSON; nesting is limited to 64.
base::Result<value> Parse(std::string_view text);

/// Readers for what others wrote: absent when the member is missing, null or of another kind.
std::optional<std::string> FindString(const object& in, std::string_view key);
std::optional<std::int64_t> FindInteger(const object& in, std::string_view key);
std::optional<double> FindNumber(const object& in, std::string_view key);
std::optional<bool> FindBool(const object& in, std::string_view key);
const object* FindObject(const object& in, std::string_view key);
const array* FindArray(const object& in, std::string_view key);
std::string StringOr(const object& in, std::string_view key, std::string_view fallback = "");
std::int64_t IntegerOr(const object& in, std::string_view key, std::int64_t fallback = 0);
std::vector<std::string> StringsOf(const object& in, std::string_view key);

/// A timestamp as RFC 3339, an absent one as null.
value TimeOrNull(std::optional<base::Timestamp> time);
/// An absent or empty string as null.
value TextOrNull(std::string_view text);

}  // namespace streampark::json
