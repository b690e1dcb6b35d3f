// SPDX-License-Identifier: Apache-2.0
#include "streampark/process/process_jobs.h"

#include <algorithm>
#include <charconv>
#include <fstream>

#include <signal.h>

#include "streampark/base/files.h"
#include "streampark/base/json.h"
#include "streampark/base/random.h"

#include "job_folder.h"

namespace streampark::process {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using engines::EngineState;

constexpr std::string_view kScheme = "file://";
constexpr base::Millis kCancelPatience{5'000};
constexpr std::int64_t kLongestPiece = 4 << 20;

base::Result<fs::path> FolderOf(const engines::Endpoint& cluster, const std::stop_token& stop) {
  if (stop.stop_requested()) {
    return base::Error(ErrorCode::kCancelled, "not asked any more");
  }
  for (const std::string& address : cluster.addresses) {
    if (address.starts_with(kScheme) && fs::is_directory(address.substr(kScheme.size()))) {
      return fs::path(address.substr(kScheme.size()));
    }
  }
  return base::Error(ErrorCode::kClusterUnreachable, "none of its folders is there");
}

bool IsId(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// NOT_FOUND when the cluster does not know it.
base::Result<JobFolder> JobOf(const engines::Endpoint& cluster, const std::string& id,
                              const std::stop_token& stop) {
  const fs::path folder = SP_TRY(FolderOf(cluster, stop));
  JobFolder job(folder / "jobs" / id);
  if (!IsId(id) || !job.exists()) {
    return base::Error(ErrorCode::kNotFound, "the cluster does not know the job " + id);
  }
  return job;
}

std::string LastLine(const fs::path& file) {
  std::string last;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    last = line.empty() ? last : line;
  }
  return last;
}

}  // namespace

base::Status ProcessJobs::Submit(const engines::Endpoint& cluster, const ProcessJob& job,
                                 std::stop_token stop) {
  const fs::path folder = SP_TRY(FolderOf(cluster, stop));
  if (!IsId(job.engine_job_id)) {
    return base::Error(ErrorCode::kInvalidRequest, "a job's id is in hex digits");
  }
  if (job.restore && !fs::exists(job.restore->path)) {
    return base::Error(ErrorCode::kNotFound, "there is no snapshot at " + job.restore->path);
  }
  json::object said{{"name", job.name}, {"argv", json::array(job.argv.begin(), job.argv.end())}};
  if (job.restore) {
    said["restore"] = job.restore->path;
  }
  json::object& labels = said["labels"].emplace_object();
  for (const auto& [key, value] : job.labels) {
    labels[key] = value;
  }
  const JobFolder mine(folder / "jobs" / job.engine_job_id);
  base::SecureRandom random;
  const JobFolder aside(folder / "submits" / base::RandomHex(random, 8));
  std::error_code error;
  for (const char* part : {"requests", "answers"}) {
    fs::create_directories(aside.path() / part, error);
    if (error) {
      return base::FileError(error.value(), "make", aside.path());
    }
  }
  fs::create_directories(folder / "jobs", error);
  SP_TRY(base::WriteFileAtomically(aside.job(), json::serialize(said)));
  fs::rename(aside.path(), mine.path(), error);  // refused where there is one: it is not empty
  const bool known = static_cast<bool>(error);
  if (known) {
    fs::remove_all(aside.path(), error);
    if (!mine.exists()) {
      return base::FileError(EIO, "make", mine.path());
    }
  }
  // Whoever has the lock is the runner, now or for ever: a second one ends at once.
  if (known && (mine.ReadProcess() || fs::exists(mine.exit()) ||
                !base::FileLock::Acquire(mine.lock()).ok())) {
    return base::Error(ErrorCode::kDuplicateJob, "the cluster has the job " + job.engine_job_id);
  }
  SP_TRY(
      base::SpawnDetached({.argv = {runner_.string(), mine.path().string()}}, mine.log("runner")));
  return base::Ok();
}

base::Result<engines::ClusterObservation> ProcessJobs::Observe(const engines::Endpoint& cluster,
                                                               base::Millis, std::stop_token stop) {
  const fs::path folder = SP_TRY(FolderOf(cluster, stop));
  engines::ClusterObservation seen{.observed_at = clock_.Now(), .version = "1"};
  seen.address = std::string(kScheme) + folder.string();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder / "jobs", error)) {
    seen.jobs.push_back(SP_TRY(JobFolder(entry.path()).Observe()));
  }
  return seen;
}

