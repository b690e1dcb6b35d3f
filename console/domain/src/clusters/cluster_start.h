// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "streampark/console/operations/journal.h"

#include "clusters/cluster_runtime.h"
#include "clusters/cluster_watch.h"
#include "clusters/operation_run.h"
#include "clusters/process_table.h"

namespace streampark::console {

/// Brings a managed cluster up: what START does, and the second half of RESTART.
///
///   CHECK_OPTIONS        the installation is fit, the engine accepts memory and options
///   PREPARE              configuration written, ports chosen and recorded, desired RUNNING
///   START_JOB_MANAGER    found alive, or started
///   START_TASK_MANAGERS  likewise
///   AWAIT_SLOTS          it answers, with the TaskManagers and slots wanted
///
/// A cluster of which the JobManager still lives is only completed: nothing of it is written anew
/// and nothing is ended when that fails.
class ClusterStart {
 public:
  ClusterStart(ClusterRuntime& runtime, ProcessTable& processes, ClusterWatch& watch,
               Journal& journal, ClusterTimings timings)
      : runtime_(runtime),
        processes_(processes),
        watch_(watch),
        journal_(journal),
        timings_(timings) {}

  /// CHECK_OPTIONS alone: a RESTART asks before it stops anything.
  base::Status CheckOptions(OperationRun& run);
  /// All other steps. On failure what it started is ended again and the cluster is given up with
  /// the reason; on cancellation it is STOPPED. When the console shuts down everything stays as it
  /// is.
  base::Status Run(OperationRun& run);

 private:
  base::Status Steps(OperationRun& run);
  base::Status Prepare(OperationRun& run);
  base::Status Launch(OperationRun& run, engines::ProcessRole role, int index);
  base::Status AwaitSlots(OperationRun& run);
  /// The reason when a process of the cluster has died; ok while all live.
  base::Status CheckAlive(const std::string& cluster_id);
  base::Status PutRight(OperationRun& run, const base::Error& why);
  base::Result<ClusterRecord> RecordOf(const OperationRun& run) const;

  ClusterRuntime& runtime_;
  ProcessTable& processes_;
  ClusterWatch& watch_;
  Journal& journal_;
  const ClusterTimings timings_;
};

}  // namespace streampark::console
