// SPDX-License-Identifier: Apache-2.0
// What a look at a cluster means for a live attempt on it:
//
//   the cluster …              | the attempt …          | its observed fact
//   ---------------------------+------------------------+------------------------------------------
//   answers                    | is listed              | the engine's word, REACHABLE
//   answers                    | is missing             | unchanged, until it was missing three times
//                              |                        | over 15 s: LOST
//   answers                    | ended before, yet lives| live again: it runs unwanted
//   answers                    | is not the newest one  | unchanged: it is ended (older_attempts.h)
//   does not answer            |                        | unchanged, UNREACHABLE since the first time
//   has no JobManager process  |                        | LOST, unless another may take its jobs over
#include "jobs/job_watch.h"

#include <unordered_map>
#include <vector>

#include "streampark/base/log.h"

#include "jobs/attempts.h"

namespace streampark::console {
namespace {

constexpr int kLooksUntilLost = 3;
constexpr base::Millis kTimeUntilLost{15'000};

bool SurvivesItsJobManager(const Cluster& cluster) {
  for (const char* key : {"high-availability.type", "high-availability"}) {
    const auto found = cluster.spec.options.find(key);
    if (found != cluster.spec.options.end() && found->second != "NONE" && found->second != "none") {
      return true;
    }
  }
  return false;
}

void LogFailure(const base::Error& error, const std::string& job_id) {
  base::LogError("an observation could not be recorded", {{"job", job_id}, {"error", error}});
}

}  // namespace

void JobWatch::OnObservation(const Cluster& cluster,
                             const engines::ClusterObservation& observation) {
  std::unordered_map<std::string_view, const engines::JobObservation*> by_id;
  for (const engines::JobObservation& one : observation.jobs) {
    by_id.emplace(one.engine_job_id, &one);
    if (!engines::IsTerminal(one.state)) {
      const JobViewPtr owner = system_.board.FindByEngineId(one.engine_job_id);
      if (owner == nullptr && one.state != engines::EngineState::kStopping) {
        older_.Seen(one.engine_job_id, observation.observed_at);
      } else if (owner != nullptr && !owner->state.live()) {
        SeenAfterItsEnd(*owner, one, observation.observed_at);
      }
    }
  }
  for (const JobViewPtr& view : system_.board.LiveOn(cluster.id)) {
    const auto found = by_id.find(view->state.attempt->engine_job_id);
    if (found == by_id.end()) {
      Missing(*view, observation.observed_at);
    } else {
      Seen(*view, *found->second, observation.observed_at);
    }
  }
}

void JobWatch::Seen(const JobView& view, const engines::JobObservation& seen, base::Timestamp at) {
  const std::string& job_id = view.state.job.id;
  {
    const std::lock_guard lock(mutex_);
    absent_.erase(view.state.attempt->id);
  }
  const ObservedFact& known = view.state.observed;
  const bool same = known.state == seen.state && known.native_state == seen.native_state &&
                    known.tasks == seen.tasks && known.reachability == Reachability::kReachable;
  if (same) {
    system_.board.Touch(job_id, at);
  } else {
    const auto edited = system_.book.Edit(job_id, [&](JobEdit& edit) -> base::Status {
      const bool newest =
          edit.state.live() && edit.state.attempt->engine_job_id == seen.engine_job_id &&
          (!edit.state.observed.observed_at || *edit.state.observed.observed_at <= at);
      if (newest) {
        Apply(edit, seen, at);
      }
      return base::Ok();
    });
    if (!edited.ok()) {
      LogFailure(edited.error(), job_id);
    }
  }
  if (view.state.operation) {
    runner_.Wake(job_id);
  } else if (engines::IsTerminal(seen.state)) {
    details_.AttemptEnded(view);
  }
}

void JobWatch::Missing(const JobView& view, base::Timestamp at) {
  const Attempt& attempt = *view.state.attempt;
  if (view.state.operation) {
    runner_.Wake(view.state.job.id);  // its steps know best what they are waiting for
    return;
  }
  bool lost = false;
  {
    const std::lock_guard lock(mutex_);
    Absence& absence = absent_.try_emplace(attempt.id, Absence{at, 0}).first->second;
    lost = ++absence.looks >= kLooksUntilLost && at - absence.since >= kTimeUntilLost;
    if (lost) {
      absent_.erase(attempt.id);
    }
  }
  if (lost) {
    Lose(view.state.job.id, "the cluster answers and does not know it any more", at);
  }
}

void JobWatch::SeenAfterItsEnd(const JobView& view, const engines::JobObservation& seen,
                               base::Timestamp at) {
  const Attempt& attempt = *view.state.attempt;
  if (attempt.ended_at && at < *attempt.ended_at + kEchoTime) {
    return;
  }
  base::LogWarn("an attempt that had ended is alive on the engine",
                {{"job", view.state.job.id}, {"engine_job", attempt.engine_job_id}});
  const auto edited = system_.book.Edit(view.state.job.id, [&](JobEdit& edit) -> base::Status {
    if (edit.state.attempt && edit.state.attempt->engine_job_id == seen.engine_job_id &&
        !edit.state.live()) {
      Attempt alive = *edit.state.attempt;
      alive.outcome = AttemptOutcome::kLive;
      alive.ended_at.reset();
      alive.submitted = true;
      edit.PutAttempt(std::move(alive));
      Apply(edit, seen, at);
    }
    return base::Ok();
  });
  if (!edited.ok()) {
    LogFailure(edited.error(), view.state.job.id);
  }
}

void JobWatch::Lose(const std::string& job_id, const std::string& why, base::Timestamp at) {
  base::LogWarn("a job is lost", {{"job", job_id}, {"why", why}});
  const auto edited = system_.book.Edit(job_id, [&](JobEdit& edit) -> base::Status {
    if (!edit.state.live() || edit.state.operation) {
      return base::Ok();
    }
    edit.state.observed.reachability = Reachability::kLost;
    edit.state.observed.observed_at = at;
    edit.SaveObserved();
    edit.state.job.ran = true;
    edit.SaveJob();
    edit.EndAttempt(AttemptOutcome::kLost, why, at);
    return base::Ok();
  });
  if (!edited.ok()) {
    LogFailure(edited.error(), job_id);
  }
}

void JobWatch::OnSilence(const Cluster& cluster, Silence silence, base::Timestamp at) {
  for (const JobViewPtr& view : system_.board.LiveOn(cluster.id)) {
    const std::string& job_id = view->state.job.id;
    if (silence == Silence::kDown && !SurvivesItsJobManager(cluster) && !view->state.operation) {
      Lose(job_id, "the JobManager that ran it is gone", at);
      continue;
    }
    if (view->state.observed.reachability == Reachability::kUnreachable) {
      continue;
    }
    const auto edited = system_.book.Edit(job_id, [&](JobEdit& edit) -> base::Status {
      if (edit.state.live()) {
        edit.state.observed.reachability = Reachability::kUnreachable;
        edit.state.observed.unreachable_since = at;
        edit.SaveObserved();
      }
      return base::Ok();
    });
    if (!edited.ok()) {
      LogFailure(edited.error(), job_id);
    }
  }
}

}  // namespace streampark::console
