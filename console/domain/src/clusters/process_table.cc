// SPDX-License-Identifier: Apache-2.0
#include "clusters/process_table.h"

#include <algorithm>
#include <utility>

#include "streampark/base/log.h"

namespace streampark::console {
namespace {

constexpr std::int64_t kLogEnd = 32 << 10U;
constexpr std::size_t kLongestCause = 500;

ManagedProcess* FindPlace(std::vector<ManagedProcess>& processes, engines::ProcessRole role,
                          int index) {
  const auto found = std::find_if(processes.begin(), processes.end(), [&](const ManagedProcess& p) {
    return p.role == role && p.index == index;
  });
  return found == processes.end() ? nullptr : &*found;
}

void Put(std::vector<ManagedProcess>& processes, const ManagedProcess& process) {
  if (ManagedProcess* place = FindPlace(processes, process.role, process.index)) {
    *place = process;
    return;
  }
  processes.push_back(process);
  std::sort(processes.begin(), processes.end(),
            [](const ManagedProcess& a, const ManagedProcess& b) {
              return std::pair(a.role, a.index) < std::pair(b.role, b.index);
            });
}

std::string_view Trimmed(std::string_view line) {
  const auto first = line.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) {
    return {};
  }
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

bool TellsAnError(std::string_view line) {
  return line.find("Exception") != std::string_view::npos ||
         line.find("Error") != std::string_view::npos ||
         line.find(" ERROR ") != std::string_view::npos ||
         line.find("error:") != std::string_view::npos;
}

}  // namespace

std::string RootCauseIn(std::string_view log) {
  std::string_view caused, error, last;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    const std::string_view line = Trimmed(log.substr(at, end - at));
    at = end + 1;
    if (line.empty()) {
      continue;
    }
    if (line.starts_with("Caused by: ")) {
      caused = line.substr(11);
    } else if (!line.starts_with("at ") && TellsAnError(line)) {
      error = line;
      caused = {};  // of an older trace
    }
    if (!line.starts_with("at ") && !line.starts_with("...")) {
      last = line;
    }
  }
  const std::string_view chosen = !caused.empty() ? caused : !error.empty() ? error : last;
  return std::string(chosen.substr(0, kLongestCause));
}

std::unique_lock<std::mutex> ProcessTable::Claim(std::string_view cluster_id) {
  std::mutex* claim = nullptr;
  {
    const std::lock_guard lock(claims_mutex_);
    auto found = claims_.find(cluster_id);
    if (found == claims_.end()) {
      found = claims_.emplace(std::string(cluster_id), std::make_unique<std::mutex>()).first;
    }
    claim = found->second.get();
  }
  return std::unique_lock(*claim);
}

ManagedProcess ProcessTable::LookedAt(const ProcessRecord& record) const {
  ManagedProcess process{.role = record.role,
                         .index = record.index,
                         .id = record.id,
                         .started_at = record.started_at,
                         .restarts = record.restarts};
  process.alive = record.id.pid != 0 && driver_.IsAlive(record.id);
  process.memory_bytes =
      process.alive ? static_cast<std::int64_t>(driver_.ResidentBytes(record.id)) : 0;
  return process;
}

base::Status ProcessTable::Record(const ProcessRecord& record) {
  SP_TRY(store_.SaveProcess(record));
  const ManagedProcess process = LookedAt(record);
  registry_.Apply(record.cluster_id, [&](ClusterEntry& entry) { Put(entry.processes, process); });
  return base::Ok();
}

base::Status ProcessTable::Recover(const ClusterRecord& record,
                                   const std::vector<ProcessRecord>& recorded) {
  const auto claim = Claim(record.id);
  std::vector<ManagedProcess> processes;
  for (const ProcessRecord& known : recorded) {
    Put(processes, LookedAt(known));
  }
  const std::vector<engines::ClusterProcess> living =
      outside_.Pass("FIND_PROCESSES", [&] { return driver_.FindProcesses(record.id); });
  for (const engines::ClusterProcess& found : living) {
    const ManagedProcess* place = FindPlace(processes, found.role, found.index);
    if (place != nullptr && place->alive) {
      if (place->id != found.id) {
        base::LogWarn("ending a second process in the same place",
                      {{"cluster", record.id}, {"pid", found.id.pid}});
        driver_.Kill(found.id);
      }
      continue;
    }
    base::LogInfo("adopted a process", {{"cluster", record.id}, {"pid", found.id.pid}});
    const ProcessRecord adopted{.cluster_id = record.id,
                                .role = found.role,
                                .index = found.index,
                                .id = found.id,
                                .started_at = clock_.Now(),
                                .restarts = place == nullptr ? 0 : place->restarts};
    SP_TRY(store_.SaveProcess(adopted));
    Put(processes, LookedAt(adopted));
  }
  registry_.Apply(record.id, [&](ClusterEntry& entry) { entry.processes = processes; });
  return base::Ok();
}

