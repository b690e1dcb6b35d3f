// SPDX-License-Identifier: Apache-2.0
#include "runtime/checkpoint_store.h"

#include <utility>

#include "streampark/core/bytes.h"
#include "streampark/core/key_hash.h"

#include "runtime/checkpoint_names.h"
#include "sealed_bytes.h"

namespace streampark::core {

namespace {

namespace fs = std::filesystem;

// The first has no files of backends, and is what savepoints are.
constexpr Seal kSeal{.letters = "SPCK", .version = 1, .what = "record of the checkpoint"};
constexpr Seal kSealWithBackends{
    .letters = "SPCK", .version = 2, .what = "record of the checkpoint", .oldest = 1};

}  // namespace

std::string CheckpointFileName(std::string_view node, int subtask, std::string_view suffix) {
  std::string name;
  for (const char c : node) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += plain ? c : '_';
  }
  if (name.size() > 60) {
    name.resize(60);
  }
  static constexpr std::string_view kHex = "0123456789abcdef";
  name += '-';
  for (auto hash = static_cast<std::uint32_t>(HashBytes(node)), i = 0U; i < 8; ++i, hash >>= 4) {
    name += kHex[hash & 15U];
  }
  return name.append("-").append(std::to_string(subtask)).append(suffix);
}

// The fields in order.
std::string CheckpointRecord::Serialize() const {
  auto out = OpenSealed(backends.empty() ? kSeal : kSealWithBackends);
  out.Fixed(id);
  out.Text(job);
  out.Text(lineage);
  out.Fixed(static_cast<std::int32_t>(key_groups));
  out.Fixed(static_cast<std::int64_t>(at.time_since_epoch().count()));
  out.Fixed(static_cast<std::uint8_t>(savepoint));
  out.Text(folder);
  out.Length(nodes.size());
  for (const auto& [name, node] : nodes) {
    out.Text(name);
    out.Fixed(static_cast<std::int32_t>(node.parallelism));
    out.Length(node.files.size());
    for (const auto& file : node.files) {
      out.Text(file);
    }
    out.Fixed(static_cast<std::uint8_t>(node.enumerator.has_value()));
    out.Text(node.enumerator.value_or(""));
    out.Length(node.unassigned.size());
    for (const auto& split : node.unassigned) {
      out.Text(split.id);
      out.Fixed(split.position.version);
      out.Text(split.position.bytes);
    }
    out.Fixed(static_cast<std::uint8_t>(node.discovered_all));
    out.Length(node.committables.size());
    for (const auto& committable : node.committables) {
      out.Fixed(static_cast<std::int32_t>(committable.subtask));
      out.Fixed(committable.sequence);
      out.Fixed(committable.version);
      out.Text(committable.bytes);
    }
  }
  if (!backends.empty()) {
    out.Length(backends.size());
    for (const auto& file : backends) {
      out.Text(file);
    }
  }
  return CloseSealed(std::move(out));
}

