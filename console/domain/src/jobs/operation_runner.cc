// SPDX-License-Identifier: Apache-2.0
#include "jobs/operation_runner.h"

#include <algorithm>
#include <atomic>

#include "streampark/base/log.h"

#include "jobs/settlement.h"

namespace streampark::console {
namespace {

// A disk that refuses to take a step's end is asked again.
constexpr base::Millis kDiskRetry{1000};

}  // namespace

struct OperationRunner::Run {
  Operation operation;
  std::vector<const JobStep*> steps;  // as operation.steps
  std::stop_source stop;              // ends the turn under way
  std::atomic<bool> cancellable = true;
  base::SteadyTime due;
  bool busy = false;       // a worker is on it
  bool woken = false;      // while it was busy
  bool cancel = false;     // guarded by the runner's mutex, as all above but `operation`
  std::string blocked_by;  // an operation that must end first
};

OperationRunner::OperationRunner(const JobSystem& system) : system_(system) {}

OperationRunner::~OperationRunner() { Stop(); }

base::Status OperationRunner::Start() {
  for (Operation& operation : SP_TRY(system_.operations.ListOpen(SubjectKind::kJob))) {
    base::LogInfo("an operation is taken up again", {{"operation", operation.id},
                                                     {"kind", ToString(operation.kind)},
                                                     {"job", operation.subject.id}});
    Take(std::move(operation));
  }
  for (int i = 0; i < system_.options.workers; ++i) {
    workers_.emplace_back([this](std::stop_token stop) { Work(std::move(stop)); });
  }
  return base::Ok();
}

void OperationRunner::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto& [id, run] : runs_) {
      run->stop.request_stop();
    }
  }
  for (std::jthread& worker : workers_) {
    worker.request_stop();
  }
  due_.notify_all();
  finished_.notify_all();
  workers_.clear();
}

void OperationRunner::Take(Operation operation) {
  auto run = std::make_shared<Run>();
  const base::Result<JobCommand> command = CommandFromText(operation.parameters);
  if (command.ok()) {
    run->steps = StepsOf(*command);
  }
  run->cancel = operation.cancel_requested;
  run->cancellable = operation.cancellable;
  run->due = system_.clock.SteadyNow();
  run->operation = std::move(operation);
  const std::lock_guard lock(mutex_);
  if (runs_.contains(run->operation.preempts)) {
    run->blocked_by = run->operation.preempts;
  }
  runs_.emplace(run->operation.id, run);
  due_.notify_one();
}

base::Result<Operation> OperationRunner::Cancel(std::string_view operation_id) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(operation_id);
  if (found == runs_.end()) {
    return base::Error(base::ErrorCode::kIllegalState, "the operation has ended already");
  }
  Run& run = *found->second;
  if (!run.cancellable) {
    return base::Error(base::ErrorCode::kIllegalState,
                       "the operation cannot be cancelled in this step");
  }
  run.cancel = true;
  run.stop.request_stop();
  run.due = system_.clock.SteadyNow();
  run.woken = true;
  due_.notify_one();
  base::Result<std::optional<Operation>> stored = system_.operations.Find(operation_id);
  if (!stored.ok() || !*stored) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such operation");
  }
  (*stored)->cancel_requested = true;
  return **std::move(stored);
}

void OperationRunner::Wake(std::string_view job_id) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, run] : runs_) {
    if (run->operation.subject.id == job_id) {
      run->due = system_.clock.SteadyNow();
      run->woken = true;
      due_.notify_one();
    }
  }
}

std::optional<Operation> OperationRunner::Await(std::string_view operation_id,
                                                base::Millis patience, std::stop_token stop) {
  {
    std::unique_lock lock(mutex_);
    const bool ended = finished_.wait_for(
        lock, stop, patience, [&] { return stopping_ || !runs_.contains(operation_id); });
    if (!ended || stopping_ || stop.stop_requested()) {
      return std::nullopt;
    }
  }
  base::Result<std::optional<Operation>> found = system_.operations.Find(operation_id);
  if (!found.ok() || !*found || (*found)->open()) {
    return std::nullopt;
  }
  return **std::move(found);
}

