// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/source.h"

namespace streampark::connectors {

/// What the texts of a STRING are, for who compares them with another system's.
enum class TextKind : std::uint8_t {
  kPlain,   // every byte counts
  kPadded,  // of CHAR(n): spaces at the end count for nothing
  kNumber,  // decimal numbers of more digits than DECIMAL has
  kUuid,
};

/// Values of one column from `low` on and below `high`, in some order; absent: from the first, to the last. Texts as the connectors write
/// them that know the order.
struct KeyRange {
  std::optional<std::string> low, high;

  bool operator==(const KeyRange&) const = default;
};

/// The splits of a source as ranges of values, for who reads the same rows at two places. Immutable.
class KeyRanges {
 public:
  virtual ~KeyRanges() = default;
  /// The column that they are ranges of; it is never null.
  virtual const std::string& column() const = 0;
  /// The order: two sources that say the same have equal values in equal ranges.
  virtual const std::string& order() const = 0;
  /// SNAPSHOT_INVALID for a split of another source.
  virtual base::Result<KeyRange> RangeOf(const Split& split) const = 0;
  virtual Split SplitOf(const KeyRange& range) const = 0;
};

/// What a source may be beside: one whose rows are compared with another's. A source that is none is asked by dynamic_cast in vain.
class ComparableSource {
 public:
  virtual ~ComparableSource() = default;
  /// Null where its splits are no ranges of values, or in an order that nobody else has. Lives as long as the source.
  virtual const KeyRanges* key_ranges() const = 0;
  /// One a field of the source's schema; of a STRING it says something.
  virtual const std::vector<TextKind>& texts() const = 0;
  /// From now on all readers see what is there now, where the system has such a thing; else a split is consistent in itself alone. A
  /// finished Discover does it, too.
  virtual base::Status HoldSnapshot() = 0;
};

}  // namespace streampark::connectors
