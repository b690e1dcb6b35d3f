// SPDX-License-Identifier: Apache-2.0
#include "jobs/start_work.h"

#include "jobs/job_releases.h"
#include "jobs/restore_fit.h"
#include "jobs/snapshot_place.h"
#include "jobs/snapshot_removal.h"

namespace streampark::console {

base::Result<StartWork> LoadStartWork(StepContext& context) {
  StartWork work;
  work.command = SP_TRY(context.Command());
  const std::string& job_id = context.operation.subject.id;
  std::optional<Revision> revision =
      SP_TRY(context.system.store.FindRevision(job_id, std::stoi(context.Recall("revision"))));
  if (!revision) {
    return base::Error(base::ErrorCode::kNotFound, "the revision does not exist");
  }
  work.revision = *std::move(revision);
  work.cluster = SP_TRY(context.ClusterOf(work.revision.spec.cluster_id));
  work.installation = SP_TRY(PlannerInstallationOf(work.cluster));
  std::optional<Release> release = SP_TRY(
      context.system.store.FindRelease(job_id, work.revision.digest, work.installation.version));
  if (!release || release->state != Release::State::kReleased) {
    return base::Error(base::ErrorCode::kReleaseFailed, "the revision is not released");
  }
  work.release = *std::move(release);
  work.parallelism = work.command.parallelism.value_or(work.revision.spec.parallelism);
  if (context.Remembers("back")) {
    const auto before = SP_TRY(context.system.store.FindAttempt(context.Recall("attempt_before")));
    const bool same = before && before->revision == work.revision.number;
    work.parallelism = same ? before->parallelism : work.revision.spec.parallelism;
    work.command.restore.reset();
    work.command.options.clear();
  } else if (const std::string chosen = context.Recall("restore_snapshot"); !chosen.empty()) {
    work.command.restore = Restore{.from = Restore::From::kSnapshot, .snapshot_id = chosen};
  }
  return work;
}

engines::PlannerKey PlannerOf(const StepContext& context, const StartWork& work) {
  return context.system.dependencies.PlannerFor(work.installation, work.release.artifacts);
}

base::Result<std::optional<engines::SnapshotInspection>> InspectAndFit(StepContext& context,
                                                                       const StartWork& work,
                                                                       const std::string& path) {
  auto seen = context.system.journal.Look("INSPECT", [&] {
    return context.system.planner.InspectSnapshot(PlannerOf(context, work), path, context.stop);
  });
  if (!seen.ok()) {
    if (seen.error().code() == base::ErrorCode::kCancelled) {
      return seen.error();
    }
    // What cannot be looked at from here may well be readable where the job runs.
    context.Say("could not check " + path + ": " + seen.error().message());
    return std::optional<engines::SnapshotInspection>();
  }
  if (seen->exists && seen->complete) {
    OperatorNames names;
    for (const Release& release :
         SP_TRY(context.system.store.ListReleases(context.operation.subject.id))) {
      for (const engines::CompiledOperator& one : release.operators) {
        names.emplace(one.id, one.name);
      }
    }
    const bool allowed = work.command.restore && work.command.restore->allow_non_restored;
    SP_TRY(CheckFit(work.release, work.parallelism, work.revision.spec.parallelism, *seen, names,
                    allowed ? LeftBehind::kAllowed : LeftBehind::kRefused));
  }
  return std::optional(std::move(*seen));
}

base::Result<Snapshot> ChosenSnapshot(StepContext& context, const std::string& snapshot_id,
                                      const std::string& path) {
  const std::string& job_id = context.operation.subject.id;
  Snapshot chosen;
  if (!snapshot_id.empty()) {
    const std::optional<Snapshot> known = SP_TRY(context.system.store.FindSnapshot(snapshot_id));
    if (!known || known->job_id != job_id) {
      return base::Error(base::ErrorCode::kNotFound, "the job has no such snapshot");
    }
    chosen = *known;
  } else {
    chosen = {.id = context.system.ids.Next(),
              .job_id = job_id,
              .path = path,
              .triggered_at = context.system.clock.Now(),
              .note = "given as a path"};
    for (const Snapshot& row : SP_TRY(SnapshotsAt(context.system.store, path))) {
      if (row.job_id == job_id) {
        chosen = row;
      }
    }
  }
  if (chosen.path.empty()) {
    return base::Error(base::ErrorCode::kSnapshotUnconfirmed,
                       "it is not known where this savepoint is, or whether it is complete");
  }
  for (const Snapshot& row : SP_TRY(SnapshotsAt(context.system.store, chosen.path))) {
    if (SP_TRY(IsInDeletion(context.system, row))) {
      return base::Error(base::ErrorCode::kInUse, chosen.path + " is being deleted");
    }
  }
  return chosen;
}

base::Error Unusable(const std::string& path, const engines::SnapshotInspection& seen) {
  return base::Error(base::ErrorCode::kSnapshotInvalid,
                     path + (seen.exists ? " is not complete" : " does not exist"))
      .WithCause(seen.problem)
      .WithHint("choose another snapshot");
}

}  // namespace streampark::console