std::shared_ptr<OperationRunner::Run> OperationRunner::TakeDue(std::unique_lock<std::mutex>& lock,
                                                               std::stop_token stop) {
  while (!stopping_ && !stop.stop_requested()) {
    std::shared_ptr<Run> next;
    for (auto& [id, run] : runs_) {
      if (!run->busy && run->blocked_by.empty() && (next == nullptr || run->due < next->due)) {
        next = run;
      }
    }
    const base::SteadyTime now = system_.clock.SteadyNow();
    if (next != nullptr && next->due <= now) {
      next->busy = true;
      next->woken = false;
      return next;
    }
    if (next == nullptr) {
      due_.wait(lock, stop, [&] { return stopping_ || !runs_.empty(); });
      // Runs may all be busy or blocked: then something notifies when one is free again.
      if (!stopping_ && !stop.stop_requested()) {
        due_.wait_for(lock, std::chrono::milliseconds(200));
      }
    } else {
      due_.wait_for(lock, next->due - now);
    }
  }
  return nullptr;
}

void OperationRunner::Work(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (const std::shared_ptr<Run> run = TakeDue(lock, stop)) {
    const bool cancel = run->cancel;
    if (cancel || run->stop.stop_requested()) {
      run->stop = stopping_ ? run->stop : std::stop_source();
    }
    lock.unlock();
    const std::optional<base::SteadyTime> again = cancel ? AdvanceCancelled(*run) : Advance(*run);
    lock.lock();
    run->busy = false;
    if (again) {
      run->due = run->woken ? system_.clock.SteadyNow() : *again;
      due_.notify_one();
      continue;
    }
    const std::string id = run->operation.id;
    runs_.erase(id);
    for (auto& [other_id, other] : runs_) {
      if (other->blocked_by == id) {
        other->blocked_by.clear();
        other->due = system_.clock.SteadyNow();
      }
    }
    due_.notify_all();
    finished_.notify_all();
  }
}

base::Result<Next> OperationRunner::Turn(Run& run, const JobStep& step) {
  StepContext context(system_, run.operation, step.name(), run.stop.get_token());
  return step.Run(context);
}

void OperationRunner::BeginStep(Run& run, std::size_t index) {
  Step& step = run.operation.steps[index];
  step.state = StepState::kRunning;
  step.started_at = step.started_at ? step.started_at : system_.clock.Now();
  run.operation.cancellable = run.steps[index]->cancellable();
  run.cancellable = run.operation.cancellable;
}

void OperationRunner::EndStep(Run& run, std::size_t index, StepState state) {
  Step& step = run.operation.steps[index];
  step.state = state;
  step.finished_at = system_.clock.Now();
}

base::Status OperationRunner::SaveRun(Run& run) {
  SP_TRY(system_.book.Edit(run.operation.subject.id, [&](JobEdit& edit) -> base::Status {
    edit.state.operation = MarkOf(run.operation);
    edit.changes.operations.push_back(run.operation);
    return base::Ok();
  }));
  return base::Ok();
}

