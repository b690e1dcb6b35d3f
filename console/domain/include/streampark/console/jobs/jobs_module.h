// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/base/random.h"
#include "streampark/base/ulid.h"
#include "streampark/console/accounts/settings.h"
#include "streampark/console/automation/automation_desk.h"
#include "streampark/console/clusters/cluster_directory.h"
#include "streampark/console/clusters/cluster_tenants.h"
#include "streampark/console/clusters/installation.h"
#include "streampark/console/jobs/artifact_store.h"
#include "streampark/console/jobs/dependency_resolver.h"
#include "streampark/console/jobs/job_board.h"
#include "streampark/console/jobs/job_desk.h"
#include "streampark/console/jobs/job_options.h"
#include "streampark/console/jobs/job_store.h"
#include "streampark/console/jobs/upgrade_plan.h"
#include "streampark/console/operations/journal.h"
#include "streampark/console/operations/operation_log.h"
#include "streampark/console/turns.h"
#include "streampark/engines/engine.h"

namespace streampark::console {

/// The jobs slice, put together. Destroying it leaves the jobs on their engines as they are and the
/// operations open; the next one's Start() takes them up.
class JobsModule {
 public:
  struct Parts {
    JobsOptions options;
    const base::Clock& clock;
    TurnsFactory turns;
    base::Random& random;
    base::UlidGenerator& ids;
    JobStore& jobs;
    ResourceStore& resources;
    OperationLog& operations;
    Journal& journal;
    AutomationStore& automation;
    const SettingsSource& settings;
    ClusterDirectory& clusters;
    InstallationDirectory& installations;
    const engines::Engine& engine;
    JobBoard::Render render;
  };

  explicit JobsModule(Parts parts);
  ~JobsModule();

  /// Reads all jobs onto the board. Before clusters begin to observe.
  base::Status Load();
  /// Goes on with what was under way, and begins to look after jobs.
  base::Status Start();
  void Stop();

  JobDesk& desk();
  AutomationDesk& automation();
  JobBoard& board();
  JobStore& store();
  ResourceStore& resources();
  OperationLog& operations();
  ArtifactStore& artifacts();
  DependencyResolver& dependencies();
  ClusterObservationSink& observations();
  ClusterTenants& tenants();
  const JobsOptions& options() const;

  /// Deletes a snapshot, with its files where they are the job's own. IN_USE naming what needs it.
  base::Status DeleteSnapshot(std::string_view job_id, std::string_view snapshot_id,
                              std::stop_token stop);
  /// Takes up snapshots that lie where the job's do without a row; gives the new ones.
  base::Result<std::vector<Snapshot>> FindSnapshots(std::string_view job_id, std::stop_token stop);
  /// What an UPGRADE, RESCALE or ROLLBACK would do, found out without doing it. May take as long as
  /// a compilation. NOT_FOUND.
  base::Result<UpgradePlan> PlanUpgrade(std::string_view job_id, const JobCommand& command,
                                        std::stop_token stop);
  /// Changes name and note.
  base::Result<Snapshot> DescribeSnapshot(std::string_view job_id, std::string_view snapshot_id,
                                          std::optional<std::string> name,
                                          std::optional<std::string> note);
  /// What needs each of the job's snapshots, in words.
  std::vector<std::string> HoldersOf(const Snapshot& snapshot) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace streampark::console
