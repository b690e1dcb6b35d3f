// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/code/job_applier.h"

#include <array>
#include <map>
#include <utility>

#include "jobs/job_releases.h"

namespace streampark::console {
namespace {

using base::Error;
using base::ErrorCode;
using base::Ok;
using base::Result;
using base::Status;

using Facets = std::map<std::string, std::string>;

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) {
    joined += (joined.empty() ? "" : ", ") + text;
  }
  return joined;
}

/// A job as flat text by path, for telling what differs. What is empty is left out.
Facets FacetsOf(const JobFile& file) {
  const JobSpec& spec = file.spec;
  Facets facets = {{"description", file.description},
                   {"tags", Joined(file.tags)},
                   {"target.cluster", file.cluster},
                   {"version", spec.version},
                   {"parallelism", std::to_string(spec.parallelism)},
                   {"engine", spec.engine},
                   {"type", spec.type},
                   {"sql", spec.sql},
                   {"library", spec.library},
                   {"config", spec.config},
                   {"dependencies.maven", Joined(spec.maven)},
                   {"dependencies.resources", Joined(spec.resources)},
                   {"stateless", spec.stateless ? "true" : ""},
                   {"restart.attempts", std::to_string(spec.restart_attempts)},
                   {"restart.backoff", spec.restart_backoff},
                   {"upgrade.mode", std::string(ToString(spec.upgrade_mode))},
                   {"upgrade.rollback", spec.rollback ? "true" : "false"},
                   {"upgrade.stableAfter", base::FormatDuration(spec.stable_after)},
                   {"upgrade.timeout", base::FormatDuration(spec.upgrade_patience)}};
  for (const auto& [key, value] : spec.options) {
    facets["options." + key] = value;
  }
  std::erase_if(facets, [](const auto& facet) { return facet.second.empty(); });
  return facets;
}

std::vector<ApplyChange> Differences(const Facets& before, const Facets& after) {
  std::vector<ApplyChange> changes;
  for (const auto& [path, text] : before) {
    const auto now = after.find(path);
    if (now == after.end()) {
      changes.push_back({path, text, std::nullopt});
    } else if (now->second != text) {
      changes.push_back({path, text, now->second});
    }
  }
  for (const auto& [path, text] : after) {
    if (!before.contains(path)) {
      changes.push_back({path, std::nullopt, text});
    }
  }
  return changes;
}

/// Whether the engine would notice: a description and tags are for people.
bool ChangesWhatRuns(const std::vector<ApplyChange>& changes) {
  for (const ApplyChange& change : changes) {
    if (change.path != "description" && change.path != "tags") {
      return true;
    }
  }
  return false;
}

struct Verdict {
  ApplyAction action = ApplyAction::kNone;
  std::optional<JobCommand> command;
  std::string message;
};

JobCommand StopCommand(SavepointChoice savepoint) {
  return {.kind = OperationKind::kStop, .savepoint = savepoint};
}

bool Starts(const std::optional<OperationMark>& operation) {
  return operation && (operation->kind == OperationKind::kStart ||
                       operation->kind == OperationKind::kRestart || IsRenewal(operation->kind));
}

/// The table of job_applier.h for a job that runs; `as_wanted`: what is deployed is what the file
/// says.
Verdict JudgeRunning(AskedState asked, const JobState& job, bool as_wanted) {
  switch (asked) {
    case AskedState::kRunning:
      if (as_wanted && job.job.desired == DesiredState::kRunning) {
        return {.message = Starts(job.operation) ? "is being started" : "runs already"};
      }
      return {ApplyAction::kUpgrade, JobCommand{.kind = OperationKind::kUpgrade},
              "is upgraded: proven first, stopped with its state, started with the new revision, "
              "watched, and rolled back when it is not stable"};
    case AskedState::kSuspended:
      return {ApplyAction::kSuspend, StopCommand(SavepointChoice::kYes),
              "stops with a savepoint to go on from"};
    case AskedState::kStopped:
      return {ApplyAction::kStop, StopCommand(SavepointChoice::kNo), "stops without a savepoint"};
  }
  return {};
}

Verdict JudgeResting(AskedState asked, const JobState* job, bool as_wanted) {
  if (asked != AskedState::kRunning) {
    return {.message = "does not run"};
  }
  if (job != nullptr && as_wanted && job->attempt &&
      job->attempt->outcome == AttemptOutcome::kFinished) {
    return {.message = "has read all its input; start it to run it again"};
  }
  return {ApplyAction::kStart, JobCommand{.kind = OperationKind::kStart},
          "starts; a suspended job goes on from its savepoint"};
}

}  // namespace

struct JobApplier::Step {
  ApplyItem item;
  JobDraft draft;
  bool write = false;  // create or edit
  std::optional<JobCommand> command;
};

std::string_view ToString(ApplyAction action) {
  constexpr std::array<std::string_view, 7> kNames = {"CREATE",  "EDIT", "UPGRADE", "START",
                                                      "SUSPEND", "STOP", "NONE"};
  return kNames[static_cast<std::size_t>(action)];
}

JobFile JobFileOf(const Job& job, const JobSpec& spec, std::string_view team,
                  std::string_view cluster) {
  JobFile file;
  file.name = job.name;
  file.team = team;
  file.description = job.description;
  file.tags = job.tags;
  file.cluster = cluster;
  file.spec = spec;
  return file;
}

