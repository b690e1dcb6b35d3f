// SPDX-License-Identifier: Apache-2.0
#include "runtime/row_sampler.h"

#include <utility>

namespace streampark::core {

base::Result<std::vector<std::string>> RowSampler::Look(int node, std::size_t most,
                                                        base::Millis patience) {
  std::unique_lock lock(mutex_);
  if (node_ != kNobody) {
    return base::Error(base::ErrorCode::kOperationInFlight,
                       "somebody else looks at rows at this moment")
        .WithHint("ask again in some seconds");
  }
  most_ = most;
  taken_.clear();
  node_ = node;
  enough_.wait_for(lock, patience, [this] { return taken_.size() >= most_; });
  node_ = kNobody;
  return std::exchange(taken_, {});
}

void RowSampler::Take(int node, const AnyRows& rows) {
  const std::lock_guard lock(mutex_);
  if (node_ != node) {
    return;
  }
  for (std::size_t i = 0; i < rows.size() && taken_.size() < most_; ++i) {
    rows.AppendText(i, taken_.emplace_back());
  }
  if (taken_.size() >= most_) {
    enough_.notify_one();
  }
}

}  // namespace streampark::core
