// SPDX-License-Identifier: Apache-2.0
#include "jobs/attempts.h"

#include <algorithm>

#include "jobs/snapshot_removal.h"
#include "jobs/stability.h"

namespace streampark::console {

base::Result<std::optional<engines::JobObservation>> Look(const JobSystem& system,
                                                          const Cluster& cluster,
                                                          const std::string& engine_job_id,
                                                          std::stop_token stop) {
  return system.journal.Look(
      "FIND", [&] { return system.driver.Find(cluster.endpoint, engine_job_id, stop); });
}

base::Result<std::string> CancelOnEngine(const JobSystem& system, const Cluster& cluster,
                                         const std::string& engine_job_id, std::stop_token stop) {
  const base::Status status = system.driver.Cancel(cluster.endpoint, engine_job_id, stop);
  if (!status.ok() && status.error().code() != base::ErrorCode::kNotFound) {
    return status.error();
  }
  return std::string("cancelled");
}

bool Apply(JobEdit& edit, const engines::JobObservation& seen, base::Timestamp at) {
  ObservedFact& fact = edit.state.observed;
  const bool other_state = fact.state != seen.state || fact.native_state != seen.native_state ||
                           fact.reachability != Reachability::kReachable;
  const bool other = other_state || fact.tasks != seen.tasks;
  fact.state = seen.state;
  fact.native_state = seen.native_state;
  fact.tasks = seen.tasks;
  fact.reachability = Reachability::kReachable;
  fact.unreachable_since.reset();
  fact.observed_at = at;
  if (other_state) {
    edit.SaveObserved();
  }
  const bool whole = IsWhole(seen.state, seen.tasks);
  NoteRestarts(edit.state, std::nullopt, at);
  if (whole && edit.state.live() && !edit.state.attempt->ran) {
    edit.state.attempt->ran = true;
    edit.state.job.ran = true;
    edit.SaveAttempt();
    edit.SaveJob();
  }
  return other;
}

base::Status Record(const JobSystem& system, std::string_view job_id,
                    const engines::JobObservation& seen) {
  SP_TRY(system.book.Edit(job_id, [&](JobEdit& edit) -> base::Status {
    if (edit.state.attempt && edit.state.attempt->engine_job_id == seen.engine_job_id) {
      Apply(edit, seen, system.clock.Now());
    }
    return base::Ok();
  }));
  return base::Ok();
}

std::string RootCause(const JobSystem& system, const Cluster& cluster,
                      const std::string& engine_job_id, std::stop_token stop) {
  const auto exceptions = system.journal.Look("EXCEPTIONS", [&] {
    return system.driver.Exceptions(cluster.endpoint, engine_job_id, stop);
  });
  if (!exceptions.ok() || exceptions->empty()) {
    return "";
  }
  return exceptions->front().root_cause;
}

base::Result<std::string> AddSnapshot(const JobSystem& system, JobEdit& edit, Snapshot snapshot) {
  const StoredPage<Snapshot> known = SP_TRY(system.store.ListSnapshots(snapshot.job_id, 0, ""));
  for (const Snapshot& one : known.items) {
    if (one.path == snapshot.path && !snapshot.path.empty()) {
      // The other finder may have known less; what a person called it stays.
      snapshot.id = one.id;
      snapshot.name = snapshot.name.empty() ? one.name : snapshot.name;
      snapshot.note = snapshot.note.empty() ? one.note : snapshot.note;
      if (snapshot.format == engines::SnapshotFormat::kUnknown) {
        snapshot.format = one.format;
      }
      if (one.verification == Verification::kVerified) {
        snapshot.verification = one.verification;
      }
      break;
    }
  }
  if (snapshot.id.empty()) {
    if (SP_TRY(IsDeleted(system, snapshot))) {
      return std::string();
    }
    snapshot.id = system.ids.Next();
  }
  if (!snapshot.attempt_id.empty() && !edit.state.job.ran) {
    edit.state.job.ran = true;  // whoever has written it has run, seen or not
    edit.SaveJob();
  }
  const std::string id = snapshot.id;
  edit.changes.snapshots.push_back(std::move(snapshot));
  return id;
}

std::optional<engines::Checkpoint> FindSavepoint(const engines::CheckpointStatistics& statistics,
                                                 const std::string& path, base::Timestamp since) {
  // The engine's clock may be a little behind ours.
  constexpr base::Millis kSkew{2000};
  for (const engines::Checkpoint& one : statistics.checkpoints) {
    if (!path.empty()
            ? one.path == path
            : one.kind == engines::SnapshotKind::kSavepoint && one.triggered_at >= since - kSkew) {
      return one;
    }
  }
  return std::nullopt;
}

}  // namespace streampark::console
