// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/paging.h"

#include <algorithm>
#include <charconv>

#include "streampark/base/base64.h"
#include "streampark/base/json.h"

namespace streampark::http {
namespace {

constexpr std::int64_t kMostItems = 500;

base::Error BadCursor() {
  return base::Error(base::ErrorCode::kInvalidCursor, "the cursor does not belong to this list")
      .WithHint(
          "use the nextCursor of the page before with the same filters and order, or start without "
          "one");
}

}  // namespace

base::Result<Page> PageOf(const Request& request, std::string_view order) {
  Page page;
  page.limit = static_cast<std::size_t>(SP_TRY(IntegerQuery(request, "limit", 50, 1, kMostItems)));
  const auto cursor = request.Query("cursor");
  if (!cursor || cursor->empty()) {
    return page;
  }
  const auto text = base::FromBase64(*cursor, base::Base64::kUrl);
  const auto parsed = text ? json::Parse(*text) : base::Result<json::value>(json::value());
  if (!parsed.ok() || !parsed->is_array() || parsed->get_array().empty()) {
    return BadCursor();
  }
  for (const json::value& item : parsed->get_array()) {
    if (!item.is_string()) {
      return BadCursor();
    }
    page.after.emplace_back(item.get_string());
  }
  if (page.after.front() != order) {
    return BadCursor();
  }
  page.after.erase(page.after.begin());
  return page;
}

std::string EncodeCursor(std::string_view order, const std::vector<std::string>& after) {
  json::array items;
  items.emplace_back(order);
  for (const std::string& key : after) {
    items.emplace_back(key);
  }
  return base::ToBase64(json::serialize(items), base::Base64::kUrl);
}

boost::json::object PageJson(boost::json::array items, std::string_view next_cursor) {
  json::object page;
  page["items"] = std::move(items);
  page["nextCursor"] = json::TextOrNull(next_cursor);
  return page;
}

base::Result<std::int64_t> IntegerQuery(const Request& request, std::string_view name,
                                        std::int64_t fallback, std::int64_t least,
                                        std::int64_t most) {
  const auto text = request.Query(name);
  if (!text) {
    return fallback;
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size() || number < least ||
      number > most) {
    return base::Error(base::ErrorCode::kInvalidRequest,
                       "'" + std::string(name) + "' must be a whole number from " +
                           std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

base::Result<bool> FlagQuery(const Request& request, std::string_view name, bool fallback) {
  const auto text = request.Query(name);
  if (!text) {
    return fallback;
  }
  if (*text != "true" && *text != "false") {
    return base::Error(base::ErrorCode::kInvalidRequest,
                       "'" + std::string(name) + "' must be true or false");
  }
  return *text == "true";
}

std::vector<std::string> ListQuery(const Request& request, std::string_view name) {
  std::vector<std::string> items;
  for (const auto& [known, text] : request.query) {
    if (known != name) {
      continue;
    }
    for (std::size_t start = 0; start <= text.size();) {
      const std::size_t end = std::min(text.find(',', start), text.size());
      if (end > start) {
        items.push_back(text.substr(start, end - start));
      }
      start = end + 1;
    }
  }
  return items;
}

base::Result<std::string> IfMatch(const Request& request) {
  std::string_view tag = request.Header("if-match");
  if (tag.empty()) {
    return base::Error(base::ErrorCode::kPreconditionRequired,
                       "this edit does not say which version it changes")
        .WithHint("send the ETag that you read in the header If-Match");
  }
  if (tag.starts_with("W/")) {
    tag.remove_prefix(2);
  }
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') {
    tag = tag.substr(1, tag.size() - 2);
  }
  return std::string(tag);
}

base::Status CheckIfMatch(const Request& request, std::string_view current) {
  const std::string wanted = SP_TRY(IfMatch(request));
  if (wanted != current) {
    return base::Error(base::ErrorCode::kStaleEdit, "it is at version " + std::string(current) +
                                                        ", the edit was made on " + wanted)
        .WithHint("read it anew and repeat the edit on that");
  }
  return base::Ok();
}

base::Result<std::optional<std::string>> IdempotencyKey(const Request& request) {
  const std::string_view key = request.Header("idempotency-key");
  if (key.size() > 200) {
    return base::Error(base::ErrorCode::kInvalidRequest,
                       "Idempotency-Key is longer than 200 characters");
  }
  return key.empty() ? std::nullopt : std::optional<std::string>(key);
}

}  // namespace streampark::http
