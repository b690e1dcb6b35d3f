// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/clusters/cluster_spec.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "streampark/console/names.h"

#include "clusters/address.h"

namespace streampark::console {
namespace {

using base::FieldError;

constexpr std::size_t kMostAddresses = 16;
constexpr std::size_t kLongestDescription = 2000;

std::string Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return {};
  }
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

bool IsMemorySize(std::string_view text) {
  const auto unit_at = text.find_first_not_of("0123456789");
  if (unit_at == 0) {
    return false;
  }
  if (unit_at == std::string_view::npos) {
    return true;
  }
  std::string_view unit = text.substr(unit_at);
  if (unit.starts_with(' ')) {
    unit.remove_prefix(1);
  }
  static constexpr std::string_view kUnits[] = {"b",  "k", "kb", "m",   "mb",  "g",
                                                "gb", "t", "tb", "kib", "mib", "gib"};
  return std::find(std::begin(kUnits), std::end(kUnits), unit) != std::end(kUnits);
}

/// A URI with a scheme, or an absolute path, which is spelled as a file URI.
bool CheckDirectory(std::string& directory, const char* pointer, std::vector<FieldError>& faults) {
  directory = Trimmed(directory);
  if (directory.empty()) {
    return true;
  }
  if (directory.starts_with('/')) {
    directory.insert(0, "file://");
  }
  const auto colon = directory.find(":/");
  const bool scheme = colon != std::string::npos && colon > 0 &&
                      std::all_of(directory.begin(), directory.begin() + static_cast<long>(colon),
                                  [](unsigned char c) {
                                    return std::isalnum(c) || c == '+' || c == '-' || c == '.';
                                  });
  if (!scheme) {
    faults.push_back({pointer, "'" + directory + "' is neither a URI nor an absolute path",
                      "write it as s3://bucket/folder or /folder"});
    return false;
  }
  return true;
}

void CheckCounts(const ClusterSpec& spec, std::vector<FieldError>& faults) {
  const auto between = [&](const char* pointer, int value, int least, int most) {
    if (value < least || value > most) {
      faults.push_back({pointer,
                        std::to_string(value) + " is not between " + std::to_string(least) +
                            " and " + std::to_string(most),
                        ""});
    }
  };
  between("/taskManagers", spec.task_managers, 1, 64);
  between("/slotsPerTaskManager", spec.slots_per_task_manager, 1, 256);
  between("/restart/attempts", spec.restart.attempts, 0, 100);
  if (spec.restart.within < base::Millis(1000)) {
    faults.push_back({"/restart/within", "less than a second", "10m, say"});
  }
}

void CheckStandalone(const ClusterSpec& spec, std::vector<FieldError>& faults) {
  if (spec.installation_id.empty()) {
    faults.push_back({"/installationId",
                      "a cluster that the console starts needs an engine version",
                      "choose one of the installations"});
  }
  if (!spec.addresses.empty()) {
    faults.push_back({"/addresses", "the console itself chooses where this cluster answers",
                      "addresses belong to the kind REMOTE"});
  }
  const auto memory = [&](const char* pointer, const std::string& size) {
    if (!IsMemorySize(size)) {
      faults.push_back({pointer, "'" + size + "' is not a memory size", "1g, 1728m"});
    }
  };
  memory("/jobManagerMemory", spec.job_manager_memory);
  memory("/taskManagerMemory", spec.task_manager_memory);
  for (const auto& [key, value] : spec.options) {
    const auto odd = [](unsigned char c) { return std::iscntrl(c) != 0; };
    if (key.empty() || std::any_of(key.begin(), key.end(), [&](char c) {
          return odd(static_cast<unsigned char>(c)) || c == ' ' || c == ':';
        })) {
      faults.push_back(
          {"/options/" + PointerToken(key), "'" + key + "' is not an option's name", ""});
    } else if (std::any_of(value.begin(), value.end(),
                           [&](char c) { return odd(static_cast<unsigned char>(c)); })) {
      faults.push_back({"/options/" + PointerToken(key), "a value is one line", ""});
    }
  }
}

void CheckMachine(const ClusterSpec& spec, std::vector<FieldError>& faults) {
  if (!spec.installation_id.empty()) {
    faults.push_back({"/installationId", "the native engine comes with the console", ""});
  }
  if (!spec.addresses.empty()) {
    faults.push_back({"/addresses", "it is this machine", "addresses belong to the kind REMOTE"});
  }
  if (!spec.options.empty()) {
    faults.push_back({"/options", "the native engine has options of jobs alone",
                      "set options on the job instead"});
  }
  const std::pair<const char*, const std::string*> directories[] = {
      {"/checkpointDirectory", &spec.checkpoint_directory},
      {"/savepointDirectory", &spec.savepoint_directory}};
  for (const auto& [pointer, directory] : directories) {
    if (!directory->empty() && !directory->starts_with("file:///")) {
      faults.push_back(
          {pointer, "'" + *directory + "' is not a folder of this machine", "write it as /folder"});
    }
  }
}

void CheckRemote(ClusterSpec& spec, std::vector<FieldError>& faults) {
  if (spec.addresses.empty()) {
    faults.push_back({"/addresses", "a remote cluster needs at least one address",
                      "http://host:8081 of each JobManager"});
  }
  if (spec.addresses.size() > kMostAddresses) {
    faults.push_back({"/addresses", "more than 16 addresses", ""});
  }
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < spec.addresses.size(); ++i) {
    auto address = NormalAddress(Trimmed(spec.addresses[i]));
    if (!address.ok()) {
      faults.push_back(
          {"/addresses/" + std::to_string(i), address.error().message(), address.error().hint()});
    } else if (std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) {
      addresses.push_back(*address);
    }
  }
  if (!spec.options.empty()) {
    faults.push_back({"/options", "the options of a remote cluster are set where it is started",
                      "set options on the job instead"});
  }
  spec.addresses = std::move(addresses);
}

}  // namespace

