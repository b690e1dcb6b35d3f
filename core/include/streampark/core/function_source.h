// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "streampark/core/bytes.h"
#include "streampark/core/operator.h"
#include "streampark/core/rows.h"

namespace streampark::core {

/// Rows number 0, 1, 2, … of a function, shared out among the subtasks: row n belongs to subtask n mod parallelism. At a restore
/// with another parallelism each subtask begins at the least row that some subtask had not reached, and leaves out
/// what was read beyond it.
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
      const auto subtask = in.Fixed<std::int64_t>();
      const auto parallelism = in.Fixed<std::int64_t>();
      const auto next = in.Fixed<std::int64_t>();
      read_.push_back({subtask, parallelism, next});
    }
  }

  Progress Poll(base::Millis /*patience*/) override {
    while (next_ < count_ && !rows_.full()) {
      if (!WasRead(next_)) {
        make_(next_, rows_.Add(kBeginningOfTime));
      }
      next_ += context_->parallelism();
    }
    if (!rows_.empty()) {
      context_->output().Emit(rows_);
      rows_.Clear();
      return Progress::kRows;
    }
    return next_ < count_ ? Progress::kRows : Progress::kEnd;
  }

  void Snapshot(OperatorSnapshot& into) override {
    // With an unchanged parallelism a subtask stands exactly where it says; what others had read before a rescale is kept until it
    // is passed.
    const auto write = [&](std::int64_t subtask, std::int64_t parallelism, std::int64_t next) {
      ByteWriter out;
      out.Fixed(subtask);
      out.Fixed(parallelism);
      out.Fixed(next);
      into.AddElement(kState, Redistribution::kUnion, out.Take());
    };
    write(context_->subtask(), context_->parallelism(), next_);
    if (context_->subtask() == 0) {
      for (const auto& part : read_) {
        write(part.subtask, part.parallelism, part.next);
      }
    }
  }

 private:
  static constexpr const char* kState = "rows";
  struct Part {
    std::int64_t subtask, parallelism, next;
  };
  bool WasRead(std::int64_t row) const {
    for (const auto& part : read_) {
      if (row % part.parallelism == part.subtask && row < part.next) {
        return true;
      }
    }
    return false;
  }

  const std::int64_t count_;
  F make_;
  OperatorContext* context_ = nullptr;
  std::int64_t next_ = 0;
  std::vector<Part> read_;
  Rows<T> rows_;
};

}  // namespace streampark::core
