// SPDX-License-Identifier: Apache-2.0
#include "jobs/job_book.h"

#include <functional>
#include <unordered_map>

#include "streampark/base/json.h"

#include "jobs/stability.h"

namespace streampark::console {
namespace {

constexpr std::size_t kAttemptMarks = 5;

/// What was seen is true whether or not it could be kept, and is seen again in the next life.
bool OnlyObserved(const JobChanges& changes) {
  JobChanges rest = changes;
  rest.observed.clear();
  return rest.empty();
}

}  // namespace

void JobEdit::PutAttempt(Attempt attempt) {
  const bool known = !state.attempts.empty() && state.attempts.front().id == attempt.id;
  if (!known) {
    state.attempts.insert(state.attempts.begin(), {attempt.id, attempt.outcome});
    if (state.attempts.size() > kAttemptMarks) {
      state.attempts.pop_back();
    }
  }
  state.attempts.front().outcome = attempt.outcome;
  state.attempt = std::move(attempt);
  SaveAttempt();
}

void JobEdit::EndAttempt(AttemptOutcome outcome, std::string message, base::Timestamp at) {
  if (!state.attempt || state.attempt->outcome != AttemptOutcome::kLive) {
    return;
  }
  Attempt ended = *state.attempt;
  ended.outcome = outcome;
  ended.message = std::move(message);
  ended.ended_at = at;
  state.health.pace = {};
  PutAttempt(std::move(ended));
  if (outcome == AttemptOutcome::kFinished) {
    MarkStable(*this, at);
  }
}

bool JobChanges::empty() const {
  return jobs.empty() && revisions.empty() && releases.empty() && attempts.empty() &&
         snapshots.empty() && removed_snapshots.empty() && operations.empty() && observed.empty() &&
         purged_jobs.empty() && creations.empty() && decisions.empty();
}

OperationMark MarkOf(const Operation& operation) {
  OperationMark mark{.id = operation.id, .kind = operation.kind};
  const base::Result<json::value> parameters = json::Parse(operation.parameters);
  if (parameters.ok() && parameters->is_object()) {
    mark.savepoint = json::StringOr(parameters->get_object(), "savepoint");
  }
  if (const Step* step = operation.running_step()) {
    mark.step = step->name;
    mark.message = step->message;
  }
  mark.started_at = operation.started_at ? operation.started_at : operation.requested_at;
  return mark;
}

std::mutex& JobBook::LockOf(std::string_view job_id) {
  return locks_[std::hash<std::string_view>{}(job_id) % locks_.size()];
}

base::Status JobBook::Load() {
  std::vector<JobState> states = SP_TRY(store_.LoadAll());
  std::unordered_map<std::string, JobState*> by_id;
  for (JobState& state : states) {
    by_id.emplace(state.job.id, &state);
  }
  for (const Operation& operation : SP_TRY(operations_.ListOpen(SubjectKind::kJob))) {
    const auto found = by_id.find(operation.subject.id);
    // Of two the older one is still to end; the one that takes over shows when it begins.
    if (found != by_id.end() && (!found->second->operation || operation.preempts.empty())) {
      found->second->operation = MarkOf(operation);
    }
  }
  board_.PutAll(std::move(states));
  return base::Ok();
}

JobChanges JobBook::Gather(JobEdit& edit) {
  JobChanges changes = std::move(edit.changes);
  if (edit.job_) {
    changes.jobs.push_back(edit.state.job);
  }
  if (edit.attempt_ && edit.state.attempt) {
    changes.attempts.push_back(*edit.state.attempt);
  }
  if (edit.observed_) {
    changes.observed.emplace_back(edit.state.job.id, edit.state.observed);
  }
  return changes;
}

void JobBook::Put(JobState state) {
  const std::string job_id = state.job.id;
  board_.Put(std::move(state));
  if (heard_) {
    heard_(job_id);
  }
}

base::Result<JobViewPtr> JobBook::Edit(std::string_view job_id, const Change& change) {
  const std::lock_guard lock(LockOf(job_id));
  const JobViewPtr view = board_.Find(job_id);
  if (view == nullptr) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such job");
  }
  JobEdit edit;
  edit.state = view->state;
  edit.state.observed.observed_at = view->observed_at();
  SP_TRY(change(edit));
  const JobChanges changes = Gather(edit);
  if (base::Status kept = store_.Commit(changes); !kept.ok()) {
    if (OnlyObserved(changes)) {
      Put(std::move(edit.state));
    }
    return std::move(kept).error();
  }
  Put(std::move(edit.state));
  for (const Operation& operation : changes.operations) {
    log_.Announce(operation);
  }
  return board_.Find(job_id);
}

base::Result<JobViewPtr> JobBook::Add(JobEdit edit) {
  const std::string job_id = edit.state.job.id;
  const std::lock_guard lock(LockOf(job_id));
  edit.SaveJob();
  SP_TRY(store_.Commit(Gather(edit)));
  Put(std::move(edit.state));
  return board_.Find(job_id);
}

base::Result<Operation> JobBook::Begin(const Operation& operation, const Change& change) {
  const std::lock_guard lock(LockOf(operation.subject.id));
  const JobViewPtr view = board_.Find(operation.subject.id);
  if (view == nullptr) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such job");
  }
  // A repeat is answered before anything is judged anew: the job has moved on since.
  if (!operation.idempotency_key.empty()) {
    const std::optional<Operation> same =
        SP_TRY(operations_.FindByKey(operation.subject, operation.idempotency_key));
    if (same && same->request_digest == operation.request_digest) {
      return *same;
    }
  }
  JobEdit edit;
  edit.state = view->state;
  edit.state.observed.observed_at = view->observed_at();
  SP_TRY(change(edit));
  Operation begun = SP_TRY(store_.BeginOperation(operation, Gather(edit)));
  if (begun.id == operation.id) {
    if (operation.preempts.empty()) {
      edit.state.operation = MarkOf(begun);
    }
    Put(std::move(edit.state));
    log_.Announce(begun);
  }
  return begun;
}

base::Status JobBook::Purge(std::string_view job_id) {
  const std::lock_guard lock(LockOf(job_id));
  JobChanges changes;
  changes.purged_jobs.emplace_back(job_id);
  SP_TRY(store_.Commit(changes));
  board_.Remove(job_id);
  if (heard_) {
    heard_(std::string(job_id));
  }
  return base::Ok();
}

}  // namespace streampark::console
