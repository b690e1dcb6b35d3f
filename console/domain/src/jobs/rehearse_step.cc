// SPDX-License-Identifier: Apache-2.0
// What a restart restores, tried before anything is stopped for it. The savepoint of its own stop
// does not exist yet: a checkpoint of the running attempt has the same operators and stands in for
// it. An older snapshot does not: an attempt before may have had other operators.
#include <algorithm>

#include "jobs/start_work.h"

namespace streampark::console {
namespace {

// A job that has just begun is given time for its first checkpoint: so many intervals, and no more
// than this.
constexpr int kIntervals = 10;
constexpr base::Millis kLongestPatience{60'000};

class RehearseStep final : public JobStep {
 public:
  std::string_view name() const override { return "REHEARSE"; }

  base::Result<Next> Run(StepContext& context) const override {
    const StartWork work = SP_TRY(LoadStartWork(context));
    const std::optional<Restore>& restore = work.command.restore;
    if (restore && restore->from == Restore::From::kNothing) {
      return Next::Done();
    }
    const bool chosen = restore && restore->from != Restore::From::kLatest;
    const std::string path =
        chosen ? SP_TRY(ChosenSnapshot(context, restore->snapshot_id, restore->path)).path
               : SP_TRY(NewestCheckpoint(context));
    if (!path.empty()) {
      const auto seen = SP_TRY(InspectAndFit(context, work, path));
      if (!seen) {
        return Next::Done();
      }
      if (seen->exists && seen->complete) {
        context.Say("fits " + path);
        return Next::Done();
      }
      if (chosen) {
        return Unusable(path, *seen);
      }
      // The engine has removed it meanwhile, for there is a newer one.
    }
    if (context.Elapsed() < Patience(context)) {
      context.Say("waits for a checkpoint to rehearse with");
      return Next::Wait(base::Millis(250));
    }
    context.Say("there is no checkpoint to rehearse with");
    return Next::Done();
  }

 private:
  static base::Result<std::string> NewestCheckpoint(StepContext& context) {
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
    const engines::Checkpoint* newest = nullptr;
    for (const engines::Checkpoint& one : statistics->checkpoints) {
      if (one.state == engines::CheckpointState::kCompleted && !one.path.empty() &&
          (newest == nullptr || one.number > newest->number)) {
        newest = &one;
      }
    }
    return newest == nullptr ? std::string() : newest->path;
  }

  static base::Millis Patience(const StepContext& context) {
    const auto job = context.Job();
    if (!job.ok() || !(*job)->state.attempt) {
      return base::Millis(0);
    }
    const engines::Options& options = (*job)->state.attempt->options;
    const auto interval = options.find("execution.checkpointing.interval");
    const auto given =
        interval == options.end() ? std::nullopt : base::ParseDuration(interval->second);
    return std::min(kLongestPatience, given.value_or(kLongestPatience) * kIntervals);
  }
};

}  // namespace

const JobStep& TheRehearseStep() {
  static const RehearseStep step;
  return step;
}

}  // namespace streampark::console
