// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/operations/operation.h"

namespace streampark::console {

/// What clusters and the fleet ask of the jobs on them. Implemented by the jobs slice. Thread-safe.
class ClusterTenants {
 public:
  struct Tenant {
    std::string job_id;
    std::string name;
    std::string team_id;
    std::string engine_job_id;  // of the live attempt; empty when there is none
  };

  virtual ~ClusterTenants() = default;

  /// Jobs that may have a life on the cluster now: a live attempt, or an operation under way that
  /// makes one.
  virtual std::vector<Tenant> LiveOn(std::string_view cluster_id) const = 0;
  /// Jobs whose spec targets the cluster, running or not; deleted ones that can still be brought
  /// back are not among them.
  virtual std::vector<Tenant> TargetedAt(std::string_view cluster_id) const = 0;
  /// The job that this engine job id is an attempt of; absent when it is not ours.
  virtual std::optional<Tenant> Owner(std::string_view cluster_id,
                                      std::string_view engine_job_id) const = 0;

  /// Why the job cannot be stopped with a savepoint now; ok when it can. Acts on nothing.
  virtual base::Status CanSuspend(std::string_view job_id) const = 0;
  /// Begins a STOP with savepoint YES under an idempotency key (a repeat answers the same
  /// operation); gives the operation's id. A job that is suspended already gives an empty id.
  virtual base::Result<std::string> Suspend(std::string_view job_id, const Requester& requester,
                                            std::string_view idempotency_key) = 0;
  /// Begins a START from the newest snapshot likewise; empty id when it runs already.
  virtual base::Result<std::string> Resume(std::string_view job_id, const Requester& requester,
                                           std::string_view idempotency_key) = 0;
  /// How an operation that Suspend or Resume began has ended: ok when it succeeded, else its error;
  /// absent while it is under way.
  virtual std::optional<base::Status> EndOf(std::string_view operation_id) const = 0;
};

}  // namespace streampark::console
