// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/clusters/cluster_json.h"

#include <utility>

#include "streampark/base/json.h"
#include "streampark/console/clusters/cluster_spec_json.h"
#include "streampark/http/response.h"

#include "jobs/operation_json.h"

namespace streampark::http {
namespace {

json::value OperationOrNull(const std::shared_ptr<const console::Operation>& operation) {
  return operation ? json::value(OperationToJson(*operation)) : json::value(nullptr);
}

json::object ProcessJson(const console::ManagedProcess& process) {
  return {{"role", console::ToString(process.role)},
          {"index", process.index},
          {"pid", process.id.pid},
          {"state", process.alive ? "RUNNING" : "DEAD"},
          {"startedAt", base::FormatTimestamp(process.started_at)},
          {"memoryBytes", process.memory_bytes},
          {"restarts", process.restarts}};
}

json::array FindingsJson(const std::vector<console::ClusterSpecVerdict::Finding>& findings) {
  json::array array;
  for (const auto& finding : findings) {
    array.push_back(json::object{{"pointer", finding.pointer},
                                 {"key", finding.key},
                                 {"message", finding.message},
                                 {"hint", finding.hint}});
  }
  return array;
}

json::object PartsJson(const std::map<std::string, std::int64_t>& parts) {
  json::object object;
  for (const auto& [part, bytes] : parts) {
    object[part] = bytes;
  }
  return object;
}

}  // namespace

json::object ClusterToJson(const console::Cluster& cluster) {
  json::array processes;
  for (const console::ManagedProcess& process : cluster.processes) {
    processes.push_back(ProcessJson(process));
  }
  return {{"id", cluster.id},
          {"spec", console::ToJson(cluster.spec)},
          {"etag", std::to_string(cluster.edition)},
          {"version", cluster.version},
          {"line", cluster.line},
          {"managed", cluster.managed()},
          {"desired", ToString(cluster.desired)},
          {"state", ToString(cluster.state)},
          {"reachability", ToString(cluster.reachability)},
          {"observedAt", json::TimeOrNull(cluster.observed_at)},
          {"since", base::FormatTimestamp(cluster.since)},
          {"message", cluster.message},
          {"webUrl", json::TextOrNull(cluster.web_url)},
          {"slotsTotal", cluster.slots_total},
          {"slotsFree", cluster.slots_free},
          {"taskManagers", cluster.task_managers},
          {"jobsRunning", cluster.jobs_running},
          {"foreignJobs", cluster.foreign_jobs},
          {"memoryBytes", cluster.memory_bytes},
          {"processes", std::move(processes)},
          {"operation", OperationOrNull(cluster.operation)},
          {"restartPending", cluster.restart_pending},
          {"createdAt", base::FormatTimestamp(cluster.created_at)}};
}

json::object InstallationToJson(const console::Installation& installation,
                                const std::vector<std::string>& cluster_ids) {
  return {{"id", installation.id},
          {"engine", installation.engine},
          {"version", installation.version},
          {"line", installation.line},
          {"vendor", installation.vendor},
          {"home", installation.home},
          {"fetched", installation.fetched},
          {"state", ToString(installation.state)},
          {"digest", json::TextOrNull(installation.digest)},
          {"sizeBytes", installation.size_bytes},
          {"message", installation.message},
          {"createdAt", base::FormatTimestamp(installation.created_at)},
          {"operation", OperationOrNull(installation.operation)},
          {"clusterIds", json::array(cluster_ids.begin(), cluster_ids.end())}};
}

json::object FleetOperationToJson(const console::FleetOperation& operation) {
  json::array items;
  for (const console::FleetItem& item : operation.items) {
    items.push_back(json::object{{"kind", ToString(item.subject.kind)},
                                 {"id", item.subject.id},
                                 {"name", item.subject.name},
                                 {"state", ToString(item.state)},
                                 {"message", item.message}});
  }
  return {{"id", operation.id},
          {"kind", ToString(operation.command.kind)},
          {"state", ToString(operation.state)},
          {"items", std::move(items)},
          {"error",
           operation.error ? json::value(ProblemJson(*operation.error)) : json::value(nullptr)}};
}

json::object ClusterCheckToJson(const console::ClusterSpecVerdict& verdict) {
  return {{"errors", FindingsJson(verdict.errors)},
          {"warnings", FindingsJson(verdict.warnings)},
          {"jobManagerMemory", PartsJson(verdict.job_manager_memory)},
          {"taskManagerMemory", PartsJson(verdict.task_manager_memory)}};
}

}  // namespace streampark::http
