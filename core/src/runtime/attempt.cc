// SPDX-License-Identifier: Apache-2.0
#include "runtime/attempt.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <pthread.h>

#include "streampark/base/check.h"

namespace streampark::core {

namespace {

/// Threads that write checkpoints: no disk is faster with more.
constexpr std::size_t kMostKeepers = 4;

const base::SteadyTime kNever = base::SteadyTime::max();

}  // namespace

void StatusBoard::Change(const std::function<void(JobStatus&)>& change) {
  const std::lock_guard lock(mutex_);
  change(status_);
}

JobStatus StatusBoard::Read() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

Attempt::Attempt(Setup setup)
    : setup_(std::move(setup)),
      physical_(PhysicalPlan::Make(*setup_.plan, setup_.options->parallelism)),
      next_checkpoint_(setup_.first_checkpoint),
      checkpoint_due_(kNever),
      discovery_due_(kNever) {}

Attempt::~Attempt() { StopThreads(); }

Task& Attempt::Find(int chain, int subtask) const {
  return *tasks_[static_cast<std::size_t>(chain)][static_cast<std::size_t>(subtask)];
}

// ---------------------------------------------------------------------------------------------------------------------
// making it

base::Result<std::map<int, std::vector<OperatorSnapshot>>> Attempt::ReadStates() {
  std::map<int, std::vector<OperatorSnapshot>> states;
  if (!setup_.restored) {
    return states;
  }
  if (setup_.restored->key_groups != setup_.options->key_groups) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "The checkpoint has " + std::to_string(setup_.restored->key_groups) +
                           " key groups and the job " + std::to_string(setup_.options->key_groups) +
                           ".")
        .WithHint(
            "the number of key groups is fixed when a job first starts; set it back, or start "
            "without state");
  }
  for (const auto& [name, record] : setup_.restored->nodes) {
    const auto node = std::ranges::find_if(setup_.plan->nodes,
                                           [&](const Node& each) { return each.name == name; });
    if (node == setup_.plan->nodes.end()) {
      if (setup_.options->restore_ignores_unclaimed) {
        continue;
      }
      return base::Error(
                 base::ErrorCode::kStateNotRestored,
                 "The checkpoint holds state of '" + name + "', which the job no longer has.")
          .WithHint(
              "give the operator its old name back; or let its state go with "
              "native.restore-ignore-unclaimed: true");
    }
    for (const auto& file : record.files) {
      auto state = SP_TRY(setup_.restored_from->ReadState(file));
      if (backend_) {
        state.ForgetKeyedBytes();  // read again by each subtask, part by part
      }
      states[node->id].push_back(std::move(state));
    }
  }
  return states;
}

base::Status Attempt::Build() {
  SP_TRY(LoadBackend());
  const auto states = SP_TRY(ReadStates());
  const auto backends = SP_TRY(ReadBackends());
  for (std::size_t chain = 0; chain < physical_.chains.size(); ++chain) {
    const auto& nodes = physical_.chains[chain];
    auto& made = tasks_.emplace_back();
    for (int subtask = 0; subtask < nodes.parallelism; ++subtask) {
      Task::Setup task{.plan = setup_.plan,
                       .physical = &physical_,
                       .chain = static_cast<int>(chain),
                       .subtask = subtask,
                       .key_groups = setup_.options->key_groups,
                       .channel_capacity = setup_.options->channel_capacity,
                       .clock = setup_.clock,
                       .listener = this,
                       .sampler = setup_.sampler,
                       .lineage = setup_.lineage,
                       .restored = {},
                       .unclaimed = setup_.options->restore_ignores_unclaimed
                                        ? Task::Setup::Unclaimed::kIgnored
                                        : Task::Setup::Unclaimed::kRefused,
                       .states = StatesOf(nodes, static_cast<int>(chain), subtask, backends)};
      for (const int id : nodes.nodes) {
        if (const auto found = states.find(id); found != states.end()) {
          auto& restored =
              task.restored
                  .emplace(id, OperatorRestore::Gather(found->second, subtask, nodes.parallelism,
                                                       setup_.options->key_groups))
                  .first->second;
          if (task.states) {
            restored.ReadFrom(PartsOf(id), task.states->groups);
          }
        }
      }
      made.push_back(std::make_unique<Task>(std::move(task)));
      ++task_count_;
    }
  }
  for (const auto& chain : tasks_) {
    for (const auto& task : chain) {
      task->Connect([this](int to, int subtask) -> Task& { return Find(to, subtask); });
    }
  }
  built_.store(true, std::memory_order_release);
  return OpenSplits();
}

