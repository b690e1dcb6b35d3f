// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

#include "streampark/console/operations/operation_log.h"

#include "clusters/operation_run.h"
#include "clusters/worker_pool.h"

namespace streampark::console {

/// Carries operations out on a pool and lets them be cancelled. Thread-safe.
class RunningOperations {
 public:
  /// Does the steps; how it ended.
  using Steps = std::function<base::Status(OperationRun&)>;
  using Shown = std::function<void(const std::shared_ptr<const Operation>&)>;

  /// `shown` gets every version of every operation, the last one closed.
  RunningOperations(OperationLog& log, const base::Clock& clock, int threads, Steps steps,
                    Shown shown);
  ~RunningOperations() { Stop(); }

  /// UNAVAILABLE when too much waits already or after Stop(); the operation then stays open on
  /// disk.
  base::Status Submit(const Operation& operation);
  /// ILLEGAL_STATE when it has ended, cannot be cancelled any more, or is not one of these.
  base::Result<Operation> Cancel(std::string_view operation_id);
  void Stop();

 private:
  void Carry(const std::string& operation_id, std::stop_token shutdown);

  OperationLog& log_;
  const base::Clock& clock_;
  const Steps steps_;
  const Shown shown_;

  struct Running {
    std::shared_ptr<const Operation> operation;
    std::stop_source cancel;
  };
  std::mutex mutex_;
  std::map<std::string, Running, std::less<>> running_;
  WorkerPool pool_;  // last: its threads use all of the above
};

}  // namespace streampark::console
