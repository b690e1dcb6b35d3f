// SPDX-License-Identifier: Apache-2.0
#include "streampark/engines/engine.h"

#include <algorithm>
#include <csignal>
#include <utility>

namespace streampark::engines {

bool SqlVerdict::ok() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(), [](const SqlDiagnostic& diagnostic) {
    return diagnostic.severity == "ERROR";
  });
}

bool ClusterDriver::IsAlive(const base::ProcessId& id) const { return base::IsAlive(id); }

std::uint64_t ClusterDriver::ResidentBytes(const base::ProcessId& id) const {
  return base::ResidentBytes(id);
}

void ClusterDriver::AskToEnd(const base::ProcessId& id) { base::Signal(id, SIGTERM); }

void ClusterDriver::Kill(const base::ProcessId& id) { base::Signal(id, SIGKILL); }

base::Result<CompiledSql> Planner::Recompile(const PlannerKey& key, const std::string& sql,
                                             const Options& options, int parallelism,
                                             const PlanHistory& /*history*/, std::stop_token stop) {
  return Compile(key, sql, options, parallelism, std::move(stop));
}

base::Result<FolderTrial> Planner::TryFolder(const PlannerKey&, const std::string&,
                                             std::stop_token) {
  return FolderTrial{FolderTrial::Outcome::kUnknown, "this engine has no means to try a folder"};
}

}  // namespace streampark::engines
