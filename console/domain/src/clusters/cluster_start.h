// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/operations/journal.h"

#include "clusters/cluster_runtime.h"
#include "clusters/cluster_watch.h"
#include "clusters/process_table.h"
#include "operations/operation_step.h"

namespace streampark::console {

/// Brings a managed cluster up: the steps of START, and the second half of RESTART's.
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

  /// A RESTART does it before it stops anything; with it nothing has to be put right.
  base::Result<Next> CheckOptions(OperationContext& context);

  using Turn = base::Result<Next> (ClusterStart::*)(OperationContext& context);
  base::Result<Next> Prepare(OperationContext& context);
  base::Result<Next> StartJobManager(OperationContext& context);
  base::Result<Next> StartTaskManagers(OperationContext& context);
  base::Result<Next> AwaitSlots(OperationContext& context);
  /// A turn of one of these. When it fails, what the operation has started is ended first and the
  /// cluster is given up with the reason; once it is begun anew, where a port was taken.
  base::Result<Next> OrPutRight(Turn turn, OperationContext& context);
  /// Ends what it has started; the cluster is STOPPED.
  base::Result<Next> Cancel(OperationContext& context);

 private:
  base::Status Launch(OperationContext& context, engines::ProcessRole role, int index);
  /// The reason when a process of the cluster has died; ok while all live.
  base::Status CheckAlive(const std::string& cluster_id);
  base::Result<Next> GiveUp(OperationContext& context, const base::Error& why);
  /// Whether nothing that it has started lives any more, and the cluster says so.
  base::Result<bool> PutRight(OperationContext& context, const base::Error& why);
  base::Result<ClusterRecord> RecordOf(const OperationContext& context) const;

  ClusterRuntime& runtime_;
  ProcessTable& processes_;
  ClusterWatch& watch_;
  Journal& journal_;
  const ClusterTimings timings_;
};

}  // namespace streampark::console
