// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/base/result.h"
#include "streampark/http/request.h"

namespace streampark::http {

/// Which part of a list was asked for.
struct Page {
  std::size_t limit = 50;
  /// The sort keys of the last item of the page before; empty for the first page.
  std::vector<std::string> after;
};

/// Reads `limit` (1 to 500) and `cursor`. INVALID_REQUEST for a limit out of bounds, INVALID_CURSOR
/// for a cursor that is not one or was made under another `order` (the sort and filters in one
/// text).
base::Result<Page> PageOf(const Request& request, std::string_view order = {});
/// The opaque cursor that continues after these sort keys.
std::string EncodeCursor(std::string_view order, const std::vector<std::string>& after);
/// `{"items": …, "nextCursor": …}`; an empty cursor is null.
boost::json::object PageJson(boost::json::array items, std::string_view next_cursor);

/// INVALID_REQUEST unless it is a whole number from `least` to `most`; `fallback` when absent.
base::Result<std::int64_t> IntegerQuery(const Request& request, std::string_view name,
                                        std::int64_t fallback, std::int64_t least,
                                        std::int64_t most);
/// A query parameter as flag: `true` or `false`.
base::Result<bool> FlagQuery(const Request& request, std::string_view name, bool fallback);
/// `a,b` and repeated parameters as one list.
std::vector<std::string> ListQuery(const Request& request, std::string_view name);

/// The tag of If-Match without quotes. PRECONDITION_REQUIRED when it was not sent.
base::Result<std::string> IfMatch(const Request& request);
/// PRECONDITION_REQUIRED, or STALE_EDIT when `current` is not what was read.
base::Status CheckIfMatch(const Request& request, std::string_view current);
/// Absent when it was not sent; INVALID_REQUEST when it is longer than 200 characters.
base::Result<std::optional<std::string>> IdempotencyKey(const Request& request);

}  // namespace streampark::http