std::string_view ToString(ClusterKind kind) {
  switch (kind) {
    case ClusterKind::kStandalone:
      return "STANDALONE";
    case ClusterKind::kRemote:
      return "REMOTE";
    case ClusterKind::kMachine:
      return "MACHINE";
  }
  return "";
}

std::optional<ClusterKind> ParseClusterKind(std::string_view text) {
  if (text == "STANDALONE") {
    return ClusterKind::kStandalone;
  }
  if (text == "REMOTE") {
    return ClusterKind::kRemote;
  }
  if (text == "MACHINE") {
    return ClusterKind::kMachine;
  }
  return std::nullopt;
}

base::Result<ClusterSpec> CheckedClusterSpec(ClusterSpec spec) {
  std::vector<FieldError> faults;
  spec.name = Trimmed(spec.name);
  if (!IsName(spec.name)) {
    faults.push_back(
        {"/name", "'" + spec.name + "' is not a name",
         "up to 100 letters, digits, spaces, dots, dashes and underscores; a letter or "
         "digit at both ends"});
  }
  const bool native = spec.engine == "NATIVE";
  if (!native && spec.engine != "FLINK") {
    faults.push_back({"/engine", "'" + spec.engine + "' is not an engine", "FLINK or NATIVE"});
  } else if (native != (spec.kind == ClusterKind::kMachine)) {
    faults.push_back({"/kind",
                      "the engine " + spec.engine + " has no clusters of the kind " +
                          std::string(ToString(spec.kind)),
                      "STANDALONE and REMOTE are Flink's, MACHINE is the native engine's"});
  }
  if (spec.description.size() > kLongestDescription) {
    faults.push_back({"/description", "longer than 2000 characters", ""});
  }
  CheckCounts(spec, faults);
  CheckDirectory(spec.checkpoint_directory, "/checkpointDirectory", faults);
  CheckDirectory(spec.savepoint_directory, "/savepointDirectory", faults);
  switch (spec.kind) {
    case ClusterKind::kStandalone:
      CheckStandalone(spec, faults);
      break;
    case ClusterKind::kRemote:
      CheckRemote(spec, faults);
      break;
    case ClusterKind::kMachine:
      CheckMachine(spec, faults);
      break;
  }
  if (!faults.empty()) {
    return base::Error(base::ErrorCode::kValidationFailed,
                       faults.size() == 1 ? faults.front().message
                                          : std::to_string(faults.size()) + " fields are not valid")
        .WithFields(std::move(faults));
  }
  return spec;
}

}  // namespace streampark::console
