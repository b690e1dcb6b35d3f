// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "streampark/console/clusters/fleet_service.h"

namespace streampark::console {

/// One fleet operation on its way, turn by turn. Every step is written down before the next;
/// everything it begins is begun under a key of its own, so that a later turn, or a later life of
/// the console, may go through it again and is answered the same.
///
///   SUSPEND  ask whether every job can be suspended (without force: else nothing is done) → note each
///            job as suspended and stop it with a savepoint (without force: when one fails, those that
///            were suspended are started again) → note each cluster and stop it (without force: when
///            one cannot be, all are started again)
///   RESUME   start the clusters, then the jobs; what runs again is no longer noted
class FleetRun {
 public:
  FleetRun(const FleetService::Parts& parts, ClusterTenants& tenants, FleetOperation operation)
      : parts_(parts), tenants_(tenants), operation_(std::move(operation)) {}

  /// As much as can be done now. Absent when it has ended.
  Turns::Due TakeTurn();

 private:
  /// Of these each says whether nothing that it has begun is under way any more; an error ends the
  /// operation.
  using Turn = base::Result<bool>;
  Turn Suspend();
  base::Status AskJobs();
  Turn SuspendJobs();
  Turn StopClusters();
  /// What this SUSPEND has stopped.
  Turn StartAgain(SubjectKind kind);
  Turn Resume();
  Turn StartClusters();
  Turn StartJobs();

  base::Status Begin(FleetItem& item);
  base::Status End(FleetItem& item, const base::Status& how);
  /// There is nothing, or nothing any more, for the fleet to do with it.
  base::Status Settle(FleetItem& item, std::string why);
  /// How a job's operation that was begun under the key, or why none was, ended; absent while it is
  /// under way. An error when the disk refused: it is begun anew later.
  base::Result<std::optional<base::Status>> EndOfJob(const std::string& key,
                                                     const base::Result<std::string>& operation_id);
  /// Has the cluster carry the command out; likewise.
  base::Result<std::optional<base::Status>> EndOfCluster(const FleetItem& item,
                                                         const ClusterCommand& command);
  /// Whether what has that key has been waited for longer than that.
  bool IsOverdue(const std::string& key, base::Millis deadline);
  /// The names of the items that failed, joined; empty when none did.
  std::string Failed(SubjectKind kind) const;
  std::string KeyOf(const FleetItem& item, std::string_view verb) const;
  void ForEach(SubjectKind kind, const std::function<void(FleetItem&)>& visit);
  base::Status Save() { return parts_.store.Save(operation_); }

  const FleetService::Parts& parts_;
  ClusterTenants& tenants_;
  FleetOperation operation_;
  std::map<std::string, base::SteadyTime> waiting_since_;  // by key
};

}  // namespace streampark::console
