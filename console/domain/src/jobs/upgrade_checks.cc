// SPDX-License-Identifier: Apache-2.0
#include "jobs/upgrade_checks.h"

#include <algorithm>

#include "streampark/base/digest.h"

#include "jobs/attempts.h"
#include "jobs/job_releases.h"
#include "jobs/restore_choice.h"
#include "jobs/stability.h"
#include "jobs/upgrade_path.h"

namespace streampark::console {
namespace {

CheckVerdict Found(std::string message) { return {false, std::move(message)}; }
CheckVerdict Skipped(std::string reason) { return {true, std::move(reason)}; }

std::string LineOf(const Cluster& cluster) {
  return cluster.line.empty() && cluster.installation ? cluster.installation->line : cluster.line;
}

// ---------------------------------------------------------------------------------- CHOOSE_PATH

/// A rollback restores a chosen snapshot; without a choice the one that belongs to its revision.
base::Status RememberRollback(StepContext& context, const StartWork& work, const Job& job) {
  if (work.command.restore) {
    return base::Ok();
  }
  if (job.rollback_revision == work.revision.number) {
    context.Remember("restore_snapshot", job.rollback_snapshot_id);
    return base::Ok();
  }
  for (const Snapshot& one :
       Candidates(SP_TRY(context.system.store.ListSnapshots(job.id, 0, "")).items)) {
    if (one.revision == work.revision.number) {
      context.Remember("restore_snapshot", one.id);
      return base::Ok();
    }
  }
  if (work.revision.spec.stateless) {
    return base::Ok();
  }
  return base::Error(
             base::ErrorCode::kRestoreChoiceRequired,
             "no snapshot of revision " + std::to_string(work.revision.number) + " is known")
      .WithHint("choose what to restore, or upgrade to that revision: it then goes on from now");
}

base::Result<PathFacts> FindPathFacts(StepContext& context, const StartWork& work,
                                      const JobState& state) {
  PathFacts facts;
  facts.live = state.live();
  facts.stateless = work.revision.spec.stateless || IsBatch(work.revision.spec);
  facts.rolls_back = work.command.kind == OperationKind::kRollback;
  facts.mode = work.command.mode.value_or(work.revision.spec.upgrade_mode);
  facts.mode_insisted = work.command.mode.has_value();
  facts.fresh = context.system.options.fresh_checkpoint;
  if (!facts.live) {
    return facts;
  }
  const Attempt& attempt = *state.attempt;
  const ClusterPtr from = SP_TRY(context.ClusterOf(attempt.cluster_id));
  facts.version_changes = LineOf(*from) != LineOf(*work.cluster);
  if (const auto before =
          SP_TRY(context.system.store.FindRevision(attempt.job_id, attempt.revision))) {
    facts.was_stateless = before->spec.stateless;
  }
  const auto seen = SP_TRY(Look(context.system, *from, attempt.engine_job_id, context.stop));
  facts.runs = seen && IsWhole(seen->state, seen->tasks);
  const auto statistics = context.system.journal.Look("CHECKPOINTS", [&] {
    return context.system.driver.Checkpoints(from->endpoint, attempt.engine_job_id, context.stop);
  });
  if (statistics.ok()) {
    if (const auto* newest = engines::NewestCompleted(*statistics, true)) {
      facts.checkpoint_age = context.system.clock.Now() - newest->triggered_at;
    }
  } else if (IsOutcomeUnknown(statistics.error())) {
    return statistics.error();
  }
  return facts;
}

std::string Describe(UpgradePath path, const PathFacts& facts) {
  switch (path) {
    case UpgradePath::kSavepoint:
      if (facts.version_changes) {
        return "stops with a canonical savepoint, for the engine's version changes";
      }
      if (facts.rolls_back) {
        return "stops with a savepoint, by which the rollback can be undone";
      }
      return facts.mode == UpgradeMode::kLastState
                 ? "stops with a savepoint, for its newest checkpoint is too old to go on from"
                 : "stops with a savepoint and goes on from it";
    case UpgradePath::kLastState:
      return facts.mode == UpgradeMode::kLastState
                 ? "is cancelled and goes on from its newest checkpoint"
                 : "is cancelled and goes on from its newest checkpoint, for its tasks do not run";
    case UpgradePath::kEmpty:
      return facts.rolls_back ? "is cancelled, for its tasks do not run"
                              : "is cancelled and starts empty: it keeps no state";
    case UpgradePath::kStart:
      break;
  }
  return "does not run: it is started";
}

base::Result<CheckVerdict> CheckPath(StepContext& context, const StartWork& work) {
  const JobViewPtr job = SP_TRY(context.Job());
  const JobState& state = job->state;
  if (work.command.kind == OperationKind::kRollback) {
    SP_TRY(RememberRollback(context, work, state.job));
  }
  const PathFacts facts = SP_TRY(FindPathFacts(context, work, state));
  const UpgradePath path = SP_TRY(ChoosePath(facts));
  context.Remember("path", std::string(ToString(path)));
  context.Remember("ran_before", facts.live ? "yes" : "");
  if (facts.live) {
    context.Remember("attempt_before", state.attempt->id);
  }
  if (facts.version_changes) {
    context.Remember("format", "CANONICAL");
  }
  if (state.job.last_stable) {
    context.Remember("last_stable", std::to_string(*state.job.last_stable));
  }
  return Found(Describe(path, facts));
}

// ------------------------------------------------------------------------------------ ARTIFACTS

base::Status CheckFiles(StepContext& context, const Release& release) {
  for (const ReleaseArtifact& one : release.artifacts) {
    const auto path = context.system.dependencies.PathOf(one.digest);
    const auto digest = base::Sha256HexOfFile(path);
    if (!digest.ok() || *digest != one.digest) {
      return base::Error(base::ErrorCode::kDependencyUnresolved,
                         one.name + (digest.ok() ? " is not what it was when it was released"
                                                 : " is not in the store any more"))
          .WithHint("release the revision again");
    }
  }
  return base::Ok();
}

base::Result<CheckVerdict> CheckArtifacts(StepContext& context, const StartWork& work) {
  if (work.release.artifacts.empty()) {
    return Found("needs none");
  }
  SP_TRY(CheckFiles(context, work.release));
  return Found(std::to_string(work.release.artifacts.size()) +
               " present, with the digests they had");
}

// ------------------------------------------------------------------------------------- CAPACITY

base::Result<CheckVerdict> CheckCapacity(StepContext& context, const StartWork& work) {
  const JobViewPtr job = SP_TRY(context.Job());
  const auto seen = SP_TRY(context.system.journal.Look("OBSERVE", [&] {
    return context.system.driver.Observe(work.cluster->endpoint, base::Millis(5000), context.stop);
  }));
  int returned = 0;
  if (job->state.live() && job->state.attempt->cluster_id == work.cluster->id) {
    returned = job->state.attempt->parallelism;
    if (const auto release = SP_TRY(
            context.system.store.FindRelease(job->state.job.id, job->state.attempt->revision))) {
      returned = SlotsNeeded(returned, *release);
    }
  }
  const int needed = SlotsNeeded(work.parallelism, work.release);
  std::string words =
      "needs " + std::to_string(needed) + " slots, " + std::to_string(seen.slots_free) + " free";
  if (returned > 0) {
    words += ", " + std::to_string(returned) + " given back by the stop";
  }
  if (seen.slots_free + returned >= needed) {
    return Found(std::move(words));
  }
  return base::Error(base::ErrorCode::kNotEnoughSlots,
                     work.cluster->spec.name + " has too few slots: " + words)
      .WithHint("stop another job, lower the parallelism, or add TaskManagers");
}

// --------------------------------------------------------------------------------------- FOLDER

base::Result<std::string> SavepointFolder(StepContext& context, const Cluster& cluster,
                                          const Attempt& attempt) {
  if (std::string own = SavepointDirectoryOf(cluster, attempt.job_id); !own.empty()) {
    return own;
  }
  // Without one of ours the engine takes its own.
  const auto of_cluster = context.system.clusters.OptionsOf(cluster.id, context.stop);
  for (const engines::Options& options :
       {attempt.options, of_cluster.ok() ? *of_cluster : engines::Options()}) {
    if (std::string given = OptionOf(options, kSavepointFolderKeys); !given.empty()) {
      return given;
    }
  }
  if (!of_cluster.ok()) {
    return std::string();
  }
  return base::Error(base::ErrorCode::kSavepointFailed,
                     "neither the cluster nor the job says where savepoints go")
      .WithHint("give the cluster a savepoint directory");
}

base::Result<CheckVerdict> CheckFolder(StepContext& context, const StartWork&) {
  if (PathOf(context) != UpgradePath::kSavepoint) {
    return Skipped("no savepoint is taken");
  }
  const JobViewPtr job = SP_TRY(context.Job());
  const Attempt& attempt = *job->state.attempt;
  const ClusterPtr cluster = SP_TRY(context.ClusterOf(attempt.cluster_id));
  const std::string folder = SP_TRY(SavepointFolder(context, *cluster, attempt));
  if (folder.empty()) {
    return Skipped("the cluster's own folder is taken, and it does not tell which");
  }
  const bool local = folder.starts_with("/") || folder.starts_with("file:");
  if (local && cluster->spec.kind == ClusterKind::kRemote) {
    return Skipped(folder + " lies on the cluster's own machines and cannot be tried from here");
  }
  const engines::Installation installation = SP_TRY(PlannerInstallationOf(cluster));
  const auto trial = context.system.journal.Look("TRY_FOLDER", [&] {
    return context.system.planner.TryFolder(
        context.system.dependencies.PlannerFor(installation, {}), folder, context.stop);
  });
  if (!trial.ok()) {
    if (trial.error().code() == base::ErrorCode::kCancelled) {
      return trial.error();
    }
    return Skipped(folder + " could not be tried: " + trial.error().message());
  }
  switch (trial->outcome) {
    case engines::FolderTrial::Outcome::kWritable:
      return Found(folder + " can be written");
    case engines::FolderTrial::Outcome::kUnknown:
      return Skipped(folder + " cannot be tried from here: " + trial->problem);
    case engines::FolderTrial::Outcome::kRefused:
      break;
  }
  return base::Error(base::ErrorCode::kSavepointFailed,
                     "the folder for savepoints cannot be written: " + folder)
      .WithCause(trial->problem)
      .WithHint("mend the folder; the job runs on untouched");
}

// ------------------------------------------------------------------------------------- REHEARSE

base::Result<std::string> NewestCheckpoint(StepContext& context) {
  const JobViewPtr job = SP_TRY(context.Job());
  if (!job->state.attempt) {
    return std::string();
  }
  const ClusterPtr cluster = SP_TRY(context.ClusterOf(job->state.attempt->cluster_id));
  const auto statistics = context.system.journal.Look("CHECKPOINTS", [&] {
    return context.system.driver.Checkpoints(cluster->endpoint, job->state.attempt->engine_job_id,
                                             context.stop);
  });
  if (!statistics.ok()) {
    return statistics.error().code() == base::ErrorCode::kCancelled
               ? base::Result<std::string>(statistics.error())
               : std::string();
  }
  const auto* newest = engines::NewestCompleted(*statistics, true);
  return newest == nullptr ? std::string() : newest->path;
}

base::Result<CheckVerdict> CheckRestore(StepContext& context, const StartWork& work) {
  return SP_TRY(Rehearse(context, work))
      .value_or(Skipped("there is no checkpoint to rehearse with"));
}

// ------------------------------------------------------------------------------------- WAY_BACK

base::Result<CheckVerdict> CheckWayBack(StepContext& context, const StartWork& work) {
  if (work.command.kind == OperationKind::kRollback) {
    return Skipped("a rollback has no way back of its own");
  }
  BackFacts facts{.allowed = work.revision.spec.rollback,
                  .ran = !context.Recall("ran_before").empty()};
  if (const std::string stable = context.Recall("last_stable"); !stable.empty()) {
    facts.last_stable = std::stoi(stable);
    facts.startable = SP_TRY(IsStartable(context, *facts.last_stable));
  }
  const auto why = WhyNotBack(facts);
  if (!why) {
    return Found("to revision " + std::to_string(*facts.last_stable) +
                 " when it is not stable within " +
                 base::FormatDuration(work.revision.spec.upgrade_patience));
  }
  if (facts.ran && facts.allowed && facts.last_stable && !facts.startable) {
    return base::Error(base::ErrorCode::kReleaseFailed,
                       "a failure could not be rolled back: " + *why)
        .WithHint("release that revision again, or switch upgrade.rollback off");
  }
  return Skipped("a failure is not rolled back: " + *why);
}

}  // namespace

UpgradePath PathOf(const StepContext& context) {
  return ParseUpgradePath(context.Recall("path")).value_or(UpgradePath::kStart);
}

base::Result<bool> IsStartable(StepContext& context, int revision) {
  const std::string& job_id = context.operation.subject.id;
  const auto row = SP_TRY(context.system.store.FindRevision(job_id, revision));
  if (!row) {
    return false;
  }
  const auto installation =
      PlannerInstallationOf(context.system.clusters.Find(row->spec.cluster_id));
  if (!installation.ok()) {
    return false;
  }
  const auto release =
      SP_TRY(context.system.store.FindRelease(job_id, row->digest, installation->version));
  return release && release->state == Release::State::kReleased &&
         CheckFiles(context, *release).ok();
}

base::Result<std::optional<CheckVerdict>> Rehearse(StepContext& context, const StartWork& work) {
  const std::optional<Restore>& restore = work.command.restore;
  if (restore && restore->from == Restore::From::kNothing) {
    return std::optional(Skipped("it is to start empty"));
  }
  const bool chosen = restore && restore->from != Restore::From::kLatest;
  const JobViewPtr job = SP_TRY(context.Job());
  if (!chosen && !job->state.live()) {
    return std::optional(Skipped("it does not run; what it restores is tried at its start"));
  }
  if (!chosen && context.Remembers("path") && PathOf(context) == UpgradePath::kEmpty) {
    return std::optional(Skipped("it is to start empty"));
  }
  const std::string path =
      chosen ? SP_TRY(ChosenSnapshot(context, restore->snapshot_id, restore->path)).path
             : SP_TRY(NewestCheckpoint(context));
  if (path.empty()) {
    return std::optional<CheckVerdict>();
  }
  const auto seen = SP_TRY(InspectAndFit(context, work, path));
  if (!seen) {
    return std::optional(Skipped(path + " cannot be read from here"));
  }
  if (seen->exists && seen->complete) {
    return std::optional(Found("fits " + path));
  }
  if (chosen) {
    return Unusable(path, *seen);
  }
  return std::optional<
      CheckVerdict>();  // the engine has removed it meanwhile, for there is a newer one
}

const std::array<NamedCheck, 6>& UpgradeChecks() {
  static constexpr std::array<NamedCheck, 6> kChecks = {{{"CHOOSE_PATH", CheckPath},
                                                         {"ARTIFACTS", CheckArtifacts},
                                                         {"CAPACITY", CheckCapacity},
                                                         {"FOLDER", CheckFolder},
                                                         {"REHEARSE", CheckRestore},
                                                         {"WAY_BACK", CheckWayBack}}};
  return kChecks;
}

}  // namespace streampark::console
