// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "streampark/core/bytes.h"
#include "streampark/core/operator.h"
#include "streampark/core/rows.h"

namespace streampark::core {

/// Rows number 0, 1, 2, … of a function, shared out among the subtasks: row n belongs to subtask n mod parallelism. What was read is
/// kept as facts: of such a parallelism, such a subtask has read all of its rows below such a number. After a restore with
/// another parallelism a subtask leaves out the rows that some fact covers, and forgets a fact that it has passed.
template <typename T, typename F>
class FunctionSource final : public SourceOperator {
 public:
  /// `make(n, row)` fills the row; `count` rows in all.
  FunctionSource(std::int64_t count, F make) : count_(count), make_(std::move(make)) {}

  void Open(OperatorContext& context) override {
    context_ = &context;
    next_ = context.subtask();
    for (const auto bytes : context.restored().Elements(kState)) {
      ByteReader in(bytes);
      Read fact;
      fact.subtask = in.Fixed<std::int64_t>();
      fact.parallelism = in.Fixed<std::int64_t>();
      fact.below = in.Fixed<std::int64_t>();
      if (in.failed() || fact.parallelism <= 0) {
        throw TaskFailure(base::Error(base::ErrorCode::kSnapshotInvalid,
                                      "The position of a source is cut short in the checkpoint."));
      }
      if (fact.parallelism != context.parallelism()) {
        read_.push_back(fact);
      } else if (fact.subtask == context.subtask()) {
        next_ = std::max(next_, fact.below);
      }
    }
    std::ranges::sort(read_);
    read_.erase(std::ranges::unique(read_).begin(), read_.end());
    ForgetPassed();
  }

  Progress Poll(base::Millis /*patience*/) override {
    while (next_ < count_ && !rows_.full()) {
      if (!WasRead(next_)) {
        make_(next_, rows_.Add(kBeginningOfTime));
      }
      next_ += context_->parallelism();
    }
    ForgetPassed();
    if (!rows_.empty()) {
      context_->output().Emit(rows_);
      rows_.Clear();
      return Progress::kRows;
    }
    return next_ < count_ ? Progress::kRows : Progress::kEnd;
  }

  void Snapshot(OperatorSnapshot& into) override {
    const auto write = [&](const Read& fact) {
      ByteWriter out;
      out.Fixed(fact.subtask);
      out.Fixed(fact.parallelism);
      out.Fixed(fact.below);
      into.AddElement(kState, Redistribution::kUnion, out.Take());
    };
    write({context_->subtask(), context_->parallelism(), next_});
    for (const auto& fact : read_) {
      write(fact);
    }
  }

 private:
  static constexpr const char* kState = "rows";
  struct Read {
    std::int64_t subtask = 0;
    std::int64_t parallelism = 0;
    std::int64_t below = 0;
    auto operator<=>(const Read&) const = default;
  };
  bool WasRead(std::int64_t row) const {
    return std::ranges::any_of(read_, [row](const Read& fact) {
      return row < fact.below && row % fact.parallelism == fact.subtask;
    });
  }
  void ForgetPassed() {
    std::erase_if(read_, [this](const Read& fact) { return fact.below <= next_; });
  }

  const std::int64_t count_;
  F make_;
  OperatorContext* context_ = nullptr;
  std::int64_t next_ = 0;
  std::vector<Read> read_;  // by others, beyond `next_`
  Rows<T> rows_;
};

}  // namespace streampark::core
