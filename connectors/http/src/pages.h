// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "streampark/connectors/source.h"
#include "streampark/formats/json_slices.h"

#include "endpoint.h"

namespace streampark::connectors::http {

/// How a page leads to the next one:
///
/// | by       | the next page                                                     | the last one           |
/// |----------|-------------------------------------------------------------------|------------------------|
/// | kNone    | there is none                                                     | the first              |
/// | kLink    | the address in the header `Link` (rel=next), or in the body        | has no such address    |
/// | kNumber  | `parameter` grows by one                                          | has no records         |
/// | kOffset  | `parameter` is how many records there were so far                 | has no records         |
/// | kToken   | `parameter` is a text of the body                                 | has none, or an empty one |
struct Paging {
  enum class By : std::uint8_t { kNone, kLink, kNumber, kOffset, kToken };
  By by = By::kNone;
  std::string parameter;
  std::int64_t first = 1;                    // of kNumber
  std::optional<formats::JsonPointer> next;  // where link or token is in the body
  std::int64_t most = 10'000;                // pages a round
};

/// Where an address is read on. A round is all pages, one after another; it asks with the cursor that the round before left.
struct Place {
  std::string cursor;        // as text; empty: none yet
  std::string greatest;      // of this round so far, or the cursor
  std::int64_t pages = 0;    // of this round, that are read
  std::int64_t records = 0;  // of this round
  std::string next;          // address or token of the next page
  std::string etag;          // of the round before, with `modified`
  std::string modified;

  Position ToPosition() const;
  /// SNAPSHOT_INVALID.
  static base::Result<Place> From(const Position& position);
};

/// The address of the page that comes next. `cursor_parameter` may be empty.
std::string AddressOf(const std::string& url, const Paging& paging,
                      const std::string& cursor_parameter, const Place& place);

/// Goes on behind a page that had so many records; false when the round is over. ILLEGAL_STATE when pages lead in a circle, to another
/// server, or do not end.
base::Result<bool> Advance(const Paging& paging, const Endpoint::Answer& answer,
                           std::int64_t records, Place& place);

}  // namespace streampark::connectors::http
