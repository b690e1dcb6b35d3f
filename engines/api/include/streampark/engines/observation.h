// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"

/// What engines tell about clusters and jobs, in words that fit all of them. Plain values, no
/// behaviour.
namespace streampark::engines {

/// An engine's word for a job's state, reduced to what all engines share. PENDING: accepted, not
/// all tasks run yet.
enum class EngineState {
  kPending,
  kRunning,
  kRestarting,
  kStopping,
  kFinished,
  kFailed,
  kCanceled,
  kSuspended
};

std::string_view ToString(EngineState state);  // RUNNING
std::optional<EngineState> ParseEngineState(std::string_view text);
/// Whether the engine will never run this job id again. SUSPENDED is not terminal: another
/// JobManager may take it up.
bool IsTerminal(EngineState state);

/// Tasks (parallel subtasks) by state.
struct TaskCounts {
  int total = 0, created = 0, scheduled = 0, deploying = 0, initializing = 0, running = 0,
      finished = 0, canceling = 0, canceled = 0, failed = 0, reconciling = 0;
  bool operator==(const TaskCounts&) const = default;
};

/// One job as the overview of its cluster lists it.
struct JobObservation {
  std::string engine_job_id;
  std::string name;
  EngineState state = EngineState::kPending;
  std::string native_state;  // the engine's own word
  std::optional<base::Timestamp> started_at;
  std::optional<base::Timestamp> ended_at;
  std::optional<base::Timestamp> changed_at;
  TaskCounts tasks;
  bool operator==(const JobObservation&) const = default;
};

/// One look at a cluster: everything in it was true at `observed_at`.
struct ClusterObservation {
  base::Timestamp observed_at;
  std::string address;  // the JobManager that answered
  std::string version;  // as the cluster says it
  int task_managers = 0;
  int slots_total = 0;
  int slots_free = 0;
  std::vector<JobObservation> jobs;  // running and ended, as far as the engine remembers
};

struct TaskManagerObservation {
  std::string id;
  std::string address;
  int slots_total = 0;
  int slots_free = 0;
  double cpu_cores = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t heap_used_bytes = 0;
  std::int64_t heap_max_bytes = 0;
  std::optional<base::Timestamp> last_heartbeat_at;
};

struct GraphVertex {
  std::string id;
  std::string name;
  std::string slot_group;  // vertices of one share slots
  std::vector<std::string> operators;
  int parallelism = 0;
  int max_parallelism = 0;
  std::string native_state;
  TaskCounts tasks;
  std::int64_t records_in = 0, records_out = 0, bytes_in = 0, bytes_out = 0;
  std::optional<double> records_in_per_second,
      records_out_per_second;                             // absent until the engine measured them
  std::optional<double> busy_ratio, back_pressure_ratio;  // 0…1
  std::optional<base::Timestamp> watermark;
  std::optional<base::Timestamp> started_at;
  base::Millis duration{0};
};

struct GraphEdge {
  std::string source;
  std::string target;
  std::string ship_strategy;
};

struct JobGraph {
  base::Timestamp observed_at;
  std::vector<GraphVertex> vertices;
  std::vector<GraphEdge> edges;
};

/// What of a job to ask for its rates: names that only the engine's adapter reads.
struct JobMeters {
  struct Vertex {
    std::string id;
    std::vector<std::string> in, out, pending;
  };
  std::vector<Vertex> vertices;  // those with sources or sinks
  std::optional<int> slots;      // that the job takes up
};

/// How fast a job as a whole goes; what the engine does not tell is absent.
struct JobRates {
  std::optional<double> records_in_per_second;   // that its sources read
  std::optional<double> records_out_per_second;  // that its sinks take
  std::optional<std::int64_t> pending_records;   // not read yet, where sources can tell
  bool operator==(const JobRates&) const = default;
};

enum class SnapshotKind { kSavepoint, kCheckpoint };
enum class SnapshotFormat { kCanonical, kNative, kUnknown };
enum class CheckpointState { kInProgress, kCompleted, kFailed };

struct Checkpoint {
  std::int64_t number = 0;
  SnapshotKind kind = SnapshotKind::kCheckpoint;
  CheckpointState state = CheckpointState::kInProgress;
  base::Timestamp triggered_at;
  std::optional<base::Millis> duration;
  std::optional<std::int64_t> size_bytes;
  std::optional<std::int64_t> processed_bytes;
  std::string path;     // empty until complete, or when discarded
  std::string failure;  // the engine's words
};

struct CheckpointStatistics {
  base::Timestamp observed_at;
  int completed = 0, failed = 0, in_progress = 0, restored = 0;
  struct Restored {
    std::string path;
    base::Timestamp at;
    SnapshotKind kind = SnapshotKind::kCheckpoint;
  };
  std::optional<Restored> latest_restored;
  std::vector<Checkpoint> checkpoints;  // newest first, as many as the engine keeps
};

/// A checkpoint that is whole on disk, whatever became of the job that wrote it.
struct RetainedCheckpoint {
  std::string path;  // URI, as CheckpointStatistics would spell it
  base::Timestamp completed_at;
};

/// When it was whole.
base::Timestamp CompletedAt(const Checkpoint& checkpoint);
/// The newest one that was completed; null when none was. With `kept`, the newest whose files are
/// there still. Points into `statistics`.
const Checkpoint* NewestCompleted(const CheckpointStatistics& statistics, bool kept = false);

struct ExceptionObservation {
  base::Timestamp at;
  std::string task;      // empty: the job as a whole
  std::string location;  // host:port of the process
  std::string root_cause;
  std::string trace;
};

/// A text file of one process of a cluster.
struct LogFile {
  std::string id;  // opaque; goes back into ReadLog
  std::string title;
  std::string role;  // JOB_MANAGER, TASK_MANAGER
  std::int64_t size_bytes = 0;
  std::optional<base::Timestamp> modified_at;
};

struct LogPiece {
  std::string text;
  std::int64_t offset = 0;
  std::int64_t next_offset = 0;
  std::int64_t size_bytes = 0;
};

}  // namespace streampark::engines
