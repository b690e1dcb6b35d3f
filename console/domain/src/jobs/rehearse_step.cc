// SPDX-License-Identifier: Apache-2.0
// What a restart restores, tried before anything is stopped for it. The savepoint of its own stop
// does not exist yet: a checkpoint of the running attempt has the same operators and stands in for
// it. An older snapshot does not: an attempt before may have had other operators.
#include <algorithm>

#include "jobs/upgrade_checks.h"

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
    if (const auto verdict = SP_TRY(Rehearse(context, work))) {
      if (verdict->skipped) {
        return Next::Skipped(verdict->message);
      }
      context.Say(verdict->message);
      return Next::Done();
    }
    if (context.Elapsed() < Patience(context)) {
      context.Say("waits for a checkpoint to rehearse with");
      return Next::Wait(base::Millis(250));
    }
    return Next::Skipped("there is no checkpoint to rehearse with");
  }

 private:
  static base::Millis Patience(const StepContext& context) {
    const auto job = context.Job();
    if (!job.ok() || !(*job)->state.attempt) {
      return base::Millis(0);
    }
    const engines::Options& options = (*job)->state.attempt->options;
    const auto interval = options.find("execution.checkpointing.interval");
    const auto given = interval == options.end() ? std::nullopt : EngineDuration(interval->second);
    return std::min(kLongestPatience, given.value_or(kLongestPatience) * kIntervals);
  }
};

}  // namespace

const JobStep& TheRehearseStep() {
  static const RehearseStep step;
  return step;
}

}  // namespace streampark::console
