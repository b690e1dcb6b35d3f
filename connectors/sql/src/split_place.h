// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/source.h"
#include "streampark/connectors/sql/dialect.h"

namespace streampark::connectors::sql {

/// A part of what is read, and how far it is read. Values are texts as KeyText writes them.
struct SplitPlace {
  /// Of the first column of the order: what is not below `low`, and below `high`.
  std::optional<std::string> low, high;
  /// The whole key of the last row that was read; empty before the first.
  std::vector<std::string> after;
  /// That were read. Where there is no order it is the position.
  std::int64_t rows = 0;

  Position ToPosition() const;
  /// SNAPSHOT_INVALID.
  static base::Result<SplitPlace> From(const Position& position);
};

/// What a source reads, in which order.
struct Selection {
  std::string from;                 // `"public"."orders"`, or a query in parentheses with an alias
  std::string condition;            // that all rows meet; empty: none
  std::vector<std::string> items;   // the expressions of the select list
  std::vector<NativeColumn> order;  // a unique key; empty: there is none
  /// Whether rows come in that order, so that a place in the middle of a part is one.
  enum class Sorting : std::uint8_t { kByOrder, kNone } sorting = Sorting::kByOrder;
};

/// The rows of that part which are not read yet. SNAPSHOT_INVALID when the place is not of this selection.
base::Result<std::string> SelectFrom(const Dialect& dialect, const Selection& selection,
                                     const SplitPlace& place);

}  // namespace streampark::connectors::sql
