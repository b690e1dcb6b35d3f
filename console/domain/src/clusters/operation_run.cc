// SPDX-License-Identifier: Apache-2.0
#include "clusters/operation_run.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "streampark/base/log.h"

namespace streampark::console {
namespace {

constexpr base::Millis kSaveAgainAfter{1000};
constexpr base::Millis kLeastBetweenShows{250};

}  // namespace

OperationRun::OperationRun(OperationLog& log, const base::Clock& clock, Operation operation,
                           std::stop_token cancel, std::stop_token shutdown, Shown shown)
    : log_(log),
      clock_(clock),
      operation_(std::move(operation)),
      cancel_(std::move(cancel)),
      shutdown_(std::move(shutdown)),
      shown_(std::move(shown)) {}

base::Status OperationRun::Save() {
  SP_TRY(log_.Save(operation_));
  shown_(std::make_shared<const Operation>(operation_));
  return base::Ok();
}

void OperationRun::Show() {
  log_.Announce(operation_);
  shown_(std::make_shared<const Operation>(operation_));
}

base::Status OperationRun::Begin() {
  if (operation_.state == OperationState::kPending) {
    operation_.state = OperationState::kRunning;
    operation_.started_at = clock_.Now();
    return Save();
  }
  shown_(std::make_shared<const Operation>(operation_));
  return base::Ok();
}

base::Status OperationRun::Do(std::string_view step_name, const Work& work) {
  Step* step = operation_.FindStep(step_name);
  if (step == nullptr) {
    operation_.steps.push_back({.name = std::string(step_name)});
    step = &operation_.steps.back();
  }
  if (step->state == StepState::kSucceeded || step->state == StepState::kSkipped) {
    return base::Ok();
  }
  if (cancel_.stop_requested()) {
    return base::Error(base::ErrorCode::kCancelled, "cancelled");
  }
  step->state = StepState::kRunning;
  step->started_at = clock_.Now();
  SP_TRY(Save());
  base::Status status = work();
  step = operation_.FindStep(step_name);
  if (!status.ok() && interrupted()) {
    return status;
  }
  step->state = status.ok() ? StepState::kSucceeded : StepState::kFailed;
  step->finished_at = clock_.Now();
  if (!status.ok()) {
    step->message = status.error().message();
  }
  base::Status saved = Save();
  return status.ok() ? saved : status;
}

base::Status OperationRun::DoTogether(const std::vector<std::string>& steps,
                                      const std::function<base::Status(const Advance&)>& work) {
  if (Done(steps.back())) {
    return base::Ok();
  }
  if (cancel_.stop_requested()) {
    return base::Error(base::ErrorCode::kCancelled, "cancelled");
  }
  std::size_t current = 0;
  const auto enter = [&](std::size_t next) {
    const base::Timestamp now = clock_.Now();
    for (std::size_t i = 0; i < steps.size(); ++i) {
      Step* step = operation_.FindStep(steps[i]);
      const StepState wanted = i < next    ? StepState::kSucceeded
                               : i == next ? StepState::kRunning
                                           : StepState::kWaiting;
      if (step->state == wanted) {
        continue;
      }
      step->state = wanted;
      step->started_at = wanted == StepState::kWaiting
                             ? std::nullopt
                             : std::optional(step->started_at.value_or(now));
      step->finished_at = wanted == StepState::kSucceeded ? std::optional(now) : std::nullopt;
      step->done = step->total = std::nullopt;
    }
    current = next;
  };
  enter(0);
  SP_TRY(Save());
  base::SteadyTime shown_at{};
  const base::Status status =
      work([&](std::string_view name, std::int64_t done, std::int64_t total) {
        const auto found = std::find(steps.begin(), steps.end(), name);
        if (found == steps.end()) {
          return;
        }
        const auto index = static_cast<std::size_t>(found - steps.begin());
        const bool entered = index > current;
        if (entered) {
          enter(index);
        }
        Step* step = operation_.FindStep(name);
        if (total > 0) {
          step->done = done;
          step->total = total;
        }
        // A download tells of itself oftener than anybody can read.
        if (entered || clock_.SteadyNow() >= shown_at + kLeastBetweenShows) {
          shown_at = clock_.SteadyNow();
          Show();
        }
      });
  if (!status.ok() && interrupted()) {
    return status;
  }
  if (status.ok()) {
    enter(steps.size());
  } else {
    Step* step = operation_.FindStep(steps[current]);
    step->state = StepState::kFailed;
    step->finished_at = clock_.Now();
    step->message = status.error().message();
  }
  base::Status saved = Save();
  return status.ok() ? saved : status;
}

base::Status OperationRun::Reset(const std::vector<std::string>& steps) {
  for (const std::string& name : steps) {
    if (Step* step = operation_.FindStep(name)) {
      *step = {.name = name};
    }
  }
  return Save();
}

base::Status OperationRun::Skip(std::string_view step_name, std::string_view why) {
  Step* step = operation_.FindStep(step_name);
  if (step == nullptr || step->state == StepState::kSkipped) {
    return base::Ok();
  }
  step->state = StepState::kSkipped;
  step->message = why;
  return Save();
}

bool OperationRun::Done(std::string_view step_name) const {
  for (const Step& step : operation_.steps) {
    if (step.name == step_name) {
      return step.state == StepState::kSucceeded;
    }
  }
  return false;
}

void OperationRun::Progress(std::string_view message, std::int64_t done, std::int64_t total) {
  for (Step& step : operation_.steps) {
    if (step.state != StepState::kRunning) {
      continue;
    }
    const std::optional<std::int64_t> new_total = total > 0 ? std::optional(total) : std::nullopt;
    const std::optional<std::int64_t> new_done = total > 0 ? std::optional(done) : std::nullopt;
    if (step.message == message && step.done == new_done && step.total == new_total) {
      return;
    }
    step.message = message;
    step.done = new_done;
    step.total = new_total;
    Show();
    return;
  }
}

base::Status OperationRun::Remember(const std::string& name, std::string value) {
  operation_.memory[name] = std::move(value);
  return Save();
}

std::string OperationRun::Recall(const std::string& name) const {
  const auto found = operation_.memory.find(name);
  return found == operation_.memory.end() ? std::string() : found->second;
}

base::Status OperationRun::Commit() {
  if (!operation_.cancellable) {
    return base::Ok();
  }
  operation_.cancellable = false;
  return Save();
}

void OperationRun::Finish(const base::Status& status) {
  if (!status.ok() && interrupted()) {
    return;
  }
  const bool cancelled = !status.ok() && cancel_.stop_requested() &&
                         status.error().code() == base::ErrorCode::kCancelled;
  operation_.state = status.ok() ? OperationState::kSucceeded
                     : cancelled ? OperationState::kCancelled
                                 : OperationState::kFailed;
  operation_.cancel_requested = operation_.cancel_requested || cancelled;
  operation_.cancellable = false;
  operation_.finished_at = clock_.Now();
  if (!status.ok() && !cancelled) {
    operation_.error = status.error();
  }
  for (base::Status saved = Save(); !saved.ok(); saved = Save()) {
    base::LogError("the end of an operation cannot be written",
                   {{"operation", operation_.id}, {"error", saved.error()}});
    if (!WaitFor(kSaveAgainAfter, shutdown_)) {
      return;
    }
  }
}

bool WaitFor(base::Millis duration, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace streampark::console
