// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_configuration.h"

#include <algorithm>
#include <array>

#include "streampark/base/files.h"

#include "clusters/cluster_folder.h"
#include "installations/flink_version.h"

namespace streampark::flink {
namespace {

constexpr std::string_view kLoopback = "127.0.0.1";

struct Setting {
  std::string_view key, value;
};

/// What StreamPark would choose for anyone; a plan's options win over these.
constexpr std::array kDefaults = {
    Setting{"parallelism.default", "1"},
    // Fresh answers about a job; Flink keeps them for 3 s and its metrics for 10 s by default.
    Setting{"web.refresh-interval", "1000"},
    Setting{"metrics.fetcher.update-interval", "3000"},
    Setting{"rest.flamegraph.enabled", "true"},
    // Flink's own page shows, StreamPark acts: what is done there would be in no operation log.
    Setting{"web.submit.enable", "false"},
    Setting{"web.cancel.enable", "false"},
    Setting{"web.rescale.enable", "false"},
    // A killed TaskManager refuses connections, which two missed heartbeats prove (about 6 s). One
    // that merely hangs has 30 s, so that a busy machine or a long pause is not taken for death.
    Setting{"heartbeat.interval", "3000"},
    Setting{"heartbeat.timeout", "30000"},
    Setting{"heartbeat.rpc-failure-threshold", "2"},
    // Processes start side by side: a TaskManager that is up before its JobManager asks again after
    // this, and Flink's own 10 s would be most of a start.
    Setting{"cluster.registration.error-delay", "1000"},
    Setting{"restart-strategy.type", "exponential-delay"},
    // What user code prints is bounded like every other log.
    Setting{"taskmanager.system-out.mode", "LOG"},
    Setting{"classloader.check-leaked-classloader", "false"},
};

constexpr std::array<std::string_view, 24> kReserved = {
    "rest.address",
    "rest.port",
    "rest.bind-address",
    "rest.bind-port",
    "jobmanager.rpc.address",
    "jobmanager.rpc.port",
    "jobmanager.rpc.bind-port",
    "jobmanager.bind-host",
    "jobmanager.memory.process.size",
    "taskmanager.host",
    "taskmanager.bind-host",
    "taskmanager.memory.process.size",
    "taskmanager.numberOfTaskSlots",
    "taskmanager.resource-id",
    "io.tmp.dirs",
    "web.tmpdir",
    "web.upload.dir",
    "web.log.path",
    "env.java.home",
    "env.log.dir",
    "env.pid.dir",
    "state.checkpoints.dir",
    "state.savepoints.dir",
    "execution.checkpointing.dir",
};

std::string_view FieldBehind(std::string_view key) {
  if (key == "jobmanager.memory.process.size") {
    return "the JobManager's memory";
  }
  if (key == "taskmanager.memory.process.size") {
    return "the TaskManagers' memory";
  }
  if (key == "taskmanager.numberOfTaskSlots") {
    return "the slots per TaskManager";
  }
  if (key.find("checkpoint") != key.npos || key.find("savepoint") != key.npos) {
    return "the cluster's checkpoint and savepoint directories";
  }
  return {};
}

/// The scheduler that can change the parallelism of what runs would do so no sooner than 30 s after a
/// start or the change before.
void ShortenPause(const engines::ClusterPlan& plan, engines::Options& configuration) {
  const auto version = ParseFlinkVersion(plan.installation.version);
  const auto scheduler = plan.options.find("jobmanager.scheduler");
  if (!version || !version->IsAtLeast(1, 18) || scheduler == plan.options.end() ||
      scheduler->second != "adaptive") {
    return;
  }
  configuration.emplace(version->IsAtLeast(2, 0)
                            ? "jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling"
                            : "jobmanager.adaptive-scheduler.scaling-interval.min",
                        "1 s");
}

std::string FileUri(const std::filesystem::path& path) { return "file://" + path.string(); }

/// Which names the line knows for the same things.
bool HasNewCheckpointKeys(const engines::Installation& installation) {
  const auto version = ParseFlinkVersion(installation.version);
  return !version || version->IsAtLeast(1, 20);
}

void SetDirectories(const engines::ClusterPlan& plan, engines::Options& configuration) {
  const bool newer = HasNewCheckpointKeys(plan.installation);
  configuration[newer ? "execution.checkpointing.dir" : "state.checkpoints.dir"] =
      plan.checkpoint_directory.empty() ? FileUri(plan.folder / "checkpoints")
                                        : plan.checkpoint_directory;
  configuration[newer ? "execution.checkpointing.savepoint-dir" : "state.savepoints.dir"] =
      plan.savepoint_directory.empty() ? FileUri(plan.folder / "savepoints")
                                       : plan.savepoint_directory;
  configuration.try_emplace(
      newer ? "execution.checkpointing.num-retained" : "state.checkpoints.num-retained", "3");
}

}  // namespace

engines::Options ConfigurationOf(const engines::ClusterPlan& plan, std::string_view java_options) {
  engines::Options configuration;
  for (const Setting& setting : kDefaults) {
    configuration.emplace(setting.key, setting.value);
  }
  ShortenPause(plan, configuration);
  for (const auto& [key, value] : plan.options) {
    configuration[key] = value;
  }
  SetDirectories(plan, configuration);
  const ClusterFolder folder{plan.folder};
  const std::string rest_port = std::to_string(plan.rest_port);
  for (const char* key : {"jobmanager.rpc.address", "jobmanager.bind-host", "taskmanager.host",
                          "taskmanager.bind-host", "rest.address", "rest.bind-address"}) {
    configuration[key] = kLoopback;
  }
  configuration["rest.port"] = rest_port;
  configuration["rest.bind-port"] = rest_port;
  configuration["jobmanager.rpc.port"] = std::to_string(plan.rpc_port);
  configuration["jobmanager.memory.process.size"] = plan.job_manager_memory;
  configuration["taskmanager.memory.process.size"] = plan.task_manager_memory;
  configuration["taskmanager.numberOfTaskSlots"] = std::to_string(plan.slots_per_task_manager);
  configuration["io.tmp.dirs"] = folder.temporary().string();
  configuration["web.tmpdir"] = folder.temporary().string();
  configuration["web.upload.dir"] = folder.uploads().string();
  std::string& all = configuration["env.java.opts.all"];
  all = all.empty() || java_options.empty() ? std::string(java_options) + all
                                            : std::string(java_options) + " " + all;
  if (all.empty()) {
    configuration.erase("env.java.opts.all");
  }
  return configuration;
}

std::vector<engines::OptionProblem> ReservedOptions(const engines::Options& options) {
  std::vector<engines::OptionProblem> problems;
  for (const auto& [key, value] : options) {
    if (std::find(kReserved.begin(), kReserved.end(), key) == kReserved.end() &&
        key != "execution.checkpointing.savepoint-dir") {
      continue;
    }
    const std::string_view field = FieldBehind(key);
    problems.push_back(
        {.key = key,
         .message = "StreamPark sets this option itself",
         .hint = field.empty() ? "Remove it" : "Remove it and set " + std::string(field)});
  }
  return problems;
}

std::string ConfigurationFileName(const engines::Installation& installation) {
  const auto version = ParseFlinkVersion(installation.version);
  return !version || version->IsAtLeast(1, 19) ? "config.yaml" : "flink-conf.yaml";
}

std::string RenderConfiguration(const engines::Options& configuration, std::string_view file_name) {
  const bool quoted = file_name == "config.yaml";
  std::string text = "# Written by StreamPark at each start of this cluster; edits are lost.\n";
  for (const auto& [key, value] : configuration) {
    text += key + ": ";
    if (!quoted) {
      text.append(value.substr(0, value.find('\n'))).push_back('\n');
      continue;
    }
    text.push_back('"');
    for (const char c : value) {
      if (c == '"' || c == '\\') {
        text.push_back('\\');
      }
      if (c == '\n') {
        text += "\\n";
      } else {
        text.push_back(c);
      }
    }
    text += "\"\n";
  }
  return text;
}

std::string DistributionJavaOptions(const std::filesystem::path& home) {
  for (const char* name : {"config.yaml", "flink-conf.yaml"}) {
    const auto text = base::ReadFile(home / "conf" / name, 1U << 20U);
    if (!text.ok()) {
      continue;
    }
    // One line in either format: `      all: --add-exports=…` or `env.java.opts.all: --add-…`.
    const std::size_t at = std::min(text->find("--add-exports="), text->find("--add-opens="));
    const std::size_t line = at == std::string::npos ? at : text->rfind('\n', at) + 1;
    if (at == std::string::npos || text->compare(line, 1, "#") == 0) {
      continue;
    }
    std::string options = text->substr(at, text->find('\n', at) - at);
    while (!options.empty() && (options.back() == ' ' || options.back() == '"' ||
                                options.back() == '\'' || options.back() == '\r')) {
      options.pop_back();
    }
    return options;
  }
  return {};
}

}  // namespace streampark::flink
