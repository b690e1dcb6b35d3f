// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/console/clusters/cluster.h"
#include "streampark/console/jobs/job_spec.h"

namespace streampark::console {

/// When automation calls a job stable, looping or lost from sight; its rules are in judge.h.
struct AutomationLimits {
  base::Millis stable_after{600'000};  // healthy for so long ends the window of the budget
  int loop_restarts = 64;              // so many engine restarts within `loop_window` are a loop
  base::Millis loop_window{120'000};
  base::Millis unreachable_patience{300'000};  // then silence needs a person
  base::Millis mending_patience{120'000};      // for a managed cluster to have its processes back
  base::Millis look_again{2'000};              // at a job that waits for its cluster
  base::Millis after_refusal{10'000};          // until a refused command is decided on anew
};

/// How the jobs slice is set up; fixed for the life of the process.
struct JobsOptions {
  std::string console_id;           // goes into every job's global parameters
  std::filesystem::path artifacts;  // content-addressed store
  std::filesystem::path work;       // for resolving dependencies; emptied at will
  /// Result files are read below these alone.
  std::vector<std::filesystem::path> result_folders;
  std::string maven_program = "mvn";
  int workers = 6;          // threads for operations
  int details_workers = 4;  // threads that look at jobs closely, for so many clusters that hang
  base::Millis start_patience = base::Millis(300'000);    // until all tasks must have run once
  base::Millis fresh_checkpoint = base::Millis(300'000);  // LAST_STATE goes on from none older
  AutomationLimits automation;
  int details_per_second = 20;  // jobs looked at closely, all clusters together
  std::uint64_t upload_limit = 512ULL << 20U;
};

enum class OptionOrigin { kJob, kAttempt, kPlatform, kCluster, kEngine };
std::string_view ToString(OptionOrigin origin);  // PLATFORM

struct EffectiveOption {
  std::string key;
  std::string value;
  OptionOrigin origin = OptionOrigin::kJob;
};

/// What a job of this spec is started with on this cluster, by key: what the platform sets unless
/// the spec says otherwise, the spec's own, and what is laid over them for one attempt. The
/// platform's keys differ by engine line; job_options.cc has the table.
std::vector<EffectiveOption> EffectiveOptions(const JobSpec& spec, const engines::Options& attempt,
                                              const Cluster& cluster, std::string_view job_id);
engines::Options OptionsOf(const std::vector<EffectiveOption>& effective);

/// The names of one option: Flink's present one and the older one that it takes too; the native engine's.
using OptionNames = std::array<std::string_view, 3>;
inline constexpr OptionNames kCheckpointFolderKeys{
    "execution.checkpointing.dir", "state.checkpoints.dir", "native.checkpoint.directory"};
inline constexpr OptionNames kSavepointFolderKeys{
    "execution.checkpointing.savepoint-dir", "state.savepoints.dir", "native.savepoint.directory"};
inline constexpr OptionNames kRetainedKeys{"execution.checkpointing.num-retained",
                                           "state.checkpoints.num-retained",
                                           "native.checkpoint.keep"};
/// What the options say under one of the names; empty when nothing.
std::string OptionOf(const engines::Options& options, const OptionNames& names);

/// A duration as engines spell it: `10s`, `10 min`, `1 h`, `500` (milliseconds).
std::optional<base::Millis> EngineDuration(std::string_view text);

/// Whether the options say where checkpoints are kept, by either line's name.
bool NamesCheckpointDirectory(const engines::Options& options);
/// Whether it has no checkpoints that would need a place: batch.
bool IsBatch(const JobSpec& spec);

/// Where the job's savepoints go: below the cluster's folder; empty when that is not known (the
/// cluster's own default is used then).
std::string SavepointDirectoryOf(const Cluster& cluster, std::string_view job_id);

/// Where its checkpoints go unless its options say otherwise; likewise.
std::string CheckpointDirectoryOf(const Cluster& cluster, std::string_view job_id);

}  // namespace streampark::console
