// SPDX-License-Identifier: Apache-2.0
#include "native_jobs.h"

#include <csignal>
#include <utility>

#include "streampark/base/files.h"
#include "streampark/base/json.h"
#include "streampark/engines/log_file.h"

namespace streampark::native {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using engines::EngineState;

constexpr std::string_view kLogs[] = {"log", "log.1"};

std::string_view KindOf(engines::StopRequest::After after) {
  switch (after) {
    case engines::StopRequest::After::kGoOn:
      return "SAVEPOINT";
    case engines::StopRequest::After::kStop:
      return "STOP";
    case engines::StopRequest::After::kDrain:
      return "DRAIN";
  }
  return "";
}

}  // namespace

base::Result<fs::path> NativeJobs::FolderOf(const engines::Endpoint& cluster,
                                            const std::stop_token& stop) {
  if (stop.stop_requested()) {
    return base::Error(ErrorCode::kCancelled, "not asked any more");
  }
  std::error_code error;
  for (const std::string& address : cluster.addresses) {
    if (const fs::path folder = PathOf(address);
        !folder.empty() && fs::is_directory(folder, error)) {
      return folder;
    }
  }
  return base::Error(ErrorCode::kClusterUnreachable, "the cluster's folder is not there");
}

bool NativeJobs::IsId(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

base::Result<JobFolder> NativeJobs::JobOf(const engines::Endpoint& cluster, const std::string& id,
                                          const std::stop_token& stop) const {
  const fs::path folder = SP_TRY(FolderOf(cluster, stop));
  JobFolder job = At(folder, id);
  if (!IsId(id) || !job.exists()) {
    return base::Error(ErrorCode::kNotFound, "the cluster does not know the job " + id);
  }
  return job;
}

base::Result<engines::ClusterObservation> NativeJobs::Observe(const engines::Endpoint& cluster,
                                                              base::Millis, std::stop_token stop) {
  const fs::path folder = SP_TRY(FolderOf(cluster, stop));
  engines::ClusterObservation seen{.observed_at = clock_.Now(), .address = UriOf(folder)};
  int taken = 0;
  std::error_code error;
  for (fs::directory_iterator it(folder / "jobs", error), end; !error && it != end;
       it.increment(error)) {
    const JobFolder job(it->path(), owner_);
    if (!IsId(job.id()) || !job.exists()) {
      continue;
    }
    seen.jobs.push_back(job.Observe());
    taken += engines::IsTerminal(seen.jobs.back().state) ? 0 : job.Slots();
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return base::FileError(error.value(), "cannot list", folder / "jobs");
  }
  const JobFolder cluster_folder(folder, owner_);
  const json::object said = cluster_folder.Read(folder / "cluster.json");
  seen.version = json::StringOr(said, "version");
  seen.slots_total = static_cast<int>(json::IntegerOr(said, "slots"));
  seen.slots_free = std::max(0, seen.slots_total - taken);
  return seen;
}

base::Result<std::vector<engines::TaskManagerObservation>> NativeJobs::ListTaskManagers(
    const engines::Endpoint& cluster, std::stop_token stop) {
  SP_TRY(FolderOf(cluster, stop));
  return std::vector<engines::TaskManagerObservation>();
}

base::Result<engines::Options> NativeJobs::ClusterOptions(const engines::Endpoint& cluster,
                                                          std::stop_token stop) {
  SP_TRY(FolderOf(cluster, stop));
  return engines::Options();
}

base::Result<std::optional<engines::JobObservation>> NativeJobs::Find(
    const engines::Endpoint& cluster, const std::string& engine_job_id, std::stop_token stop) {
  const auto job = JobOf(cluster, engine_job_id, stop);
  if (!job.ok() && job.error().code() == ErrorCode::kNotFound) {
    return std::optional<engines::JobObservation>();
  }
  if (!job.ok()) {
    return job.error();
  }
  return std::optional(job->Observe());
}

base::Status NativeJobs::Trigger(const engines::Endpoint& cluster,
                                 const engines::StopRequest& request, std::stop_token stop) {
  const JobFolder job = SP_TRY(JobOf(cluster, request.engine_job_id, stop));
  if (!IsId(request.trigger_id)) {
    return base::Error(ErrorCode::kInvalidRequest, "a trigger's id is in hex digits");
  }
  if (fs::exists(job.request(request.trigger_id))) {
    return base::Ok();
  }
  if (job.Observe().state != EngineState::kRunning) {
    return base::Error(ErrorCode::kEngineError, "the job does not run");
  }
  fs::path folder = PathOf(request.directory);
  if (folder.empty()) {
    folder = PathOf(json::StringOr(job.Read(job.job()), "savepoints"));
  }
  // By its name it is known whose it is, when nobody is there any more to say.
  folder /= "savepoint-" + request.engine_job_id + "-" + request.trigger_id.substr(0, 12);
  const json::object said{{"kind", KindOf(request.after)}, {"folder", folder.string()}};
  return base::WriteFileAtomically(job.request(request.trigger_id), json::serialize(said));
}

base::Result<engines::TriggerObservation> NativeJobs::ObserveTrigger(
    const engines::Endpoint& cluster, const std::string& engine_job_id,
    const std::string& trigger_id, std::stop_token stop) {
  using State = engines::TriggerObservation::State;
  const JobFolder job = SP_TRY(JobOf(cluster, engine_job_id, stop));
  if (!IsId(trigger_id) || !fs::exists(job.request(trigger_id))) {
    return engines::TriggerObservation{State::kUnknown, "", ""};
  }
  const bool ended = engines::IsTerminal(job.Observe().state);  // before: it answers first
  const json::object answer = job.Read(job.answer(trigger_id));
  if (answer.empty()) {
    return ended ? engines::TriggerObservation{State::kFailed, "", "the job ended before it"}
                 : engines::TriggerObservation{State::kInProgress, "", ""};
  }
  const std::string path = json::StringOr(answer, "path");
  if (path.empty()) {
    return engines::TriggerObservation{State::kFailed, "", json::StringOr(answer, "cause")};
  }
  return engines::TriggerObservation{State::kCompleted, UriOf(path), ""};
}

base::Status NativeJobs::Rescale(const engines::Endpoint& cluster, const std::string& engine_job_id,
                                 int, int, std::stop_token stop) {
  SP_TRY(JobOf(cluster, engine_job_id, stop));
  return base::Error(ErrorCode::kIllegalState,
                     "a native job takes another parallelism when it is started again");
}

base::Status NativeJobs::Cancel(const engines::Endpoint& cluster, const std::string& engine_job_id,
                                std::stop_token stop) {
  const JobFolder job = SP_TRY(JobOf(cluster, engine_job_id, stop));
  if (engines::IsTerminal(job.Observe().state)) {
    return base::Ok();
  }
  SP_TRY(base::WriteFileAtomically(job.cancelled(), ""));
  SP_TRY(base::WriteFileAtomically(job.request("cancel"),
                                   json::serialize(json::object{{"kind", "CANCEL"}})));
  // Wakes a supervisor that waits between two lives of the job; it kills one that does not end.
  if (const auto supervisor = job.Supervisor()) {
    base::Signal(*supervisor, SIGHUP);
  }
  return base::Ok();
}

base::Result<engines::Options> NativeJobs::Labels(const engines::Endpoint& cluster,
                                                  const std::string& engine_job_id,
                                                  std::stop_token stop) {
  const JobFolder job = SP_TRY(JobOf(cluster, engine_job_id, stop));
  const json::object said = job.Read(job.job());
  engines::Options labels;
  if (const json::object* given = json::FindObject(said, "labels")) {
    for (const auto& [key, value] : *given) {
      labels[std::string(key)] = std::string(value.as_string());
    }
  }
  return labels;
}

base::Result<engines::JobGraph> NativeJobs::Graph(const engines::Endpoint& cluster,
                                                  const std::string& engine_job_id,
                                                  std::stop_token stop) {
  return SP_TRY(JobOf(cluster, engine_job_id, stop)).Graph();
}

base::Result<engines::JobMeters> NativeJobs::Meters(const engines::Endpoint& cluster,
                                                    const std::string& engine_job_id,
                                                    std::stop_token stop) {
  const JobFolder job = SP_TRY(JobOf(cluster, engine_job_id, stop));
  return engines::JobMeters{.vertices = {{.id = "job", .in = {"in"}, .out = {"out"}}},
                            .slots = job.Slots()};
}

base::Result<engines::JobRates> NativeJobs::Rates(const engines::Endpoint& cluster,
                                                  const std::string& engine_job_id,
                                                  const engines::JobMeters&, std::stop_token stop) {
  return SP_TRY(JobOf(cluster, engine_job_id, stop)).Rates();
}

base::Result<engines::CheckpointStatistics> NativeJobs::Checkpoints(
    const engines::Endpoint& cluster, const std::string& engine_job_id, std::stop_token stop) {
  engines::CheckpointStatistics statistics =
      SP_TRY(JobOf(cluster, engine_job_id, stop)).Checkpoints();
  statistics.observed_at = clock_.Now();
  return statistics;
}

base::Result<std::vector<engines::ExceptionObservation>> NativeJobs::Exceptions(
    const engines::Endpoint& cluster, const std::string& engine_job_id, std::stop_token stop) {
  return SP_TRY(JobOf(cluster, engine_job_id, stop)).Exceptions();
}

base::Result<std::int64_t> NativeJobs::Restarts(const engines::Endpoint& cluster,
                                                const std::string& engine_job_id,
                                                std::stop_token stop) {
  return SP_TRY(JobOf(cluster, engine_job_id, stop)).Restarts();
}

std::vector<engines::RetainedCheckpoint> NativeJobs::RetainedCheckpoints(
    const engines::Endpoint&, const std::string& directory, const std::string& engine_job_id) {
  std::vector<engines::RetainedCheckpoint> retained;
  const fs::path folder = PathOf(directory);
  if (folder.empty() || !IsId(engine_job_id)) {
    return retained;
  }
  for (const WholeSnapshot& one : WholeSnapshotsBelow(folder / engine_job_id, 1)) {
    retained.push_back({UriOf(one.path), one.completed_at});
  }
  return retained;
}

base::Result<std::vector<engines::LogFile>> NativeJobs::ListLogs(const engines::Endpoint& cluster,
                                                                 std::stop_token stop) {
  const fs::path folder = SP_TRY(FolderOf(cluster, stop));
  std::vector<engines::LogFile> files;
  std::error_code error;
  for (fs::directory_iterator it(folder / "jobs", error), end; !error && it != end;
       it.increment(error)) {
    const std::string id = it->path().filename().string();
    for (const std::string_view name : kLogs) {
      auto file = engines::DescribeLogFile(it->path() / "run" / name);
      if (IsId(id) && file) {
        file->id = engines::LogOfJob(id, name);
        file->title = id.substr(0, 8) + " " + std::string(name);
        file->role = "JOB";
        files.push_back(*std::move(file));
      }
    }
  }
  return files;
}

base::Result<engines::LogPiece> NativeJobs::ReadLog(const engines::Endpoint& cluster,
                                                    std::string_view log_id,
                                                    std::optional<std::int64_t> offset,
                                                    std::int64_t bytes, std::stop_token stop) {
  const fs::path folder = SP_TRY(FolderOf(cluster, stop));
  const std::string job = engines::JobOfLog(log_id);
  for (const std::string_view name : kLogs) {
    if (IsId(job) && engines::LogOfJob(job, name) == log_id) {
      return engines::ReadLogFile(folder / "jobs" / job / "run", name, offset, bytes);
    }
  }
  return base::Error(ErrorCode::kNotFound, "there is no such log");
}

}  // namespace streampark::native