Result<JobApplier::Step> JobApplier::Decide(const JobFile& file, const Caller& caller,
                                            api::Permission permission) {
  const Team team = SP_TRY(RequireTeam(directory_, caller, permission, file.team));
  const ClusterPtr cluster = clusters_.FindForTeam(team.id, file.cluster);
  if (cluster == nullptr) {
    return Error(ErrorCode::kNotFound,
                 "team " + file.team + " has no cluster called " + file.cluster)
        .WithField({"/spec/target/cluster", "unknown cluster",
                    "`streampark cluster list` shows those there are"});
  }
  Step step;
  step.item.name = file.name;
  step.item.team = team.name;
  JobDraft draft = {.name = file.name,
                    .team_id = team.id,
                    .description = file.description,
                    .tags = file.tags,
                    .spec = file.spec,
                    .message = "applied"};
  draft.spec.cluster_id = cluster->id;
  step.draft = SP_TRY(CheckedJobDraft(std::move(draft)));
  SP_TRY(CheckVersion(step.draft.spec, *cluster));
  for (const std::string& path : file.unheeded) {
    step.item.warnings.push_back(path + " is kept with the revision, but nothing acts on it yet");
  }

  const JobViewPtr job = desk_.FindByName(team.id, file.name);
  Facets before;
  if (job != nullptr) {
    step.item.job_id = job->state.job.id;
    const Revision wanted = SP_TRY(desk_.FindRevision(step.item.job_id));
    const ClusterPtr old_cluster = clusters_.Find(wanted.spec.cluster_id);
    before = FacetsOf(JobFileOf(job->state.job, wanted.spec, team.name,
                                old_cluster ? old_cluster->spec.name : wanted.spec.cluster_id));
  }
  step.item.changes = Differences(before, FacetsOf(file));
  step.write = job == nullptr || !step.item.changes.empty();
  step.item.action = job == nullptr ? ApplyAction::kCreate
                     : step.write   ? ApplyAction::kEdit
                                    : ApplyAction::kNone;
  step.item.message = job == nullptr ? "a new job"
                      : step.write   ? "a new revision; what runs is not touched"
                                     : "nothing to do";
  if (!file.state) {
    return step;
  }
  const JobState* state = job == nullptr ? nullptr : &job->state;
  const bool starting = state != nullptr && Starts(state->operation);
  const bool runs = state != nullptr && (state->live() || starting);
  const bool deployed = state != nullptr && state->job.deployed == state->job.wanted;
  const bool as_wanted = (deployed || starting) && !ChangesWhatRuns(step.item.changes);
  Verdict verdict = runs ? JudgeRunning(*file.state, *state, as_wanted)
                         : JudgeResting(*file.state, state, as_wanted);
  if (verdict.action != ApplyAction::kNone && job != nullptr) {
    step.item.action = verdict.action;
  }
  if (verdict.action != ApplyAction::kNone || !step.write) {
    step.item.message = job == nullptr ? "a new job; " + verdict.message : verdict.message;
  }
  step.command = std::move(verdict.command);
  return step;
}

Result<std::vector<JobApplier::Step>> JobApplier::DecideAll(const std::vector<JobFile>& files,
                                                            const Caller& caller,
                                                            api::Permission permission) {
  std::vector<Step> steps;
  for (const JobFile& file : files) {
    auto step = Decide(file, caller, permission);
    if (!step.ok()) {
      return std::move(step).error().Annotate("job " + file.name);
    }
    if (step->command) {
      SP_TRY(caller.Require(
          permission == api::Permission::kJobEdit ? api::Permission::kJobOperate : permission,
          step->draft.team_id));
    }
    for (const Step& other : steps) {
      if (other.item.team == step->item.team && other.item.name == step->item.name) {
        return Error(ErrorCode::kJobFileInvalid,
                     "the job " + file.name + " stands in the file twice");
      }
    }
    steps.push_back(std::move(step).value());
  }
  return steps;
}

Result<std::vector<ApplyItem>> JobApplier::Plan(const std::vector<JobFile>& files,
                                                const Caller& caller) {
  std::vector<Step> steps = SP_TRY(DecideAll(files, caller, api::Permission::kJobView));
  std::vector<ApplyItem> items;
  for (Step& step : steps) {
    if (step.command && !step.item.job_id.empty()) {
      if (base::Status allowed = desk_.Allows(step.item.job_id, *step.command); !allowed.ok()) {
        step.item.error = std::move(allowed).error();
      }
    }
    items.push_back(std::move(step.item));
  }
  return items;
}

Status JobApplier::Carry(Step& step, const Requester& requester,
                         const std::string& idempotency_key) {
  if (step.write && step.item.job_id.empty()) {
    const JobViewPtr made = SP_TRY(desk_.Create(step.draft, requester, idempotency_key));
    step.item.job_id = made->state.job.id;
  } else if (step.write) {
    SP_TRY(desk_.Edit(step.item.job_id, step.draft, std::nullopt, requester));
  }
  if (step.command) {
    const Operation begun =
        SP_TRY(desk_.Command(step.item.job_id, *step.command, requester, idempotency_key));
    step.item.operation_id = begun.id;
  }
  return Ok();
}

Result<std::vector<ApplyItem>> JobApplier::Apply(const std::vector<JobFile>& files,
                                                 const Caller& caller, const Requester& requester,
                                                 std::string_view idempotency_key) {
  std::vector<Step> steps = SP_TRY(DecideAll(files, caller, api::Permission::kJobEdit));
  std::vector<ApplyItem> items;
  for (Step& step : steps) {
    // One key covers the whole request; each document's part of it needs one of its own.
    const std::string key = idempotency_key.empty()
                                ? ""
                                : std::string(idempotency_key) + "/" + std::to_string(items.size());
    if (Status carried = Carry(step, requester, key); !carried.ok()) {
      step.item.error = std::move(carried).error();
    }
    items.push_back(std::move(step.item));
  }
  return items;
}

}  // namespace streampark::console
