// SPDX-License-Identifier: Apache-2.0
// Making a revision startable: resolve what it depends on, have the engine's planner check it, keep
// the compiled plan. Nothing here touches what runs.
#include <algorithm>

#include "streampark/base/digest.h"

#include "jobs/job_releases.h"
#include "jobs/step.h"

namespace streampark::console {
namespace {

constexpr std::size_t kLongestSummary = 500;
constexpr std::size_t kPlansRemembered = 10;

/// What the release steps share, read anew in each.
struct ReleaseWork {
  Revision revision;
  ClusterPtr cluster;
  engines::Installation installation;
  Release release;
  engines::PlannerKey planner;
};

base::Result<ReleaseWork> LoadReleaseWork(StepContext& context) {
  ReleaseWork work;
  const JobViewPtr job = SP_TRY(context.Job());
  const int number = std::stoi(context.Recall("revision"));
  std::optional<Revision> revision =
      SP_TRY(context.system.store.FindRevision(job->state.job.id, number));
  if (!revision) {
    return base::Error(base::ErrorCode::kNotFound,
                       "the job has no revision " + std::to_string(number));
  }
  work.revision = *std::move(revision);
  work.cluster = context.system.clusters.Find(work.revision.spec.cluster_id);
  work.installation = SP_TRY(PlannerInstallationOf(work.cluster));
  JobStore& store = context.system.store;
  std::optional<Release> release = SP_TRY(store.FindUnfinishedRelease(
      job->state.job.id, work.revision.digest, work.installation.version));
  if (!release || release->state != Release::State::kReleasing) {
    release = SP_TRY(
        store.FindRelease(job->state.job.id, work.revision.digest, work.installation.version));
  }
  if (release) {
    work.release = *std::move(release);
  } else {
    work.release = {.job_id = job->state.job.id,
                    .revision = number,
                    .spec_digest = work.revision.digest,
                    .engine_version = work.installation.version};
  }
  work.planner = context.system.dependencies.PlannerFor(work.installation, work.release.artifacts);
  return work;
}

base::Status SaveRelease(StepContext& context, const Release& release) {
  return context.Save([&](JobEdit& edit) -> base::Status {
    edit.changes.releases.push_back(release);
    return base::Ok();
  });
}

base::Error SqlError(const engines::SqlVerdict& verdict) {
  std::string message;
  std::vector<base::FieldError> fields;
  int errors = 0;
  for (const engines::SqlDiagnostic& one : verdict.diagnostics) {
    if (one.severity != "ERROR") {
      continue;
    }
    std::string text = "line " + std::to_string(one.range.line) + ", column " +
                       std::to_string(one.range.column) + ": " + one.message;
    if (++errors == 1) {
      message = text.substr(0, kLongestSummary);
    }
    fields.push_back({"/spec/sql", std::move(text), one.hint});
  }
  if (errors > 1) {
    message += " (and " + std::to_string(errors - 1) + " more)";
  }
  return base::Error(base::ErrorCode::kSqlInvalid, std::move(message))
      .WithFields(std::move(fields));
}

/// The job's plans for numbering the next one. The deployed one is the first, for it has written the
/// state that there is; then the newest.
base::Result<engines::PlanHistory> HistoryOf(StepContext& context) {
  const JobViewPtr job = SP_TRY(context.Job());
  std::string deployed;
  if (job->state.job.deployed) {
    const std::optional<Revision> revision =
        SP_TRY(context.system.store.FindRevision(job->state.job.id, *job->state.job.deployed));
    deployed = revision ? revision->digest : "";
  }
  std::vector<Release> releases = SP_TRY(context.system.store.ListReleases(job->state.job.id));
  std::erase_if(releases, [](const Release& one) { return one.plan.empty(); });
  std::stable_partition(releases.begin(), releases.end(),
                        [&](const Release& one) { return one.spec_digest == deployed; });
  engines::PlanHistory history{.highest_number = job->state.job.highest_node};
  for (Release& one : releases) {
    if (history.plans.size() == kPlansRemembered) {
      break;
    }
    history.plans.push_back(std::move(one.plan));
  }
  return history;
}

/// Whether its operators are called as those of the deployed plan, where they are the same. One that
/// was released before another was deployed may call them otherwise, and would lose their state.
bool IsAligned(const Release& release, const engines::PlanHistory& history) {
  if (release.plan.empty() || history.plans.empty() || release.plan == history.plans.front()) {
    return true;
  }
  return release.aligned_to == base::Sha256Hex(history.plans.front());
}

class CheckStep final : public JobStep {
 public:
  std::string_view name() const override { return "CHECK"; }
  base::Result<Next> Run(StepContext& context) const override {
    const std::string fixed = context.Recall("revision");
    const int number = !fixed.empty()
                           ? std::stoi(fixed)
                           : RevisionAsked(SP_TRY(context.Command()), SP_TRY(context.Job())->state);
    context.Remember("revision", std::to_string(number));
    context.operation.result.revision = number;
    const ReleaseWork work = SP_TRY(LoadReleaseWork(context));
    SP_TRY(CheckVersion(work.revision.spec, *work.cluster));
    SP_TRY(CheckCheckpointsAreKept(context, work));
    // A release of the same spec on the same engine is as good as a new one, unless one is asked
    // for.
    const bool again = context.operation.kind == OperationKind::kRelease;
    const bool good = !again && work.release.state == Release::State::kReleased &&
                      context.system.dependencies.AllPresent(work.release.artifacts);
    const bool aligned = IsAligned(work.release, SP_TRY(HistoryOf(context)));
    if (good && aligned) {
      context.system.planner.Warm(work.planner);
      return Next::SkipPast("COMPILE");
    }
    Release release = work.release;
    release.state = Release::State::kReleasing;
    release.revision = number;
    release.finished_at.reset();
    SP_TRY(SaveRelease(context, release));
    // Only the names of its operators are old.
    return good ? Next::SkipPast("VALIDATE") : Next::Done();
  }

