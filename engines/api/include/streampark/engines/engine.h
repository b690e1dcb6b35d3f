// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/process.h"
#include "streampark/base/result.h"
#include "streampark/engines/observation.h"

/// What the console asks of an engine. One adapter a kind of engine implements these interfaces;
/// nobody else talks to it.
///
/// All calls block, keep to their deadlines, end early when `stop` is requested (CANCELLED), and
/// may come from any thread. Errors that every call may give: CLUSTER_UNREACHABLE (nobody answers
/// at any address: says nothing about the job), ENGINE_TIMEOUT (the outcome is unknown: observe
/// before repeating), ENGINE_ERROR (it answered and refused; the cause is its innermost one).
/// Acting calls take the key under which a repeat has no second effect.
namespace streampark::engines {

using Options = std::map<std::string, std::string>;

/// One version of an engine on disk.
struct Installation {
  std::string id;
  std::filesystem::path home;
  std::string version;  // as the distribution says it: 1.20.5, 1.19.1-csa1.13
  std::string line;     // 1.20
  std::string vendor;   // the suffix: csa1.13; empty for a plain release
  std::string engine = "FLINK";
};

/// Where a cluster answers. Several addresses are several JobManagers of one cluster; adapters try
/// the one that answered last first.
struct Endpoint {
  std::string cluster_id;
  std::vector<std::string> addresses;  // http://host:port; file:///folder on this machine
  std::string engine = "FLINK";
};

// ----------------------------------------------------------------------------------------------
// installations

/// Progress of something long: a step's name, and done of total when it can be counted (0 when
/// not).
using Progress = std::function<void(std::string_view step, std::int64_t done, std::int64_t total)>;

class InstallationDriver {
 public:
  virtual ~InstallationDriver() = default;
  /// Reads version, line and vendor from the distribution itself and checks that what a cluster
  /// needs is there. INSTALLATION_INVALID says what is missing. `digest` is over names and contents
  /// of its libraries.
  struct Inspection {
    std::string version, line, vendor, digest;
    std::uint64_t size_bytes = 0;
  };
  virtual base::Result<Inspection> Inspect(const std::filesystem::path& home,
                                           std::stop_token stop) = 0;
  /// Versions that the package repository offers, newest first.
  virtual base::Result<std::vector<std::string>> ListAvailable(std::stop_token stop) = 0;
  /// Makes a verified installation at `home` (which must not exist, or be left from an interrupted
  /// fetch). FETCH_FAILED.
  virtual base::Status Fetch(const std::string& version, const std::filesystem::path& home,
                             const Progress& progress, std::stop_token stop) = 0;
};

// ----------------------------------------------------------------------------------------------
// clusters

/// What a managed cluster is started with.
struct ClusterPlan {
  std::string cluster_id;
  std::string name;
  Installation installation;
  std::filesystem::path folder;  // its own: configuration, logs, pids, checkpoints, savepoints
  std::string job_manager_memory;
  std::string task_manager_memory;
  int task_managers = 1;
  int slots_per_task_manager = 1;
  std::string checkpoint_directory;  // URI
  std::string savepoint_directory;   // URI
  Options options;                   // laid over what the adapter writes itself
  /// Ports chosen at the first start and kept, so that a restarted JobManager answers where the old
  /// one did. 0: choose.
  int rest_port = 0;
  int rpc_port = 0;
};

enum class ProcessRole { kJobManager, kTaskManager };

struct ClusterProcess {
  ProcessRole role = ProcessRole::kJobManager;
  int index = 0;
  base::ProcessId id;
};

struct OptionProblem {
  std::string key;  // the option; or one of job_manager_memory, task_manager_memory
  std::string message;
  std::string hint;  // "did you mean …"
};

struct ClusterCheck {
  std::vector<OptionProblem> errors;
  std::vector<OptionProblem> warnings;
  std::map<std::string, std::int64_t> job_manager_memory;  // bytes by part
  std::map<std::string, std::int64_t> task_manager_memory;
};

/// Starts and stops clusters on this machine. Processes are detached: they outlive the console.
class ClusterDriver {
 public:
  virtual ~ClusterDriver() = default;
  /// The engine's own rules over options and memory. Starts nothing.
  virtual base::Result<ClusterCheck> Check(const ClusterPlan& plan, std::stop_token stop) = 0;
  /// Writes the configuration into plan.folder and fills in ports that are 0. Overwrites an older
  /// one.
  virtual base::Status Prepare(ClusterPlan& plan) = 0;
  /// Starts one process from the prepared folder. The caller records the id it gets; the cluster's
  /// id, role and index stand on the command line, so that FindProcesses recognises a process whose
  /// id was never recorded. One that lives already in that place is returned instead of a second.
  virtual base::Result<base::ProcessId> StartProcess(const ClusterPlan& plan, ProcessRole role,
                                                     int index) = 0;
  /// Living processes of this cluster on this machine, by what stands on their command lines.
  virtual std::vector<ClusterProcess> FindProcesses(const std::string& cluster_id) = 0;