base::Status Attempt::OpenSplits() {
  for (const auto& node : setup_.plan->nodes) {
    if (!node.make_enumerator) {
      continue;
    }
    const CheckpointRecord::NodeRecord* record = nullptr;
    if (setup_.restored) {
      if (const auto found = setup_.restored->nodes.find(node.name);
          found != setup_.restored->nodes.end()) {
        record = &found->second;
      }
    }
    auto enumerator = SP_TRY(node.make_enumerator(
        record != nullptr ? record->enumerator : std::nullopt, setup_.lineage));
    const auto id = static_cast<std::size_t>(node.id);
    auto give = [this, chain = physical_.chain_of[id], id = node.id](
                    int subtask, std::vector<connectors::Split> splits, SourceOperator::More more) {
      Task& task = Find(chain, subtask);
      task.Post([&task, id, splits = std::move(splits), more] {
        static_cast<SourceOperator&>(task.operator_of(id)).AddSplits(splits, more);
      });
    };
    auto& made = splits_[node.id];
    made = std::make_unique<SplitCoordinator>(std::move(enumerator), physical_.parallelism[id],
                                              std::move(give));
    if (record != nullptr) {
      made->Restore(*record);
    }
  }
  return base::Ok();
}

base::Status Attempt::RecoverSinks(std::stop_token stop) {
  for (const auto& node : setup_.plan->nodes) {
    if (!node.make_committer) {
      continue;
    }
    std::vector<connectors::Committable> pending;
    if (setup_.restored) {
      if (const auto found = setup_.restored->nodes.find(node.name);
          found != setup_.restored->nodes.end()) {
        pending = found->second.committables;
      }
    }
    auto committer = SP_TRY(node.make_committer());
    if (!committer) {
      if (!pending.empty() && !setup_.options->restore_ignores_unclaimed) {
        return base::Error(base::ErrorCode::kStateNotRestored,
                           "The checkpoint holds rows that '" + node.name +
                               "' has yet to commit, and it commits nothing any more.")
            .WithHint(
                "start once with the delivery that it had, and stop with a savepoint; or let the "
                "rows go with native.restore-ignore-unclaimed: true");
      }
      continue;
    }
    SP_TRY(committer->Recover({.lineage = setup_.lineage, .sink = node.name}, pending,
                              next_checkpoint_, stop));
    committers_.emplace(node.id, std::move(committer));
  }
  return base::Ok();
}

void Attempt::StartThreads() {
  // Those that send to a server wait more than they work.
  const std::size_t cores = setup_.options->checkpoint_folder.local()
                                ? std::max(1U, std::thread::hardware_concurrency())
                                : kMostKeepers;
  const auto keepers = std::min({kMostKeepers, task_count_, cores});
  for (std::size_t i = 0; i < keepers; ++i) {
    keepers_.push_back(std::make_unique<Background>("state-keeper"));
  }
  for (const auto& chain : tasks_) {
    for (const auto& task : chain) {
      threads_.emplace_back([task = task.get()] {
        ::pthread_setname_np(::pthread_self(), task->title().substr(0, 15).c_str());
        task->Run();
      });
    }
  }
}

void Attempt::StopThreads() {
  for (const auto& chain : tasks_) {
    for (const auto& task : chain) {
      task->Cancel();
    }
  }
  threads_.clear();
  keepers_.clear();
}

// ---------------------------------------------------------------------------------------------------------------------
// what the tasks say, in their threads

void Attempt::Tell(Event event) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }
  arrived_.notify_one();
}

OperatorSnapshot::Form Attempt::FormOf(std::uint64_t checkpoint) {
  const std::lock_guard lock(stores_mutex_);
  return checkpoint == writing_ && writing_to_.get() == setup_.store && setup_.store->keeps_files()
             ? OperatorSnapshot::Form::kBackend
             : OperatorSnapshot::Form::kCanonical;
}

