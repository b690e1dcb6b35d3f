// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <vector>

#include "streampark/connectors/source.h"
#include "streampark/core/operator.h"

#include "runtime/checkpoint_store.h"

namespace streampark::core {

/// Shares out the splits of one source. Those of a bounded source go one by one to whoever has nothing to read; those of an unbounded
/// one at once, to who has the fewest. Used by the coordinator's thread alone.
class SplitCoordinator {
 public:
  /// Gives splits to a subtask: in its thread, in the order of the calls.
  using Give = std::function<void(int subtask, std::vector<connectors::Split> splits,
                                  SourceOperator::More more)>;

  SplitCoordinator(std::unique_ptr<connectors::SplitEnumerator> enumerator, int parallelism,
                   Give give);

  void Restore(const CheckpointRecord::NodeRecord& record);
  base::Status Discover(std::stop_token stop);
  void OnWanted(int subtask);
  /// What belongs into the record of a checkpoint that is triggered now.
  void Snapshot(CheckpointRecord::NodeRecord& into) const;
  bool complete() const { return complete_; }

 private:
  void ShareOut();

  std::unique_ptr<connectors::SplitEnumerator> enumerator_;
  Give give_;
  std::vector<int> given_;  // by subtask
  std::deque<connectors::Split> unassigned_;
  std::set<int> wanting_;
  bool discovered_ = false;
  bool complete_ = false;
};

}  // namespace streampark::core
