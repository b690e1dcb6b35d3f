// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/clusters/cluster_directory.h"
#include "streampark/console/jobs/job.h"
#include "streampark/engines/engine.h"

namespace streampark::console {

/// The installation whose planner serves the cluster. NOT_FOUND when there is no cluster,
/// INSTALLATION_INVALID when no installation fits it.
base::Result<engines::Installation> PlannerInstallationOf(const ClusterPtr& cluster);

/// VERSION_MISMATCH when the spec asks for a line or version that the cluster is not of.
base::Status CheckVersion(const JobSpec& spec, const Cluster& cluster);

/// Names of the tables that the script's INSERTs write, as the script writes them.
std::vector<std::string> SinksOf(const std::string& sql, const engines::SqlVerdict& verdict);

/// How many slots an attempt takes: all operators share them, so the widest one decides.
int SlotsNeeded(int parallelism, const Release& release);

}  // namespace streampark::console
