// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/error.h"
#include "streampark/console/clusters/cluster.h"
#include "streampark/console/jobs/job_spec.h"
#include "streampark/console/operations/operation.h"
#include "streampark/engines/observation.h"

/// A job and all that belongs to it, as values.
namespace streampark::console {

/// RUNNING; SUSPENDED: stopped with its state kept; STOPPED: ended, the next start asks what to
/// restore; DELETED: can be brought back for a while.
enum class DesiredState { kRunning, kSuspended, kStopped, kDeleted };
std::string_view ToString(DesiredState state);
std::optional<DesiredState> ParseDesiredState(std::string_view text);

enum class AttemptOutcome { kLive, kFinished, kFailed, kStopped, kSuspended, kLost, kNeverStarted };
std::string_view ToString(AttemptOutcome outcome);
std::optional<AttemptOutcome> ParseAttemptOutcome(std::string_view text);

struct Person {
  std::string id;
  std::string name;
};

/// A failed command that nothing has made up for yet.
struct LastFailure {
  OperationKind kind = OperationKind::kStart;
  std::string operation_id;
  std::string code;     // of errors.yaml
  std::string message;  // with the innermost cause
  base::Timestamp at;
};

/// What automation keeps of a job between two decisions: the window of its budget. Emptied when the
/// job was stable, and by a person's start.
struct Recovery {
  int ends = 0;          // that were answered with a restart
  std::string answered;  // the newest of them: an attempt's or a failed operation's id
  std::optional<base::Timestamp> due;        // of the restart that waits
  bool looped = false;                       // a loop was answered with a restart
  std::optional<base::Timestamp> fenced_at;  // the last time that it ran though it should not
  bool operator==(const Recovery&) const = default;
};

/// Where automation has stopped acting on a job, until a person starts it.
struct Standing {
  enum class Kind { kQuarantined, kAsks };
  Kind kind = Kind::kQuarantined;
  std::string rule;  // of the decision
  base::Timestamp at;
  bool operator==(const Standing&) const = default;
};

/// The lasting part of a job: one row. Observations and attempts stand beside it.
struct Job {
  std::string id;
  std::string team_id;
  std::string name;
  std::string description;
  std::vector<std::string> tags;
  Person owner;
  base::Timestamp created_at;
  base::Timestamp updated_at;
  std::optional<base::Timestamp> deleted_at;
  std::int64_t edition = 1;  // grows with each edit; the ETag

  DesiredState desired = DesiredState::kStopped;
  int wanted = 1;                   // revision numbers
  std::optional<int> released;      // newest one that can be started as it is
  std::optional<int> deployed;      // of the newest attempt that was submitted
  std::optional<int> last_stable;   // of the newest attempt that was stable; see Attempt
  std::string resume_snapshot_id;   // what a start restores when SUSPENDED
  bool resume_unconfirmed = false;  // it ended after a stop whose savepoint could not be proven
  std::optional<LastFailure> last_failure;
  /// Where a rollback goes back to: the revision before the newest upgrade, and its upgrade point.
  std::optional<int> rollback_revision;
  std::string rollback_snapshot_id;  // kept for it; empty: that revision is started empty
  bool ran = false;  // it may have state: some attempt has run, or is not known not to have
  bool delete_snapshots = false;  // with the deletion, when its time to undo has passed
  int highest_node = 0;           // number ever given to a node of its compiled plans
  Recovery recovery;
  std::optional<Standing> standing;

