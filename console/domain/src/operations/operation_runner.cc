// SPDX-License-Identifier: Apache-2.0
#include "operations/operation_runner.h"

#include <algorithm>
#include <atomic>

#include "streampark/base/log.h"

namespace streampark::console {
namespace {

// A disk that refuses to take a step's end is asked again.
constexpr base::Millis kDiskRetry{1000};

/// The step that it is in, or comes to next; the end when all have ended.
std::vector<Step>::iterator FindOpen(Operation& operation) {
  return std::find_if(operation.steps.begin(), operation.steps.end(), [](const Step& step) {
    return step.state == StepState::kWaiting || step.state == StepState::kRunning;
  });
}

}  // namespace

struct OperationRunner::Run {
  Operation operation;               // a turn's own
  std::vector<OperationStep> steps;  // as operation.steps
  std::atomic<bool> cancellable = true;
  bool cancel = false;     // guarded by the runner's mutex
  std::string blocked_by;  // an operation that must end first; guarded as well
};

base::Status OperationRunner::TakeOpen(SubjectKind kind) {
  for (Operation& operation : SP_TRY(store_.ListOpen(kind))) {
    base::LogInfo("an operation is taken up again", {{"operation", operation.id},
                                                     {"kind", ToString(operation.kind)},
                                                     {"subject", operation.subject.id}});
    Take(std::move(operation));
  }
  return base::Ok();
}

void OperationRunner::Take(Operation operation) {
  auto run = std::make_shared<Run>();
  run->steps = keeper_.StepsOf(operation);
  run->cancel = operation.cancel_requested;
  run->cancellable = operation.cancellable;
  run->blocked_by = operation.preempts;
  const std::string id = operation.id;
  run->operation = std::move(operation);
  {
    const std::lock_guard lock(mutex_);
    if (!runs_.emplace(id, run).second) {
      return;
    }
  }
  turns_.Begin(id, [this, run](const std::stop_token& stop) { return TakeTurn(*run, stop); });
}

base::Result<Operation> OperationRunner::Cancel(std::string_view operation_id) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = runs_.find(operation_id);
    if (found == runs_.end()) {
      return base::Error(base::ErrorCode::kIllegalState, "the operation has ended already");
    }
    if (!found->second->cancellable) {
      return base::Error(base::ErrorCode::kIllegalState,
                         "the operation cannot be cancelled in this step");
    }
    found->second->cancel = true;
  }
  turns_.Interrupt(operation_id);
  base::Result<std::optional<Operation>> stored = store_.Find(operation_id);
  if (!stored.ok() || !*stored) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such operation");
  }
  (*stored)->cancel_requested = true;
  return **std::move(stored);
}

void OperationRunner::Wake(std::string_view subject_id) {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, run] : runs_) {
    if (run->operation.subject.id == subject_id) {
      turns_.Wake(id);
    }
  }
}

Turns::Due OperationRunner::TakeTurn(Run& run, const std::stop_token& stop) {
  bool cancel = false;
  {
    const std::lock_guard lock(mutex_);
    if (IsBlocked(run)) {
      return Turns::kWhenWoken;
    }
    cancel = run.cancel;
  }
  Turns::Due next;
  if (!run.operation.open()) {
    next = SaveEnd(run);
  } else {
    next = cancel ? AdvanceCancelled(run, stop) : Advance(run, stop);
  }
  if (!next) {
    Forget(run);
  }
  return next;
}

bool OperationRunner::IsBlocked(const Run& run) const { return runs_.contains(run.blocked_by); }

void OperationRunner::Forget(const Run& run) {
  const std::lock_guard lock(mutex_);
  runs_.erase(run.operation.id);
  for (const auto& [id, other] : runs_) {
    if (other->blocked_by == run.operation.id) {
      turns_.Wake(id);
    }
  }
}

void OperationRunner::BeginStep(Run& run, std::size_t index) {
  Step& step = run.operation.steps[index];
  step.state = StepState::kRunning;
  step.started_at = step.started_at ? step.started_at : clock_.Now();
  run.operation.cancellable = run.steps[index].cancellable;
  run.cancellable = run.operation.cancellable;
}

void OperationRunner::EndStep(Run& run, std::size_t index, StepState state, std::string message) {
  Step& step = run.operation.steps[index];
  if (step.state != StepState::kRunning && step.state != StepState::kWaiting) {
    return;
  }
  step.state = state;
  if (!message.empty()) {
    step.message = std::move(message);
  }
  step.finished_at = clock_.Now();
}

