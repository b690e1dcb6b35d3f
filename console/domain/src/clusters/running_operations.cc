// SPDX-License-Identifier: Apache-2.0
#include "clusters/running_operations.h"

#include <utility>

namespace streampark::console {

RunningOperations::RunningOperations(OperationLog& log, const base::Clock& clock, int threads,
                                     Steps steps, Shown shown)
    : log_(log),
      clock_(clock),
      steps_(std::move(steps)),
      shown_(std::move(shown)),
      pool_(threads) {}

base::Status RunningOperations::Submit(const Operation& operation) {
  auto shared = std::make_shared<const Operation>(operation);
  {
    const std::lock_guard lock(mutex_);
    if (!running_.emplace(operation.id, Running{.operation = shared, .cancel = {}}).second) {
      return base::Ok();  // a repeat of a command under way
    }
  }
  shown_(shared);
  const std::string id = operation.id;
  if (!pool_.Submit([this, id](std::stop_token shutdown) { Carry(id, std::move(shutdown)); })) {
    const std::lock_guard lock(mutex_);
    running_.erase(id);
    return base::Error(base::ErrorCode::kUnavailable,
                       "too many operations wait, or the console is shutting down");
  }
  return base::Ok();
}

void RunningOperations::Carry(const std::string& operation_id, std::stop_token shutdown) {
  std::shared_ptr<const Operation> operation;
  std::stop_source cancel;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(operation_id);
    operation = found->second.operation;
    cancel = found->second.cancel;
  }
  const std::stop_callback on_shutdown(shutdown, [&] { cancel.request_stop(); });
  OperationRun run(log_, clock_, *operation, cancel.get_token(), shutdown,
                   [&](std::shared_ptr<const Operation> version) {
                     {
                       const std::lock_guard lock(mutex_);
                       if (const auto found = running_.find(operation_id);
                           found != running_.end()) {
                         found->second.operation = version;
                       }
                     }
                     shown_(version);
                   });
  base::Status status = run.Begin();
  if (status.ok()) {
    status = steps_(run);
  }
  run.Finish(status);
  const std::lock_guard lock(mutex_);
  running_.erase(operation_id);
}

base::Result<Operation> RunningOperations::Cancel(std::string_view operation_id) {
  const std::lock_guard lock(mutex_);
  const auto found = running_.find(operation_id);
  if (found == running_.end()) {
    return base::Error(base::ErrorCode::kIllegalState, "the operation has ended already");
  }
  if (!found->second.operation->cancellable) {
    return base::Error(base::ErrorCode::kIllegalState,
                       "the operation cannot be cancelled any more");
  }
  found->second.cancel.request_stop();
  Operation answer = *found->second.operation;
  answer.cancel_requested = true;
  return answer;
}

void RunningOperations::Stop() { pool_.Stop(); }

}  // namespace streampark::console
