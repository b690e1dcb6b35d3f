// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/base/ulid.h"
#include "streampark/console/clusters/cluster_service.h"
#include "streampark/console/clusters/cluster_tenants.h"
#include "streampark/console/clusters/fleet.h"
#include "streampark/console/clusters/fleet_store.h"
#include "streampark/console/operations/operation_store.h"
#include "streampark/console/turns.h"

namespace streampark::console {

/// Suspends and resumes everything that the console manages. Thread-safe. What is suspended is
/// written down before it is stopped, so that a crash in the middle is continued at the next
/// Start() and RESUME knows what to start.
class FleetService {
 public:
  struct Parts {
    FleetStore& store;
    ClusterService& clusters;
    OperationStore& operations;
    const base::Clock& clock;
    TurnsFactory turns;
    base::UlidGenerator& ids;
    base::Millis job_deadline{600'000};  // for one job to suspend or to start
    base::Millis cluster_deadline{240'000};
    base::Millis look_again_after{200};
  };

  static std::unique_ptr<FleetService> Make(Parts parts);
  virtual ~FleetService() = default;

  virtual void Attach(ClusterTenants& tenants) = 0;
  /// Continues an open operation.
  virtual base::Status Start() = 0;
  virtual void Stop() = 0;

  /// OPERATION_IN_FLIGHT while another one is open; the same key again answers the same operation.
  virtual base::Result<FleetOperation> Begin(FleetCommand command, const Requester& requester,
                                             std::string_view idempotency_key) = 0;
  /// NOT_FOUND.
  virtual base::Result<FleetOperation> Find(std::string_view operation_id) const = 0;
};

}  // namespace streampark::console
