// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"

namespace streampark::console {

/// STANDALONE: processes on this machine that the console starts, watches and stops. REMOTE: known
/// by its addresses alone. MACHINE: this machine itself, where the native engine's jobs are processes.
enum class ClusterKind { kStandalone, kRemote, kMachine };

std::string_view ToString(ClusterKind kind);  // STANDALONE
std::optional<ClusterKind> ParseClusterKind(std::string_view text);

/// How often a managed process that dies is started again: `attempts` within any window of
/// `within`, then the cluster is FAILED.
struct RestartBudget {
  int attempts = 5;
  base::Millis within = base::Millis(600'000);
  bool operator==(const RestartBudget&) const = default;
};

/// What a person wants of a cluster; ClusterSpec of the API.
struct ClusterSpec {
  std::string name;
  std::string team_id;  // empty: shared by all teams
  std::string engine = "FLINK";
  ClusterKind kind = ClusterKind::kStandalone;
  std::string description;
  std::string installation_id;         // empty: REMOTE alone, chosen by line
  std::vector<std::string> addresses;  // REMOTE: http(s)://host:port without a path
  std::string checkpoint_directory;    // URI; empty: STANDALONE in the cluster's folder, REMOTE the
                                       // cluster's own configuration
  std::string savepoint_directory;     // likewise
  std::string job_manager_memory = "1g";
  int task_managers = 1;
  std::string task_manager_memory = "1728m";
  int slots_per_task_manager = 2;              // MACHINE: of all
  std::map<std::string, std::string> options;  // more of the engine's own
  RestartBudget restart;
  bool operator==(const ClusterSpec&) const = default;
};

/// The rules that need neither engine nor database: names, counts, address forms, what a kind needs
/// and what it cannot have. VALIDATION_FAILED with pointers into the spec. On success the spec in
/// its one spelling (addresses without a trailing slash or repeats, trimmed name).
base::Result<ClusterSpec> CheckedClusterSpec(ClusterSpec spec);

}  // namespace streampark::console