base::Result<std::vector<engines::TaskManagerObservation>> ProcessJobs::ListTaskManagers(
    const engines::Endpoint& cluster, std::stop_token stop) {
  SP_TRY(FolderOf(cluster, stop));
  return std::vector<engines::TaskManagerObservation>();
}

base::Result<engines::Options> ProcessJobs::ClusterOptions(const engines::Endpoint& cluster,
                                                           std::stop_token stop) {
  SP_TRY(FolderOf(cluster, stop));
  return engines::Options();
}

base::Result<std::optional<engines::JobObservation>> ProcessJobs::Find(
    const engines::Endpoint& cluster, const std::string& engine_job_id, std::stop_token stop) {
  const auto job = JobOf(cluster, engine_job_id, stop);
  if (!job.ok() && job.error().code() == ErrorCode::kNotFound) {
    return std::optional<engines::JobObservation>();
  }
  if (!job.ok()) {
    return job.error();
  }
  return std::optional(SP_TRY(job->Observe()));
}

base::Status ProcessJobs::Trigger(const engines::Endpoint& cluster,
                                  const engines::StopRequest& request, std::stop_token stop) {
  const JobFolder job = SP_TRY(JobOf(cluster, request.engine_job_id, stop));
  if (!IsId(request.trigger_id)) {
    return base::Error(ErrorCode::kInvalidRequest, "a trigger's id is in hex digits");
  }
  if (fs::exists(job.request(request.trigger_id))) {
    return base::Ok();
  }
  if (SP_TRY(job.Observe()).state != EngineState::kRunning) {
    return base::Error(ErrorCode::kEngineError, "the job does not run");
  }
  const fs::path folder = request.directory.empty()
                              ? job.path() / "snapshots"
                              : fs::path(request.directory.starts_with(kScheme)
                                             ? request.directory.substr(kScheme.size())
                                             : request.directory);
  const json::object said{{"path", (folder / request.trigger_id).string()},
                          {"stop", request.after != engines::StopRequest::After::kGoOn}};
  return base::WriteFileAtomically(job.request(request.trigger_id), json::serialize(said));
}

base::Result<engines::TriggerObservation> ProcessJobs::ObserveTrigger(
    const engines::Endpoint& cluster, const std::string& engine_job_id,
    const std::string& trigger_id, std::stop_token stop) {
  using State = engines::TriggerObservation::State;
  const JobFolder job = SP_TRY(JobOf(cluster, engine_job_id, stop));
  if (!IsId(trigger_id) || !fs::exists(job.request(trigger_id))) {
    return engines::TriggerObservation{State::kUnknown, "", ""};
  }
  const bool ended = engines::IsTerminal(SP_TRY(job.Observe()).state);  // before: it answers first
  const auto text = base::ReadFile(job.answer(trigger_id));
  if (!text.ok()) {
    return ended ? engines::TriggerObservation{State::kFailed, "", "the job ended before it"}
                 : engines::TriggerObservation{State::kInProgress, "", ""};
  }
  const json::value answer = SP_TRY(json::Parse(*text));
  const std::string path = json::StringOr(answer.as_object(), "path");
  return path.empty() ? engines::TriggerObservation{State::kFailed, "",
                                                    json::StringOr(answer.as_object(), "cause")}
                      : engines::TriggerObservation{State::kCompleted, path, ""};
}

