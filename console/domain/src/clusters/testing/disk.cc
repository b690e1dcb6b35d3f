// SPDX-License-Identifier: Apache-2.0
#include "clusters/testing/disk.h"

#include <algorithm>

namespace streampark::console::testing {
namespace {

template <typename Map>
auto Values(const Map& map) {
  std::vector<typename Map::mapped_type> values;
  for (const auto& [key, value] : map) {
    values.push_back(value);
  }
  return values;
}

}  // namespace

// --- clusters

base::Result<std::vector<ClusterRecord>> DiskClusterStore::LoadClusters() {
  const std::lock_guard lock(disk_->mutex);
  return Values(disk_->clusters);
}

base::Status DiskClusterStore::Insert(const ClusterRecord& cluster) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  for (const auto& [id, other] : disk_->clusters) {
    if (other.spec.name == cluster.spec.name && other.spec.team_id == cluster.spec.team_id) {
      return base::Error(base::ErrorCode::kNameTaken, "taken");
    }
  }
  disk_->clusters[cluster.id] = cluster;
  return base::Ok();
}

base::Status DiskClusterStore::UpdateSpec(std::string_view id, const ClusterSpec& spec,
                                          std::int64_t expected) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  ClusterRecord& record = disk_->clusters.find(id)->second;
  if (record.edition != expected) {
    return base::Error(base::ErrorCode::kStaleEdit, "stale");
  }
  record.spec = spec;
  ++record.edition;
  return base::Ok();
}

base::Status DiskClusterStore::UpdateRuntime(const ClusterRecord& cluster) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  ClusterRecord& record = disk_->clusters.at(cluster.id);
  record.desired = cluster.desired;
  record.started_spec = cluster.started_spec;
  record.rest_port = cluster.rest_port;
  record.rpc_port = cluster.rpc_port;
  record.failure = cluster.failure;
  return base::Ok();
}

base::Status DiskClusterStore::Delete(std::string_view id) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  disk_->clusters.erase(disk_->clusters.find(id));
  return base::Ok();
}

base::Result<std::vector<ProcessRecord>> DiskClusterStore::LoadProcesses() {
  const std::lock_guard lock(disk_->mutex);
  return Values(disk_->processes);
}

base::Status DiskClusterStore::SaveProcess(const ProcessRecord& process) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  disk_->processes[{process.cluster_id, process.role, process.index}] = process;
  return base::Ok();
}

base::Status DiskClusterStore::DeleteProcesses(std::string_view id) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  std::erase_if(disk_->processes,
                [&](const auto& entry) { return std::get<0>(entry.first) == id; });
  return base::Ok();
}

base::Result<std::vector<base::Timestamp>> DiskClusterStore::RestartsSince(
    std::string_view id, engines::ProcessRole role, int index, base::Timestamp since) {
  const std::lock_guard lock(disk_->mutex);
  std::vector<base::Timestamp> times;
  for (const auto& [place, at] : disk_->restarts) {
    if (place == Disk::Place(id, role, index) && at >= since) {
      times.push_back(at);
    }
  }
  return times;
}

base::Status DiskClusterStore::AddRestart(std::string_view id, engines::ProcessRole role, int index,
                                          base::Timestamp at, base::Timestamp /*forget_before*/) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  disk_->restarts.emplace_back(Disk::Place(id, role, index), at);
  return base::Ok();
}

base::Status DiskClusterStore::ForgetRestarts(std::string_view id) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  std::erase_if(disk_->restarts, [&](const auto& row) { return std::get<0>(row.first) == id; });
  return base::Ok();
}

// --- installations

base::Result<std::vector<Installation>> DiskInstallationStore::LoadInstallations() {
  const std::lock_guard lock(disk_->mutex);
  return Values(disk_->installations);
}

base::Status DiskInstallationStore::Save(const Installation& installation) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  disk_->installations[installation.id] = installation;
  return base::Ok();
}

base::Status DiskInstallationStore::Delete(std::string_view id) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  disk_->installations.erase(disk_->installations.find(id));
  return base::Ok();
}

// --- operations

base::Result<Operation> DiskOperationStore::Begin(const Operation& operation) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  for (const auto& [id, other] : disk_->operations) {
    const bool same_subject =
        other.subject.kind == operation.subject.kind && other.subject.id == operation.subject.id;
    if (same_subject && !operation.idempotency_key.empty() &&
        other.idempotency_key == operation.idempotency_key) {
      if (other.request_digest != operation.request_digest) {
        return base::Error(base::ErrorCode::kIdempotencyMismatch, "another request");
      }
      return other;
    }
  }
  for (const auto& [id, other] : disk_->operations) {
    if (other.subject.kind == operation.subject.kind && other.subject.id == operation.subject.id &&
        other.open()) {
      return base::Error(base::ErrorCode::kOperationInFlight, "in flight").WithRelatedId(id);
    }
  }
  disk_->operations[operation.id] = operation;
  return operation;
}

