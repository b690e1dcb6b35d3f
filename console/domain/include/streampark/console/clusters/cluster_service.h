// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/base/ulid.h"
#include "streampark/console/clusters/cluster_directory.h"
#include "streampark/console/clusters/cluster_listener.h"
#include "streampark/console/clusters/cluster_store.h"
#include "streampark/console/clusters/cluster_tenants.h"
#include "streampark/console/operations/journal.h"
#include "streampark/console/operations/operation_log.h"
#include "streampark/console/turns.h"
#include "streampark/engines/engine.h"

namespace streampark::console {

/// What to do with jobs that run on a cluster which is to stop.
enum class JobsOnStop {
  kRefuse,   // refuse the command, naming them
  kSuspend,  // stop each with a savepoint first; when one cannot, nothing is stopped
  kKill,     // let them die
};

std::optional<JobsOnStop> ParseJobsOnStop(std::string_view text);

struct ClusterCommand {
  OperationKind kind = OperationKind::kStart;  // START, STOP, RESTART
  JobsOnStop jobs = JobsOnStop::kRefuse;
};

/// What the engine says to a spec, with JSON pointers into it.
struct ClusterSpecVerdict {
  struct Finding {
    std::string pointer, key, message, hint;
  };
  std::vector<Finding> errors;
  std::vector<Finding> warnings;
  std::map<std::string, std::int64_t> job_manager_memory;  // bytes by part
  std::map<std::string, std::int64_t> task_manager_memory;
};

/// A job that the engine runs or remembers on a cluster.
struct ClusterJob {
  engines::JobObservation observed;
  std::optional<ClusterTenants::Tenant> owner;  // absent: not ours
};

/// How long things may take and how often they are looked at.
struct ClusterTimings {
  base::Millis tick{1000};
  base::Millis close_tick{250};  // while somebody waits for a change
  base::Millis slowest_tick{5000};
  base::Millis observe_deadline{3000};
  base::Millis look_again{250};  // of an operation that waits
  base::Millis start_deadline{180'000};
  base::Millis stop_grace{15'000};
  base::Millis suspend_deadline{600'000};  // of one job
  base::Millis mend_tick{500};
  base::Millis first_back_off{1000};
  base::Millis longest_back_off{30'000};
};

/// Everything that can be done with clusters. Thread-safe.
///
/// Clusters of this machine are processes that outlive the console: destroying the service leaves
/// them running, Start() of the next one finds them again, continues operations that were under way
/// and mends what died.
class ClusterService : public ClusterDirectory {
 public:
  struct Parts {
    ClusterStore& store;
    OperationLog& operations;
    Journal& journal;
    const Outside& outside;
    const InstallationDirectory& installations;
    const engines::Engine& engine;
    const base::Clock& clock;
    TurnsFactory turns;
    base::UlidGenerator& ids;
    ClusterListener& listener;
    std::filesystem::path folder;  // each cluster gets one of its own in it
    ClusterTimings timings = {};
  };

  /// Loads all clusters. Nothing is looked at and nothing is done before Start().
  static base::Result<std::unique_ptr<ClusterService>> Load(Parts parts);
  ~ClusterService() override = default;

  /// Who lives on the clusters and who hears of them; once, before Start().
  virtual void Attach(ClusterTenants& tenants, ClusterObservationSink& sink) = 0;
  /// Finds the processes again, continues open operations, begins to observe and to mend.
  virtual base::Status Start() = 0;
  /// Takes no more turns; operations under way stay open for the next start.
  virtual void Stop() = 0;

  /// The rules of CheckedClusterSpec and of the engine; VALIDATION_FAILED or
  /// CLUSTER_OPTIONS_INVALID with fields, NAME_TAKEN.
  virtual base::Result<ClusterPtr> Create(ClusterSpec spec, std::stop_token stop) = 0;
  /// STALE_EDIT when the edition is not `expected` any more; ILLEGAL_STATE when engine or kind
  /// would change.
  virtual base::Result<ClusterPtr> Edit(std::string_view cluster_id, ClusterSpec spec,
                                        std::int64_t expected, std::stop_token stop) = 0;
  /// IN_USE while it runs (managed) or jobs target it.
  virtual base::Status Delete(std::string_view cluster_id) = 0;
  /// What Create would say, without it.
  virtual base::Result<ClusterSpecVerdict> Check(ClusterSpec spec, std::stop_token stop) = 0;

  /// Begins an operation. ILLEGAL_STATE for a cluster that is not managed or in the wrong state,
  /// IN_USE naming the jobs, OPERATION_IN_FLIGHT with the one under way.
  virtual base::Result<Operation> Command(std::string_view cluster_id,
                                          const ClusterCommand& command, const Requester& requester,
                                          std::string_view idempotency_key) = 0;
  /// Asks the cluster's operation to end; ILLEGAL_STATE when that is not possible any more.
  virtual base::Result<Operation> Cancel(std::string_view operation_id) = 0;

  virtual base::Result<std::vector<engines::TaskManagerObservation>> ListTaskManagers(
      std::string_view cluster_id, std::stop_token stop) = 0;
  /// As of the last look; empty before the first and for a cluster that does not run. From memory.
  virtual base::Result<std::vector<ClusterJob>> ListJobs(std::string_view cluster_id) const = 0;
  /// Has clusters follow an installation that changed.
  virtual void InstallationChanged(std::string_view installation_id) = 0;
};

}  // namespace streampark::console