void Attempt::OnSnapshot(int chain, int subtask, std::uint64_t checkpoint, ChainSnapshot written,
                         std::optional<base::Result<BackendCapture>> captured) {
  struct Work {
    ChainSnapshot written;
    std::optional<base::Result<BackendCapture>> captured;
  };
  auto work = std::make_shared<Work>(std::move(written), std::move(captured));
  // One subtask's are always with the same keeper, in their order.
  auto& keeper = *keepers_[static_cast<std::size_t>(chain + subtask) % keepers_.size()];
  keeper.Do([this, chain, subtask, checkpoint, work] {
    Write(chain, subtask, checkpoint, std::move(work->written), std::move(work->captured));
  });
}

void Attempt::Write(int chain, int subtask, std::uint64_t checkpoint, ChainSnapshot written,
                    std::optional<base::Result<BackendCapture>> captured) {
  Written part{.subtask = subtask,
               .checkpoint = checkpoint,
               .failed = {},
               .files = {},
               .backend = {},
               .committables = {}};
  std::shared_ptr<CheckpointStore> store;
  {
    const std::lock_guard lock(stores_mutex_);
    store = checkpoint == writing_ ? writing_to_ : nullptr;
  }
  auto& failed = part.failed;
  for (auto& [node, state] : written) {
    if (!state.committables.empty()) {
      part.committables.emplace(node, std::move(state.committables));
    }
    if (state.spill_failed && !failed) {
      failed = std::move(*state.spill_failed)
                   .Annotate("writing the state of " + Find(chain, subtask).title());
    }
    for (auto& spilled : state.parts) {
      part.files[node].push_back(std::move(spilled));
    }
    if (failed || store == nullptr || (state.keyed.empty() && state.lists.empty())) {
      continue;
    }
    auto file = store->WriteState(
        checkpoint, setup_.plan->nodes[static_cast<std::size_t>(node)].name, subtask, state);
    if (file.ok()) {
      part.files[node].push_back(std::move(file).value());
    } else {
      failed =
          std::move(file).error().Annotate("writing the state of " + Find(chain, subtask).title());
    }
  }
  if (captured) {
    auto kept = !captured->ok() ? base::Result<std::string>(captured->error())
                : store == nullptr || failed
                    ? base::Result<std::string>(
                          base::Error(base::ErrorCode::kCancelled, "the checkpoint was given up"))
                    : Keep(*store, chain, subtask, checkpoint, **captured);
    if (captured->ok()) {
      std::error_code ignored;
      std::filesystem::remove_all((*captured)->needed_till, ignored);
    }
    if (kept.ok()) {
      part.backend = std::move(kept).value();
    } else {
      if (captured->ok()) {
        (*captured)->lost->store(true);
      }
      if (!failed) {
        failed = std::move(kept).error().Annotate("keeping the state of " +
                                                  Find(chain, subtask).title());
      }
    }
  }
  store.reset();  // before it is told: who hears it may open the folder again
  Tell(std::move(part));
}

void Attempt::OnEnded(int /*chain*/, int /*subtask*/) { Tell(Ended{}); }
void Attempt::OnSplitWanted(int node, int subtask) { Tell(Wanted{node, subtask}); }
void Attempt::OnFailed(int /*chain*/, int /*subtask*/, base::Error error) {
  Tell(Failed{std::move(error)});
}

// ---------------------------------------------------------------------------------------------------------------------
// the coordinator

std::optional<Attempt::Event> Attempt::NextEvent(std::stop_token stop, base::SteadyTime until) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return !events_.empty(); };
  if (until == kNever) {
    arrived_.wait(lock, stop, ready);
  } else {
    arrived_.wait_until(lock, stop, until, ready);
  }
  if (events_.empty()) {
    return std::nullopt;
  }
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

base::SteadyTime Attempt::NextDeadline() const {
  const auto timeout =
      pending_ ? pending_->begun + setup_.options->checkpoint_timeout : checkpoint_due_;
  return std::min(timeout, discovery_due_);
}

base::Status Attempt::Prepare(const std::stop_token& stop) {
  try {
    SP_TRY(Build());
    return RecoverSinks(stop);
  } catch (const TaskFailure& failure) {
    return failure.error();
  } catch (const std::exception& thrown) {
    return base::Error(base::ErrorCode::kJobFailed,
                       std::string("The job's code threw: ") + thrown.what());
  }
}

