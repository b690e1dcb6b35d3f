// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "streampark/console/clusters/cluster_service.h"
#include "streampark/console/clusters/cluster_tenants.h"
#include "streampark/console/clusters/installation_service.h"
#include "streampark/console/jobs/job_desk.h"
#include "streampark/console/operations/journal.h"
#include "streampark/console/operations/operation_log.h"
#include "streampark/engines/engine.h"
#include "streampark/http/router.h"
#include "streampark/store/jobs/operation_table.h"

#include "core.h"

namespace streampark::server {

/// Operations and the journal of all slices, on the core's database. Made before the slices that
/// write them; every change of an operation is published as event.
class OperationsBase {
 public:
  explicit OperationsBase(const Core& core);
  console::OperationLog& log() { return log_; }
  console::Journal& journal() { return journal_; }
  const console::Outside& outside() const { return outside_; }

 private:
  store::OperationTable table_;
  console::OperationLog log_;
  console::Outside outside_;
  console::Journal journal_;
  std::mutex ended_mutex_;
  std::map<std::array<std::string, 3>, std::int64_t> ended_;  // by subject, kind and outcome
};

/// Jobs, SQL help and resources, put together.
class JobsSlice {
 public:
  /// Reads all jobs; STORAGE_FAILED. All arguments must outlive it.
  static base::Result<std::unique_ptr<JobsSlice>> Make(const Core& core, OperationsBase& operations,
                                                       console::ClusterService& clusters,
                                                       console::InstallationService& installations,
                                                       engines::Engine engine);
  ~JobsSlice();

  console::JobDesk& desk();
  console::ClusterTenants& tenants();
  console::ClusterObservationSink& observations();

  void Bind(http::Router& router);
  /// Goes on with operations that were under way.
  base::Status Start();
  void Stop();

 private:
  struct Parts;
  explicit JobsSlice(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace streampark::server
