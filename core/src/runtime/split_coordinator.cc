// SPDX-License-Identifier: Apache-2.0
#include "runtime/split_coordinator.h"

#include <algorithm>
#include <utility>

namespace streampark::core {

SplitCoordinator::SplitCoordinator(std::unique_ptr<connectors::SplitEnumerator> enumerator,
                                   int parallelism, Give give)
    : enumerator_(std::move(enumerator)),
      give_(std::move(give)),
      given_(static_cast<std::size_t>(parallelism)) {}

void SplitCoordinator::Restore(const CheckpointRecord::NodeRecord& record) {
  unassigned_.assign(record.unassigned.begin(), record.unassigned.end());
  complete_ = record.discovered_all;
  discovered_ = complete_;
}

base::Status SplitCoordinator::Discover(std::stop_token stop) {
  if (complete_) {
    return base::Ok();
  }
  auto found = SP_TRY(enumerator_->Discover(std::move(stop)));
  unassigned_.insert(unassigned_.end(), std::make_move_iterator(found.splits.begin()),
                     std::make_move_iterator(found.splits.end()));
  complete_ = found.complete;
  discovered_ = true;
  ShareOut();
  return base::Ok();
}

void SplitCoordinator::OnWanted(int subtask) {
  wanting_.insert(subtask);
  ShareOut();
}

void SplitCoordinator::ShareOut() {
  if (!discovered_) {
    return;
  }
  if (!complete_) {
    while (!unassigned_.empty()) {
      const auto least = std::ranges::min_element(given_);
      ++*least;
      give_(static_cast<int>(least - given_.begin()), {std::move(unassigned_.front())},
            SourceOperator::More::kMayFollow);
      unassigned_.pop_front();
    }
    return;
  }
  for (const int subtask : std::exchange(wanting_, {})) {
    if (unassigned_.empty()) {
      give_(subtask, {}, SourceOperator::More::kComplete);
    } else {
      give_(subtask, {std::move(unassigned_.front())}, SourceOperator::More::kMayFollow);
      unassigned_.pop_front();
    }
  }
}

void SplitCoordinator::Snapshot(CheckpointRecord::NodeRecord& into) const {
  into.enumerator = enumerator_->Snapshot();
  into.unassigned.assign(unassigned_.begin(), unassigned_.end());
  into.discovered_all = complete_;
}

}  // namespace streampark::core