base::Result<Attempt::End> Attempt::Run(std::stop_token stop) {
  SP_TRY(Prepare(stop));
  StartThreads();
  setup_.status->Change([](JobStatus& status) { status.phase = JobPhase::kRunning; });
  setup_.requests->OnPush([this] { Tell(Asked{}); });
  const auto now = setup_.clock->SteadyNow();
  if (setup_.options->checkpoint_interval) {
    checkpoint_due_ = now + *setup_.options->checkpoint_interval;
  }
  if (!splits_.empty()) {
    discovery_due_ = now;
  }
  const auto run = [&]() -> base::Result<End> {
    while (true) {
      if (stop.stop_requested()) {
        return End::kCancelled;
      }
      if (auto event = NextEvent(stop, NextDeadline())) {
        if (auto end = SP_TRY(Handle(std::move(*event), stop))) {
          return *end;
        }
        continue;
      }
      const auto moment = setup_.clock->SteadyNow();
      if (moment >= discovery_due_) {
        discovery_due_ = kNever;
        for (const auto& [node, splits] : splits_) {
          SP_TRY(splits->Discover(stop));
          const auto interval =
              setup_.plan->nodes[static_cast<std::size_t>(node)].discovery_interval();
          if (!splits->complete() && interval) {
            discovery_due_ = std::min(discovery_due_, moment + *interval);
          }
        }
      }
      if (pending_ && moment >= pending_->begun + setup_.options->checkpoint_timeout) {
        GiveUp(base::Error(
            base::ErrorCode::kEngineTimeout,
            "Checkpoint " + std::to_string(pending_->record.id) +
                " was not complete in time: " + std::to_string(pending_->acknowledged) + " of " +
                std::to_string(task_count_) + " subtasks had written their state."));
      }
      MaybeTrigger();
    }
  };
  auto end = run();
  setup_.requests->OnPush(nullptr);
  if (pending_) {
    GiveUp(EndedBefore());
  }
  if (stopping_) {
    stopping_->answer(EndedBefore());
    stopping_.reset();
  }
  StopThreads();
  return end;
}

base::Result<std::optional<Attempt::End>> Attempt::Handle(Event event, std::stop_token stop) {
  if (auto* failed = std::get_if<Failed>(&event)) {
    return std::move(failed->error);
  }
  if (auto* wanted = std::get_if<Wanted>(&event)) {
    splits_.at(wanted->node)->OnWanted(wanted->subtask);
  } else if (std::holds_alternative<Asked>(event)) {
    MaybeTrigger();
  } else if (std::holds_alternative<Ended>(event)) {
    ++ended_;
    MaybeTrigger();
  } else if (auto* part = std::get_if<Written>(&event)) {
    return OnWritten(std::move(*part), std::move(stop));
  }
  return std::nullopt;
}

base::Result<std::optional<Attempt::End>> Attempt::OnWritten(Written part, std::stop_token stop) {
  for (auto& [node, committables] : part.committables) {
    auto& into = uncommitted_[node];
    into.insert(into.end(), std::make_move_iterator(committables.begin()),
                std::make_move_iterator(committables.end()));
  }
  if (!pending_ || pending_->record.id != part.checkpoint) {
    return std::nullopt;  // it is given up
  }
  if (part.failed) {
    if (all_ended()) {
      return std::move(*part.failed);
    }
    GiveUp(*part.failed);
    return std::nullopt;
  }
  for (auto& [node, files] : part.files) {
    auto& into =
        pending_->record.nodes[setup_.plan->nodes[static_cast<std::size_t>(node)].name].files;
    std::ranges::move(files, std::back_inserter(into));
  }
  if (!part.backend.empty()) {
    pending_->record.backends.push_back(std::move(part.backend));
  }
  if (++pending_->acknowledged < task_count_) {
    return std::nullopt;
  }
  return Complete(std::move(stop));
}

