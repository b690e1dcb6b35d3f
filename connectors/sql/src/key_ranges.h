// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "streampark/connectors/sql/session.h"

namespace streampark::connectors::sql {

struct RangeQuestion {
  std::string from;            // what is read, as in Selection
  const NativeColumn* column;  // the first of its key
  std::int64_t rows = 0;       // that a range should have, about
  /// Of all there is, when the server knows.
  std::optional<std::int64_t> estimate;
};

/// Where ranges of a key end and the next begin, in the key's order: [below 1st), [1st, 2nd), …, [last and above]. None: it is one range.
/// Whole numbers are parted in equal widths from the least to the greatest; other keys by looking into the index.
base::Result<Names> FindBounds(Session& session, const Dialect& dialect,
                               const RangeQuestion& question, const std::stop_token& stop);

}  // namespace streampark::connectors::sql