base::Result<CheckpointRecord> CheckpointRecord::Parse(std::string_view bytes) {
  auto in = SP_TRY(ReadSealed(kSealWithBackends, bytes));
  CheckpointRecord record;
  record.id = in.Fixed<std::uint64_t>();
  record.job = in.Text();
  record.lineage = in.Text();
  record.key_groups = in.Fixed<std::int32_t>();
  record.at = base::Timestamp(base::Millis(in.Fixed<std::int64_t>()));
  record.savepoint = in.Fixed<std::uint8_t>() != 0;
  record.folder = in.Text();
  for (auto nodes = in.Length(); nodes > 0 && !in.failed(); --nodes) {
    auto& node = record.nodes[std::string(in.Text())];
    node.parallelism = in.Fixed<std::int32_t>();
    for (auto files = in.Length(); files > 0 && !in.failed(); --files) {
      node.files.emplace_back(in.Text());
    }
    const bool has_enumerator = in.Fixed<std::uint8_t>() != 0;
    if (std::string enumerator(in.Text()); has_enumerator) {
      node.enumerator = std::move(enumerator);
    }
    for (auto splits = in.Length(); splits > 0 && !in.failed(); --splits) {
      connectors::Split split;
      split.id = in.Text();
      split.position.version = in.Fixed<std::uint16_t>();
      split.position.bytes = in.Text();
      node.unassigned.push_back(std::move(split));
    }
    node.discovered_all = in.Fixed<std::uint8_t>() != 0;
    for (auto count = in.Length(); count > 0 && !in.failed(); --count) {
      connectors::Committable committable;
      committable.subtask = in.Fixed<std::int32_t>();
      committable.sequence = in.Fixed<std::uint64_t>();
      committable.version = in.Fixed<std::uint16_t>();
      committable.bytes = in.Text();
      node.committables.push_back(std::move(committable));
    }
  }
  if (!in.failed() && !in.at_end()) {
    for (auto files = in.Length(); files > 0 && !in.failed(); --files) {
      record.backends.emplace_back(in.Text());
    }
  }
  SP_TRY(CheckReadAll(kSeal, in));
  return record;
}

base::Result<std::string> MemoryCheckpointStore::WriteState(std::uint64_t checkpoint,
                                                            std::string_view node, int subtask,
                                                            const OperatorSnapshot& state) {
  auto name = CheckpointName(checkpoint) + "/" + CheckpointFileName(node, subtask, kStateSuffix);
  auto bytes = state.Serialize();
  const std::lock_guard lock(mutex_);
  files_[name] = std::move(bytes);
  return name;
}

base::Status MemoryCheckpointStore::Complete(const CheckpointRecord& record) {
  const std::lock_guard lock(mutex_);
  latest_ = record;
  const auto keep = CheckpointName(record.id) + "/";
  std::erase_if(files_, [&](const auto& file) { return !file.first.starts_with(keep); });
  return base::Ok();
}

void MemoryCheckpointStore::Discard(std::uint64_t checkpoint) {
  const auto gone = CheckpointName(checkpoint) + "/";
  const std::lock_guard lock(mutex_);
  std::erase_if(files_, [&](const auto& file) { return file.first.starts_with(gone); });
}

void MemoryCheckpointStore::DiscardAll() {
  const std::lock_guard lock(mutex_);
  files_.clear();
  latest_.reset();
}

base::Result<std::optional<CheckpointRecord>> MemoryCheckpointStore::Latest() {
  const std::lock_guard lock(mutex_);
  return latest_;
}

base::Result<std::string> MemoryCheckpointStore::BeginLineage(std::string fresh) { return fresh; }

base::Result<OperatorSnapshot> MemoryCheckpointStore::ReadState(const std::string& file) {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(file);
  if (found == files_.end()) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "The state file " + file + " is not there.");
  }
  return OperatorSnapshot::Parse(found->second);
}

namespace {

base::Error KeepsNoFiles() {
  return {base::ErrorCode::kInternal, "checkpoints in memory keep no files"};
}

}  // namespace

base::Status MemoryCheckpointStore::KeepFile(const fs::path& /*from*/,
                                             const std::string& /*kept*/) {
  return KeepsNoFiles();
}
base::Result<fs::path> MemoryCheckpointStore::FetchKept(const std::string& /*kept*/,
                                                        const fs::path& /*scratch*/) {
  return KeepsNoFiles();
}
base::Result<std::string> MemoryCheckpointStore::WriteBackend(std::uint64_t /*checkpoint*/,
                                                              std::string_view /*name*/,
                                                              int /*subtask*/,
                                                              const BackendRecord& /*record*/) {
  return KeepsNoFiles();
}
base::Result<BackendRecord> MemoryCheckpointStore::ReadBackend(const std::string& /*file*/) {
  return KeepsNoFiles();
}

}  // namespace streampark::core
