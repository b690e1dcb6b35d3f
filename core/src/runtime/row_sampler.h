// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/core/rows.h"

namespace streampark::core {

/// The next rows that an operator gives, for whoever looks. Costs a load a batch while nobody does. Outlives attempts.
class RowSampler {
 public:
  /// Up to `most` rows as JSON, or what came within `patience`. One at a time: OPERATION_IN_FLIGHT while another waits.
  base::Result<std::vector<std::string>> Look(int node, std::size_t most, base::Millis patience);

  /// From the subtasks' threads, with each batch.
  void See(int node, const AnyRows& rows) {
    if (node_.load(std::memory_order_relaxed) == node) [[unlikely]] {
      Take(node, rows);
    }
  }

 private:
  static constexpr int kNobody = -1;

  void Take(int node, const AnyRows& rows);

  std::atomic<int> node_ = kNobody;
  std::mutex mutex_;
  std::condition_variable enough_;
  std::size_t most_ = 0;
  std::vector<std::string> taken_;
};

}  // namespace streampark::core
