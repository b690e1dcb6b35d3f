// SPDX-License-Identifier: Apache-2.0
#include "streampark/engines/engine.h"

#include <algorithm>
#include <utility>

namespace streampark::engines {

bool SqlVerdict::ok() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(), [](const SqlDiagnostic& diagnostic) {
    return diagnostic.severity == "ERROR";
  });
}

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
