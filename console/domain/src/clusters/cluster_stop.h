// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "streampark/console/clusters/cluster_service.h"
#include "streampark/console/operations/journal.h"

#include "clusters/cluster_runtime.h"
#include "clusters/cluster_watch.h"
#include "clusters/process_table.h"
#include "operations/operation_step.h"

namespace streampark::console {

/// Takes a managed cluster down: the steps of STOP, and the first half of RESTART's.
///
///   CHECK_JOBS      who lives there; REFUSE and SUSPEND may end here, with nothing touched
///   SUSPEND_JOBS    each job stopped with a savepoint; when one cannot, those that were are started
///                   again and the cluster goes on
///   STOP_PROCESSES  desired STOPPED, then all processes ended
///   RESUME_JOBS     RESTART alone: what was suspended is started again
class ClusterStop {
 public:
  ClusterStop(ClusterRuntime& runtime, ProcessTable& processes, ClusterWatch& watch,
              Journal& journal, ClusterTimings timings)
      : runtime_(runtime),
        processes_(processes),
        watch_(watch),
        journal_(journal),
        timings_(timings) {}

  void Attach(ClusterTenants& tenants) { tenants_ = &tenants; }

  /// IN_USE naming them when jobs forbid the stop; also asked before a command is accepted.
  base::Status CheckJobs(const std::string& cluster_id, JobsOnStop jobs, std::stop_token stop);

  base::Result<Next> SuspendJobs(OperationContext& context);
  /// Looks once more whether anybody began to run there meanwhile.
  base::Result<Next> StopProcesses(OperationContext& context, JobsOnStop jobs);
  base::Result<Next> ResumeJobs(OperationContext& context);

 private:
  /// How many of its operations are under way, and which jobs could not be brought there.
  struct Progress {
    std::size_t waits = 0;
    std::vector<std::string> failed;  // names or ids
  };
  /// Starts again what the operation has suspended.
  Progress Resume(OperationContext& context);
  /// A turn of it after a job could not be suspended; in the end `why`.
  base::Result<Next> GoOn(OperationContext& context, const base::Error& why);

  ClusterRuntime& runtime_;
  ProcessTable& processes_;
  ClusterWatch& watch_;
  Journal& journal_;
  const ClusterTimings timings_;
  ClusterTenants* tenants_ = nullptr;
};

}  // namespace streampark::console
