// SPDX-License-Identifier: Apache-2.0
#include "automation/older_attempts.h"

#include <utility>

#include "streampark/base/json.h"
#include "streampark/base/log.h"

#include "automation/facts.h"
#include "jobs/attempts.h"

namespace streampark::console {
namespace {

const std::string kLine = "older attempts";
/// So long one decision stands for an attempt that is seen again: its end takes a while.
constexpr base::Millis kStandsFor{60'000};

}  // namespace

void OlderAttempts::Seen(std::string_view engine_job_id, base::Timestamp at) {
  const auto found = system_.store.FindAttemptByEngineId(engine_job_id);
  if (!found.ok() || !*found) {
    return;
  }
  const Attempt& attempt = **found;
  const JobViewPtr view = system_.board.Find(attempt.job_id);
  if (view == nullptr || !view->state.attempt || view->state.attempt->number <= attempt.number ||
      at < attempt.ended_at.value_or(view->state.attempt->started_at) + kEchoTime) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    seen_.insert_or_assign(attempt.id, attempt);
  }
  turns_.Begin(kLine, [this](const std::stop_token& stop) { return TakeTurn(stop); });
  turns_.Wake(kLine);
}

Turns::Due OlderAttempts::TakeTurn(const std::stop_token& stop) {
  std::map<std::string, Attempt> seen;
  {
    const std::lock_guard lock(mutex_);
    seen.swap(seen_);
  }
  for (const auto& [id, older] : seen) {
    if (const base::Status ended = End(older, stop); !ended.ok()) {
      // It is seen again by the next look at the cluster.
      base::LogWarn("an older attempt that runs again could not be ended",
                    {{"job", older.job_id}, {"attempt", older.number}, {"error", ended.error()}});
    }
  }
  return Turns::kWhenWoken;
}

base::Status OlderAttempts::End(const Attempt& older, const std::stop_token& stop) {
  const ClusterPtr cluster = system_.clusters.Find(older.cluster_id);
  if (cluster == nullptr || !SP_TRY(Decide(older))) {
    return base::Ok();
  }
  const Intent intent{
      .operation_id = older.id, .step = "FENCE", .verb = "CANCEL", .key = older.engine_job_id};
  // It may have been ended before, and run again since: that is another act.
  SP_TRY(system_.journal.Announce(intent));
  SP_TRY(system_.journal.Perform(
      intent,
      {.observe = [&]() -> base::Result<std::optional<std::string>> {
         const auto seen =
             SP_TRY(system_.driver.Find(cluster->endpoint, older.engine_job_id, stop));
         const bool lives = seen && !engines::IsTerminal(seen->state);
         return lives ? std::nullopt : std::optional<std::string>("gone");
       },
       .act = [&] { return CancelOnEngine(system_, *cluster, older.engine_job_id, stop); }}));
  return base::Ok();
}

base::Result<bool> OlderAttempts::Decide(const Attempt& older) {
  const base::Timestamp now = system_.clock.Now();
  std::erase_if(decided_, [&](const auto& one) { return now - one.second > kStandsFor; });
  std::optional<Decision> made;
  bool fences = false;
  SP_TRY(system_.book.Edit(older.job_id, [&](JobEdit& edit) -> base::Status {
    JobState& state = edit.state;
    fences = state.attempt && state.attempt->number > older.number && !parts_.is_paused(state);
    if (!fences || decided_.contains(older.id)) {
      return base::Ok();
    }
    state.job.recovery.fenced_at = now;
    edit.SaveJob();
    if (older.outcome == AttemptOutcome::kLive) {
      // It was seen alive again just before the newer one took its place.
      Attempt ended = older;
      ended.outcome = AttemptOutcome::kStopped;
      ended.message = "it ran again although a newer attempt had taken its place";
      ended.ended_at = now;
      for (auto& mark : state.attempts) {
        mark.outcome = mark.id == older.id ? ended.outcome : mark.outcome;
      }
      edit.changes.attempts.push_back(std::move(ended));
    }
    const JudgedFacts facts = SP_TRY(GatherFacts(system_, state, false)).judged;
    json::object inputs = SP_TRY(json::Parse(FactsToText(state, facts))).as_object();
    inputs["older"] = older.number;
    inputs["olderOutcome"] = ToString(older.outcome);
    inputs["olderEngineJobId"] = older.engine_job_id;
    made = Decision{.id = system_.ids.Next(),
                    .job_id = older.job_id,
                    .team_id = state.job.team_id,
                    .kind = DecisionKind::kFence,
                    .rule = "older",
                    .facts = json::serialize(inputs),
                    .at = now};
    edit.changes.decisions.push_back(*made);
    return base::Ok();
  }));
  if (made) {
    base::LogInfo("an older attempt runs again, and is ended",
                  {{"job", older.job_id}, {"attempt", older.number}});
    decided_[older.id] = now;
    parts_.decided(*made);
  }
  return fences;
}

}  // namespace streampark::console
