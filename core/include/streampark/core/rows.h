// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "streampark/core/row_text.h"
#include "streampark/core/time.h"

namespace streampark::core {

/// Rows that travel together from operator to operator, whatever their type.
class AnyRows {
 public:
  virtual ~AnyRows() = default;
  virtual std::size_t size() const = 0;
  /// Forgets the rows and keeps their memory.
  virtual void Clear() = 0;
  /// The row as JSON, for people.
  virtual void AppendText(std::size_t i, std::string& out) const = 0;
};

/// Where a full batch is handed on. A batch that is smaller goes when there is nothing more to do.
inline constexpr std::size_t kRowsPerBatch = 1024;

/// Rows of one type, each with its event time (kBeginningOfTime before a watermark strategy gave one). Rows that were
/// cleared stay constructed, so that a string keeps its room from batch to batch (moving one string to another only
/// exchanges their room): Add gives a row with an old content, to be assigned whole.
template <typename T>
class Rows final : public AnyRows {
  static_assert(std::default_initializable<T> && std::movable<T>,
                "a record must be movable and have a default constructor");

 public:
  std::size_t size() const override { return size_; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ >= kRowsPerBatch; }

  T& row(std::size_t i) { return slots_[i]; }
  const T& row(std::size_t i) const { return slots_[i]; }
  EventTime& time(std::size_t i) { return times_[i]; }
  EventTime time(std::size_t i) const { return times_[i]; }

  /// A row with whatever content it had before.
  T& Add(EventTime time) {
    if (size_ == slots_.size()) {
      slots_.emplace_back();
      times_.push_back(time);
    } else {
      times_[size_] = time;
    }
    return slots_[size_++];
  }
  void Append(T&& row, EventTime time) { Add(time) = std::move(row); }
  void Append(const T& row, EventTime time) { Add(time) = row; }

  /// Keeps the rows for which `keep(row)` holds, in order; the others' memory stays for later.
  template <typename Predicate>
  void KeepIf(Predicate&& keep) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      if (keep(std::as_const(slots_[i]))) {
        if (kept != i) {
          slots_[kept] = std::move(slots_[i]);
          times_[kept] = times_[i];
        }
        ++kept;
      }
    }
    size_ = kept;
  }
  void AppendCopyOf(const Rows& other) {
    for (std::size_t i = 0; i < other.size_; ++i) {
      Append(other.slots_[i], other.times_[i]);
    }
  }
  void Swap(Rows& other) noexcept {
    slots_.swap(other.slots_);
    times_.swap(other.times_);
    std::swap(size_, other.size_);
  }

  void Clear() override { size_ = 0; }
  void AppendText(std::size_t i, std::string& out) const override { AppendRowText(slots_[i], out); }

 private:
  std::vector<T> slots_;
  std::vector<EventTime> times_;
  std::size_t size_ = 0;
};

}  // namespace streampark::core
