// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/core.h"

/// The sink of the bench: every column of every row goes into one sum that no order of rows changes, and a retraction takes its row
/// out again. java/…/ColumnHash.java is the same arithmetic.
namespace nexmark {

namespace sp = streampark;

/// The end of MurmurHash3.
inline std::uint64_t Mix(std::uint64_t bits) {
  bits = (bits ^ (bits >> 33)) * 0xff51afd7ed558ccdULL;
  bits = (bits ^ (bits >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return bits ^ (bits >> 33);
}

inline std::uint64_t HashOf(std::int64_t value) { return Mix(static_cast<std::uint64_t>(value)); }
inline std::uint64_t HashOf(sp::Timestamp at) { return HashOf(sp::core::ToEventTime(at)); }
inline std::uint64_t HashOf(std::string_view text) {
  static_assert(std::endian::native == std::endian::little);
  const auto size = text.size();
  std::uint64_t hash = size;
  std::uint64_t word = 0;
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    std::memcpy(&word, text.data() + at, 8);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 32;
  }
  // What is left, as a word with zeros above.
  if (size >= 8) {
    std::memcpy(&word, text.data() + size - 8, 8);
    word = word >> 8 * (7 - size % 8) >> 8;
  } else if (size >= 4) {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::memcpy(&first, text.data(), 4);
    std::memcpy(&last, text.data() + size - 4, 4);
    word = first | static_cast<std::uint64_t>(last) << (8 * (size - 4));
  } else {
    word = 0;
    for (auto i = size; i > 0; --i) {
      word = word << 8 | static_cast<std::uint8_t>(text[i - 1]);
    }
  }
  return Mix(hash ^ word);
}

template <typename T>
std::uint64_t HashOfRow(const T& row) {
  std::uint64_t hash = 0;
  std::uint64_t place = 0;
  sp::core::ForEachField<T>([&](const auto& field) {
    place += 2;
    hash += HashOf(row.*field.member) * (0x9e3779b97f4a7c15ULL + place);
  });
  return Mix(hash);
}

/// What the copies of one sink took in, one a subtask.
class ColumnHashes {
 public:
  struct alignas(64) Sum {
    std::uint64_t hash = 0;
    std::int64_t rows = 0;     // that stand
    std::int64_t changes = 0;  // that came
  };
  Sum* Add() {
    const std::lock_guard lock(mutex_);
    return sums_.emplace_back(std::make_unique<Sum>()).get();
  }
  /// Once the job has ended.
  Sum Total() const {
    Sum total;
    for (const auto& sum : sums_) {
      total.hash += sum->hash;
      total.rows += sum->rows;
      total.changes += sum->changes;
    }
    return total;
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Sum>> sums_;
};

/// The function of the sink; each copy has a sum of its own.
class ColumnHash {
 public:
  explicit ColumnHash(std::shared_ptr<ColumnHashes> sums)
      : sums_(std::move(sums)), sum_(sums_->Add()) {}
  ColumnHash(const ColumnHash& other) : ColumnHash(other.sums_) {}
  ColumnHash(ColumnHash&&) = default;
  ColumnHash& operator=(const ColumnHash&) = delete;

  template <typename T>
  void operator()(const T& row) const {
    ++sum_->changes;
    ++sum_->rows;
    sum_->hash += HashOfRow(row);
  }
  template <typename T>
  void operator()(const sp::Change<T>& change) const {
    ++sum_->changes;
    if (change.kind == sp::RowKind::kInsert || change.kind == sp::RowKind::kUpdateAfter) {
      ++sum_->rows;
      sum_->hash += HashOfRow(change.row);
    } else {
      --sum_->rows;
      sum_->hash -= HashOfRow(change.row);
    }
  }

 private:
  std::shared_ptr<ColumnHashes> sums_;
  ColumnHashes::Sum* sum_;
};

}  // namespace nexmark