base::Status ProcessJobs::Rescale(const engines::Endpoint& cluster,
                                  const std::string& engine_job_id, int, int,
                                  std::stop_token stop) {
  if (!SP_TRY(Find(cluster, engine_job_id, std::move(stop)))) {
    return base::Error(ErrorCode::kNotFound, "there is no such job");
  }
  return base::Error(ErrorCode::kIllegalState,
                     "a program is one process, whatever its parallelism");
}

base::Status ProcessJobs::Cancel(const engines::Endpoint& cluster, const std::string& engine_job_id,
                                 std::stop_token stop) {
  const JobFolder job = SP_TRY(JobOf(cluster, engine_job_id, stop));
  if (engines::IsTerminal(SP_TRY(job.Observe()).state)) {
    return base::Ok();
  }
  SP_TRY(base::WriteFileAtomically(job.cancelled(), ""));
  if (const auto process = job.ReadProcess()) {
    base::Terminate(*process, kCancelPatience, stop);
    return base::Ok();
  }
  // No runner, or one that is about to see the mark. Without one the end is ours to tell.
  const auto lock = base::FileLock::Acquire(job.lock());
  return lock.ok() && !job.ReadProcess() ? base::WriteFileAtomically(job.exit(), "143")
                                         : base::Ok();
}

base::Result<engines::Options> ProcessJobs::Labels(const engines::Endpoint& cluster,
                                                   const std::string& engine_job_id,
                                                   std::stop_token stop) {
  const JobFolder job = SP_TRY(JobOf(cluster, engine_job_id, stop));
  const json::value said = SP_TRY(json::Parse(SP_TRY(base::ReadFile(job.job()))));
  engines::Options labels;
  if (const json::object* given = json::FindObject(said.as_object(), "labels")) {
    for (const auto& [key, value] : *given) {
      labels[std::string(key)] = std::string(value.as_string());
    }
  }
  return labels;
}

base::Result<engines::JobGraph> ProcessJobs::Graph(const engines::Endpoint& cluster,
                                                   const std::string& engine_job_id,
                                                   std::stop_token stop) {
  const JobFolder job = SP_TRY(JobOf(cluster, engine_job_id, stop));
  const engines::JobObservation seen = SP_TRY(job.Observe());
  engines::JobGraph graph{.observed_at = clock_.Now()};
  graph.vertices.push_back({.id = "program",
                            .name = seen.name,
                            .operators = {},
                            .parallelism = 1,
                            .max_parallelism = 1});
  graph.vertices.front().native_state = seen.native_state;
  graph.vertices.front().tasks = seen.tasks;
  graph.vertices.front().started_at = seen.started_at;
  return graph;
}

base::Result<engines::JobMeters> ProcessJobs::Meters(const engines::Endpoint& cluster,
                                                     const std::string& engine_job_id,
                                                     std::stop_token stop) {
  SP_TRY(JobOf(cluster, engine_job_id, stop));
  return engines::JobMeters();
}

base::Result<engines::JobRates> ProcessJobs::Rates(const engines::Endpoint& cluster,
                                                   const std::string& engine_job_id,
                                                   const engines::JobMeters&,
                                                   std::stop_token stop) {
  SP_TRY(JobOf(cluster, engine_job_id, stop));
  return engines::JobRates();
}

base::Result<engines::CheckpointStatistics> ProcessJobs::Checkpoints(
    const engines::Endpoint& cluster, const std::string& engine_job_id, std::stop_token stop) {
  const JobFolder job = SP_TRY(JobOf(cluster, engine_job_id, stop));
  engines::CheckpointStatistics statistics{.observed_at = clock_.Now()};
  statistics.checkpoints = job.ReadSnapshots();
  for (const engines::Checkpoint& one : statistics.checkpoints) {
    ++(one.path.empty() ? statistics.failed : statistics.completed);
  }
  const json::value said = SP_TRY(json::Parse(SP_TRY(base::ReadFile(job.job()))));
  if (const auto path = json::FindString(said.as_object(), "restore")) {
    const auto started_at = SP_TRY(job.Observe()).started_at;
    statistics.restored = 1;
    statistics.latest_restored = {.path = *path,
                                  .at = started_at.value_or(clock_.Now()),
                                  .kind = engines::SnapshotKind::kSavepoint};
  }
  return statistics;
}

