// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/clusters/fleet_service.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "streampark/base/log.h"

#include "clusters/fleet_run.h"

namespace streampark::console {
namespace {

class Fleet final : public FleetService {
 public:
  explicit Fleet(Parts parts) : parts_(std::move(parts)), turns_(parts_.turns(1)) {}

  void Attach(ClusterTenants& tenants) override { tenants_ = &tenants; }

  base::Status Start() override {
    for (FleetOperation& open : SP_TRY(parts_.store.ListOpen())) {
      base::LogInfo("continuing a fleet operation", {{"operation", open.id}});
      Take(std::move(open));
    }
    return base::Ok();
  }

  void Stop() override { turns_->Stop(); }

  base::Result<FleetOperation> Begin(FleetCommand command, const Requester& requester,
                                     std::string_view idempotency_key) override {
    const std::lock_guard lock(mutex_);
    if (!idempotency_key.empty()) {
      auto known = SP_TRY(parts_.store.FindByKey(idempotency_key));
      if (known) {
        if (known->command.kind != command.kind || known->command.force != command.force) {
          return base::Error(base::ErrorCode::kIdempotencyMismatch,
                             "the key was used for another command")
              .WithRelatedId(known->id);
        }
        return *std::move(known);
      }
    }
    const auto open = SP_TRY(parts_.store.ListOpen());
    if (!open.empty()) {
      return base::Error(
                 base::ErrorCode::kOperationInFlight,
                 "the fleet is being " +
                     std::string(open.front().command.kind == FleetKind::kSuspend ? "suspended"
                                                                                  : "resumed"))
          .WithRelatedId(open.front().id);
    }
    FleetOperation operation;
    operation.id = parts_.ids.Next();
    operation.command = command;
    operation.requested_by = requester;
    operation.requested_by.via = Requester::Via::kFleet;
    operation.requested_at = parts_.clock.Now();
    operation.idempotency_key = idempotency_key;
    operation.items =
        command.kind == FleetKind::kSuspend ? RunningItems() : SP_TRY(SuspendedItems());
    SP_TRY(parts_.store.Save(operation));
    Take(operation);
    return operation;
  }

  base::Result<FleetOperation> Find(std::string_view operation_id) const override {
    auto found = SP_TRY(parts_.store.Find(operation_id));
    if (!found) {
      return base::Error(base::ErrorCode::kNotFound, "there is no such operation");
    }
    return *std::move(found);
  }

 private:
  void Take(FleetOperation operation) {
    const std::string id = operation.id;
    turns_->Begin(id, [run = std::make_shared<FleetRun>(parts_, *tenants_, std::move(operation))](
                          const std::stop_token&) { return run->TakeTurn(); });
  }

  /// Every live job on a managed cluster that runs or is about to, or on this machine itself; then
  /// those clusters.
  std::vector<FleetItem> RunningItems() const {
    std::vector<FleetItem> items;
    std::vector<FleetItem> clusters;
    for (const ClusterPtr& cluster : parts_.clusters.List()) {
      const bool starts =
          cluster->operation != nullptr && cluster->operation->kind != OperationKind::kStop;
      const bool runs = starts || cluster->desired == ClusterDesired::kRunning ||
                        std::any_of(cluster->processes.begin(), cluster->processes.end(),
                                    [](const ManagedProcess& process) { return process.alive; });
      if (cluster->spec.kind == ClusterKind::kRemote || !runs) {
        continue;
      }
      for (const auto& job : tenants_->LiveOn(cluster->id)) {
        items.push_back({.subject = {SubjectKind::kJob, job.job_id, job.name}});
      }
      if (cluster->managed()) {
        clusters.push_back({.subject = {SubjectKind::kCluster, cluster->id, cluster->spec.name}});
      }
    }
    std::move(clusters.begin(), clusters.end(), std::back_inserter(items));
    return items;
  }

  /// Clusters first: the jobs need them.
  base::Result<std::vector<FleetItem>> SuspendedItems() const {
    std::vector<FleetItem> items;
    for (const FleetSubject& subject : SP_TRY(parts_.store.LoadSuspended())) {
      items.push_back({.subject = subject});
    }
    std::stable_partition(items.begin(), items.end(), [](const FleetItem& item) {
      return item.subject.kind == SubjectKind::kCluster;
    });
    return items;
  }

  Parts parts_;
  ClusterTenants* tenants_ = nullptr;
  std::mutex mutex_;
  std::unique_ptr<Turns> turns_;  // last: its thread uses all of the above
};

}  // namespace

std::string_view ToString(FleetKind kind) {
  return kind == FleetKind::kSuspend ? "SUSPEND" : "RESUME";
}

std::optional<FleetKind> ParseFleetKind(std::string_view text) {
  if (text == "SUSPEND") {
    return FleetKind::kSuspend;
  }
  if (text == "RESUME") {
    return FleetKind::kResume;
  }
  return std::nullopt;
}

std::unique_ptr<FleetService> FleetService::Make(Parts parts) {
  return std::make_unique<Fleet>(std::move(parts));
}

}  // namespace streampark::console