std::optional<base::SteadyTime> OperationRunner::Advance(Run& run) {
  Operation& operation = run.operation;
  const auto later = [&](base::Millis after) { return system_.clock.SteadyNow() + after; };
  if (run.steps.size() != operation.steps.size()) {
    Finish(run, OperationState::kFailed,
           base::Error(base::ErrorCode::kInternal,
                       "this program does not know the operation's steps"));
    return std::nullopt;
  }
  if (operation.state == OperationState::kPending) {
    operation.state = OperationState::kRunning;
    operation.started_at = system_.clock.Now();
  }
  for (;;) {
    const auto open =
        std::find_if(operation.steps.begin(), operation.steps.end(), [](const Step& step) {
          return step.state == StepState::kWaiting || step.state == StepState::kRunning;
        });
    if (open == operation.steps.end()) {
      Finish(run, OperationState::kSucceeded, std::nullopt);
      return std::nullopt;
    }
    const auto index = static_cast<std::size_t>(open - operation.steps.begin());
    if (open->state == StepState::kWaiting) {
      BeginStep(run, index);
      if (const base::Status saved = SaveRun(run); !saved.ok()) {
        base::LogError("an operation's step could not be saved",
                       {{"operation", operation.id}, {"error", saved.error()}});
        open->state = StepState::kWaiting;
        return later(kDiskRetry);
      }
    }
    base::Result<Next> next = Turn(run, *run.steps[index]);
    if (!next.ok()) {
      if (run.stop.stop_requested()) {
        return later(base::Millis(0));  // cancelled, or the console ends: not the step's failure
      }
      if (next.error().traits().fault == base::Fault::kExternal &&
          (next.error().code() == base::ErrorCode::kStorageFailed ||
           next.error().code() == base::ErrorCode::kStorageFull)) {
        base::LogError("an operation waits for the disk",
                       {{"operation", operation.id}, {"error", next.error()}});
        return later(kDiskRetry);
      }
      EndStep(run, index, StepState::kFailed);
      Finish(run, OperationState::kFailed, std::move(next).error());
      return std::nullopt;
    }
    switch (next->kind) {
      case Next::Kind::kWait:
        return later(next->after);
      case Next::Kind::kDone:
        EndStep(run, index, StepState::kSucceeded);
        break;
      case Next::Kind::kSkipPast:
        EndStep(run, index, StepState::kSucceeded);
        for (std::size_t i = index; i < operation.steps.size(); ++i) {
          if (i > index) {
            operation.steps[i].state = StepState::kSkipped;
          }
          if (operation.steps[i].name == next->step) {
            break;
          }
        }
        break;
    }
  }
}

std::optional<base::SteadyTime> OperationRunner::AdvanceCancelled(Run& run) {
  Operation& operation = run.operation;
  const auto later = [&](base::Millis after) { return system_.clock.SteadyNow() + after; };
  if (!operation.cancel_requested) {
    operation.cancel_requested = true;
    operation.memory["cancelled_at"] =
        std::to_string(system_.clock.Now().time_since_epoch().count());
    if (const base::Status saved = SaveRun(run); !saved.ok()) {
      operation.cancel_requested = false;
      return later(kDiskRetry);
    }
  }
  for (std::size_t i = 0; i < operation.steps.size() && i < run.steps.size(); ++i) {
    if (operation.steps[i].state != StepState::kRunning) {
      continue;
    }
    StepContext context(system_, operation, run.steps[i]->name(), run.stop.get_token());
    const base::Result<Next> next = run.steps[i]->Cancel(context);
    if (!next.ok() && run.stop.stop_requested()) {
      return later(base::Millis(0));
    }
    if (next.ok() && next->kind == Next::Kind::kWait) {
      return later(next->after);
    }
    if (!next.ok()) {
      operation.steps[i].message = "could not be put right: " + next.error().message();
    }
    EndStep(run, i, StepState::kFailed);
  }
  Finish(run, OperationState::kCancelled,
         base::Error(base::ErrorCode::kCancelled, "cancelled by a person or another command"));
  return std::nullopt;
}

void OperationRunner::Finish(Run& run, OperationState state, std::optional<base::Error> error) {
  Operation& operation = run.operation;
  operation.state = state;
  operation.error = std::move(error);
  operation.finished_at = system_.clock.Now();
  operation.cancellable = false;
  for (Step& step : operation.steps) {
    if (step.state == StepState::kWaiting) {
      step.state = StepState::kSkipped;
    }
  }
  for (;;) {
    const base::Status saved = Settle(system_, operation);
    if (saved.ok()) {
      break;
    }
    base::LogError("an operation's end could not be saved",
                   {{"operation", operation.id}, {"error", saved.error()}});
    std::unique_lock lock(mutex_);
    // At the console's end it stays open on disk and is looked at anew in the next life.
    if (stopping_ ||
        due_.wait_for(lock, run.stop.get_token(), kDiskRetry, [this] { return stopping_; })) {
      return;
    }
  }
  base::LogInfo("an operation has ended", {{"operation", operation.id},
                                           {"kind", ToString(operation.kind)},
                                           {"job", operation.subject.id},
                                           {"state", ToString(state)}});
}

}  // namespace streampark::console
