// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/console/clusters/cluster_service.h"
#include "streampark/console/clusters/fleet_service.h"
#include "streampark/console/clusters/installation_service.h"
#include "streampark/console/operations/journal.h"
#include "streampark/console/operations/operation_log.h"
#include "streampark/engines/engine.h"
#include "streampark/http/router.h"

#include "core.h"

namespace streampark::server {

/// Installations, clusters and the fleet, put together. Made before the jobs, which need its
/// directories; told of them by Attach().
class ClustersSlice {
 public:
  /// Where operations are kept and acts are journalled; shared with the jobs.
  struct Operations {
    console::OperationLog& log;
    console::Journal& journal;
    const console::Outside& outside;
  };

  /// Loads everything; STORAGE_FAILED. `native` is the version of the native engine. All arguments must outlive it.
  static base::Result<std::unique_ptr<ClustersSlice>> Make(const Core& core, Operations operations,
                                                           engines::Engine engine,
                                                           console::Installation native);
  ~ClustersSlice();

  console::ClusterService& clusters();
  console::InstallationService& installations();

  /// Once, before Start().
  void Attach(console::ClusterTenants& tenants, console::ClusterObservationSink& sink);
  void Bind(http::Router& router);
  /// Finds processes again and continues what was open. After the jobs' own Start, which answers
  /// about who lives where.
  base::Status Start();
  void Stop();

 private:
  struct Parts;
  explicit ClustersSlice(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace streampark::server
