// SPDX-License-Identifier: Apache-2.0
// Another parallelism without a stop, where the engine's scheduler can. Where it cannot, or does not
// come to it, the steps of an upgrade follow, with the same revision.
#include <algorithm>

#include "jobs/attempts.h"
#include "jobs/stability.h"
#include "jobs/step.h"

namespace streampark::console {
namespace {

// An engine that has the slots begins within seconds, but may hold off for a pause between two.
constexpr base::Millis kRescalePatience{90'000};

struct RescaleWork {
  Attempt attempt;
  ClusterPtr cluster;
  int parallelism = 1;
};

base::Result<RescaleWork> LoadRescaleWork(StepContext& context) {
  const JobViewPtr job = SP_TRY(context.Job());
  if (!job->state.live()) {
    return base::Error(base::ErrorCode::kIllegalState, "the job does not run");
  }
  RescaleWork work{.attempt = *job->state.attempt};
  work.cluster = SP_TRY(context.ClusterOf(work.attempt.cluster_id));
  work.parallelism = SP_TRY(context.Command()).parallelism.value_or(work.attempt.parallelism);
  return work;
}

int WidestOf(const engines::JobGraph& graph) {
  int widest = 0;
  for (const engines::GraphVertex& one : graph.vertices) {
    widest = std::max(widest, one.parallelism);
  }
  return widest;
}

class RescaleStep final : public JobStep {
 public:
  std::string_view name() const override { return "RESCALE"; }

  base::Result<Next> Run(StepContext& context) const override {
    const RescaleWork work = SP_TRY(LoadRescaleWork(context));
    context.system.clusters.WatchClosely(work.cluster->id, base::Millis(60'000));
    const auto seen = context.system.journal.Look("OBSERVE", [&] {
      return context.system.driver.Observe(work.cluster->endpoint, base::Millis(5000),
                                           context.stop);
    });
    if (seen.ok() && seen->slots_free < work.parallelism - work.attempt.parallelism) {
      return base::Error(base::ErrorCode::kNotEnoughSlots,
                         work.cluster->spec.name + " has too few free slots: needs " +
                             std::to_string(work.parallelism - work.attempt.parallelism) +
                             " more, " + std::to_string(seen->slots_free) + " free")
          .WithHint("stop another job, choose less, or add TaskManagers");
    }
    // A repeat is harmless, so there is nothing to find out before one.
    const auto asked = context.system.journal.Perform(
        context.IntentOf("RESCALE",
                         work.attempt.engine_job_id + "/" + std::to_string(work.parallelism)),
        {.observe = [] { return base::Result<std::optional<std::string>>(std::nullopt); },
         .act = [&]() -> base::Result<std::string> {
           SP_TRY(context.system.driver.Rescale(work.cluster->endpoint, work.attempt.engine_job_id,
                                                work.attempt.parallelism, work.parallelism,
                                                context.stop));
           return std::string("asked");
         }});
    if (asked.ok()) {
      return Next::Done();
    }
    if (IsOutcomeUnknown(asked.error())) {
      if (context.stop.stop_requested()) {
        return asked.error();
      }
      context.Say("the cluster does not answer; waiting for it");
      return Next::Wait(base::Millis(1000));
    }
    return Next::SkippedPast("not in place: " + asked.error().message(), "AWAIT_RESCALE");
  }
};

class AwaitRescaleStep final : public JobStep {
 public:
  std::string_view name() const override { return "AWAIT_RESCALE"; }

  base::Result<Next> Run(StepContext& context) const override {
    const RescaleWork work = SP_TRY(LoadRescaleWork(context));
    const auto seen = Look(context.system, *work.cluster, work.attempt.engine_job_id, context.stop);
    const auto graph = context.system.journal.Look("GRAPH", [&] {
      return context.system.driver.Graph(work.cluster->endpoint, work.attempt.engine_job_id,
                                         context.stop);
    });
    if (context.stop.stop_requested()) {
      return base::Error(base::ErrorCode::kCancelled, "not asked any more");
    }
    if (!seen.ok() || !graph.ok()) {
      context.Say("the cluster does not answer; waiting for it");
      return Next::Wait(base::Millis(1000));
    }
    if (*seen) {
      SP_TRY(Record(context.system, context.operation.subject.id, **seen));
      const int widest = WidestOf(*graph);
      if (IsWhole((*seen)->state, (*seen)->tasks) && widest == work.parallelism) {
        SP_TRY(context.Save([&](JobEdit& edit) -> base::Status {
          if (edit.state.live()) {
            edit.state.attempt->parallelism = work.parallelism;
            edit.SaveAttempt();
          }
          return base::Ok();
        }));
        return Next::SkipPast("RUN_BACK");
      }
      context.Say("runs with " + std::to_string(widest));
    }
    if (context.Elapsed() < kRescalePatience) {
      return Next::Wait(base::Millis(250));
    }
    return Next::FailedPast("the engine did not change it within " +
                                base::FormatDuration(kRescalePatience) +
                                "; it is stopped and started",
                            "AWAIT_RESCALE");
  }

  /// The engine is asked for what was before.
  base::Result<Next> Cancel(StepContext& context) const override {
    const RescaleWork work = SP_TRY(LoadRescaleWork(context));
    const auto asked = context.system.journal.Perform(
        context.IntentOf("RESCALE_BACK", work.attempt.engine_job_id),
        {.observe = [] { return base::Result<std::optional<std::string>>(std::nullopt); },
         .act = [&]() -> base::Result<std::string> {
           SP_TRY(context.system.driver.Rescale(work.cluster->endpoint, work.attempt.engine_job_id,
                                                work.parallelism, work.attempt.parallelism,
                                                context.stop));
           return std::string("asked");
         }});
    return asked.ok() ? base::Result<Next>(Next::Done()) : base::Result<Next>(asked.error());
  }
};

}  // namespace

std::vector<const JobStep*> RescaleSteps() {
  static const RescaleStep rescale;
  static const AwaitRescaleStep await;
  return {&rescale, &await};
}

}  // namespace streampark::console
