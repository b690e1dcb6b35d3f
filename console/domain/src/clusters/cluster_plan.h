// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

#include "streampark/base/result.h"
#include "streampark/console/clusters/cluster_service.h"
#include "streampark/console/clusters/cluster_store.h"
#include "streampark/console/clusters/installation.h"
#include "streampark/engines/engine.h"

namespace streampark::console {

/// Turns specs into what an engine's adapter takes, and its findings back into words about the
/// spec. Thread-safe.
class ClusterPlanner {
 public:
  ClusterPlanner(const InstallationDirectory& installations, engines::ClusterDriver& driver,
                 std::filesystem::path folder)
      : installations_(installations), driver_(driver), folder_(std::move(folder)) {}

  std::filesystem::path FolderOf(std::string_view cluster_id) const;
  /// The plan of `spec` for the cluster's folder and ports. INSTALLATION_INVALID when the
  /// installation is gone or not READY.
  base::Result<engines::ClusterPlan> PlanOf(const ClusterRecord& record,
                                            const ClusterSpec& spec) const;
  /// The same without asking whether the installation is fit: for reading logs and for addresses.
  engines::ClusterPlan SketchOf(const ClusterRecord& record, const ClusterSpec& spec) const;
  /// Where a cluster answers; no addresses for a managed one without ports.
  engines::Endpoint EndpointOf(const ClusterRecord& record) const;
  /// URIs, whether or not the spec names them; empty when not known (REMOTE).
  std::string CheckpointDirectoryOf(const ClusterRecord& record, const ClusterSpec& spec) const;
  std::string SavepointDirectoryOf(const ClusterRecord& record, const ClusterSpec& spec) const;

  /// The engine's own rules over a STANDALONE spec.
  base::Result<ClusterSpecVerdict> Check(const ClusterRecord& record, const ClusterSpec& spec,
                                         std::stop_token stop) const;

 private:
  const InstallationDirectory& installations_;
  engines::ClusterDriver& driver_;
  const std::filesystem::path folder_;
};

/// CLUSTER_OPTIONS_INVALID with a field for each error; only for a verdict that has errors.
base::Error RefusalOf(const ClusterSpecVerdict& verdict);

/// Whether two specs would start different processes.
bool RunsDifferently(const ClusterSpec& a, const ClusterSpec& b);

}  // namespace streampark::console
