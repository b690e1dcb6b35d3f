// SPDX-License-Identifier: Apache-2.0
#include "clusters/process_marks.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <sstream>

#include <sys/stat.h>

#include "streampark/base/files.h"

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
  return base::ReadFile(process / "cmdline").value_or("");
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

/// A process that starts a program is for a moment there twice, with the same command line: the
/// copy has not begun the program yet, and may outlive what it was copied from. Taken for the
/// process itself it would seem to end right after its start. Those that were started here lead a
/// process group (before that they were in one with the leader of their session); copies are in
/// their parent's.
bool IsCopy(int pid) {
  const auto text = base::ReadFile("/proc/" + std::to_string(pid) + "/stat", 4096);
  const std::size_t name_end = text.ok() ? text->rfind(')') : std::string::npos;
  if (name_end == std::string::npos) {
    return true;  // it is gone already
  }
  std::istringstream fields(text->substr(name_end + 1));
  std::string state;
  int parent = 0;
  int group = 0;
  int session = 0;
  fields >> state >> parent >> group >> session;
  return group != pid && group != session;
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
    if (const auto id = base::Identify(*pid); id && !IsCopy(*pid)) {
      process->id = *id;
      processes.push_back(*process);
    }
  }
  return processes;
}

}  // namespace streampark::flink
