// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "streampark/console/clusters/cluster.h"
#include "streampark/console/clusters/installation.h"

namespace streampark::console {
namespace {

template <typename Enum, std::size_t N>
std::optional<Enum> Lookup(const std::array<std::string_view, N>& words, std::string_view text) {
  const auto found = std::find(words.begin(), words.end(), text);
  if (found == words.end()) {
    return std::nullopt;
  }
  return static_cast<Enum>(found - words.begin());
}

constexpr std::array<std::string_view, 7> kClusterStates = {
    "STOPPED", "STARTING", "RUNNING", "DEGRADED", "UNREACHABLE", "STOPPING", "FAILED"};
constexpr std::array<std::string_view, 2> kDesired = {"RUNNING", "STOPPED"};
constexpr std::array<std::string_view, 4> kReachabilities = {"UNKNOWN", "REACHABLE", "UNREACHABLE",
                                                             "LOST"};
constexpr std::array<std::string_view, 5> kInstallationStates = {"FETCHING", "VERIFYING", "READY",
                                                                 "BROKEN", "FAILED"};

}  // namespace

std::string_view ToString(ClusterState state) {
  return kClusterStates[static_cast<std::size_t>(state)];
}

std::string_view ToString(ClusterDesired desired) {
  return kDesired[static_cast<std::size_t>(desired)];
}

std::optional<ClusterDesired> ParseClusterDesired(std::string_view text) {
  return Lookup<ClusterDesired>(kDesired, text);
}

std::string_view ToString(Reachability reachability) {
  return kReachabilities[static_cast<std::size_t>(reachability)];
}

std::string_view ToString(engines::ProcessRole role) {
  return role == engines::ProcessRole::kJobManager ? "JOB_MANAGER" : "TASK_MANAGER";
}

std::string_view ToString(InstallationState state) {
  return kInstallationStates[static_cast<std::size_t>(state)];
}

std::optional<InstallationState> ParseInstallationState(std::string_view text) {
  return Lookup<InstallationState>(kInstallationStates, text);
}

engines::Installation Installation::ForEngine() const {
  return {
      .id = id, .home = home, .version = version, .line = line, .vendor = vendor, .engine = engine};
}

std::string LineOfVersion(std::string_view version) {
  std::size_t at = 0;
  for (int part = 0; part < 2; ++part) {
    const std::size_t first = at;
    while (at < version.size() && std::isdigit(static_cast<unsigned char>(version[at])) != 0) {
      ++at;
    }
    if (at == first) {
      return {};
    }
    if (part == 0) {
      if (at == version.size() || version[at] != '.') {
        return {};
      }
      ++at;
    }
  }
  return std::string(version.substr(0, at));
}

}  // namespace streampark::console