  // What the system does with a process, whoever started it.
  virtual bool IsAlive(const base::ProcessId& id) const;
  virtual std::uint64_t ResidentBytes(const base::ProcessId& id) const;
  /// Asks it to end, or ends it whether it wants or not. Both return at once: it may live on for a
  /// while.
  virtual void AskToEnd(const base::ProcessId& id);
  virtual void Kill(const base::ProcessId& id);

  /// Where the prepared cluster answers.
  virtual Endpoint EndpointOf(const ClusterPlan& plan) = 0;
  /// Log files of the managed processes, from the folder (they can be read when the processes are
  /// gone).
  virtual base::Result<std::vector<LogFile>> ListLogs(const ClusterPlan& plan) = 0;
  virtual base::Result<LogPiece> ReadLog(const ClusterPlan& plan, std::string_view log_id,
                                         std::optional<std::int64_t> offset,
                                         std::int64_t bytes) = 0;
};

// ----------------------------------------------------------------------------------------------
// jobs

struct StopRequest {
  std::string engine_job_id;
  std::string trigger_id;  // 32 hex digits, ours: a repeat with it has no second effect
  std::string directory;   // URI; empty: the cluster's default
  SnapshotFormat format = SnapshotFormat::kCanonical;
  enum class After {
    kGoOn,
    kStop,
    kDrain
  } after = After::kGoOn;  // GoOn: a savepoint of a running job
};

/// How an asked-for savepoint stands. UNKNOWN: the engine has forgotten the trigger (it keeps
/// results some minutes, and loses them with its JobManager): look at the checkpoint statistics.
struct TriggerObservation {
  enum class State { kInProgress, kCompleted, kFailed, kUnknown } state = State::kInProgress;
  std::string path;   // when completed
  std::string cause;  // when failed
};

/// Looks at clusters and jobs, and acts on jobs, over the engine's own API. Holds no state but
/// connections.
class JobDriver {
 public:
  virtual ~JobDriver() = default;
  virtual base::Result<ClusterObservation> Observe(const Endpoint& cluster, base::Millis deadline,
                                                   std::stop_token stop) = 0;
  virtual base::Result<std::vector<TaskManagerObservation>> ListTaskManagers(
      const Endpoint& cluster, std::stop_token stop) = 0;
  /// The cluster's own configuration (secrets masked).
  virtual base::Result<Options> ClusterOptions(const Endpoint& cluster, std::stop_token stop) = 0;

  /// One job by id; absent when the cluster answers and does not know it.
  virtual base::Result<std::optional<JobObservation>> Find(const Endpoint& cluster,
                                                           const std::string& engine_job_id,
                                                           std::stop_token stop) = 0;
  /// Asks for a savepoint, and stops the job after it when told so. Returns when the engine has
  /// accepted.
  virtual base::Status Trigger(const Endpoint& cluster, const StopRequest& request,
                               std::stop_token stop) = 0;
  virtual base::Result<TriggerObservation> ObserveTrigger(const Endpoint& cluster,
                                                          const std::string& engine_job_id,
                                                          const std::string& trigger_id,
                                                          std::stop_token stop) = 0;
  /// Ends the job without a savepoint. Succeeds when it has ended already; NOT_FOUND when the
  /// cluster does not know it.
  virtual base::Status Cancel(const Endpoint& cluster, const std::string& engine_job_id,
                              std::stop_token stop) = 0;

  /// What the job was submitted with to be known by: SubmitRequest::global_parameters, and whatever
  /// its program set besides. NOT_FOUND when the cluster does not know the job.
  virtual base::Result<Options> Labels(const Endpoint& cluster, const std::string& engine_job_id,
                                       std::stop_token stop) = 0;
  /// Asks the engine to run a live job with another parallelism without a stop: what ran with `from`
  /// runs with `to`, operators that had another one keep theirs. Returns when the engine has
  /// accepted; Graph tells when it is done, and until then, and after a failure, the job runs as
  /// before. A repeat has no second effect. ILLEGAL_STATE with the reason where the engine, or the
  /// cluster's scheduler, cannot do it: then nothing was changed.
  virtual base::Status Rescale(const Endpoint& cluster, const std::string& engine_job_id, int from,
                               int to, std::stop_token stop) = 0;

