// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "streampark/core/native_job.h"

#include "runtime/background.h"
#include "runtime/folder_checkpoint_store.h"
#include "runtime/physical_plan.h"
#include "runtime/requests.h"
#include "runtime/split_coordinator.h"
#include "runtime/task.h"

namespace streampark::core {

/// What is told about a job while it runs. Thread-safe.
class StatusBoard {
 public:
  void Change(const std::function<void(JobStatus&)>& change);
  JobStatus Read() const;

 private:
  mutable std::mutex mutex_;
  JobStatus status_;
};

/// One attempt of a job, from its restore to its end: the tasks, their threads, and the coordinator that takes checkpoints.
///
/// | checkpoint   | when                                                         | ends                                             |
/// |--------------|--------------------------------------------------------------|--------------------------------------------------|
/// | triggered    | the interval is over and none is under way; or a request     | declined: a subtask could not write; or too late |
/// | acknowledged | each subtask has written its state                           |                                                  |
/// | complete     | the record is durable                                        | the record could not be written                  |
/// | given up     | declined, or too late; who asked is told, and sources that had paused for it read on. Of an attempt whose inputs   ||
/// |              | have all ended it fails the attempt: without it nothing would be committed                                         ||
/// | committed    | each sink's committer has committed; then the tasks hear it  | fails the attempt: the record has what is left   |
class Attempt final : public TaskListener {
 public:
  struct Setup {
    const Plan* plan = nullptr;
    const NativeOptions* options = nullptr;
    const base::Clock* clock = nullptr;
    CheckpointStore* store = nullptr;
    std::stop_token stores_stop;  // after which folders of checkpoints do not wait for servers
    std::optional<CheckpointRecord> restored;  // and where its state is read from:
    CheckpointStore* restored_from = nullptr;
    std::string lineage;
    std::string id;  // of the attempt, unlike all others
    std::uint64_t first_checkpoint = 1;
    StatusBoard* status = nullptr;
    RequestQueue* requests = nullptr;
    RowSampler* sampler = nullptr;
  };
  enum class End : std::uint8_t { kFinished, kStopped, kCancelled };

  explicit Attempt(Setup setup);
  ~Attempt() override;

  /// Restores, runs and ends; an error is what the attempt failed with.
  base::Result<End> Run(std::stop_token stop);
  std::vector<OperatorStatus> Operators() const;
  std::uint64_t next_checkpoint() const { return next_checkpoint_; }
  /// Whether a checkpoint was completed.
  bool progressed() const { return progressed_; }

  void OnSnapshot(int chain, int subtask, std::uint64_t checkpoint, ChainSnapshot written,
                  std::optional<base::Result<BackendCapture>> captured) override;
  base::Result<std::string> WritePart(int node, int subtask, std::uint64_t checkpoint,
                                      std::size_t part, const OperatorSnapshot& state) override;
  OperatorSnapshot::Form FormOf(std::uint64_t checkpoint) override;
  void OnEnded(int chain, int subtask) override;
  void OnSplitWanted(int node, int subtask) override;
  void OnFailed(int chain, int subtask, base::Error error) override;

 private:
  /// What a subtask's part of a checkpoint has come to. One event, whatever that is: a part that failed is none of the checkpoint's, but what
  /// its sinks had prepared is to be committed by a later one.
  struct Written {
    int subtask = 0;
    std::uint64_t checkpoint = 0;
    std::optional<base::Error> failed;
    std::map<int, std::vector<std::string>> files;
    std::string backend;
    std::map<int, std::vector<connectors::Committable>> committables;
  };
  struct Ended {};
  struct Wanted {
    int node = 0;
    int subtask = 0;
  };
  struct Failed {
    base::Error error;
  };
  struct Asked {};  // a request waits
  using Event = std::variant<Written, Ended, Wanted, Failed, Asked>;

  struct Pending {
    CheckpointRecord record;
    std::size_t acknowledged = 0;
    base::SteadyTime begun;
    std::optional<Request> request;
    std::shared_ptr<CheckpointStore> store;
    objects::Location savepoint_folder;
    bool last = false;  // of the attempt: then the tasks finish
  };

  base::Status Prepare(const std::stop_token& stop);
  base::Status Build();
  base::Result<std::map<int, std::vector<OperatorSnapshot>>> ReadStates();
  base::Result<std::vector<BackendRecord>> ReadBackends();
  base::Status LoadBackend();
  bool HasKeyedState(const Chain& chain) const;
  OperatorRestore::EachPart PartsOf(int node) const;
  std::optional<SubtaskStates::Setup> StatesOf(const Chain& chain, int number, int subtask,
                                               const std::vector<BackendRecord>& restored);
  /// Writes what a subtask gave, and acknowledges or declines.
  void Write(int chain, int subtask, std::uint64_t checkpoint, ChainSnapshot written,
             std::optional<base::Result<BackendCapture>> captured);
  base::Result<std::string> Keep(CheckpointStore& store, int chain, int subtask,
                                 std::uint64_t checkpoint, const BackendCapture& captured);
  base::Status OpenSplits();
  base::Status RecoverSinks(std::stop_token stop);
  void StartThreads();
  void StopThreads();
  void Tell(Event event);
  std::optional<Event> NextEvent(std::stop_token stop, base::SteadyTime until);
  base::Result<std::optional<End>> Handle(Event event, std::stop_token stop);
  base::Result<std::optional<End>> OnWritten(Written part, std::stop_token stop);
  void MaybeTrigger();
  /// Of this lineage's own: others may keep their savepoints at the same place.
  base::Result<std::unique_ptr<FolderCheckpointStore>> OpenSavepoints(
      const objects::Location& folder) const;
  /// False when its folder cannot be used; who asked has been told.
  bool Trigger(std::optional<Request> request, Task::Then then);
  bool all_ended() const { return ended_ == task_count_; }
  void GiveUp(const base::Error& why);
  base::Result<std::optional<End>> Complete(std::stop_token stop);
  base::Status Commit(const CheckpointRecord& record, std::stop_token stop);
  base::SteadyTime NextDeadline() const;
  Task& Find(int chain, int subtask) const;

  Setup setup_;
  PhysicalPlan physical_;
  std::unique_ptr<StateBackend> backend_;                  // after the tasks
  std::size_t cache_bytes_ = 0;                            // of each subtask with keyed state
  std::vector<std::vector<std::unique_ptr<Task>>> tasks_;  // by chain, subtask
  std::atomic<bool> built_ = false;                        // tasks_ changes no more
  std::size_t task_count_ = 0;
  std::map<int, std::unique_ptr<SplitCoordinator>> splits_;           // by node
  std::map<int, std::unique_ptr<connectors::Committer>> committers_;  // by node
  std::map<int, std::vector<connectors::Committable>>
      uncommitted_;  // by node: prepared and not yet committed
  std::vector<std::jthread> threads_;
  /// Write what subtasks have captured, which go on meanwhile.
  std::vector<std::unique_ptr<Background>> keepers_;

  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::deque<Event> events_;
  std::mutex stores_mutex_;
  /// By the tasks, for the checkpoint under way; null when there is none. Shared: one may still write when it is given up.
  std::shared_ptr<CheckpointStore> writing_to_;
  std::uint64_t writing_ = 0;  // the checkpoint that goes there

  std::optional<Pending> pending_;
  std::optional<Request> stopping_;
  std::uint64_t next_checkpoint_;
  base::SteadyTime checkpoint_due_;
  base::SteadyTime discovery_due_;
  std::size_t ended_ = 0;
  bool progressed_ = false;
};

}  // namespace streampark::core
