// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/process.h"
#include "streampark/base/result.h"
#include "streampark/engines/engine.h"

#include "clusters/cluster_folder.h"
#include "java/java_runtime.h"

namespace streampark::flink {

/// What a process is started with, worked out once when a cluster is prepared and kept in
/// launch.json, so that a process that died is started again the same way and at once.
struct LaunchParameters {
  std::vector<std::string> jvm;      // memory and other options of the virtual machine
  std::vector<std::string> dynamic;  // -D key=value …, after the main class
};

struct LaunchFile {
  std::string java;
  LaunchParameters job_manager;
  LaunchParameters task_manager;
};

base::Status WriteLaunchFile(const std::filesystem::path& file, const LaunchFile& launch);
/// CLUSTER_START_FAILED when the cluster was never prepared.
base::Result<LaunchFile> ReadLaunchFile(const std::filesystem::path& file);

/// Asks the distribution's own bin/bash-java-utils.jar what its configuration in `conf` means for
/// a process's memory. CLUSTER_OPTIONS_INVALID carries Flink's words.
base::Result<LaunchParameters> ComputeParameters(const JavaRuntime& java,
                                                 const engines::Installation& installation,
                                                 const std::filesystem::path& conf,
                                                 engines::ProcessRole role);

/// The jars of lib in the order of Flink's own scripts: by name, the main jar last.
base::Result<std::vector<std::filesystem::path>> LibraryJars(const std::filesystem::path& home);

/// The command that becomes the process: a JVM without any script of Flink's around it.
base::Result<base::Command> LaunchCommand(const engines::ClusterPlan& plan,
                                          const LaunchFile& launch, engines::ProcessRole role,
                                          int index);

/// Options of the virtual machine that the configuration asks for, in Flink's order: for all, then
/// for the role. Split at blanks outside quotes.
std::vector<std::string> JavaOptionsOf(const engines::Options& configuration,
                                       engines::ProcessRole role);
std::vector<std::string> SplitArguments(std::string_view text);

/// INSTALLATION_INVALID when what a cluster or an agent reads of the installation is closed to the
/// user that they run as.
base::Status CheckHomeReadableBy(const base::OsUser& user, const std::filesystem::path& home);

}  // namespace streampark::flink