void Attempt::MaybeTrigger() {
  if (pending_) {
    return;
  }
  if (all_ended()) {
    if (!Trigger(std::exchange(stopping_, std::nullopt), Task::Then::kGoOn)) {
      Trigger(std::nullopt, Task::Then::kGoOn);
    }
    pending_->last = true;
    return;
  }
  if (stopping_) {
    return;  // it drains
  }
  if (auto request = setup_.requests->Pop()) {
    if (request->kind == Request::Kind::kDrain) {
      // What is drained cannot be taken back, so its folder is tried before.
      auto store = OpenSavepoints(request->folder);
      if (!store.ok()) {
        request->answer(std::move(store).error().Annotate("opening the folder of the savepoint"));
        return;
      }
      stopping_ = std::move(request);
      for (const auto& chain : tasks_) {
        for (const auto& task : chain) {
          task->Drain();
        }
      }
      return;
    }
    const auto then =
        request->kind == Request::Kind::kStop ? Task::Then::kPause : Task::Then::kGoOn;
    const bool last = request->kind == Request::Kind::kStop;
    if (Trigger(std::move(request), then)) {
      pending_->last = last;
    } else {
      MaybeTrigger();  // another may wait behind it
    }
    return;
  }
  if (setup_.clock->SteadyNow() >= checkpoint_due_) {
    Trigger(std::nullopt, Task::Then::kGoOn);
  }
}

base::Result<std::unique_ptr<FolderCheckpointStore>> Attempt::OpenSavepoints(
    const objects::Location& folder) const {
  return FolderCheckpointStore::Open(
      SP_TRY(objects::OpenFolder(folder / setup_.lineage, setup_.options->s3, setup_.stores_stop)),
      FolderCheckpointStore::kAll);
}

bool Attempt::Trigger(std::optional<Request> request, Task::Then then) {
  Pending pending{.record = {},
                  .acknowledged = 0,
                  .begun = setup_.clock->SteadyNow(),
                  .request = std::move(request),
                  // Not ours to delete.
                  .store = {std::shared_ptr<void>(), setup_.store},
                  .savepoint_folder = {},
                  .last = false};
  if (pending.request) {
    pending.savepoint_folder = pending.request->folder / setup_.lineage;
    auto store = OpenSavepoints(pending.request->folder);
    if (!store.ok()) {
      pending.request->answer(
          std::move(store).error().Annotate("opening the folder of the savepoint"));
      return false;
    }
    pending.store = std::move(store).value();
    pending.record.savepoint = true;
  }
  auto& record = pending.record;
  record.id = next_checkpoint_++;
  record.job = setup_.plan->name;
  record.lineage = setup_.lineage;
  record.key_groups = setup_.options->key_groups;
  record.at = setup_.clock->Now();
  for (const auto& node : setup_.plan->nodes) {
    if (node.state != Node::State::kNone) {
      record.nodes[node.name].parallelism =
          physical_.parallelism[static_cast<std::size_t>(node.id)];
    }
  }
  for (const auto& [node, splits] : splits_) {
    splits->Snapshot(record.nodes[setup_.plan->nodes[static_cast<std::size_t>(node)].name]);
  }
  {
    const std::lock_guard lock(stores_mutex_);
    writing_to_ = pending.store;
    writing_ = record.id;
  }
  const auto id = record.id;
  pending_ = std::move(pending);
  for (const auto& chain : tasks_) {
    for (const auto& task : chain) {
      task->Trigger(id, then);
    }
  }
  if (setup_.options->checkpoint_interval) {
    checkpoint_due_ = setup_.clock->SteadyNow() + *setup_.options->checkpoint_interval;
  }
  return true;
}

void Attempt::GiveUp(const base::Error& why) {
  {
    const std::lock_guard lock(stores_mutex_);
    writing_to_ = nullptr;
  }
  pending_->store->Discard(pending_->record.id);
  if (pending_->last) {
    for (const auto& chain : tasks_) {
      for (const auto& task : chain) {
        task->Resume();
      }
    }
  }
  setup_.status->Change([&](JobStatus& status) {
    ++status.failed_checkpoints;
    status.last_error = why;
  });
  if (pending_->request) {
    pending_->request->answer(base::Error(why));
  }
  pending_.reset();
}

