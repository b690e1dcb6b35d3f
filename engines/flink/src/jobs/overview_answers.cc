// SPDX-License-Identifier: Apache-2.0
#include "jobs/overview_answers.h"

#include <unordered_map>

#include "streampark/base/json.h"
#include "streampark/base/secret_keys.h"

#include "jobs/job_states.h"
#include "rest/answer.h"

namespace streampark::flink {

base::Result<std::vector<engines::JobObservation>> ReadJobs(const json::value& answer) {
  const json::array* list = SP_TRY(ExpectArray(answer, "jobs", "its jobs"));
  std::vector<engines::JobObservation> jobs;
  jobs.reserve(list->size());
  // One id twice: a run that ended, and the JobManager's new run under the same id. What lives is what
  // can do harm.
  std::unordered_map<std::string, std::size_t> places;
  for (const json::value& item : *list) {
    if (!item.is_object()) {
      continue;
    }
    const json::object& in = item.get_object();
    engines::JobObservation job;
    job.engine_job_id = json::StringOr(in, "jid");
    if (job.engine_job_id.empty()) {
      continue;
    }
    job.name = json::StringOr(in, "name");
    job.native_state = json::StringOr(in, "state");
    if (const json::object* tasks = json::FindObject(in, "tasks")) {
      job.tasks = ReadTaskCounts(*tasks);
    }
    job.state = StateOf(job.native_state, job.tasks);
    job.started_at = FindTime(in, "start-time");
    job.ended_at = FindTime(in, "end-time");
    job.changed_at = FindTime(in, "last-modification");
    const auto [place, first] = places.emplace(job.engine_job_id, jobs.size());
    if (first) {
      jobs.push_back(std::move(job));
    } else if (engines::IsTerminal(jobs[place->second].state)) {
      jobs[place->second] = std::move(job);
    }
  }
  return jobs;
}

base::Status ReadCluster(const json::value& answer, engines::ClusterObservation& observation) {
  const json::object* in = SP_TRY(ExpectObject(answer, "itself"));
  if (in->if_contains("taskmanagers") == nullptr) {
    return NotFlink("itself");
  }
  observation.version = json::StringOr(*in, "flink-version");
  observation.task_managers = static_cast<int>(json::IntegerOr(*in, "taskmanagers"));
  observation.slots_total = static_cast<int>(json::IntegerOr(*in, "slots-total"));
  observation.slots_free = static_cast<int>(json::IntegerOr(*in, "slots-available"));
  return base::Ok();
}

base::Result<std::vector<engines::TaskManagerObservation>> ReadTaskManagers(
    const json::value& answer) {
  const json::array* list = SP_TRY(ExpectArray(answer, "taskmanagers", "its TaskManagers"));
  std::vector<engines::TaskManagerObservation> managers;
  for (const json::value& item : *list) {
    if (!item.is_object()) {
      continue;
    }
    const json::object& in = item.get_object();
    engines::TaskManagerObservation manager;
    manager.id = json::StringOr(in, "id");
    // pekko.tcp://flink@127.0.0.1:46605/user/rpc/taskmanager_0
    std::string path = json::StringOr(in, "path");
    if (const auto at = path.find('@'); at != std::string::npos) {
      path.erase(0, at + 1);
    }
    manager.address = path.substr(0, path.find('/'));
    manager.slots_total = static_cast<int>(json::IntegerOr(in, "slotsNumber"));
    manager.slots_free = static_cast<int>(json::IntegerOr(in, "freeSlots"));
    manager.last_heartbeat_at = FindTime(in, "timeSinceLastHeartbeat");  // a time, for all its name
    if (const json::object* total = json::FindObject(in, "totalResource")) {
      manager.cpu_cores = json::FindNumber(*total, "cpuCores").value_or(0);
    }
    if (const json::object* memory = json::FindObject(in, "memoryConfiguration")) {
      manager.memory_bytes = json::IntegerOr(*memory, "totalProcessMemory");
    }
    managers.push_back(std::move(manager));
  }
  return managers;
}

void ReadTaskManagerHeap(const json::value& answer, engines::TaskManagerObservation& into) {
  const json::object* metrics =
      answer.is_object() ? json::FindObject(answer.get_object(), "metrics") : nullptr;
  if (metrics != nullptr) {
    into.heap_used_bytes = json::IntegerOr(*metrics, "heapUsed");
    into.heap_max_bytes = json::IntegerOr(*metrics, "heapMax");
  }
}

base::Result<engines::Options> ReadOptions(const json::value& answer) {
  if (!answer.is_array()) {
    return base::Error(base::ErrorCode::kEngineError,
                       "the cluster's answer about its configuration is not Flink's");
  }
  engines::Options options;
  for (const json::value& item : answer.get_array()) {
    if (!item.is_object()) {
      continue;
    }
    const std::string key = json::StringOr(item.get_object(), "key");
    if (!key.empty()) {
      options[key] = base::IsSecretKey(key) ? std::string(base::kMask)
                                            : json::StringOr(item.get_object(), "value");
    }
  }
  return options;
}

base::Result<engines::Options> ReadLabels(const json::value& answer) {
  const json::object* configuration =
      answer.is_object() ? json::FindObject(answer.get_object(), "execution-config") : nullptr;
  if (configuration == nullptr) {
    return base::Error(base::ErrorCode::kEngineError,
                       "the cluster's answer about the job's configuration is not Flink's");
  }
  engines::Options labels;
  if (const json::object* given = json::FindObject(*configuration, "user-config")) {
    for (const auto& [key, value] : *given) {
      if (value.is_string()) {
        labels[std::string(key)] =
            base::IsSecretKey(key) ? std::string(base::kMask) : std::string(value.get_string());
      }
    }
  }
  return labels;
}

base::Millis ReadRefreshInterval(const json::value& answer) {
  const auto interval = answer.is_object()
                            ? json::FindInteger(answer.get_object(), "refresh-interval")
                            : std::nullopt;
  return interval && *interval >= 0 ? base::Millis(*interval) : kRefreshInterval;
}

base::Result<std::vector<engines::LogFile>> ReadLogList(const json::value& answer) {
  const json::array* list = SP_TRY(ExpectArray(answer, "logs", "its logs"));
  std::vector<engines::LogFile> files;
  for (const json::value& item : *list) {
    if (!item.is_object()) {
      continue;
    }
    engines::LogFile file;
    file.title = json::StringOr(item.get_object(), "name");
    file.size_bytes = json::IntegerOr(item.get_object(), "size");
    file.modified_at = FindTime(item.get_object(), "mtime");
    if (!file.title.empty()) {
      files.push_back(std::move(file));
    }
  }
  return files;
}

}  // namespace streampark::flink