  /// How old an answer of Graph, Checkpoints and Exceptions may be: engines cache them, while
  /// Observe and Find tell the present. Who must know how a job ended looks so much later.
  virtual base::Millis AnswerAge(const Endpoint& cluster, std::stop_token stop) = 0;
  virtual base::Result<JobGraph> Graph(const Endpoint& cluster, const std::string& engine_job_id,
                                       std::stop_token stop) = 0;
  /// What `Rates` has to ask; costs a request and one more for each vertex with sources or sinks.
  /// Holds as long as the job's tasks run, but they may begin to measure more than at first. A job
  /// with too many such vertices has no meters.
  virtual base::Result<JobMeters> Meters(const Endpoint& cluster, const std::string& engine_job_id,
                                         std::stop_token stop) = 0;
  /// Costs a request for each vertex in `meters`. A sum of which a part is missing is absent.
  virtual base::Result<JobRates> Rates(const Endpoint& cluster, const std::string& engine_job_id,
                                       const JobMeters& meters, std::stop_token stop) = 0;
  virtual base::Result<CheckpointStatistics> Checkpoints(const Endpoint& cluster,
                                                         const std::string& engine_job_id,
                                                         std::stop_token stop) = 0;
  virtual base::Result<std::vector<ExceptionObservation>> Exceptions(
      const Endpoint& cluster, const std::string& engine_job_id, std::stop_token stop) = 0;
  /// How often the engine restarted the job by itself; NOT_FOUND when it keeps no count (the job
  /// has ended, or just begun).
  virtual base::Result<std::int64_t> Restarts(const Endpoint& cluster,
                                              const std::string& engine_job_id,
                                              std::stop_token stop) = 0;
  /// What a job under this id has left below the directory of its checkpoints, newest first: for one
  /// whose JobManager died with all that it knew. Empty where the directory cannot be read from
  /// here. Asks no cluster.
  virtual std::vector<RetainedCheckpoint> RetainedCheckpoints(const Endpoint& cluster,
                                                              const std::string& directory,
                                                              const std::string& engine_job_id) = 0;
  virtual base::Result<std::vector<LogFile>> ListLogs(const Endpoint& cluster,
                                                      std::stop_token stop) = 0;
  virtual base::Result<LogPiece> ReadLog(const Endpoint& cluster, std::string_view log_id,
                                         std::optional<std::int64_t> offset, std::int64_t bytes,
                                         std::stop_token stop) = 0;
  /// The engine's own page of a job (empty id: of the cluster).
  virtual std::string WebUrl(const Endpoint& cluster, const std::string& engine_job_id) = 0;
};

// ----------------------------------------------------------------------------------------------
// what jobs are written in

/// The planner of one installation with one set of files: jars, whatever a SQL job would see on its
/// own class path; or the library that a job is.
struct PlannerKey {
  Installation installation;
  std::vector<std::filesystem::path>
      jars;  // or a library; absolute, sorted by digest; the digest of the set names the agent
};

struct SqlDiagnostic {
  std::string severity;  // ERROR, WARNING, INFO
  std::string code;
  std::string message;
  std::string hint;
  base::TextRange range;  // in the whole script
  int statement = -1;
};

struct SqlColumn {
  std::string name, type, kind;
};

struct SqlTable {
  std::string catalog, database, name, kind, connector;
  std::vector<SqlColumn> columns;
  Options options;  // secrets masked
};

struct SqlStatement {
  std::string kind;
  std::string summary;
  base::TextRange range;
};

struct SqlVerdict {
  std::vector<SqlDiagnostic> diagnostics;
  std::vector<SqlStatement> statements;
  std::vector<SqlTable> tables;
  bool ok() const;  // no ERROR among the diagnostics
};

struct CompiledOperator {
  std::string id, name;
  std::optional<int> parallelism;
};

struct CompiledSql {
  std::string plan;                       // JSON; empty when it cannot be compiled
  std::vector<std::string> not_compiled;  // statements and why
  std::vector<CompiledOperator> operators;
  int highest_number = 0;  // of the plan's nodes, or the one given when that is higher
};

/// What a job's operators were called before: operator ids come from the numbers of a plan's nodes.
struct PlanHistory {
  std::vector<std::string> plans;  // the one that state comes from first
  int highest_number = 0;          // ever given to a node of the job; higher ones are free
};

enum class ClaimMode { kNoClaim, kClaim };

struct RestorePoint {
  std::string path;
  ClaimMode claim = ClaimMode::kNoClaim;
  bool allow_non_restored = false;
};

struct SubmitRequest {
  Endpoint cluster;
  std::string engine_job_id;  // ours, 32 hex digits, recorded before this call
  std::string name;
  std::string script;  // the whole of it: of SQL, what is not an INSERT is run first
  std::string plan;    // the compiled plan; empty: the INSERTs of `script` are planned now
  Options options;     // everything: platform, job, attempt
  int parallelism = 1;
  std::optional<RestorePoint> restore;
  Options global_parameters;  // console id, job id, attempt
};

struct SqlFactory {
  struct Option {
    std::string key, type, description;
    std::optional<std::string> default_value;
    std::vector<std::string> values;
    bool required = false;
  };
  std::string identifier;
  bool source = false, sink = false;
  std::vector<Option> options;
};

struct SqlVocabulary {
  std::vector<SqlFactory> connectors, formats, catalogs;
  std::vector<std::string> functions, keywords;
};

struct SnapshotInspection {
  bool exists = false;
  bool complete = false;
  std::string problem;  // why not complete
  std::int64_t checkpoint_id = 0;
  std::int64_t size_bytes = 0;
  struct Operator {
    std::string id;
    std::string name;  // empty where the engine's line keeps none
    int parallelism = 0, max_parallelism = 0;
    std::int64_t state_bytes = 0;
    bool has_state = false;  // without it nothing is lost when no operator takes it over
  };
  std::vector<Operator> operators;
};

/// A snapshot in a folder, as its name and its files say.
struct FoundSnapshot {
  std::string path;
  SnapshotKind kind = SnapshotKind::kSavepoint;
  std::string engine_job;  // the job's id on the engine, or how it begins; empty: not said
  base::Timestamp modified_at;
  bool complete = false;
};

/// What came of trying to write below a folder.
struct FolderTrial {
  enum class Outcome { kWritable, kRefused, kUnknown } outcome = Outcome::kUnknown;
  std::string problem;  // the file system's words; why it could not be tried
};

/// Work on jobs' programs and on snapshots that needs the engine's own code: done by a helper process
/// of that installation, started when needed, kept warm, evicted when idle. A script is what the
/// author wrote: SQL; or, for a library among the key's files, its configuration. AGENT_FAILED when
/// the helper cannot be started or dies; SQL_INVALID carries the planner's words; LIBRARY_INVALID says
/// what is wrong with a library, or with its configuration.
class Planner {
 public:
  virtual ~Planner() = default;
  /// Makes the helper ready in the background; returns at once.
  virtual void Warm(const PlannerKey& key) = 0;
  virtual base::Result<SqlVerdict> Validate(const PlannerKey& key, const std::string& script,
                                            const Options& options, std::stop_token stop) = 0;
  virtual base::Result<std::string> Explain(const PlannerKey& key, const std::string& script,
                                            const Options& options, std::stop_token stop) = 0;
  virtual base::Result<CompiledSql> Compile(const PlannerKey& key, const std::string& script,
                                            const Options& options, int parallelism,
                                            std::stop_token stop) = 0;
  /// The same for an edited script: what is as it was in one of the earlier plans keeps its operator
  /// ids, and so its state; what is new gets ids that nothing ever had. Engines without such ids
  /// just compile.
  virtual base::Result<CompiledSql> Recompile(const PlannerKey& key, const std::string& script,
                                              const Options& options, int parallelism,
                                              const PlanHistory& history, std::stop_token stop);
  /// DUPLICATE_JOB when the cluster has that id already.
  virtual base::Status Submit(const PlannerKey& key, const SubmitRequest& request,
                              std::stop_token stop) = 0;
  virtual base::Result<SqlVocabulary> Vocabulary(const PlannerKey& key, std::stop_token stop) = 0;
  virtual base::Result<std::vector<OptionProblem>> CheckJobOptions(const PlannerKey& key,
                                                                   const Options& options,
                                                                   std::stop_token stop) = 0;
  virtual base::Result<SnapshotInspection> InspectSnapshot(const PlannerKey& key,
                                                           const std::string& path,
                                                           std::stop_token stop) = 0;
  /// Snapshots in the folder and in those of engine jobs below it, the thousand that changed last.
  /// NOT_FOUND when there is no such folder.
  virtual base::Result<std::vector<FoundSnapshot>> ListSnapshots(const PlannerKey& key,
                                                                 const std::string& folder,
                                                                 std::stop_token stop) = 0;
  /// Deletes the files of one snapshot; refuses what is not one.
  virtual base::Status DeleteSnapshot(const PlannerKey& key, const std::string& path,
                                      std::stop_token stop) = 0;
  /// Writes a small file below the folder, with the engine's file systems and as the user that jobs
  /// run as, reads it back and deletes it; makes the folder when it is not there, as a savepoint
  /// would. kUnknown where such a place cannot be tried from here, which is all an engine without
  /// the means answers.
  virtual base::Result<FolderTrial> TryFolder(const PlannerKey& key, const std::string& folder,
                                              std::stop_token stop);
};

/// One engine: its adapters together.
struct Engine {
  InstallationDriver& installations;
  ClusterDriver& clusters;
  JobDriver& jobs;
  Planner& planner;
};

}  // namespace streampark::engines
