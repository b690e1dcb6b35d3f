// SPDX-License-Identifier: Apache-2.0
#include "clusters/process_keeper.h"

#include <algorithm>
#include <string>
#include <utility>

#include "streampark/base/log.h"

namespace streampark::console {

bool ProcessKeeper::Cares(const ClusterEntry& entry) const {
  return entry.record.spec.kind == ClusterKind::kStandalone &&
         entry.record.desired == ClusterDesired::kRunning && entry.record.failure.empty() &&
         entry.record.started_spec && entry.operation == nullptr;
}

void ProcessKeeper::Tick() {
  for (const ClusterPtr& cluster : runtime_.registry.List()) {
    auto entry = runtime_.registry.Entry(cluster->id);
    if (!entry || !Cares(*entry)) {
      continue;
    }
    processes_.Refresh(cluster->id);
    entry = runtime_.registry.Entry(cluster->id);
    if (!entry) {
      continue;
    }
    const auto alive = [&](Place place) {
      return std::any_of(
          entry->processes.begin(), entry->processes.end(), [&](const ManagedProcess& process) {
            return process.alive && process.role == place.role && process.index == place.index;
          });
    };
    // The JobManager first: TaskManagers look for it from their start on.
    if (const Place place{engines::ProcessRole::kJobManager, 0}; !alive(place)) {
      Mend(cluster->id, place);
    }
    for (int i = 0; i < entry->running_spec().task_managers; ++i) {
      if (const Place place{engines::ProcessRole::kTaskManager, i}; !alive(place)) {
        Mend(cluster->id, place);
      }
    }
  }
}

void ProcessKeeper::Mend(const std::string& cluster_id, Place place) {
  const auto claim = processes_.Claim(cluster_id);
  const auto entry = runtime_.registry.Entry(cluster_id);
  if (!entry || !Cares(*entry)) {
    return;
  }
  const base::Status mended = MendClaimed(*entry, place);
  if (!mended.ok()) {
    base::LogWarn("a process that died cannot be started again",
                  {{"cluster", cluster_id}, {"error", mended.error()}});
  }
}

base::Status ProcessKeeper::MendClaimed(const ClusterEntry& entry, Place place) {
  const std::string& id = entry.record.id;
  if (SP_TRY(processes_.FindAlive(id, place.role, place.index))) {
    return base::Ok();
  }
  const base::Timestamp now = runtime_.clock.Now();
  const RestartBudget budget = entry.record.spec.restart;
  const std::vector<base::Timestamp> restarts =
      SP_TRY(runtime_.store.RestartsSince(id, place.role, place.index, now - budget.within));
  const std::string name = PlaceName(place.role, place.index);
  const auto give_up = [&](std::string reason) {
    base::LogError("gave a cluster up", {{"cluster", id}, {"reason", reason}});
    return runtime_.Write(id, [&](ClusterRecord& record) { record.failure = reason; });
  };
  if (restarts.size() >= static_cast<std::size_t>(budget.attempts)) {
    const std::string words = processes_.LastWords(entry.record, place.role, place.index);
    return give_up(name + " died; it was started again " + std::to_string(restarts.size()) +
                   " times within " + base::FormatDuration(budget.within) +
                   (words.empty() ? "" : ". Its last words: " + words));
  }
  if (!restarts.empty() && now < restarts.back() + BackOffAfter(restarts.size())) {
    return base::Ok();
  }
  auto plan = runtime_.planner.PlanOf(entry.record, entry.running_spec());
  if (!plan.ok()) {
    return give_up(name + " died and cannot be started again: " + plan.error().message());
  }
  // Counted before the act: a console that dies here must not forget the attempt.
  SP_TRY(runtime_.store.AddRestart(id, place.role, place.index, now, now - budget.within));
  int before = 0;
  for (const ManagedProcess& process : entry.processes) {
    if (process.role == place.role && process.index == place.index) {
      before = process.restarts;
    }
  }
  // Before the start: with the process alive and this not said, the cluster would look whole.
  runtime_.registry.Apply(id, [&](ClusterEntry& mended) {
    mended.mending = ClusterEntry::Mending{.role = place.role, .index = place.index, .since = now};
  });
  SP_TRY(outside_.Pass("MEND_PROCESS", [&] {
    return processes_.Spawn(*plan, place.role, place.index, before + 1);
  }));
  return base::Ok();
}

base::Millis ProcessKeeper::BackOffAfter(std::size_t restarts) const {
  const std::size_t doublings = std::min<std::size_t>(restarts - 1, 16);
  return std::min(base::Millis(timings_.first_back_off.count() << doublings),
                  timings_.longest_back_off);
}

}  // namespace streampark::console