base::Result<std::vector<engines::ExceptionObservation>> ProcessJobs::Exceptions(
    const engines::Endpoint& cluster, const std::string& engine_job_id, std::stop_token stop) {
  const JobFolder job = SP_TRY(JobOf(cluster, engine_job_id, stop));
  const engines::JobObservation seen = SP_TRY(job.Observe());
  std::vector<engines::ExceptionObservation> exceptions;
  if (seen.state == EngineState::kFailed) {
    std::string words = LastLine(job.log("stderr"));
    if (words.empty()) {
      words = "the program ended with " + base::ReadFile(job.exit()).value_or("no exit code");
    }
    exceptions.push_back({.at = seen.ended_at.value_or(clock_.Now()), .root_cause = words});
    exceptions.front().trace = std::move(words);
  }
  return exceptions;
}

base::Result<std::int64_t> ProcessJobs::Restarts(const engines::Endpoint& cluster,
                                                 const std::string& engine_job_id,
                                                 std::stop_token stop) {
  SP_TRY(JobOf(cluster, engine_job_id, stop));
  return std::int64_t{0};
}

base::Result<std::vector<engines::LogFile>> ProcessJobs::ListLogs(const engines::Endpoint& cluster,
                                                                  std::stop_token stop) {
  const fs::path folder = SP_TRY(FolderOf(cluster, stop));
  std::vector<engines::LogFile> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder / "jobs", error)) {
    const JobFolder job(entry.path());
    for (const char* stream : {"stdout", "stderr"}) {
      const auto size = fs::file_size(job.log(stream), error);
      if (!error) {
        files.push_back({.id = job.id() + "/" + stream,
                         .title = job.id() + " " + stream,
                         .role = "TASK_MANAGER",
                         .size_bytes = static_cast<std::int64_t>(size)});
      }
    }
  }
  return files;
}

base::Result<engines::LogPiece> ProcessJobs::ReadLog(const engines::Endpoint& cluster,
                                                     std::string_view log_id,
                                                     std::optional<std::int64_t> offset,
                                                     std::int64_t bytes, std::stop_token stop) {
  const std::string_view id = log_id.substr(0, log_id.find('/'));
  const std::string_view stream = log_id.substr(std::min(log_id.size(), id.size() + 1));
  const JobFolder job = SP_TRY(JobOf(cluster, std::string(id), stop));
  if (stream != "stdout" && stream != "stderr") {
    return base::Error(ErrorCode::kNotFound, "there is no such log");
  }
  std::ifstream in(job.log(stream), std::ios::binary | std::ios::ate);
  if (!in) {
    return base::Error(ErrorCode::kNotFound, "there is no such log");
  }
  engines::LogPiece piece{.size_bytes = static_cast<std::int64_t>(in.tellg())};
  bytes = std::clamp<std::int64_t>(bytes, 0, kLongestPiece);
  piece.offset =
      std::clamp<std::int64_t>(offset.value_or(piece.size_bytes - bytes), 0, piece.size_bytes);
  piece.text.resize(static_cast<std::size_t>(std::min(bytes, piece.size_bytes - piece.offset)));
  in.seekg(piece.offset);
  in.read(piece.text.data(), static_cast<std::streamsize>(piece.text.size()));
  piece.text.resize(static_cast<std::size_t>(in.gcount()));
  piece.next_offset = piece.offset + static_cast<std::int64_t>(piece.text.size());
  return piece;
}

std::string ProcessJobs::WebUrl(const engines::Endpoint&, const std::string&) { return ""; }

}  // namespace streampark::process
