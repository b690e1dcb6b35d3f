// SPDX-License-Identifier: Apache-2.0
// What the platform sets for a job whose spec does not, by the line of its engine:
//
//   meaning                | before 1.20                       | from 1.20 on                          | value
//   -----------------------+-----------------------------------+---------------------------------------+-----------------------
//   checkpoint interval    | execution.checkpointing.interval  | the same                              | 10s
//   kept when cancelled    | execution.checkpointing.          | the same                              | RETAIN_ON_CANCELLATION
//                          | externalized-checkpoint-retention |                                       |
//   how many are kept      | state.checkpoints.num-retained    | execution.checkpointing.num-retained  | 3
//   checkpoints' directory | state.checkpoints.dir             | execution.checkpointing.dir           | CLUSTER/JOB
//   savepoints' directory  | state.savepoints.dir              | execution.checkpointing.savepoint-dir | CLUSTER/JOB
//
// On the native engine: native.checkpoint.directory and native.savepoint.directory. The others are its own
// defaults, below what the job's configuration says.
#include "streampark/console/jobs/job_options.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "operations/words.h"

namespace streampark::console {
namespace {

constexpr auto kOrigins =
    MakeWords<OptionOrigin>("JOB", "ATTEMPT", "PLATFORM", "CLUSTER", "ENGINE");

/// 1.20 → {1, 20}.
std::pair<int, int> NumbersOf(std::string_view line) {
  int numbers[2] = {0, 0};
  std::size_t at = 0;
  for (int& number : numbers) {
    while (at < line.size() && line[at] >= '0' && line[at] <= '9') {
      number = number * 10 + (line[at++] - '0');
    }
    ++at;
  }
  return {numbers[0], numbers[1]};
}

std::string Below(const std::string& directory, std::string_view job_id) {
  if (directory.empty()) {
    return "";
  }
  std::string path = directory;
  if (path.back() != '/') {
    path += '/';
  }
  return path.append(job_id);
}

struct Default {
  std::string key;
  std::string other_name;  // under which the spec may have set the same thing
  std::string value;
};

std::vector<Default> DefaultsFor(const Cluster& cluster, std::string_view job_id) {
  if (cluster.spec.engine == "NATIVE") {
    return {{"native.checkpoint.directory", "", Below(cluster.checkpoint_directory, job_id)},
            {"native.savepoint.directory", "", Below(cluster.savepoint_directory, job_id)}};
  }
  const bool renamed = NumbersOf(cluster.line) >= std::pair(1, 20);
  const auto named = [&](const char* older, const char* newer, std::string value) {
    return renamed ? Default{newer, older, std::move(value)}
                   : Default{older, newer, std::move(value)};
  };
  return {
      {"execution.checkpointing.interval", "", "10s"},
      {"execution.checkpointing.externalized-checkpoint-retention", "", "RETAIN_ON_CANCELLATION"},
      named("state.checkpoints.num-retained", "execution.checkpointing.num-retained", "3"),
      named("state.checkpoints.dir", "execution.checkpointing.dir",
            Below(cluster.checkpoint_directory, job_id)),
      named("state.savepoints.dir", "execution.checkpointing.savepoint-dir",
            Below(cluster.savepoint_directory, job_id)),
  };
}

}  // namespace

std::string_view ToString(OptionOrigin origin) { return kOrigins[origin]; }

std::vector<EffectiveOption> EffectiveOptions(const JobSpec& spec, const engines::Options& attempt,
                                              const Cluster& cluster, std::string_view job_id) {
  std::map<std::string, EffectiveOption> by_key;
  const auto given = [&](const std::string& key) {
    return spec.options.contains(key) || attempt.contains(key);
  };
  if (!IsBatch(spec)) {
    for (Default& one : DefaultsFor(cluster, job_id)) {
      const bool set = given(one.key) || (!one.other_name.empty() && given(one.other_name));
      if (!set && !one.value.empty()) {
        by_key[one.key] = {one.key, std::move(one.value), OptionOrigin::kPlatform};
      }
    }
  }
  for (const auto& [key, value] : spec.options) {
    by_key[key] = {key, value, OptionOrigin::kJob};
  }
  for (const auto& [key, value] : attempt) {
    by_key[key] = {key, value, OptionOrigin::kAttempt};
  }
  std::vector<EffectiveOption> effective;
  effective.reserve(by_key.size());
  for (auto& [key, option] : by_key) {
    effective.push_back(std::move(option));
  }
  return effective;
}

engines::Options OptionsOf(const std::vector<EffectiveOption>& effective) {
  engines::Options options;
  for (const EffectiveOption& option : effective) {
    options[option.key] = option.value;
  }
  return options;
}

std::string OptionOf(const engines::Options& options, const OptionNames& names) {
  for (const std::string_view name : names) {
    const auto found = options.find(std::string(name));
    if (found != options.end() && !found->second.empty()) {
      return found->second;
    }
  }
  return "";
}

std::optional<base::Millis> EngineDuration(std::string_view text) {
  std::size_t at = 0;
  std::int64_t number = 0;
  while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0 &&
         number < 1'000'000'000'000) {
    number = number * 10 + (text[at++] - '0');
  }
  if (at == 0) {
    return std::nullopt;
  }
  while (at < text.size() && text[at] == ' ') {
    ++at;
  }
  const std::string_view unit = text.substr(at);
  if (unit.empty() || unit == "ms" || unit.starts_with("milli")) {
    return base::Millis(number);
  }
  switch (unit.front()) {
    case 's':
      return base::Millis(number * 1000);
    case 'm':
      return base::Millis(number * 60'000);
    case 'h':
      return base::Millis(number * 3'600'000);
    case 'd':
      return base::Millis(number * 86'400'000);
    default:
      return std::nullopt;
  }
}

bool NamesCheckpointDirectory(const engines::Options& options) {
  return !OptionOf(options, kCheckpointFolderKeys).empty();
}

bool IsBatch(const JobSpec& spec) {
  const auto mode = spec.options.find("execution.runtime-mode");
  return mode != spec.options.end() && (mode->second == "BATCH" || mode->second == "batch");
}

std::string CheckpointDirectoryOf(const Cluster& cluster, std::string_view job_id) {
  return Below(cluster.checkpoint_directory, job_id);
}

std::string SavepointDirectoryOf(const Cluster& cluster, std::string_view job_id) {
  return Below(cluster.savepoint_directory, job_id);
}

}  // namespace streampark::console
