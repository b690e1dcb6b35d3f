// SPDX-License-Identifier: Apache-2.0
#include "jobs/job_office.h"

#include <algorithm>

#include "streampark/base/digest.h"
#include "streampark/base/json.h"
#include "streampark/console/names.h"

#include "jobs/job_releases.h"
#include "jobs/restore_choice.h"
#include "jobs/settlement.h"
#include "jobs/start_work.h"

namespace streampark::console {
namespace {

base::Error NoSuchJob() { return {base::ErrorCode::kNotFound, "there is no such job"}; }

Person PersonOf(const Requester& requester) { return {requester.id, requester.name}; }

/// What of the wanted spec the job's own row repeats, for lists.
void TakeOver(Job& job, const JobSpec& spec) {
  job.engine = spec.engine;
  job.type = spec.type;
  job.cluster_id = spec.cluster_id;
  job.version = spec.version;
  job.parallelism = spec.parallelism;
  job.stateless = spec.stateless;
}

std::string DigestOfDraft(const JobDraft& draft) {
  json::array tags(draft.tags.begin(), draft.tags.end());
  return base::Sha256Hex(json::serialize(json::object{{"name", draft.name},
                                                      {"description", draft.description},
                                                      {"tags", std::move(tags)},
                                                      {"spec", SpecToJson(draft.spec)}}));
}

bool Preempts(const JobCommand& command) {
  return command.kind == OperationKind::kDelete ||
         (command.kind == OperationKind::kStop && command.savepoint == SavepointChoice::kNo);
}

base::Error InFlight(const JobState& state) {
  return base::Error(base::ErrorCode::kOperationInFlight,
                     std::string(ToString(state.operation->kind)) + " of " + state.job.name +
                         " is under way")
      .WithHint("wait for it, or cancel it")
      .WithRelatedId(state.operation->id);
}

base::Error Illegal(std::string message, std::string hint = {}) {
  return base::Error(base::ErrorCode::kIllegalState, std::move(message)).WithHint(std::move(hint));
}

}  // namespace

base::Result<JobDraft> CheckedJobDraft(JobDraft draft) {
  std::vector<base::FieldError> errors;
  if (!IsName(draft.name)) {
    errors.push_back(
        {"/name",
         "must be 1 to 100 letters, digits, spaces, dots, dashes or underscores, with a "
         "letter or digit at both ends",
         ""});
  }
  if (draft.team_id.empty()) {
    errors.push_back({"/teamId", "is missing", ""});
  }
  if (draft.description.size() > 8000) {
    errors.push_back({"/description", "is too long", ""});
  }
  if (draft.tags.size() > 32) {
    errors.push_back({"/tags", "has more than 32 items", ""});
  }
  for (const std::string& tag : draft.tags) {
    if (tag.empty() || tag.size() > 256) {
      errors.push_back({"/tags", "a tag has 1 to 64 letters", ""});
    }
  }
  std::sort(draft.tags.begin(), draft.tags.end());
  draft.tags.erase(std::unique(draft.tags.begin(), draft.tags.end()), draft.tags.end());
  base::Result<JobSpec> spec = CheckedJobSpec(std::move(draft.spec));
  if (!spec.ok()) {
    errors.insert(errors.end(), spec.error().fields().begin(), spec.error().fields().end());
  }
  if (!errors.empty()) {
    std::string message = errors.front().pointer + " " + errors.front().message;
    return base::Error(base::ErrorCode::kValidationFailed, std::move(message))
        .WithFields(std::move(errors));
  }
  draft.spec = std::move(*spec);
  return draft;
}

base::Status JobOffice::CheckTarget(const JobSpec& spec, std::string_view team_id) const {
  const ClusterPtr cluster = system_.clusters.Find(spec.cluster_id);
  if (cluster == nullptr || !cluster->VisibleTo(team_id)) {
    return base::Error(base::ErrorCode::kValidationFailed,
                       "the team has no cluster with the id \"" + spec.cluster_id + "\"")
        .WithField({"/spec/target/clusterId", "does not exist for this team", ""});
  }
  return CheckVersion(spec, *cluster);
}

base::Result<JobViewPtr> JobOffice::Create(const JobDraft& given, const Requester& author,
                                           std::string_view idempotency_key) {
  const JobDraft draft = SP_TRY(CheckedJobDraft(given));
  const std::string digest = DigestOfDraft(draft);
  if (!idempotency_key.empty()) {
    const std::optional<std::string> made =
        SP_TRY(system_.store.FindCreated(draft.team_id, idempotency_key, digest));
    if (made) {
      if (JobViewPtr job = Find(*made)) {
        return job;
      }
    }
  }
  SP_TRY(CheckTarget(draft.spec, draft.team_id));
  const base::Timestamp now = system_.clock.Now();
  JobEdit edit;
  Job& job = edit.state.job;
  job.id = system_.ids.Next();
  job.team_id = draft.team_id;
  job.name = draft.name;
  job.description = draft.description;
  job.tags = draft.tags;
  job.owner = PersonOf(author);
  job.created_at = now;
  job.updated_at = now;
  TakeOver(job, draft.spec);
  edit.changes.revisions.push_back({.job_id = job.id,
                                    .number = 1,
                                    .author = PersonOf(author),
                                    .created_at = now,
                                    .digest = DigestOf(draft.spec),
                                    .message = draft.message,
                                    .spec = draft.spec});
  if (!idempotency_key.empty()) {
    edit.changes.creations.push_back({draft.team_id, std::string(idempotency_key), digest, job.id});
  }
  base::Result<JobViewPtr> added = system_.book.Add(std::move(edit));
  if (!added.ok() && !idempotency_key.empty()) {
    // The same request came twice at once: the other one has made the job.
    const auto made = system_.store.FindCreated(draft.team_id, idempotency_key, digest);
    if (made.ok() && *made) {
      if (JobViewPtr theirs = Find(**made)) {
        return theirs;
      }
    }
  }
  return added;
}

base::Result<JobViewPtr> JobOffice::Edit(std::string_view job_id, const JobDraft& given,
                                         std::optional<std::int64_t> edition,
                                         const Requester& author) {
  const JobDraft draft = SP_TRY(CheckedJobDraft(given));
  const JobViewPtr before = Find(job_id);
  if (before == nullptr) {
    return NoSuchJob();
  }
  if (draft.team_id != before->state.job.team_id) {
    return base::Error(base::ErrorCode::kValidationFailed, "a job stays in its team")
        .WithField({"/teamId", "cannot be changed", "copy the job instead"});
  }
  SP_TRY(CheckTarget(draft.spec, draft.team_id));
  return system_.book.Edit(job_id, [&](JobEdit& edit) -> base::Status {
    Job& job = edit.state.job;
    if (job.desired == DesiredState::kDeleted) {
      return Illegal("the job is deleted", "bring it back first");
    }
    if (edition && *edition != job.edition) {
      return base::Error(base::ErrorCode::kStaleEdit, "the job was changed since you read it")
          .WithHint("read it again and compare");
    }
    const std::optional<Revision> wanted = SP_TRY(system_.store.FindRevision(job.id, job.wanted));
    const std::string digest = DigestOf(draft.spec);
    const base::Timestamp now = system_.clock.Now();
    if (!wanted || wanted->digest != digest) {
      edit.changes.revisions.push_back({.job_id = job.id,
                                        .number = ++job.wanted,
                                        .author = PersonOf(author),
                                        .created_at = now,
                                        .digest = digest,
                                        .message = draft.message,
                                        .spec = draft.spec});
      TakeOver(job, draft.spec);
      // A spec that was released before is released still.
      const ClusterPtr cluster = system_.clusters.Find(draft.spec.cluster_id);
      if (cluster != nullptr && cluster->installation) {
        const std::optional<Release> known =
            SP_TRY(system_.store.FindRelease(job.id, digest, cluster->installation->version));
        if (known && known->state == Release::State::kReleased) {
          job.released = job.wanted;
        }
      }
    }
    job.name = draft.name;
    job.description = draft.description;
    job.tags = draft.tags;
    job.updated_at = now;
    ++job.edition;
    edit.SaveJob();
    return base::Ok();
  });
}

base::Result<JobViewPtr> JobOffice::Copy(std::string_view job_id, std::string_view name,
                                         std::string_view team_id, const Requester& author) {
  const JobViewPtr source = Find(job_id);
  if (source == nullptr) {
    return NoSuchJob();
  }
  const Revision revision = SP_TRY(FindRevision(job_id, {}));
  JobDraft draft;
  draft.name = name;
  draft.team_id = team_id.empty() ? source->state.job.team_id : std::string(team_id);
  draft.description = source->state.job.description;
  draft.tags = source->state.job.tags;
  draft.spec = revision.spec;
  draft.message = "copied from " + source->state.job.name;
  return Create(draft, author, {});
}

base::Result<JobViewPtr> JobOffice::Undelete(std::string_view job_id, const Requester& author) {
  (void)author;  // the audit trail names him
  return system_.book.Edit(job_id, [&](JobEdit& edit) -> base::Status {
    Job& job = edit.state.job;
    if (edit.state.operation && edit.state.operation->kind == OperationKind::kDelete) {
      return base::Error(base::ErrorCode::kOperationInFlight, "its deletion is still under way")
          .WithRelatedId(edit.state.operation->id);
    }
    if (job.desired != DesiredState::kDeleted) {
      return Illegal("the job is not deleted");
    }
    job.deleted_at.reset();
    job.delete_snapshots = false;
    job.desired =
        job.resume_snapshot_id.empty() ? DesiredState::kStopped : DesiredState::kSuspended;
    job.updated_at = system_.clock.Now();
    ++job.edition;
    edit.SaveJob();
    return base::Ok();
  });
}

base::Status JobOffice::AdmitRenewal(const JobState& state, const JobCommand& command) {
  if (!state.attempt) {
    return Illegal("the job has never run", "start it");
  }
  if (state.live() && state.observed.reachability == Reachability::kUnreachable) {
    return base::Error(base::ErrorCode::kClusterUnreachable,
                       "the cluster does not answer, so nothing is known of the job")
        .WithHint("wait until it answers");
  }
  switch (command.kind) {
    case OperationKind::kRescale:
      if (!state.live()) {
        return Illegal("the job does not run", "start it with that parallelism");
      }
      if (command.parallelism == state.attempt->parallelism) {
        return Illegal("the job runs with that parallelism");
      }
      return base::Ok();
    case OperationKind::kRollback:
      if (!command.revision && !state.job.rollback_revision) {
        return Illegal("there is no upgrade that could be rolled back", "choose a revision");
      }
      return base::Ok();
    default:
      if (!state.live()) {
        SP_TRY(PlanRestore(state, command.restore));
      }
      return base::Ok();
  }
}

base::Result<std::string> JobOffice::Admit(const JobState& state, const JobCommand& command,
                                           Requester::Via via) const {
  if (via == Requester::Via::kAutomation) {
    // What it was decided for may be over; then a person's word holds.
    const bool stops = command.kind == OperationKind::kStop;
    if (stops == (state.job.desired == DesiredState::kRunning)) {
      return Illegal(stops ? "the job is wanted running" : "the job is not wanted running");
    }
  } else if (state.job.desired == DesiredState::kDeleted) {
    return Illegal("the job is deleted", "bring it back first");
  }
  std::string preempted;
  if (state.operation) {
    const bool same =
        state.operation->kind == command.kind &&
        (command.kind == OperationKind::kDelete || state.operation->savepoint == "NO");
    if (!Preempts(command) || same || state.operation->kind == OperationKind::kDelete) {
      return InFlight(state);
    }
    preempted = state.operation->id;
  }
  const bool unreachable = state.observed.reachability == Reachability::kUnreachable;
  switch (command.kind) {
    case OperationKind::kStart:
      if (state.live()) {
        return Illegal("the job runs already", "stop it first, or restart it");
      }
      SP_TRY(PlanRestore(state, command.restore));
      break;
    case OperationKind::kAdopt:
      if (state.live()) {
        return Illegal("the job runs already", "adopt into a job that does not run");
      }
      break;
    case OperationKind::kUpgrade:
    case OperationKind::kRescale:
    case OperationKind::kRollback:
      SP_TRY(AdmitRenewal(state, command));
      break;
    case OperationKind::kStop:
      // What is down though it is wanted running is stopped by leaving it down.
      if (!state.live() && preempted.empty() &&
          (state.job.desired != DesiredState::kRunning ||
           command.savepoint != SavepointChoice::kNo)) {
        return Illegal("the job does not run");
      }
      [[fallthrough]];
    case OperationKind::kSavepoint:
    case OperationKind::kRestart:
      if (!state.live() && command.kind != OperationKind::kStop) {
        return Illegal("the job does not run");
      }
      if (unreachable && command.savepoint != SavepointChoice::kNo) {
        return base::Error(base::ErrorCode::kClusterUnreachable,
                           "the cluster does not answer, so no savepoint can be taken")
            .WithHint("wait until it answers, or stop the job without a savepoint");
      }
      break;
    default:
      break;
  }
  return preempted;
}

base::Status JobOffice::Allows(std::string_view job_id, const JobCommand& command) const {
  const JobViewPtr view = Find(job_id);
  if (view == nullptr) {
    return NoSuchJob();
  }
  SP_TRY(Admit(view->state, command, Requester::Via::kWeb));
  return base::Ok();
}

base::Result<Operation> JobOffice::Command(std::string_view job_id, const JobCommand& command,
                                           const Requester& requester,
                                           std::string_view idempotency_key) {
  const JobViewPtr view = Find(job_id);
  if (view == nullptr) {
    return NoSuchJob();
  }
  if (command.revision && !SP_TRY(system_.store.FindRevision(job_id, *command.revision))) {
    return base::Error(base::ErrorCode::kNotFound,
                       "the job has no revision " + std::to_string(*command.revision));
  }
  Operation operation;
  operation.id = system_.ids.Next();
  operation.subject = {SubjectKind::kJob, std::string(job_id), view->state.job.name,
                       view->state.job.team_id};
  operation.kind = command.kind;
  operation.parameters = json::serialize(CommandToJson(command));
  operation.requested_by = requester;
  operation.requested_at = system_.clock.Now();
  operation.idempotency_key = idempotency_key;
  operation.request_digest = base::Sha256Hex(operation.parameters);
  for (const JobStep* step : StepsOf(command)) {
    operation.steps.push_back({.name = std::string(step->name())});
  }
  // Who stands in the way is known only under the job's lock; a first look settles whether this one
  // takes over from it.
  if (view->state.operation && Preempts(command)) {
    operation.preempts = view->state.operation->id;
  }
  operation.memory["desired"] = ToString(view->state.job.desired);
  if (IsRenewal(command.kind)) {
    // Edits from here on are for the next one.
    operation.memory["revision"] = std::to_string(RevisionAsked(command, view->state));
  }
  const Operation begun = SP_TRY(system_.book.Begin(operation, [&](JobEdit& edit) -> base::Status {
    const std::string preempted = SP_TRY(Admit(edit.state, command, requester.via));
    if (preempted != operation.preempts ||
        operation.memory["desired"] != ToString(edit.state.job.desired)) {
      return base::Error(base::ErrorCode::kOperationInFlight, "another command came in between")
          .WithHint("try again")
          .WithRelatedId(edit.state.operation ? edit.state.operation->id : "");
    }
    // Automation carries out what is wanted; it never changes that.
    if (requester.via != Requester::Via::kAutomation) {
      edit.state.job.desired = DesiredAfter(command, edit.state.job.desired);
      if (StartsTheJob(command.kind)) {
        edit.state.job.standing.reset();
        edit.state.job.recovery = {};
      }
    }
    edit.SaveJob();
    return base::Ok();
  }));
  if (begun.id != operation.id) {
    return begun;  // a repeat
  }
  runner_.Take(begun);
  if (!begun.preempts.empty()) {
    // One that cannot be cancelled just now is about to end by itself; this one waits for it.
    const auto cancelled = runner_.Cancel(begun.preempts);
    (void)cancelled;
  }
  return begun;
}

base::Result<Operation> JobOffice::Cancel(std::string_view operation_id) {
  const std::optional<Operation> operation = SP_TRY(system_.operations.Find(operation_id));
  if (!operation) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such operation");
  }
  return runner_.Cancel(operation_id);
}

JobViewPtr JobOffice::Find(std::string_view job_id) const { return system_.board.Find(job_id); }

JobViewPtr JobOffice::FindByName(std::string_view team_id, std::string_view name) const {
  return system_.board.FindByName(team_id, name);
}

base::Result<Revision> JobOffice::FindRevision(std::string_view job_id, std::optional<int> number) {
  const JobViewPtr view = Find(job_id);
  if (view == nullptr) {
    return NoSuchJob();
  }
  const int asked = number.value_or(view->state.job.wanted);
  std::optional<Revision> revision = SP_TRY(system_.store.FindRevision(job_id, asked));
  if (!revision) {
    return base::Error(base::ErrorCode::kNotFound,
                       "the job has no revision " + std::to_string(asked));
  }
  return *std::move(revision);
}

}  // namespace streampark::console
