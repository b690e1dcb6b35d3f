// SPDX-License-Identifier: Apache-2.0
#include "clusters/flink_clusters.h"

#include <algorithm>

#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/engines/log_file.h"

#include "clusters/cluster_configuration.h"
#include "clusters/cluster_folder.h"
#include "clusters/free_port.h"
#include "clusters/launch.h"
#include "clusters/process_marks.h"
#include "java/java_runtime.h"
#include "logs/log_folder.h"

namespace streampark::flink {
namespace {

namespace fs = std::filesystem;
using engines::ProcessRole;

constexpr std::uintmax_t kLongestConsoleLog = 4U << 20U;

/// The words of the plan's fields for options that stand behind them.
std::string FieldOf(const std::string& key) {
  if (key.starts_with("jobmanager.memory")) {
    return "job_manager_memory";
  }
  return key.starts_with("taskmanager.memory") ? "task_manager_memory" : key;
}

/// Problems of options that the user gave stay under their names; those of what a field stands for
/// get the field's name; those of our own settings are nobody's but ours and are left out.
std::vector<engines::OptionProblem> OfUser(const engines::ClusterPlan& plan,
                                           std::vector<engines::OptionProblem> problems,
                                           bool keep_others) {
  std::vector<engines::OptionProblem> kept;
  for (engines::OptionProblem& problem : problems) {
    if (!plan.options.contains(problem.key)) {
      const std::string field = FieldOf(problem.key);
      if (field == problem.key && !keep_others) {
        continue;
      }
      problem.key = field;
    }
    kept.push_back(std::move(problem));
  }
  return kept;
}

/// Starts a new file when what the JVM itself wrote has grown; log4j takes care of the others.
void RotateConsoleLog(const fs::path& file) {
  std::error_code error;
  if (fs::file_size(file, error) > kLongestConsoleLog && !error) {
    fs::rename(file, file.string() + ".1", error);
  }
}

base::Error ReservedError(const std::vector<engines::OptionProblem>& problems) {
  base::Error error(base::ErrorCode::kClusterOptionsInvalid,
                    "the option " + problems.front().key + " cannot be set");
  std::vector<base::FieldError> fields;
  for (const engines::OptionProblem& problem : problems) {
    fields.push_back({"/options/" + problem.key, problem.message, problem.hint});
  }
  return std::move(error).WithHint(problems.front().hint).WithFields(std::move(fields));
}

}  // namespace

base::Result<engines::ClusterCheck> FlinkClusters::Check(const engines::ClusterPlan& plan,
                                                         std::stop_token stop) {
  const auto reserved = ReservedOptions(plan.options);
  engines::ClusterCheck check = SP_TRY(rules_.CheckClusterOptions(
      plan.installation, ConfigurationOf(plan, DistributionJavaOptions(plan.installation.home)),
      stop));
  check.errors = OfUser(plan, std::move(check.errors), true);
  check.warnings = OfUser(plan, std::move(check.warnings), false);
  check.errors.insert(check.errors.begin(), reserved.begin(), reserved.end());
  return check;
}

base::Status FlinkClusters::Prepare(engines::ClusterPlan& plan) {
  if (const auto reserved = ReservedOptions(plan.options); !reserved.empty()) {
    return ReservedError(reserved);
  }
  if (user_) {
    SP_TRY(CheckHomeReadableBy(*user_, plan.installation.home));
  }
  const JavaRuntime java = SP_TRY(FindJava(java_home_));
  if (plan.rest_port == 0) {
    plan.rest_port = SP_TRY(ChoosePort(random_, plan.rpc_port));
  }
  if (plan.rpc_port == 0) {
    plan.rpc_port = SP_TRY(ChoosePort(random_, plan.rest_port));
  }
  const ClusterFolder folder{plan.folder};
  SP_TRY(folder.Create());
  const auto configuration = ConfigurationOf(plan, DistributionJavaOptions(plan.installation.home));
  const std::string file_name = ConfigurationFileName(plan.installation);
  // A folder that changes its line must not keep the file of the other format: Flink 1.x prefers
  // it.
  std::error_code ignored;
  fs::remove(folder.conf() / (file_name == "config.yaml" ? "flink-conf.yaml" : "config.yaml"),
             ignored);
  SP_TRY(base::WriteFileAtomically(folder.conf() / file_name,
                                   RenderConfiguration(configuration, file_name),
                                   base::FileMode::kOwnerOnly));
  SP_TRY(base::WriteFileAtomically(folder.log_settings(), LogSettings()));
  LaunchFile launch{.java = java.executable().string()};
  for (const ProcessRole role : {ProcessRole::kJobManager, ProcessRole::kTaskManager}) {
    LaunchParameters& parameters =
        role == ProcessRole::kJobManager ? launch.job_manager : launch.task_manager;
    parameters = SP_TRY(ComputeParameters(java, plan.installation, folder.conf(), role));
    const auto options = JavaOptionsOf(configuration, role);
    parameters.jvm.insert(parameters.jvm.end(), options.begin(), options.end());
  }
  SP_TRY(WriteLaunchFile(folder.launch_file(), launch));
  return user_ ? HandOver(plan, file_name) : base::Ok();
}

base::Status FlinkClusters::HandOver(const engines::ClusterPlan& plan,
                                     const std::string& configuration) const {
  const ClusterFolder folder{plan.folder};
  // The folder itself stays ours: nobody can put links in the place of what we read and write.
  std::error_code error;
  for (const fs::path& passage : {folder.root.parent_path(), folder.root, folder.conf()}) {
    fs::permissions(passage, static_cast<fs::perms>(0711), error);
    if (error) {
      return base::FileError(error.value(), "cannot set the mode of", passage);
    }
  }
  std::vector<fs::path> given = {folder.logs(), folder.uploads(), folder.temporary()};
  for (const std::string& uri : {plan.checkpoint_directory, plan.savepoint_directory}) {
    const fs::path own(uri.starts_with("file://") ? uri.substr(7) : "");
    // What people chose elsewhere is theirs to give.
    if (own.parent_path() == folder.root) {
      fs::create_directories(own, error);
      given.push_back(own);
    }
  }
  for (const fs::path& one : given) {
    SP_TRY(base::GiveFolderTo(*user_, one));
  }
  return base::GiveFileTo(*user_, folder.conf() / configuration);
}

std::vector<engines::ClusterProcess> FlinkClusters::Find(std::string_view cluster_id) const {
  std::vector<uid_t> owners = {::geteuid()};  // those started before there was another user
  if (user_) {
    owners.push_back(user_->uid);
  }
  return FindMarkedProcesses(cluster_id, owners);
}

base::Result<base::ProcessId> FlinkClusters::StartProcess(const engines::ClusterPlan& plan,
                                                          ProcessRole role, int index) {
  for (const engines::ClusterProcess& process : Find(plan.cluster_id)) {
    if (process.role == role && process.index == index) {
      return process.id;
    }
  }
  const ClusterFolder folder{plan.folder};
  const LaunchFile launch = SP_TRY(ReadLaunchFile(folder.launch_file()));
  base::Command command = SP_TRY(LaunchCommand(plan, launch, role, index));
  command.user = user_;
  const fs::path console = folder.logs() / (ProcessName(role, index) + ".console");
  RotateConsoleLog(console);
  auto id = base::SpawnDetached(command, console);
  if (!id.ok()) {
    return base::Error(base::ErrorCode::kClusterStartFailed,
                       "the " + ProcessName(role, index) + " could not be started")
        .WithCause(id.error().message());
  }
  return id;
}

std::vector<engines::ClusterProcess> FlinkClusters::FindProcesses(const std::string& cluster_id) {
  return Find(cluster_id);
}

engines::Endpoint FlinkClusters::EndpointOf(const engines::ClusterPlan& plan) {
  return {.cluster_id = plan.cluster_id,
          .addresses = {"http://127.0.0.1:" + std::to_string(plan.rest_port)}};
}

base::Result<std::vector<engines::LogFile>> FlinkClusters::ListLogs(
    const engines::ClusterPlan& plan) {
  return ListLogFolder(ClusterFolder{plan.folder}.logs());
}

base::Result<engines::LogPiece> FlinkClusters::ReadLog(const engines::ClusterPlan& plan,
                                                       std::string_view log_id,
                                                       std::optional<std::int64_t> offset,
                                                       std::int64_t bytes) {
  return engines::ReadLogFile(ClusterFolder{plan.folder}.logs(), log_id, offset, bytes);
}

}  // namespace streampark::flink
