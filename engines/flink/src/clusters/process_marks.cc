// SPDX-License-Identifier: Apache-2.0
#include "clusters/process_marks.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>

#include <sys/stat.h>

namespace streampark::flink {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCluster = "-Dstreampark.cluster.id=";
constexpr std::string_view kRole = "-Dstreampark.process.role=";
constexpr std::string_view kIndex = "-Dstreampark.process.index=";
constexpr std::string_view kJobManagerRole = "jobmanager";
constexpr std::string_view kTaskManagerRole = "taskmanager";

std::optional<int> NumberOf(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

/// The arguments of a process; empty when it is gone or is not to be seen.
std::string CommandLineOf(const fs::path& process) {
  std::ifstream file(process / "cmdline", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<engines::ClusterProcess> Recognise(std::string_view arguments,
                                                 std::string_view cluster_id) {
  bool of_cluster = false;
  std::optional<engines::ProcessRole> role;
  std::optional<int> index;
  while (!arguments.empty()) {
    const std::size_t end = arguments.find('\0');
    const std::string_view argument = arguments.substr(0, end);
    arguments.remove_prefix(end == std::string_view::npos ? arguments.size() : end + 1);
    if (argument.starts_with(kCluster)) {
      of_cluster = argument.substr(kCluster.size()) == cluster_id;
    } else if (argument.starts_with(kRole)) {
      role = argument.substr(kRole.size()) == kJobManagerRole ? engines::ProcessRole::kJobManager
                                                              : engines::ProcessRole::kTaskManager;
    } else if (argument.starts_with(kIndex)) {
      index = NumberOf(argument.substr(kIndex.size()));
    }
  }
  if (!of_cluster || !role || !index) {
    return std::nullopt;
  }
  return engines::ClusterProcess{.role = *role, .index = *index, .id = {}};
}

}  // namespace

std::vector<std::string> ProcessMarks(std::string_view cluster_id, engines::ProcessRole role,
                                      int index) {
  return {std::string(kCluster) + std::string(cluster_id),
          std::string(kRole) + std::string(role == engines::ProcessRole::kJobManager
                                               ? kJobManagerRole
                                               : kTaskManagerRole),
          std::string(kIndex) + std::to_string(index)};
}

std::vector<engines::ClusterProcess> FindMarkedProcesses(std::string_view cluster_id,
                                                         const std::vector<uid_t>& owners) {
  std::vector<engines::ClusterProcess> processes;
  std::error_code error;
  for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    const auto pid = NumberOf(it->path().filename().string());
    struct stat owner {};
    if (!pid || ::stat(it->path().c_str(), &owner) != 0 ||
        std::find(owners.begin(), owners.end(), owner.st_uid) == owners.end()) {
      continue;
    }
    auto process = Recognise(CommandLineOf(it->path()), cluster_id);
    if (!process) {
      continue;
    }
    if (const auto id = base::Identify(*pid); id && base::IsAlive(*id)) {
      process->id = *id;
      processes.push_back(*process);
    }
  }
  return processes;
}

}  // namespace streampark::flink
