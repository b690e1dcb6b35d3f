// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "streampark/base/json.h"
#include "streampark/console/clusters/cluster_spec_json.h"
#include "streampark/store/clusters/cluster_stores.h"

namespace streampark::store {
namespace {

using console::ClusterRecord;
using console::ClusterSpec;
using console::ProcessRecord;

std::string TextOf(const ClusterSpec& spec) { return json::serialize(console::ToJson(spec)); }

std::optional<std::string> TextOf(const std::optional<ClusterSpec>& spec) {
  return spec ? std::optional(TextOf(*spec)) : std::nullopt;
}

base::Result<ClusterSpec> SpecOf(const std::string& text) {
  const auto spec = [&]() -> base::Result<ClusterSpec> {
    const json::value value = SP_TRY(json::Parse(text));
    if (!value.is_object()) {
      return base::Error(base::ErrorCode::kStorageFailed, "not an object");
    }
    return console::ClusterSpecFromJson(value.as_object());
  }();
  if (!spec.ok()) {
    return base::Error(base::ErrorCode::kStorageFailed,
                       "the spec of a cluster cannot be read: " + spec.error().message());
  }
  return spec;
}

engines::ProcessRole RoleOf(std::string_view text) {
  return text == "JOB_MANAGER" ? engines::ProcessRole::kJobManager
                               : engines::ProcessRole::kTaskManager;
}

base::Error NoSuchCluster() {
  return base::Error(base::ErrorCode::kNotFound, "there is no such cluster");
}

base::Error Taken(base::Error error, const std::string& name) {
  if (error.code() != base::ErrorCode::kNameTaken) {
    return error;
  }
  return base::Error(base::ErrorCode::kNameTaken, "there is a cluster named '" + name + "' already")
      .WithField({"/name", "the name is taken", ""});
}

}  // namespace

base::Result<std::vector<ClusterRecord>> SqlClusterStore::LoadClusters() {
  struct Texts {
    ClusterRecord record;
    std::string spec;
    std::optional<std::string> started;
  };
  std::vector<Texts> rows;
  {
    Reader reader = SP_TRY(database_.Read());
    rows = SP_TRY(reader->Select(
        "SELECT id, spec, edition, created_at, desired, started_spec, rest_port, rpc_port, failure "
        "FROM clusters ORDER BY id",
        [](const Row& row) {
          Texts texts;
          texts.record.id = row.text(0);
          texts.spec = row.text(1);
          texts.record.edition = row.integer(2);
          texts.record.created_at = row.time(3);
          texts.record.desired =
              console::ParseClusterDesired(row.view(4)).value_or(console::ClusterDesired::kStopped);
          texts.started = row.optional_text(5);
          texts.record.rest_port = static_cast<int>(row.integer(6));
          texts.record.rpc_port = static_cast<int>(row.integer(7));
          texts.record.failure = row.text(8);
          return texts;
        }));
  }
  std::vector<ClusterRecord> records;
  for (Texts& row : rows) {
    row.record.spec = SP_TRY(SpecOf(row.spec));
    if (row.started) {
      row.record.started_spec = SP_TRY(SpecOf(*row.started));
    }
    records.push_back(std::move(row.record));
  }
  return records;
}

base::Status SqlClusterStore::Insert(const ClusterRecord& cluster) {
  auto inserted = database_.Execute(
      "INSERT INTO clusters (id, team_id, name, spec, edition, created_at, desired, started_spec, "
      "rest_port, rpc_port, failure) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      cluster.id, cluster.spec.team_id, cluster.spec.name, TextOf(cluster.spec), cluster.edition,
      cluster.created_at, ToString(cluster.desired), TextOf(cluster.started_spec),
      cluster.rest_port, cluster.rpc_port, cluster.failure);
  if (!inserted.ok()) {
    return Taken(std::move(inserted).error(), cluster.spec.name);
  }
  return base::Ok();
}

base::Status SqlClusterStore::UpdateSpec(std::string_view cluster_id, const ClusterSpec& spec,
                                         std::int64_t expected) {
  Transaction transaction = SP_TRY(database_.Begin());
  auto changed = transaction->Execute(
      "UPDATE clusters SET team_id = ?, name = ?, spec = ?, edition = edition + 1 WHERE id = ? AND "
      "edition = ?",
      spec.team_id, spec.name, TextOf(spec), cluster_id, expected);
  if (!changed.ok()) {
    return Taken(std::move(changed).error(), spec.name);
  }
  if (*changed == 0) {
    const auto there = SP_TRY(transaction->SelectOne(
        "SELECT edition FROM clusters WHERE id = ?", [](const Row& row) { return row.integer(0); },
        cluster_id));
    if (!there) {
      return NoSuchCluster();
    }
    return base::Error(base::ErrorCode::kStaleEdit, "the cluster was changed since you read it")
        .WithHint("read it again and put your change on top");
  }
  return transaction.Commit();
}

base::Status SqlClusterStore::UpdateRuntime(const ClusterRecord& cluster) {
  const std::int64_t changed = SP_TRY(database_.Execute(
      "UPDATE clusters SET desired = ?, started_spec = ?, rest_port = ?, rpc_port = ?, failure = ? "
      "WHERE id = ?",
      ToString(cluster.desired), TextOf(cluster.started_spec), cluster.rest_port, cluster.rpc_port,
      cluster.failure, cluster.id));
  return changed == 1 ? base::Ok() : base::Status(NoSuchCluster());
}

base::Status SqlClusterStore::Delete(std::string_view cluster_id) {
  Transaction transaction = SP_TRY(database_.Begin());
  SP_TRY(transaction->Execute("DELETE FROM cluster_restarts WHERE cluster_id = ?", cluster_id));
  SP_TRY(transaction->Execute("DELETE FROM cluster_processes WHERE cluster_id = ?", cluster_id));
  SP_TRY(transaction->Execute("DELETE FROM clusters WHERE id = ?", cluster_id));
  return transaction.Commit();
}

base::Result<std::vector<ProcessRecord>> SqlClusterStore::LoadProcesses() {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      "SELECT cluster_id, role, place, pid, start_ticks, started_at, restarts FROM "
      "cluster_processes ORDER BY cluster_id, role, place",
      [](const Row& row) {
        return ProcessRecord{.cluster_id = row.text(0),
                             .role = RoleOf(row.view(1)),
                             .index = static_cast<int>(row.integer(2)),
                             .id = {.pid = static_cast<int>(row.integer(3)),
                                    .start_ticks = static_cast<std::uint64_t>(row.integer(4))},
                             .started_at = row.time(5),
                             .restarts = static_cast<int>(row.integer(6))};
      });
}