 private:
  /// A cluster that others look after may have no place for checkpoints: a job's state would then die
  /// with its JobManager's memory.
  static base::Status CheckCheckpointsAreKept(StepContext& context, const ReleaseWork& work) {
    const JobSpec& spec = work.revision.spec;
    const JobCommand command = SP_TRY(context.Command());
    if (spec.stateless || IsBatch(spec) || !work.cluster->checkpoint_directory.empty() ||
        NamesCheckpointDirectory(spec.options) || NamesCheckpointDirectory(command.options)) {
      return base::Ok();
    }
    const auto options = context.system.clusters.OptionsOf(work.cluster->id, context.stop);
    if (!options.ok()) {
      // A release may be made while the cluster is away; a start asks again.
      return command.kind == OperationKind::kRelease ? base::Ok() : base::Status(options.error());
    }
    if (NamesCheckpointDirectory(*options)) {
      return base::Ok();
    }
    return base::Error(base::ErrorCode::kValidationFailed,
                       "neither the cluster " + work.cluster->spec.name +
                           " nor the job says where checkpoints are kept: the job's state would be "
                           "lost with its JobManager")
        .WithHint(
            "give the cluster a checkpoint directory, set execution.checkpointing.dir on the job, "
            "or mark it stateless")
        .WithField({"/spec/options", "has no directory for checkpoints", ""});
  }
};

class ResolveStep final : public JobStep {
 public:
  std::string_view name() const override { return "RESOLVE"; }
  base::Result<Next> Run(StepContext& context) const override {
    ReleaseWork work = SP_TRY(LoadReleaseWork(context));
    const JobSpec& spec = work.revision.spec;
    const std::size_t files = spec.maven.size() + spec.files().size();
    if (files > 0) {
      context.Say("resolving " + std::to_string(files) +
                  (spec.type == "CPP" ? " library" : " dependencies"));
    }
    const JobViewPtr job = SP_TRY(context.Job());
    work.release.artifacts = SP_TRY(context.system.dependencies.Resolve(
        job->state.job.team_id, spec,
        [&](std::string_view line) {
          if (line.find("Downloading") != std::string_view::npos) {
            context.Say(std::string(line.substr(0, 200)));
          }
        },
        context.stop));
    context.system.planner.Warm(
        context.system.dependencies.PlannerFor(work.installation, work.release.artifacts));
    SP_TRY(SaveRelease(context, work.release));
    return Next::Done();
  }
};

class ValidateStep final : public JobStep {
 public:
  std::string_view name() const override { return "VALIDATE"; }
  base::Result<Next> Run(StepContext& context) const override {
    ReleaseWork work = SP_TRY(LoadReleaseWork(context));
    const JobSpec& spec = work.revision.spec;
    const engines::Options options =
        OptionsOf(EffectiveOptions(spec, {}, *work.cluster, work.release.job_id));
    const engines::SqlVerdict verdict = SP_TRY(
        context.system.planner.Validate(work.planner, spec.script(), spec.options, context.stop));
    if (!verdict.ok()) {
      return SqlError(verdict);
    }
    std::vector<base::FieldError> faults;
    for (const engines::OptionProblem& problem :
         SP_TRY(context.system.planner.CheckJobOptions(work.planner, options, context.stop))) {
      // What the platform sets is ours to answer for, not the spec's author.
      if (spec.options.contains(problem.key)) {
        faults.push_back({"/spec/options/" + problem.key, problem.message, problem.hint});
      }
    }
    if (!faults.empty()) {
      std::string message = faults.front().pointer.substr(14) + ": " + faults.front().message;
      std::string hint = faults.front().hint;
      return base::Error(base::ErrorCode::kValidationFailed, std::move(message))
          .WithHint(std::move(hint))
          .WithFields(std::move(faults));
    }
    work.release.tables = verdict.tables;
    work.release.sinks = SinksOf(spec.sql, verdict);
    SP_TRY(SaveRelease(context, work.release));
    return Next::Done();
  }
};

class CompileStep final : public JobStep {
 public:
  std::string_view name() const override { return "COMPILE"; }
  base::Result<Next> Run(StepContext& context) const override {
    ReleaseWork work = SP_TRY(LoadReleaseWork(context));
    const JobSpec& spec = work.revision.spec;
    // What an edit leaves alone keeps its operator ids, and so its state.
    const engines::PlanHistory history = SP_TRY(HistoryOf(context));
    engines::CompiledSql compiled = SP_TRY(context.system.planner.Recompile(
        work.planner, spec.script(), spec.options, spec.parallelism, history, context.stop));
    if (compiled.plan.empty()) {
      context.Say("planned at each start: " + (compiled.not_compiled.empty()
                                                   ? std::string("not compilable")
                                                   : compiled.not_compiled.front()));
    }
    Release& release = work.release;
    release.plan = std::move(compiled.plan);
    release.aligned_to = history.plans.empty() ? "" : base::Sha256Hex(history.plans.front());
    release.not_compiled = std::move(compiled.not_compiled);
    release.operators = std::move(compiled.operators);
    release.state = Release::State::kReleased;
    release.finished_at = context.system.clock.Now();
    SP_TRY(context.Save([&](JobEdit& edit) -> base::Status {
      edit.changes.releases.push_back(release);
      edit.state.job.released = release.revision;
      edit.state.job.highest_node = std::max(edit.state.job.highest_node, compiled.highest_number);
      if (edit.state.job.last_failure &&
          edit.state.job.last_failure->kind == OperationKind::kRelease) {
        edit.state.job.last_failure.reset();
      }
      edit.SaveJob();
      return base::Ok();
    }));
    return Next::Done();
  }
};

}  // namespace

int RevisionAsked(const JobCommand& command, const JobState& state) {
  if (command.revision) {
    return *command.revision;
  }
  switch (command.kind) {
    case OperationKind::kRescale:
      return state.attempt ? state.attempt->revision : state.job.wanted;
    case OperationKind::kRollback:
      return state.job.rollback_revision.value_or(state.job.wanted);
    default:
      return state.job.wanted;
  }
}

base::Result<std::optional<Release>> ReleaseInMemory(StepContext& context, const Revision& revision,
                                                     const ClusterPtr& cluster) {
  const engines::Installation installation = SP_TRY(PlannerInstallationOf(cluster));
  const engines::PlanHistory history = SP_TRY(HistoryOf(context));
  std::optional<Release> known = SP_TRY(
      context.system.store.FindRelease(revision.job_id, revision.digest, installation.version));
  if (known && known->state == Release::State::kReleased && IsAligned(*known, history) &&
      context.system.dependencies.AllPresent(known->artifacts)) {
    return known;
  }
  const JobSpec& spec = revision.spec;
  auto artifacts =
      SP_TRY(context.system.dependencies.Recall(SP_TRY(context.Job())->state.job.team_id, spec));
  if (!artifacts) {
    return std::optional<Release>();
  }
  Release release{.job_id = revision.job_id,
                  .revision = revision.number,
                  .spec_digest = revision.digest,
                  .engine_version = installation.version,
                  .artifacts = *std::move(artifacts)};
  const engines::PlannerKey planner =
      context.system.dependencies.PlannerFor(installation, release.artifacts);
  const engines::SqlVerdict verdict =
      SP_TRY(context.system.planner.Validate(planner, spec.script(), spec.options, context.stop));
  if (!verdict.ok()) {
    return SqlError(verdict);
  }
  engines::CompiledSql compiled = SP_TRY(context.system.planner.Recompile(
      planner, spec.script(), spec.options, spec.parallelism, history, context.stop));
  release.plan = std::move(compiled.plan);
  release.not_compiled = std::move(compiled.not_compiled);
  release.operators = std::move(compiled.operators);
  return std::optional(std::move(release));
}

std::vector<const JobStep*> ReleaseSteps() {
  static const CheckStep check;
  static const ResolveStep resolve;
  static const ValidateStep validate;
  static const CompileStep compile;
  return {&check, &resolve, &validate, &compile};
}

}  // namespace streampark::console