base::Status DiskOperationStore::Save(const Operation& operation) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  disk_->operations[operation.id] = operation;
  return base::Ok();
}

base::Result<std::optional<Operation>> DiskOperationStore::Find(std::string_view id) {
  const std::lock_guard lock(disk_->mutex);
  const auto found = disk_->operations.find(id);
  return found == disk_->operations.end() ? std::nullopt : std::optional(found->second);
}

base::Result<std::optional<Operation>> DiskOperationStore::FindByKey(const Subject& subject,
                                                                     std::string_view key) {
  const std::lock_guard lock(disk_->mutex);
  for (const auto& [id, operation] : disk_->operations) {
    if (operation.subject.id == subject.id && operation.idempotency_key == key) {
      return std::optional(operation);
    }
  }
  return std::optional<Operation>();
}

base::Result<OperationPage> DiskOperationStore::List(SubjectKind kind, std::string_view id,
                                                     int limit, std::string_view after) {
  const std::lock_guard lock(disk_->mutex);
  OperationPage page;
  for (auto at = disk_->operations.rbegin(); at != disk_->operations.rend(); ++at) {
    const Operation& operation = at->second;
    if (operation.subject.kind == kind && operation.subject.id == id &&
        (after.empty() || operation.id < after) && static_cast<int>(page.items.size()) < limit) {
      page.items.push_back(operation);
    }
  }
  return page;
}

base::Result<std::vector<Operation>> DiskOperationStore::Recent(
    const std::optional<std::vector<std::string>>& /*teams*/, int /*limit*/) {
  const std::lock_guard lock(disk_->mutex);
  return Values(disk_->operations);
}

base::Result<std::vector<Operation>> DiskOperationStore::ListOpen(SubjectKind kind) {
  const std::lock_guard lock(disk_->mutex);
  std::vector<Operation> open;
  for (const auto& [id, operation] : disk_->operations) {
    if (operation.subject.kind == kind && operation.open()) {
      open.push_back(operation);
    }
  }
  return open;
}

base::Status DiskOperationStore::Open(const JournalEntry& entry) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  disk_->journal[entry.id] = entry;
  return base::Ok();
}

base::Status DiskOperationStore::Close(const JournalEntry& entry) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  disk_->journal[entry.id] = entry;
  return base::Ok();
}

base::Result<std::optional<JournalEntry>> DiskOperationStore::FindEntry(
    std::string_view operation_id, std::string_view step, std::string_view verb,
    std::string_view key) {
  const std::lock_guard lock(disk_->mutex);
  std::optional<JournalEntry> newest;
  for (const auto& [id, entry] : disk_->journal) {
    if (entry.operation_id == operation_id && entry.step == step && entry.verb == verb &&
        entry.key == key) {
      newest = entry;
    }
  }
  return newest;
}

base::Result<std::vector<JournalEntry>> DiskOperationStore::ListEntries(
    std::string_view /*operation_id*/) {
  const std::lock_guard lock(disk_->mutex);
  return Values(disk_->journal);
}

// --- fleet

base::Status DiskFleetStore::Save(const FleetOperation& operation) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  disk_->fleet[operation.id] = operation;
  return base::Ok();
}

base::Result<std::optional<FleetOperation>> DiskFleetStore::Find(std::string_view id) {
  const std::lock_guard lock(disk_->mutex);
  const auto found = disk_->fleet.find(id);
  return found == disk_->fleet.end() ? std::nullopt : std::optional(found->second);
}

base::Result<std::optional<FleetOperation>> DiskFleetStore::FindByKey(std::string_view key) {
  const std::lock_guard lock(disk_->mutex);
  for (const auto& [id, operation] : disk_->fleet) {
    if (operation.idempotency_key == key) {
      return std::optional(operation);
    }
  }
  return std::optional<FleetOperation>();
}

base::Result<std::vector<FleetOperation>> DiskFleetStore::ListOpen() {
  const std::lock_guard lock(disk_->mutex);
  std::vector<FleetOperation> open;
  for (const auto& [id, operation] : disk_->fleet) {
    if (IsOpen(operation.state)) {
      open.push_back(operation);
    }
  }
  return open;
}

base::Status DiskFleetStore::AddSuspended(const FleetSubject& subject) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  const bool there = std::any_of(disk_->suspended.begin(), disk_->suspended.end(),
                                 [&](const FleetSubject& s) { return s.id == subject.id; });
  if (!there) {
    disk_->suspended.push_back(subject);
  }
  return base::Ok();
}

base::Status DiskFleetStore::RemoveSuspended(const FleetSubject& subject) {
  SP_TRY(Alive());
  const std::lock_guard lock(disk_->mutex);
  std::erase_if(disk_->suspended, [&](const FleetSubject& s) { return s.id == subject.id; });
  return base::Ok();
}

base::Result<std::vector<FleetSubject>> DiskFleetStore::LoadSuspended() {
  const std::lock_guard lock(disk_->mutex);
  return disk_->suspended;
}

}  // namespace streampark::console::testing