base::Status SqlClusterStore::SaveProcess(const ProcessRecord& process) {
  Transaction transaction = SP_TRY(database_.Begin());
  SP_TRY(transaction->Execute(
      "DELETE FROM cluster_processes WHERE cluster_id = ? AND role = ? AND place = ?",
      process.cluster_id, console::ToString(process.role), process.index));
  SP_TRY(transaction->Execute(
      "INSERT INTO cluster_processes (cluster_id, role, place, pid, start_ticks, started_at, "
      "restarts) VALUES (?, ?, ?, ?, ?, ?, ?)",
      process.cluster_id, console::ToString(process.role), process.index, process.id.pid,
      static_cast<std::int64_t>(process.id.start_ticks), process.started_at, process.restarts));
  return transaction.Commit();
}

base::Status SqlClusterStore::DeleteProcesses(std::string_view cluster_id) {
  SP_TRY(database_.Execute("DELETE FROM cluster_processes WHERE cluster_id = ?", cluster_id));
  return base::Ok();
}

base::Result<std::vector<base::Timestamp>> SqlClusterStore::RestartsSince(
    std::string_view cluster_id, engines::ProcessRole role, int index, base::Timestamp since) {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      "SELECT at FROM cluster_restarts WHERE cluster_id = ? AND role = ? AND place = ? AND at >= ? "
      "ORDER BY at",
      [](const Row& row) { return row.time(0); }, cluster_id, console::ToString(role), index,
      since);
}

base::Status SqlClusterStore::AddRestart(std::string_view cluster_id, engines::ProcessRole role,
                                         int index, base::Timestamp at,
                                         base::Timestamp forget_before) {
  Transaction transaction = SP_TRY(database_.Begin());
  SP_TRY(transaction->Execute(
      "DELETE FROM cluster_restarts WHERE cluster_id = ? AND role = ? AND place = ? AND at < ?",
      cluster_id, console::ToString(role), index, forget_before));
  SP_TRY(transaction->Execute(
      "INSERT INTO cluster_restarts (cluster_id, role, place, at) VALUES (?, ?, ?, ?)", cluster_id,
      console::ToString(role), index, at));
  return transaction.Commit();
}

base::Status SqlClusterStore::ForgetRestarts(std::string_view cluster_id) {
  SP_TRY(database_.Execute("DELETE FROM cluster_restarts WHERE cluster_id = ?", cluster_id));
  return base::Ok();
}

}  // namespace streampark::store