  /// Of the wanted revision's spec.
  std::string engine = "FLINK";
  std::string type = "SQL";
  std::string cluster_id;
  std::string version;
  int parallelism = 1;
  bool stateless = false;
};

struct Revision {
  std::string job_id;
  int number = 1;
  Person author;
  base::Timestamp created_at;
  std::string digest;
  std::string message;
  JobSpec spec;
};

struct ReleaseArtifact {
  std::string name;    // file name
  std::string digest;  // SHA-256
  std::int64_t size_bytes = 0;
  std::string origin;  // group:artifact:version or resource:NAME
};

/// What made a spec startable on one engine version. Shared by revisions with the same digest. One
/// that is RELEASED stays until a new one of the same spec and version is whole.
struct Release {
  enum class State { kReleasing, kReleased, kFailed };
  std::string job_id;
  int revision = 1;
  std::string spec_digest;
  std::string engine_version;
  State state = State::kReleasing;
  std::optional<base::Timestamp> finished_at;
  std::vector<ReleaseArtifact> artifacts;
  std::string plan;        // the engine's compiled plan; empty when it cannot be compiled
  std::string aligned_to;  // digest of the plan whose operator ids it took over; empty: of none
  std::vector<std::string> not_compiled;
  std::vector<engines::CompiledOperator> operators;
  std::vector<engines::SqlTable> tables;  // as the planner saw them, secrets masked
  std::vector<std::string> sinks;         // names of tables that an INSERT writes
};
std::string_view ToString(Release::State state);
std::optional<Release::State> ParseReleaseState(std::string_view text);

struct Attempt {
  std::string id;
  std::string job_id;
  int number = 1;
  std::string engine_job_id;  // ours: chosen before the submit
  int revision = 1;
  int parallelism = 1;
  std::string cluster_id;
  std::string restored_from;  // snapshot id; empty: started empty
  engines::Options options;   // effective at its start
  base::Timestamp started_at;
  std::optional<base::Timestamp> ended_at;
  AttemptOutcome outcome = AttemptOutcome::kLive;
  std::string message;     // how it ended, in the engine's words
  bool ran = false;        // all its tasks have run at least once
  bool submitted = false;  // the engine has accepted it
  /// When it was seen to be well: see stability.h. A restart later on does not take it back.
  std::optional<base::Timestamp> stable_at;
};

enum class Verification { kUnverified, kVerified, kInvalid, kUnconfirmed };
std::string_view ToString(Verification verification);
std::optional<Verification> ParseVerification(std::string_view text);
std::string_view ToString(engines::SnapshotKind kind);
std::string_view ToString(engines::SnapshotFormat format);
std::optional<engines::SnapshotKind> ParseSnapshotKind(std::string_view text);
std::optional<engines::SnapshotFormat> ParseSnapshotFormat(std::string_view text);

struct Snapshot {
  std::string id;
  std::string job_id;
  std::string attempt_id;  // empty: given by a person as a path
  int revision = 0;
  engines::SnapshotKind kind = engines::SnapshotKind::kSavepoint;
  engines::SnapshotFormat format = engines::SnapshotFormat::kUnknown;
  std::string path;  // URI; empty while UNCONFIRMED
  base::Timestamp triggered_at;
  std::optional<base::Timestamp> completed_at;
  std::optional<std::int64_t> size_bytes;
  std::string name;
  std::string note;
  Verification verification = Verification::kUnverified;
};

/// The second fact: the engine's word for the newest attempt.
struct ObservedFact {
  std::optional<engines::EngineState> state;
  std::string native_state;
  std::optional<base::Timestamp> observed_at;
  Reachability reachability = Reachability::kUnknown;
  std::optional<base::Timestamp> unreachable_since;
  std::optional<engines::TaskCounts> tasks;
};

/// How fast a running job goes and what it takes up, as it is shown; what is not known is absent.
struct Pace {
  engines::JobRates rates;
  std::optional<int> slots;
  bool operator==(const Pace&) const = default;
};

/// What shows whether a running job is well.
struct Health {
  std::int64_t restarts = 0;
  int restarts_lately = 0;   // within the last ten minutes
  int restarts_at_once = 0;  // within the time in which many of them make a loop
  std::optional<base::Timestamp> last_restart_at;  // when one was noticed
  int checkpoint_failures_in_a_row = 0;            // since the last completed one
  std::optional<base::Timestamp> last_checkpoint_at;
  std::optional<base::Timestamp> whole_since;  // all its tasks run, without a restart in between
  std::string last_problem;                    // root cause of the newest exception
  Pace pace;                                   // none but while the engine runs it
  std::optional<base::Timestamp> looked_at;
};

/// The third fact while there is one.
struct OperationMark {
  std::string id;
  OperationKind kind = OperationKind::kStart;
  std::string savepoint;  // of STOP and RESTART: YES, NO, DRAIN
  std::string step;
  std::string message;
  std::optional<base::Timestamp> started_at;
};

struct AttemptMark {
  std::string id;
  AttemptOutcome outcome = AttemptOutcome::kLive;
};

/// Everything about a job that the console keeps in memory.
struct JobState {
  Job job;
  std::optional<Attempt> attempt;     // the newest
  std::vector<AttemptMark> attempts;  // newest first, at most five
  ObservedFact observed;
  Health health;
  std::optional<OperationMark> operation;

  bool live() const { return attempt && attempt->outcome == AttemptOutcome::kLive; }
};

}  // namespace streampark::console
