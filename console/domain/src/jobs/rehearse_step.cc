// SPDX-License-Identifier: Apache-2.0
// What a restart restores, tried before anything is stopped for it. The savepoint of its own stop
// does not exist yet: the job's newest checkpoint has the same operators and stands in for it.
#include "jobs/restore_choice.h"
#include "jobs/start_work.h"

namespace streampark::console {
namespace {

// Checkpoints come and go while they are looked at; a newer one is tried for so long.
constexpr base::Millis kPatience{5000};

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
    if (path.empty()) {
      context.Say("there is no checkpoint yet to rehearse with");
      return Next::Done();
    }
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
    if (context.Elapsed() < kPatience) {
      return Next::Wait(base::Millis(200));
    }
    context.Say("no checkpoint stayed long enough to rehearse with");
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
    if (statistics.ok()) {
      const engines::Checkpoint* newest = nullptr;
      for (const engines::Checkpoint& one : statistics->checkpoints) {
        if (one.state == engines::CheckpointState::kCompleted && !one.path.empty() &&
            (newest == nullptr || one.number > newest->number)) {
          newest = &one;
        }
      }
      if (newest != nullptr) {
        return newest->path;
      }
    } else if (statistics.error().code() == base::ErrorCode::kCancelled) {
      return statistics.error();
    }
    const std::vector<Snapshot> known =
        Candidates(SP_TRY(context.system.store.ListSnapshots(job->state.job.id, 0, "")).items);
    return known.empty() ? std::string() : known.front().path;
  }
};

}  // namespace

const JobStep& TheRehearseStep() {
  static const RehearseStep step;
  return step;
}

}  // namespace streampark::console
