// SPDX-License-Identifier: Apache-2.0
#include "native_clusters.h"

#include "streampark/base/files.h"
#include "streampark/base/json.h"

#include "job_folder.h"

namespace streampark::native {
namespace {

namespace fs = std::filesystem;

base::Status MakePassage(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) {
    // Who knows a name below may go to it; nobody but us may list it or write there.
    fs::permissions(folder, static_cast<fs::perms>(0711), error);
  }
  return error ? base::Status(base::FileError(error.value(), "cannot make", folder)) : base::Ok();
}

}  // namespace

base::Result<engines::ClusterCheck> NativeClusters::Check(const engines::ClusterPlan& plan,
                                                          std::stop_token) {
  engines::ClusterCheck check;
  for (const std::string& directory : {plan.checkpoint_directory, plan.savepoint_directory}) {
    if (PathOf(directory).empty()) {
      check.errors.push_back({"", "'" + directory + "' is not on this machine",
                              "name a folder that the jobs' user can write"});
    }
  }
  for (const auto& [key, value] : plan.options) {
    check.errors.push_back(
        {key, "jobs of the native engine have options, and their place has none", ""});
  }
  return check;
}

base::Status NativeClusters::Prepare(engines::ClusterPlan& plan) {
  for (const fs::path& folder : {plan.folder, plan.folder / "jobs", plan.folder / "submits"}) {
    SP_TRY(MakePassage(folder));
  }
  for (const std::string& directory : {plan.checkpoint_directory, plan.savepoint_directory}) {
    const fs::path own = PathOf(directory);
    // What people chose elsewhere is theirs to give.
    if (own.parent_path() == plan.folder) {
      std::error_code error;
      fs::create_directories(own, error);
      if (error) {
        return base::FileError(error.value(), "cannot make", own);
      }
      if (user_) {
        SP_TRY(base::GiveFolderTo(*user_, own));
      }
    }
  }
  return base::WriteFileAtomically(
      plan.folder / "cluster.json",
      json::serialize(json::object{{"version", plan.installation.version},
                                   {"slots", plan.slots_per_task_manager}}));
}

base::Result<base::ProcessId> NativeClusters::StartProcess(const engines::ClusterPlan&,
                                                           engines::ProcessRole, int) {
  return base::Error(base::ErrorCode::kIllegalState, "this machine has no processes but its jobs'");
}

engines::Endpoint NativeClusters::EndpointOf(const engines::ClusterPlan& plan) {
  return {.cluster_id = plan.cluster_id,
          .addresses = {UriOf(plan.folder)},
          .engine = plan.installation.engine};
}

base::Result<engines::LogPiece> NativeClusters::ReadLog(const engines::ClusterPlan&,
                                                        std::string_view,
                                                        std::optional<std::int64_t>, std::int64_t) {
  return base::Error(base::ErrorCode::kNotFound, "logs are the jobs' own");
}

}  // namespace streampark::native