base::Result<std::optional<Attempt::End>> Attempt::Complete(std::stop_token stop) {
  {
    const std::lock_guard lock(stores_mutex_);
    writing_to_ = nullptr;
  }
  auto& record = pending_->record;
  for (const auto& [node, committables] : uncommitted_) {
    if (!committables.empty()) {
      record.nodes[setup_.plan->nodes[static_cast<std::size_t>(node)].name].committables =
          committables;
    }
  }
  for (auto& [name, node] : record.nodes) {
    std::ranges::sort(node.files);
  }
  std::ranges::sort(record.backends);
  auto written = pending_->store->Complete(record);
  if (written.ok() && pending_->last && pending_->store.get() != setup_.store) {
    // From here on this is what a restart goes on from: its results are about to be committed.
    record.folder = pending_->savepoint_folder.text();
    written = setup_.store->Complete(record);
  }
  if (!written.ok()) {
    // Who has lost the folder to another process must not go on.
    if (all_ended() || written.error().code() == base::ErrorCode::kDataFolderInUse) {
      return std::move(written).error();
    }
    GiveUp(written.error());
    return std::nullopt;
  }
  progressed_ = true;
  auto done = std::move(*pending_);
  pending_.reset();    // it is complete: whatever fails from here on does not undo it
  done.store.reset();  // whoever is answered may open the folder of the savepoint again
  // Nothing is committed for a savepoint beside which the job goes on: a restart would begin before it.
  const bool commits = done.last || !done.request;
  if (commits) {
    auto committed = Commit(done.record, std::move(stop));
    if (!committed.ok()) {
      if (done.request) {
        done.request->answer(base::Error(committed.error()));
      }
      return std::move(committed).error();
    }
  }
  const auto took =
      std::chrono::duration_cast<base::Millis>(setup_.clock->SteadyNow() - done.begun);
  setup_.status->Change([&](JobStatus& status) {
    status.last_checkpoint = done.record.id;
    status.last_checkpoint_at = done.record.at;
    status.last_checkpoint_took = took;
  });
  for (const auto& chain : tasks_) {
    for (const auto& task : chain) {
      if (commits) {
        task->Complete(done.record.id);
      }
      if (done.last) {
        task->Finish();
      }
    }
  }
  if (done.last) {
    threads_.clear();  // joins
  }
  if (done.request) {
    done.request->answer(
        (done.savepoint_folder / FolderCheckpointStore::NameOf(done.record.id)).text());
  }
  if (!done.last) {
    MaybeTrigger();
    return std::nullopt;
  }
  return std::optional(done.request ? End::kStopped : End::kFinished);
}

base::Status Attempt::Commit(const CheckpointRecord& record, std::stop_token stop) {
  for (auto& [node, committables] : uncommitted_) {
    if (const auto found = committers_.find(node);
        found != committers_.end() && !committables.empty()) {
      auto committed = found->second->Commit(committables, stop);
      if (!committed.ok()) {
        return std::move(committed).error().Annotate(
            "committing checkpoint " + std::to_string(record.id) + " of '" +
            setup_.plan->nodes[static_cast<std::size_t>(node)].name + "'");
      }
    }
    committables.clear();
  }
  return base::Ok();
}

std::vector<OperatorStatus> Attempt::Operators() const {
  std::vector<OperatorStatus> statuses;
  for (const auto& node : setup_.plan->nodes) {
    OperatorStatus status{.node = node.id,
                          .name = node.name,
                          .parallelism = physical_.parallelism[static_cast<std::size_t>(node.id)],
                          .rows_in = 0,
                          .rows_out = 0,
                          .watermark = std::nullopt};
    const auto chain =
        static_cast<std::size_t>(physical_.chain_of[static_cast<std::size_t>(node.id)]);
    if (built_.load(std::memory_order_acquire)) {
      for (const auto& task : tasks_[chain]) {
        const auto& counters = task->counters_of(node.id);
        status.rows_in += counters.rows_in.load(std::memory_order_relaxed);
        status.rows_out += counters.rows_out.load(std::memory_order_relaxed);
        status.rows_dropped += counters.rows_dropped.load(std::memory_order_relaxed);
        if (const auto waiting = counters.waiting.load(std::memory_order_relaxed); waiting >= 0) {
          status.waiting = status.waiting.value_or(0) + waiting;
        }
        const auto watermark = counters.watermark.load(std::memory_order_relaxed);
        status.watermark = std::min(status.watermark.value_or(watermark), watermark);
      }
    }
    statuses.push_back(std::move(status));
  }
  return statuses;
}

}  // namespace streampark::core
