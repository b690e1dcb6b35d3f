// SPDX-License-Identifier: Apache-2.0
#include "planner/agent_launcher.h"

#include <algorithm>
#include <vector>

#include "streampark/base/digest.h"
#include "streampark/base/files.h"
#include "streampark/engines/own_environment.h"

#include "clusters/launch.h"
#include "java/java_runtime.h"

namespace streampark::flink {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLongestLog = 1U << 20U;

/// Packages of java.base that Flink and its planner reflect on.
constexpr std::string_view kOpened[] = {"java.lang",
                                        "java.util",
                                        "java.util.concurrent",
                                        "java.net",
                                        "java.io",
                                        "java.nio",
                                        "java.time",
                                        "sun.net.util",
                                        "java.lang.reflect",
                                        "java.text",
                                        "java.util.concurrent.atomic",
                                        "java.util.concurrent.locks"};

std::string ClassPathOf(const fs::path& agent_jar, const engines::PlannerKey& key) {
  std::string path = agent_jar.string();
  for (const fs::path& jar : key.jars) {
    path += ":" + jar.string();
  }
  return path + ":" + (key.installation.home / "lib" / "*").string();
}

}  // namespace

std::string AgentNameOf(const engines::PlannerKey& key) {
  std::vector<std::string> jars;
  for (const fs::path& jar : key.jars) {
    jars.push_back(jar.string());
  }
  std::sort(jars.begin(), jars.end());
  std::string parts = key.installation.home.string() + '\0' + key.installation.version;
  for (const std::string& jar : jars) {
    parts += '\0' + jar;
  }
  return key.installation.version + "-" + base::Sha256Hex(parts).substr(0, 16);
}

base::Result<std::unique_ptr<Agent>> AgentLauncher::Start(const engines::PlannerKey& key) const {
  std::error_code error;
  if (!fs::is_regular_file(options_.agent_jar, error)) {
    return base::Error(base::ErrorCode::kAgentFailed,
                       "the SQL agent's jar " + options_.agent_jar.string() + " is missing")
        .WithHint("Build it, or name it by --agent-jar");
  }
  SP_TRY(LibraryJars(key.installation.home));
  for (const fs::path& jar : key.jars) {
    if (!fs::is_regular_file(jar, error)) {
      return base::Error(base::ErrorCode::kDependencyUnresolved,
                         "the dependency " + jar.string() + " is missing");
    }
  }
  if (options_.user) {
    SP_TRY(CheckHomeReadableBy(*options_.user, key.installation.home));
  }
  const JavaRuntime java = SP_TRY(FindJava(options_.java_home));
  fs::create_directories(options_.log_folder, error);
  if (error) {
    return base::FileError(error.value(), "cannot create", options_.log_folder);
  }
  const fs::path log = options_.log_folder / (AgentNameOf(key) + ".log");
  if (fs::file_size(log, error) > kLongestLog && !error) {
    fs::rename(log, log.string() + ".1", error);
  }
  base::Command command;
  // The first compiler alone: planning is short bursts of ever new code. Until warm it took half
  // the CPU of both compilers (7.9 s against 16 s) and 45 MiB less.
  command.argv = {java.executable().string(), "-Xmx" + std::to_string(memory_mib_) + "m",
                  "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"};
  for (const std::string_view package : kOpened) {
    command.argv.push_back("--add-opens=java.base/" + std::string(package) + "=ALL-UNNAMED");
  }
  command.argv.insert(command.argv.end(), {"-cp", ClassPathOf(options_.agent_jar, key),
                                           "org.apache.streampark.flink.agent.Main"});
  command.environment = {{"FLINK_HOME", key.installation.home.string()},
                         {"FLINK_PLUGINS_DIR", (key.installation.home / "plugins").string()}};
  command.unset_environment = engines::OwnEnvironment();
  command.user = options_.user;
  command.working_directory = "/";  // ours may be closed to that user
  return Agent::Start(command, log);
}

}  // namespace streampark::flink
