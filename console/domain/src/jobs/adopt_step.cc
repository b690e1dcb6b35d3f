// SPDX-License-Identifier: Apache-2.0
// Takes a job that was started elsewhere under the care of one of ours: what runs becomes its attempt,
// as if it had started it. Nothing is done to the engine.
#include <algorithm>

#include "jobs/attempts.h"
#include "jobs/step.h"

namespace streampark::console {
namespace {

/// ILLEGAL_STATE when somebody else answers for it.
base::Status RefuseIfOwned(StepContext& context, const Cluster& cluster,
                           const std::string& engine_job_id) {
  const std::optional<Attempt> ours =
      SP_TRY(context.system.store.FindAttemptByEngineId(engine_job_id));
  if (ours) {
    const JobViewPtr owner = context.system.board.Find(ours->job_id);
    return base::Error(base::ErrorCode::kIllegalState,
                       "it is an attempt of " +
                           (owner == nullptr ? "another job" : owner->state.job.name) + " already")
        .WithRelatedId(ours->job_id);
  }
  const engines::Options labels = SP_TRY(context.system.journal.Look("LABELS", [&] {
    return context.system.driver.Labels(cluster.endpoint, engine_job_id, context.stop);
  }));
  const auto console = labels.find("streampark.console");
  if (console != labels.end() && console->second != context.system.options.console_id) {
    return base::Error(base::ErrorCode::kIllegalState, "another console looks after it")
        .WithHint("stop it there with a savepoint, and start it here from that");
  }
  return base::Ok();
}

class AdoptStep final : public JobStep {
 public:
  std::string_view name() const override { return "ADOPT"; }

  base::Result<Next> Run(StepContext& context) const override {
    const JobViewPtr job = SP_TRY(context.Job());
    const JobCommand command = SP_TRY(context.Command());
    if (job->state.live() && job->state.attempt->engine_job_id == command.engine_job_id) {
      return Next::Done();  // by an earlier life of the console
    }
    const ClusterPtr cluster = SP_TRY(context.ClusterOf(job->state.job.cluster_id));
    const auto seen = SP_TRY(Look(context.system, *cluster, command.engine_job_id, context.stop));
    if (!seen) {
      return base::Error(base::ErrorCode::kNotFound,
                         cluster->spec.name + " has no job " + command.engine_job_id)
          .WithHint("is it on the cluster that this job targets?");
    }
    if (engines::IsTerminal(seen->state)) {
      return base::Error(base::ErrorCode::kIllegalState,
                         "that job has ended: " + seen->native_state)
          .WithHint("start this one from its snapshot's path");
    }
    SP_TRY(RefuseIfOwned(context, *cluster, command.engine_job_id));
    Attempt attempt{.id = context.system.ids.Next(),
                    .job_id = job->state.job.id,
                    .number = job->state.attempt ? job->state.attempt->number + 1 : 1,
                    .engine_job_id = command.engine_job_id,
                    .revision = job->state.job.wanted,
                    .parallelism = job->state.job.parallelism,
                    .cluster_id = cluster->id,
                    .options = WhatTheClusterGives(context, cluster->id),
                    .started_at = seen->started_at.value_or(context.system.clock.Now()),
                    .submitted = true};
    context.operation.result.attempt_id = attempt.id;
    SP_TRY(context.Save([&](JobEdit& edit) -> base::Status {
      // Again under the lock: two may adopt the same one at once.
      const JobViewPtr taken = context.system.board.FindByEngineId(attempt.engine_job_id);
      if (taken != nullptr) {
        return base::Error(base::ErrorCode::kIllegalState,
                           "it is an attempt of " + taken->state.job.name + " already");
      }
      edit.PutAttempt(attempt);
      edit.state.observed = {};
      edit.state.health = {};
      edit.state.job.deployed = attempt.revision;
      edit.state.job.ran = true;
      edit.SaveJob();
      Apply(edit, *seen, context.system.clock.Now());
      edit.SaveObserved();
      return base::Ok();
    }));
    return Next::Done();
  }

 private:
  /// Its own options are not known; the cluster's say how many checkpoints it keeps.
  static engines::Options WhatTheClusterGives(StepContext& context, const std::string& cluster_id) {
    engines::Options known =
        context.system.clusters.OptionsOf(cluster_id, context.stop).value_or({});
    std::erase_if(known, [](const auto& option) {
      return std::find(kRetainedKeys.begin(), kRetainedKeys.end(), option.first) ==
             kRetainedKeys.end();
    });
    return known;
  }
};

}  // namespace

const JobStep& TheAdoptStep() {
  static const AdoptStep step;
  return step;
}

}  // namespace streampark::console
