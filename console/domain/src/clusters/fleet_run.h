// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "streampark/console/clusters/fleet_service.h"

namespace streampark::console {

/// One fleet operation on its way. Every step is written down before the next; everything it begins
/// is begun under a key of its own, so that a later life of the console may go through it again.
///
///   SUSPEND  ask whether every job can be suspended (without force: else nothing is done) → note each
///            job as suspended and stop it with a savepoint (without force: when one fails, those that
///            were suspended are started again) → note each cluster and stop it
///   RESUME   start the clusters, then the jobs; what runs again is no longer noted
class FleetRun {
 public:
  FleetRun(const FleetService::Parts& parts, ClusterTenants& tenants, FleetOperation operation,
           std::stop_token stop)
      : parts_(parts),
        tenants_(tenants),
        operation_(std::move(operation)),
        stop_(std::move(stop)) {}

  /// Returns when it has ended, or when the console shuts down: then it stays open.
  void Carry();

 private:
  base::Status Suspend();
  base::Status AskJobs();
  base::Status SuspendJobs();
  base::Status StopClusters();
  void ResumeSuspended();
  base::Status Resume();
  base::Status StartClusters();
  base::Status StartJobs();

  base::Result<std::string> Command(const FleetItem& item, const ClusterCommand& command);
  base::Status AwaitCluster(const std::string& operation_id);
  base::Status Begin(FleetItem& item);
  base::Status End(FleetItem& item, const base::Status& how);
  /// The names of the items that failed, joined; empty when none did.
  std::string Failed(SubjectKind kind) const;
  std::string KeyOf(const FleetItem& item, std::string_view verb) const;
  void ForEach(SubjectKind kind, const std::function<void(FleetItem&)>& visit);
  base::Status Save() { return parts_.store.Save(operation_); }

  const FleetService::Parts& parts_;
  ClusterTenants& tenants_;
  FleetOperation operation_;
  std::stop_token stop_;
};

}  // namespace streampark::console
