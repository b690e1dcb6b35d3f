// SPDX-License-Identifier: Apache-2.0
// What goes wrong: on the way to the engine, and with it.
#include <algorithm>

#include "world.h"

namespace streampark::faults {

base::Status World::Disturb(const Call& call, FakeEngine::Moment moment) {
  const bool asked = moment == FakeEngine::Moment::kAsked;
  if (!quiet_ && time_.OneIn(trouble_)) {
    ++outcome_.faults;
    if (asked) {
      Note(std::string(call.name) + " does not arrive");
      return base::Error(base::ErrorCode::kClusterUnreachable, "no route");
    }
    Note("the answer to " + std::string(call.name) + " is lost");
    return base::Error(base::ErrorCode::kEngineTimeout, "no answer in time");
  }
  if (asked) {
    promises_.Asked(*life_, call);
  } else {
    promises_.Answered(call);
  }
  return base::Ok();
}

FakeEngine::Job* World::Pick(bool (*wanted)(EngineState)) {
  std::vector<FakeEngine::Job*> fitting;
  for (auto& [id, job] : engine_.jobs) {
    if (wanted(job.state)) {
      fitting.push_back(&job);
    }
  }
  return fitting.empty() ? nullptr : fitting[time_.Draw(fitting.size())];
}

void World::FallSilent() {
  Note("the cluster falls silent");
  silent_until_ = time_.SteadyNow() + Within(2'000, 40'000);
  engine_.reachable = false;
}

void World::RestartJobManager() {
  Note(highly_available_ ? "the JobManager is replaced" : "the JobManager dies with its jobs");
  down_until_ = silent_until_ = time_.SteadyNow() + Within(1'000, 20'000);
  engine_.reachable = false;
  ForgetJobs();
}

void World::ForgetJobs() {
  if (!highly_available_) {
    engine_.jobs.clear();
    engine_.on_their_way.clear();
    return;
  }
  for (auto& [id, job] : engine_.jobs) {
    job.triggers.clear();
    if (!engines::IsTerminal(job.state)) {
      job.state = EngineState::kPending;  // and runs again from its last checkpoint
      job.changes = std::max(down_until_, time_.SteadyNow()) + engine_.start_takes;
      ++job.restarts;
    }
  }
}

console::Turns::Due World::Misfortune() {
  if (quiet_) {
    return console::Turns::kWhenWoken;
  }
  ++outcome_.faults;
  if (managed()) {
    StrikeMachine();
  }
  engine_.start_takes = time_.OneIn(6) ? Within(500, 5'000) : Within(20, 300);
  engine_.savepoint_takes = time_.OneIn(5) ? Within(5'000, 60'000) : Within(20, 400);
  engine_.stop_takes = time_.OneIn(4) ? Within(100, 3'000) : base::Millis(0);
  engine_.savepoints_fail = time_.OneIn(6);
  engine_.forgets_triggers = time_.OneIn(6);
  engine_.rescales = time_.OneIn(2);
  engine_.jobs_fail = time_.OneIn(10);
  engine_.slots_free = time_.OneIn(12) ? 0 : 4;
  engine_.answer_age = time_.OneIn(3) ? base::Millis(3'000) : base::Millis(0);
  switch (time_.Draw(8)) {
    case 0:
    case 1:
      FallSilent();
      break;
    case 2:
    case 3:
      if (FakeEngine::Job* job = Pick([](EngineState s) { return s == EngineState::kRunning; })) {
        Note("a job fails");
        job->state = EngineState::kFailed;
      }
      break;
    case 4:
      if (!managed()) {
        RestartJobManager();
      }
      break;
    case 5:
      // As when a JobManager that was cut off, or that reads old records, takes an ended job up again:
      // the newest attempt, or an older one beside whatever is under way.
      if (FakeEngine::Job* job = Pick([](EngineState s) { return engines::IsTerminal(s); })) {
        const auto view = life_->jobs().board().Find(job->job_parameter);
        const bool newest = view != nullptr && view->state.attempt &&
                            engine_.jobs.contains(view->state.attempt->engine_job_id) &&
                            &engine_.jobs.at(view->state.attempt->engine_job_id) == job;
        const bool idle = view != nullptr && !view->state.operation && !view->state.live() &&
                          engine_.Alive(job->job_parameter) == 0;
        if (view != nullptr && view->state.attempt && (!newest || idle)) {
          Note(newest ? "an ended job runs again" : "an older attempt runs again");
          job->state = EngineState::kRunning;
          job->ran_again = true;
          job->ended.reset();
        }
      }
      break;
    case 6:
      if (time_.OneIn(3)) {
        foreign_ = base::RandomHex(random_, 16);
        Note("somebody starts " + foreign_);
        engine_.jobs[foreign_] = {.state = EngineState::kRunning};
      }
      break;
    default:
      break;
  }
  return Within(1'000, 12'000);
}

}  // namespace streampark::faults
