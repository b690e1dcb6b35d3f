// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "compared_table.h"

namespace streampark::pump {

/// A difference, with the hash of what names it.
struct NamedDifference {
  Hash128 name = 0;
  RowDifference difference;
};

/// A range of a table, looked at on both sides until it is known what differs there. Thread-safe: parts are read by several.
///
/// | phase    | what is kept of rows                                                             | then                                         |
/// |----------|----------------------------------------------------------------------------------|----------------------------------------------|
/// | kCopied  | the sum of all, as their bytes are                                               | equal: done; else kBuckets                   |
/// | kBuckets | the sum of each bucket: rows by the hash of their key, in canonical form         | equal: done; else kNaming, if that is wanted |
/// | kNaming  | each row of the buckets that differ, as many of them as fit, by the hash of its key | done                                      |
///
/// So a range with few differences is read twice, and once more when it was looked at as it is copied.
class RangeLook {
 public:
  enum class Phase : std::uint8_t { kCopied, kBuckets, kNaming, kDone };
  /// One side's split of it.
  struct Part {
    ComparedTable::Place place;
    connectors::Split split;
  };
  /// What one reading of a part has found; one thread's.
  struct Found;
  struct DeleteFound {
    void operator()(Found* found) const;
  };
  using FoundPtr = std::unique_ptr<Found, DeleteFound>;

  RangeLook(const ComparedTable& table, const RowHash& hash, connectors::KeyRange range,
            std::vector<Part> parts, std::size_t buckets, VerifyOptions::Show show);
  ~RangeLook();

  const connectors::KeyRange& range() const { return range_; }
  const std::vector<Part>& parts() const { return parts_; }
  Phase phase() const { return phase_; }
  RowForm form() const { return phase_ == Phase::kCopied ? RowForm::kCopied : RowForm::kColumns; }

  /// A reading of a part in this phase begins.
  FoundPtr Begin(const Part& part) const;
  void Add(const connectors::Batch& batch, Found& found) const;
  static void AddUnreadable(std::int64_t rows, Found& found);
  enum class Naming : std::uint8_t { kNotWanted, kWanted };
  /// A part is read to its end. True when it was the phase's last: the next one is phase() and has all parts before it, or the look is done.
  bool End(Found& found, Naming naming);

  /// Of a look that is done.
  bool equal() const { return differences_.empty() && !unnamed_; }
  std::int64_t rows(Side side) const { return sum_[static_cast<std::size_t>(side)].rows; }
  std::int64_t unreadable(Side side) const { return unreadable_[static_cast<std::size_t>(side)]; }
  /// Whether all that differs is among the differences.
  bool named() const { return !unnamed_; }
  std::vector<NamedDifference>& differences() { return differences_; }

 private:
  struct Rows;  // of one name, on both sides
  struct ByHash {
    std::size_t operator()(Hash128 hash) const { return static_cast<std::size_t>(hash >> 64U); }
  };
  using ByName = std::unordered_map<Hash128, Rows, ByHash>;

  void ChooseBuckets();
  void NameDifferences();

  const ComparedTable& table_;
  const RowHash& hash_;
  const connectors::KeyRange range_;
  const std::vector<Part> parts_;
  const std::size_t buckets_;
  const VerifyOptions::Show show_;

  std::mutex mutex_;
  Phase phase_;
  std::size_t left_;
  std::array<RowBuckets, kSides> sums_;
  std::array<RowSum, kSides> sum_;
  std::array<std::int64_t, kSides> unreadable_{};
  std::vector<bool> wanted_;  // buckets whose rows are kept
  std::unique_ptr<ByName> by_name_;
  bool unnamed_ = false;
  std::vector<NamedDifference> differences_;
};

}  // namespace streampark::pump
