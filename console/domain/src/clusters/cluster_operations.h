// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "streampark/console/operations/operation_log.h"

#include "clusters/cluster_start.h"
#include "clusters/cluster_stop.h"
#include "operations/operation_step.h"

namespace streampark::console {

/// The operations of clusters. The cluster of one under way shows it.
///
///   START    CHECK_OPTIONS PREPARE START_JOB_MANAGER START_TASK_MANAGERS AWAIT_SLOTS
///   STOP     CHECK_JOBS SUSPEND_JOBS STOP_PROCESSES
///   RESTART  CHECK_OPTIONS, then as STOP, then as START, then RESUME_JOBS
class ClusterOperations final : public OperationKeeper {
 public:
  ClusterOperations(ClusterRuntime& runtime, OperationLog& log, ClusterWatch& watch,
                    ClusterStart& start, ClusterStop& stop)
      : runtime_(runtime), log_(log), watch_(watch), start_(start), stop_(stop) {}

  std::vector<OperationStep> StepsOf(const Operation& operation) override;
  base::Status Save(const Operation& operation) override;
  void Show(const Operation& operation) override;
  base::Status Settle(const Operation& operation) override;

  /// Shows it without telling anybody.
  void Put(const Operation& operation);

 private:
  ClusterRuntime& runtime_;
  OperationLog& log_;
  ClusterWatch& watch_;
  ClusterStart& start_;
  ClusterStop& stop_;
};

}  // namespace streampark::console
