// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "streampark/base/result.h"
#include "streampark/engines/engine.h"

namespace streampark::flink {

/// The places inside the folder of a managed cluster.
///
///     conf/         the generated configuration, and launch.json: how to start the processes
///     log/          jobmanager.log, taskmanager-N.log|.out|.console, rotated
///     checkpoints/  savepoints/   unless the plan says otherwise
///     uploads/      what the JobManager is sent
///     tmp/          what the processes throw away
struct ClusterFolder {
  std::filesystem::path root;

  std::filesystem::path conf() const { return root / "conf"; }
  std::filesystem::path logs() const { return root / "log"; }
  std::filesystem::path uploads() const { return root / "uploads"; }
  std::filesystem::path temporary() const { return root / "tmp"; }
  std::filesystem::path launch_file() const { return conf() / "launch.json"; }
  std::filesystem::path log_settings() const { return conf() / "log4j2.properties"; }

  base::Status Create() const;
};

/// `taskmanager-0`, `jobmanager`: what a process's files begin with.
std::string ProcessName(engines::ProcessRole role, int index);

}  // namespace streampark::flink
