// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "streampark/core/operator.h"
#include "streampark/core/plan.h"
#include "streampark/core/snapshot.h"

#include "runtime/physical_plan.h"

namespace streampark::core {

/// What one subtask of a chain has written at a checkpoint: by node.
using ChainSnapshot = std::map<int, OperatorSnapshot>;

/// How much has passed an operator; read from any thread.
struct OperatorCounters {
  std::atomic<std::int64_t> rows_in = 0;
  std::atomic<std::int64_t> rows_out = 0;
  std::atomic<std::int64_t> rows_dropped = 0;
  std::atomic<std::int64_t> waiting = -1;  // in the source; -1: not known
  std::atomic<EventTime> watermark = kBeginningOfTime;
};

/// Where a chain runs: what its operators ask of whoever drives them. In the chain's thread, but for Post.
class ChainHost {
 public:
  virtual ~ChainHost() = default;
  /// From any thread: has `then` run in the chain's thread soon.
  virtual void Post(std::function<void()> then) = 0;
  /// Throws when the chain is ended from outside.
  virtual void CheckCancelled() const = 0;
  virtual void OnSplitWanted(int node) = 0;
  /// Rows that a node gives: for people who look.
  virtual void See(int node, const AnyRows& rows) = 0;
  /// Where keyed state lies; null: in memory.
  virtual DiskStates* disk_states() = 0;
};

/// The operators of one subtask of a chain, one after another, and the edges that leave them. It knows nothing of who brings rows,
/// when a checkpoint is, or what is behind the channels: the native runtime's Task does, or an engine. For one thread, but for
/// `counters_of`; what an operator throws passes through, and `running` says whose it was.
class OperatorChain {
 public:
  struct Setup {
    const Plan* plan = nullptr;
    const PhysicalPlan* physical = nullptr;
    int chain = 0;
    int subtask = 0;
    int key_groups = 128;
    const base::Clock* clock = nullptr;
    std::string lineage;
    std::map<int, OperatorRestore> restored;  // by node
    ChainHost* host = nullptr;
  };
  /// The channel of an edge (its place in the plan) to one subtask behind it; outlives the chain.
  using FindChannel = std::function<Channel*(std::size_t edge, int target)>;

  explicit OperatorChain(Setup setup);
  ~OperatorChain();
  OperatorChain(const OperatorChain&) = delete;
  OperatorChain& operator=(const OperatorChain&) = delete;

  /// Makes the edges between its operators and to others. Before Open.
  void Connect(const FindChannel& find_channel);
  void Open();
  /// STATE_NOT_RESTORED, thrown, when something was restored that no operator has asked for: it would be gone with the next checkpoint.
  void RequireAllClaimed();

  /// The head is given rows, which may be moved from; and what else comes from outside.
  void Process(int input, AnyRows& rows);
  void Advance(int input, EventTime watermark);
  void Idle(int input);
  void EndInput(int input);
  /// Of a chain that begins with a source.
  SourceOperator* source() const { return source_; }
  SourceOperator::Progress Poll(base::Millis patience);
  /// All inputs have ended: the source's watermark goes to its end, and the operators behind the head hear of it.
  void EndRest();

  /// Whether something may wait to be handed on: since rows, watermarks or a timer came.
  bool holds_back() const { return holds_back_; }
  void HoldBack() { holds_back_ = true; }
  void HandOn();

  /// When the next timer is due; absent: there is none.
  std::optional<base::Timestamp> next_timer() const;
  /// Runs those that are due; false when none was.
  bool FireTimers();

  /// Each operator writes what it keeps. `spill`, which may be null, is given the parts of a node's snapshot that is bigger than memory.
  using Spill =
      std::function<void(int node, OperatorSnapshot& whole, const OperatorSnapshot& part)>;
  ChainSnapshot Snapshot(std::uint64_t checkpoint, OperatorSnapshot::Form form, const Spill& spill);
  void CheckpointCompleted(std::uint64_t checkpoint);
  void Close();

  /// Whose code runs, by name; empty when none does.
  std::string running() const;
  /// The names of its operators.
  const std::string& title() const { return title_; }
  int parallelism() const { return chain_.parallelism; }
  Operator& operator_of(int node) const;
  const OperatorCounters& counters_of(int node) const;

 private:
  class Context;
  class ChainedOutput;
  struct Link;

  Link& link_of(int node) const;
  void Wire(Link& link, const FindChannel& find_channel);
  template <typename What>
  void Run(Link& link, What&& what);

  Setup setup_;
  const Chain& chain_;
  std::string title_;
  std::vector<std::unique_ptr<Link>> links_;  // in chain order
  SourceOperator* source_ = nullptr;
  Link* running_ = nullptr;
  bool holds_back_ = false;
  std::multimap<base::Timestamp, std::function<void()>> timers_;
};

}  // namespace streampark::core
