// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "streampark/core/combined_watermark.h"
#include "streampark/core/operator.h"
#include "streampark/core/plan.h"
#include "streampark/core/snapshot.h"

#include "runtime/gate.h"
#include "runtime/operator_chain.h"
#include "runtime/physical_plan.h"
#include "runtime/row_sampler.h"
#include "state/subtask_states.h"

namespace streampark::core {

/// What a subtask tells the coordinator, from its own thread.
class TaskListener {
 public:
  virtual ~TaskListener() = default;
  /// `captured` is of a subtask whose keyed state is on disk, when FormOf was kBackend; what it could not do fails the checkpoint.
  virtual void OnSnapshot(int chain, int subtask, std::uint64_t checkpoint, ChainSnapshot written,
                          std::optional<base::Result<BackendCapture>> captured) = 0;
  /// A part of a snapshot that is bigger than what should be in memory: its file.
  virtual base::Result<std::string> WritePart(int node, int subtask, std::uint64_t checkpoint,
                                              std::size_t part, const OperatorSnapshot& state) = 0;
  /// How keyed state goes into this checkpoint.
  virtual OperatorSnapshot::Form FormOf(std::uint64_t checkpoint) = 0;
  /// All inputs have ended and all results are handed on; it waits for a last checkpoint and Finish.
  virtual void OnEnded(int chain, int subtask) = 0;
  /// A source's subtask has nothing left to read.
  virtual void OnSplitWanted(int node, int subtask) = 0;
  virtual void OnFailed(int chain, int subtask, base::Error error) = 0;
};

/// One subtask of a chain in the native runtime: the channels into it, and the order in which things happen to its operators.
/// All but Post, Trigger, Complete, Finish and Cancel is for one thread at a time.
///
/// | what comes                        | what is done                                                                |
/// |-----------------------------------|-----------------------------------------------------------------------------|
/// | rows, watermark, idle             | go through the chain                                                        |
/// | barrier n on one channel          | the channel is blocked until n is there on all that have not ended          |
/// | barrier n on all                  | hand on what is held back, send the barrier, snapshot, unblock              |
/// | trigger n: a source that reads    | the same, without waiting                                                   |
/// | trigger n: all inputs have ended  | snapshot                                                                    |
/// | trigger n: else                   | nothing, the barrier comes; but if the inputs end before it, snapshot       |
/// | end on all channels               | EndInput through the chain, hand on, send the end, tell the coordinator     |
/// | nothing                           | hand on what is held back, wait                                             |
class Task final : private ChainHost {
 public:
  struct Setup {
    const Plan* plan = nullptr;
    const PhysicalPlan* physical = nullptr;
    int chain = 0;
    int subtask = 0;
    int key_groups = 128;
    std::size_t channel_capacity = 8;
    const base::Clock* clock = nullptr;
    TaskListener* listener = nullptr;
    RowSampler* sampler = nullptr;
    std::string lineage;
    std::map<int, OperatorRestore> restored;  // by node
    /// What becomes of restored state that its operator does not ask for.
    enum class Unclaimed : std::uint8_t { kRefused, kIgnored } unclaimed = Unclaimed::kRefused;
    std::optional<SubtaskStates::Setup> states;  // of keyed state that is not in memory
  };

  explicit Task(Setup setup);
  ~Task() override;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  /// The channels into this subtask, in the order of the plan's edges and, in an edge, of the sending subtasks.
  Gate& gate() { return gate_; }
  /// Which of them belongs to that edge (its place in the plan) and sender.
  int ChannelOf(std::size_t edge, int sender) const;
  /// Makes the operators and wires them to the tasks of the other chains. After all tasks are made, before Open.
  void Connect(const std::function<Task&(int chain, int subtask)>& find);
  void Open();

  enum class Progress : std::uint8_t { kWorked, kNothing, kFinished };
  /// Does a little. Throws what fails, and Cancelled.
  Progress Step();
  /// Waits until there may be something to do.
  void Wait();
  /// Opens, steps and waits until it is finished, cancelled or failed; tells the listener.
  void Run();

  void Post(std::function<void()> then) override;
  enum class Then : std::uint8_t { kGoOn, kPause };
  /// See the table. A source that is to pause reads nothing after the barrier.
  void Trigger(std::uint64_t checkpoint, Then then = Then::kGoOn);
  void Complete(std::uint64_t checkpoint);
  /// After a pause: sources read on.
  void Resume();
  /// Sources end here, as if all had been read.
  void Drain();
  /// After OnEnded: closes the operators.
  void Finish();
  void Cancel();

  const std::string& title() const { return title_; }
  int chain() const { return setup_.chain; }
  int subtask() const { return setup_.subtask; }
  Operator& operator_of(int node) { return operators_->operator_of(node); }
  const OperatorCounters& counters_of(int node) const { return operators_->counters_of(node); }

 private:
  void CheckCancelled() const override;
  void OnSplitWanted(int node) override;
  void See(int node, const AnyRows& rows) override;
  DiskStates* disk_states() override;

  void Handle(Item item);
  void OnBarrier(int channel, std::uint64_t checkpoint);
  void OnEnd(int channel);
  void CheckAlignment();
  void Checkpoint(std::uint64_t checkpoint);
  void AllEnded();
  int WireInputs();
  Progress PollSource();
  std::string running() const;  // whose code runs, for errors

  /// One channel into the head of the chain.
  struct Inlet {
    std::size_t edge = 0;
    int sender = 0;
    int input = 0;          // of the head
    std::size_t place = 0;  // among the channels of that input
    bool ended = false;
    bool barrier_here = false;
  };

  Setup setup_;
  std::string title_;
  std::unique_ptr<SubtaskStates> states_;              // after the operators
  std::vector<std::unique_ptr<GateChannel>> outlets_;  // into other tasks; after the operators
  std::vector<Inlet> inlets_;                          // by channel
  std::vector<CombinedWatermark> watermarks_;          // by input of the head
  Gate gate_;
  std::unique_ptr<OperatorChain> operators_;

  std::optional<std::uint64_t> aligning_;
  std::uint64_t wanted_ = 0;  // the newest trigger
  std::uint64_t done_ = 0;    // the newest snapshot
  bool paused_ = false;
  bool all_ended_ = false;
  bool finished_ = false;
};

}  // namespace streampark::core
