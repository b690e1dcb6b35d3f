// SPDX-License-Identifier: Apache-2.0
// What an attempt does for keyed state that is on disk: the backend, what is restored into it, what is kept of it.
#include <algorithm>
#include <utility>

#include "runtime/attempt.h"

namespace streampark::core {

base::Result<std::vector<BackendRecord>> Attempt::ReadBackends() {
  std::vector<BackendRecord> records;
  if (!setup_.restored || setup_.restored->backends.empty()) {
    return records;
  }
  if (setup_.options->state.backend == StateOptions::Backend::kMemory) {
    return base::Error(
               base::ErrorCode::kSnapshotInvalid,
               "Checkpoint " + std::to_string(setup_.restored->id) +
                   " has its keyed state in RocksDB's files, and the job keeps it in memory.")
        .WithHint(
            "run it with native.state.backend: rocksdb and take a savepoint, which restores into "
            "either; or start without state");
  }
  for (const auto& file : setup_.restored->backends) {
    records.push_back(SP_TRY(setup_.restored_from->ReadBackend(file)));
  }
  return records;
}

base::Status Attempt::LoadBackend() {
  const auto& options = setup_.options->state;
  if (options.backend == StateOptions::Backend::kMemory) {
    return base::Ok();
  }
  int stores = 0;
  for (const auto& chain : physical_.chains) {
    stores += HasKeyedState(chain) ? chain.parallelism : 0;
  }
  if (stores == 0) {
    return base::Ok();
  }
  backend_ =
      SP_TRY(LoadStateBackend(options.library, {.cache_bytes = options.block_cache_bytes,
                                                .write_buffer_bytes = options.write_buffer_bytes,
                                                .stores = stores,
                                                .threads = 2}));
  cache_bytes_ = options.cache_bytes / static_cast<std::size_t>(stores);
  return base::Ok();
}

bool Attempt::HasKeyedState(const Chain& chain) const {
  return std::ranges::any_of(chain.nodes, [&](int id) {
    return setup_.plan->nodes[static_cast<std::size_t>(id)].state == Node::State::kKeyed;
  });
}

std::optional<SubtaskStates::Setup> Attempt::StatesOf(const Chain& chain, int number, int subtask,
                                                      const std::vector<BackendRecord>& restored) {
  if (!backend_ || !HasKeyedState(chain)) {
    return std::nullopt;
  }
  using Logs = SubtaskStates::Setup::Logs;
  using KeptAt = SubtaskStates::Setup::KeptAt;
  const auto prefix = setup_.id + "-" + std::to_string(number) + "-" + std::to_string(subtask);
  SubtaskStates::Setup states{
      .backend = backend_.get(),
      .folder = setup_.options->state.folder / prefix,
      .prefix = prefix,
      .cache_bytes = cache_bytes_,
      .logs = setup_.options->checkpoint_interval && setup_.store->keeps_files() ? Logs::kKept
                                                                                 : Logs::kNone,
      .groups = KeyGroupsOf(subtask, setup_.options->key_groups, chain.parallelism),
      .owners = {},
      .restored = {},
      .find_kept =
          [from = setup_.restored_from](const std::string& kept,
                                        const std::filesystem::path& scratch) {
            return from->FetchKept(kept, scratch);
          },
      .restored_from =
          setup_.restored_from == setup_.store ? KeptAt::kSamePlace : KeptAt::kElsewhere};
  for (const int id : chain.nodes) {
    states.owners.push_back(setup_.plan->nodes[static_cast<std::size_t>(id)].name);
  }
  for (const auto& record : restored) {
    const bool overlaps =
        record.groups.first < states.groups.last && states.groups.first < record.groups.last;
    const bool ours = std::ranges::any_of(record.states, [&](const DiskState& state) {
      return std::ranges::find(states.owners, state.owner) != states.owners.end();
    });
    if (overlaps && ours) {
      states.restored.push_back(record);
    }
  }
  return states;
}

base::Result<std::string> Attempt::WritePart(int node, int subtask, std::uint64_t checkpoint,
                                             std::size_t part, const OperatorSnapshot& state) {
  std::shared_ptr<CheckpointStore> store;
  {
    const std::lock_guard lock(stores_mutex_);
    store = checkpoint == writing_ ? writing_to_ : nullptr;
  }
  if (store == nullptr) {
    return base::Error(base::ErrorCode::kCancelled, "the checkpoint was given up");
  }
  return store->WriteState(
      checkpoint,
      setup_.plan->nodes[static_cast<std::size_t>(node)].name + " part " + std::to_string(part + 1),
      subtask, state);
}

base::Result<std::string> Attempt::Keep(CheckpointStore& store, int chain, int subtask,
                                        std::uint64_t checkpoint, const BackendCapture& captured) {
  for (const auto& file : captured.files) {
    SP_TRY(store.KeepFile(file.from, file.kept));
  }
  const int head = physical_.chains[static_cast<std::size_t>(chain)].nodes.front();
  return store.WriteBackend(checkpoint, setup_.plan->nodes[static_cast<std::size_t>(head)].name,
                            subtask, captured.record);
}

// The state files of a node, one at a time. In the threads of the subtasks.
OperatorRestore::EachPart Attempt::PartsOf(int node) const {
  const auto& name = setup_.plan->nodes[static_cast<std::size_t>(node)].name;
  return [from = setup_.restored_from, files = setup_.restored->nodes.find(name)->second.files](
             const std::function<void(const OperatorSnapshot&)>& read) {
    for (const auto& file : files) {
      const auto part = from->ReadState(file);
      if (!part.ok()) {
        throw TaskFailure(part.error());
      }
      read(*part);
    }
  };
}

}  // namespace streampark::core
