// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/random.h"
#include "streampark/base/result.h"
#include "streampark/core/plan.h"
#include "streampark/objects/location.h"
#include "streampark/objects/open_folder.h"

namespace streampark::core {

class CheckpointStore;

/// What to do when an attempt fails: restart it from the newest checkpoint, so often and after so long.
struct RestartPolicy {
  int attempts = 3;                 // in a row; a completed checkpoint starts the count anew
  base::Millis first_pause{1'000};  // doubles with each attempt in a row
  base::Millis longest_pause{60'000};
};

/// Where keyed state lies while a job runs.
struct StateOptions {
  enum class Backend : std::uint8_t { kMemory, kRocksDb } backend = Backend::kMemory;
  /// That has RocksDB; loaded when it is chosen and a job has keyed state.
  std::filesystem::path library;
  /// A folder of this job alone, emptied when the job begins. Empty: beside the checkpoints on this machine, or else a temporary one.
  std::filesystem::path folder;
  // Of all subtasks together:
  std::size_t cache_bytes = std::size_t{256} << 20U;        // for objects
  std::size_t block_cache_bytes = std::size_t{256} << 20U;  // for blocks of files
  std::size_t write_buffer_bytes = std::size_t{256} << 20U;
};

struct NativeOptions {
  int parallelism = 1;
  /// Part of every savepoint: one of another number is refused.
  int key_groups = 128;
  std::optional<base::Millis> checkpoint_interval;
  base::Millis checkpoint_timeout{600'000};
  /// Where checkpoints go: a folder of this job alone, of this machine or of a bucket; empty: memory, which survives restarts of the job
  /// but not of the process.
  objects::Location checkpoint_folder;
  int checkpoints_kept = 3;
  /// A checkpoint's folder to begin from, instead of the newest in the job's own.
  objects::Location restore_from;
  /// State of the checkpoint that no operator takes goes; else it is STATE_NOT_RESTORED.
  bool restore_ignores_unclaimed = false;
  /// For whoever runs the job: where it leaves a savepoint when it is told to end; empty: it leaves none.
  objects::Location savepoint_folder;
  /// How buckets are reached, where one of these is in one.
  objects::S3Options s3;
  /// For whoever runs the job: the address and port at which it tells its status; empty: nowhere.
  std::string status_listen;
  /// Whether it shows rows there, too.
  bool status_shows_rows = false;
  RestartPolicy restart;
  /// Batches that wait in each channel between two subtasks.
  std::size_t channel_capacity = 8;
  StateOptions state;
};

enum class JobPhase : std::uint8_t {
  kCreated,
  kRestoring,
  kRunning,
  kRestarting,
  kStopping,
  kFinished,
  kStopped,
  kFailed
};

struct OperatorStatus {
  int node = 0;
  std::string name;
  int parallelism = 0;
  std::int64_t rows_in = 0;
  std::int64_t rows_out = 0;
  std::int64_t rows_dropped = 0;        // too late for their windows
  std::optional<std::int64_t> waiting;  // records in the source, as far as subtasks know
  std::optional<EventTime> watermark;
};

struct JobStatus {
  JobPhase phase = JobPhase::kCreated;
  int restarts = 0;
  std::optional<base::Error> last_error;
  std::uint64_t last_checkpoint = 0;
  std::optional<base::Timestamp> last_checkpoint_at;
  base::Millis last_checkpoint_took{0};
  int failed_checkpoints = 0;
  std::vector<OperatorStatus> operators;
};

/// Runs a plan in this process, a thread a subtask. Run is called once; the rest comes from any thread.
class NativeJob {
 public:
  /// The plan, clock and random outlive the job. VALIDATION_FAILED as Plan::Check says; errors of the checkpoint folder.
  static base::Result<std::unique_ptr<NativeJob>> Make(const Plan& plan, NativeOptions options,
                                                       const base::Clock& clock,
                                                       base::Random& random);
  ~NativeJob();

  /// Until all is read, or it is stopped, or has failed more often than its policy allows (that error). A requested `stop` cancels:
  /// what came after the newest checkpoint is undone.
  base::Status Run(std::stop_token stop);

  /// A savepoint, while the job goes on: its folder. CANCELLED when the job ends before it is complete.
  base::Result<std::string> Savepoint(objects::Location folder);
  enum class StopMode : std::uint8_t { kSavepoint, kDrain };
  /// Ends Run with a last savepoint in `folder`; drained, all windows fire first, and nobody should go on from it.
  base::Result<std::string> Stop(StopMode mode, objects::Location folder);
  JobStatus status() const;
  /// A look into the running job: the next rows that an operator of the plan gives, as JSON, up to `most` or what comes within
  /// `patience`. NOT_FOUND; OPERATION_IN_FLIGHT while somebody else looks.
  base::Result<std::vector<std::string>> Rows(int node, std::size_t most, base::Millis patience);

 private:
  class Impl;
  explicit NativeJob(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace streampark::core