Turns::Due OperationRunner::Advance(Run& run, const std::stop_token& stop) {
  Operation& operation = run.operation;
  if (run.steps.size() != operation.steps.size()) {
    return Finish(run, OperationState::kFailed,
                  base::Error(base::ErrorCode::kInternal,
                              "this program does not know the operation's steps"));
  }
  if (operation.state == OperationState::kPending) {
    operation.state = OperationState::kRunning;
    operation.started_at = clock_.Now();
  }
  for (;;) {
    const auto open = FindOpen(operation);
    if (open == operation.steps.end()) {
      return Finish(run, OperationState::kSucceeded, std::nullopt);
    }
    const auto index = static_cast<std::size_t>(open - operation.steps.begin());
    if (open->state == StepState::kWaiting) {
      BeginStep(run, index);
      if (const base::Status saved = keeper_.Save(operation); !saved.ok()) {
        base::LogError("an operation's step could not be saved",
                       {{"operation", operation.id}, {"error", saved.error()}});
        open->state = StepState::kWaiting;
        return kDiskRetry;
      }
    }
    base::Result<Next> next = run.steps[index].run(operation, stop);
    if (!next.ok()) {
      if (stop.stop_requested()) {
        return base::Millis(0);  // cancelled, or the console ends: not the step's failure
      }
      if (IsOfTheDisk(next.error())) {
        base::LogError("an operation waits for the disk",
                       {{"operation", operation.id}, {"error", next.error()}});
        return kDiskRetry;
      }
      EndStep(run, static_cast<std::size_t>(FindOpen(operation) - operation.steps.begin()),
              StepState::kFailed);
      return Finish(run, OperationState::kFailed, std::move(next).error());
    }
    switch (next->kind) {
      case Next::Kind::kWait:
        return next->after;
      case Next::Kind::kEnd:
        EndStep(run, index, next->own);
        return Finish(run, OperationState::kFailed, std::move(next->error));
      case Next::Kind::kDone:
        EndStep(run, index, next->own, std::move(next->message));
        break;
      case Next::Kind::kSkipPast:
        EndStep(run, index, next->own, std::move(next->message));
        for (std::size_t i = index; i < operation.steps.size(); ++i) {
          if (i > index) {
            operation.steps[i].state = StepState::kSkipped;
          }
          if (operation.steps[i].name == next->step) {
            break;
          }
        }
        break;
      case Next::Kind::kBackTo:
        for (std::size_t i = index + 1; i-- > 0;) {
          operation.steps[i] = {.name = operation.steps[i].name};
          if (operation.steps[i].name == next->step) {
            break;
          }
        }
        break;
    }
  }
}

Turns::Due OperationRunner::AdvanceCancelled(Run& run, const std::stop_token& stop) {
  Operation& operation = run.operation;
  if (!operation.cancel_requested) {
    operation.cancel_requested = true;
    operation.memory["cancelled_at"] = std::to_string(clock_.Now().time_since_epoch().count());
    if (const base::Status saved = keeper_.Save(operation); !saved.ok()) {
      operation.cancel_requested = false;
      return kDiskRetry;
    }
  }
  const auto open = FindOpen(operation);
  const auto index = static_cast<std::size_t>(open - operation.steps.begin());
  // One that could not be saved as begun has done nothing; to put that right does no harm.
  if (operation.started_at && open != operation.steps.end() && index < run.steps.size()) {
    const base::Result<Next> next = run.steps[index].cancel(operation, stop);
    if (!next.ok() && stop.stop_requested()) {
      return base::Millis(0);
    }
    if (!next.ok() && IsOfTheDisk(next.error())) {
      return kDiskRetry;
    }
    if (next.ok() && next->kind == Next::Kind::kWait) {
      return next->after;
    }
    if (!next.ok()) {
      open->message = "could not be put right: " + next.error().message();
    }
    EndStep(run, index, StepState::kFailed);
  }
  return Finish(
      run, OperationState::kCancelled,
      base::Error(base::ErrorCode::kCancelled, "cancelled by a person or another command"));
}

Turns::Due OperationRunner::Finish(Run& run, OperationState state,
                                   std::optional<base::Error> error) {
  Operation& operation = run.operation;
  operation.state = state;
  operation.error = std::move(error);
  operation.finished_at = clock_.Now();
  operation.cancellable = false;
  for (Step& step : operation.steps) {
    if (step.state == StepState::kWaiting) {
      step.state = StepState::kSkipped;
    }
  }
  return SaveEnd(run);
}

// Until it is on disk the operation is open for everybody else, a later life of the console too.
Turns::Due OperationRunner::SaveEnd(const Run& run) {
  const Operation& operation = run.operation;
  if (const base::Status saved = keeper_.Settle(operation); !saved.ok()) {
    base::LogError("an operation's end could not be saved",
                   {{"operation", operation.id}, {"error", saved.error()}});
    return kDiskRetry;
  }
  base::LogInfo("an operation has ended", {{"operation", operation.id},
                                           {"kind", ToString(operation.kind)},
                                           {"subject", operation.subject.id},
                                           {"state", ToString(operation.state)}});
  return std::nullopt;
}

}  // namespace streampark::console