void ProcessTable::Refresh(std::string_view cluster_id) {
  const auto entry = registry_.Entry(cluster_id);
  if (!entry || entry->processes.empty()) {
    return;
  }
  std::vector<ManagedProcess> seen = entry->processes;
  for (ManagedProcess& process : seen) {
    process.alive = process.id.pid != 0 && driver_.IsAlive(process.id);
    process.memory_bytes =
        process.alive ? static_cast<std::int64_t>(driver_.ResidentBytes(process.id)) : 0;
  }
  registry_.Apply(cluster_id, [&](ClusterEntry& now) {
    for (const ManagedProcess& process : seen) {
      // Between the look and now the place may have got another process.
      ManagedProcess* place = FindPlace(now.processes, process.role, process.index);
      if (place != nullptr && place->id == process.id) {
        *place = process;
      }
    }
  });
}

base::Result<std::optional<base::ProcessId>> ProcessTable::FindAlive(std::string_view cluster_id,
                                                                     engines::ProcessRole role,
                                                                     int index) {
  const auto entry = registry_.Entry(cluster_id);
  if (!entry) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such cluster");
  }
  std::vector<ManagedProcess> known = entry->processes;
  const ManagedProcess* place = FindPlace(known, role, index);
  if (place != nullptr && place->id.pid != 0 && driver_.IsAlive(place->id)) {
    return std::optional(place->id);
  }
  const std::string id(cluster_id);
  for (const engines::ClusterProcess& found :
       outside_.Pass("FIND_PROCESSES", [&] { return driver_.FindProcesses(id); })) {
    if (found.role == role && found.index == index) {
      SP_TRY(Record({.cluster_id = id,
                     .role = role,
                     .index = index,
                     .id = found.id,
                     .started_at = clock_.Now(),
                     .restarts = place == nullptr ? 0 : place->restarts}));
      return std::optional(found.id);
    }
  }
  return std::optional<base::ProcessId>();
}

base::Result<base::ProcessId> ProcessTable::Spawn(const engines::ClusterPlan& plan,
                                                  engines::ProcessRole role, int index,
                                                  int restarts) {
  ProcessRecord record{.cluster_id = plan.cluster_id,
                       .role = role,
                       .index = index,
                       .started_at = clock_.Now(),
                       .restarts = restarts};
  SP_TRY(Record(record));
  record.id = SP_TRY(
      outside_.Pass("SPAWN_PROCESS", [&] { return driver_.StartProcess(plan, role, index); }));
  SP_TRY(Record(record));
  base::LogInfo("started a cluster's process", {{"cluster", plan.cluster_id},
                                                {"role", ToString(role)},
                                                {"index", index},
                                                {"pid", record.id.pid}});
  return record.id;
}

base::Result<bool> ProcessTable::EndAll(std::string_view cluster_id, Round round) {
  const std::string id(cluster_id);
  std::vector<base::ProcessId> living;
  if (const auto entry = registry_.Entry(cluster_id)) {
    for (const ManagedProcess& process : entry->processes) {
      if (process.id.pid != 0 && driver_.IsAlive(process.id)) {
        living.push_back(process.id);
      }
    }
  }
  for (const engines::ClusterProcess& found :
       outside_.Pass("FIND_PROCESSES", [&] { return driver_.FindProcesses(id); })) {
    if (std::find(living.begin(), living.end(), found.id) == living.end()) {
      living.push_back(found.id);
    }
  }
  if (round != Round::kLook) {
    outside_.Pass("END_PROCESSES", [&] {
      for (const base::ProcessId& process : living) {
        round == Round::kAsk ? driver_.AskToEnd(process) : driver_.Kill(process);
      }
      return 0;
    });
  }
  Refresh(cluster_id);
  if (std::any_of(living.begin(), living.end(),
                  [&](const base::ProcessId& process) { return driver_.IsAlive(process); })) {
    return false;
  }
  SP_TRY(store_.DeleteProcesses(cluster_id));
  registry_.Apply(cluster_id, [](ClusterEntry& entry) { entry.processes.clear(); });
  return true;
}

std::string ProcessTable::LastWords(const ClusterRecord& record, engines::ProcessRole role,
                                    int index) {
  const engines::ClusterPlan plan =
      planner_.SketchOf(record, record.started_spec.value_or(record.spec));
  auto logs = driver_.ListLogs(plan);
  if (!logs.ok()) {
    return {};
  }
  // Of the role's files the one that was written last tells of the latest death; with several
  // TaskManagers their place is a part of the title.
  const std::string place = "-" + std::to_string(index);
  const engines::LogFile* chosen = nullptr;
  for (const engines::LogFile& file : *logs) {
    if (file.role != ToString(role) || file.size_bytes == 0) {
      continue;
    }
    const auto fits = [&](const engines::LogFile& f) {
      return role == engines::ProcessRole::kJobManager || f.title.find(place) != std::string::npos;
    };
    if (chosen == nullptr ||
        std::pair(fits(file), file.modified_at) > std::pair(fits(*chosen), chosen->modified_at)) {
      chosen = &file;
    }
  }
  if (chosen == nullptr) {
    return {};
  }
  auto piece = driver_.ReadLog(plan, chosen->id, std::nullopt, kLogEnd);
  return piece.ok() ? RootCauseIn(piece->text) : std::string();
}

}  // namespace streampark::console
