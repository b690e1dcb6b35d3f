// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_watch.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace streampark::console {
namespace {

/// How long a cluster that does not run is left alone, unless somebody wakes its watcher.
constexpr base::Millis kIdleTick{5000};

bool IsWhole(const ClusterEntry& entry, const engines::ClusterObservation& seen) {
  const ClusterSpec& spec = entry.running_spec();
  return seen.task_managers >= spec.task_managers &&
         seen.slots_total >= spec.task_managers * spec.slots_per_task_manager;
}

}  // namespace

void ClusterWatch::Attach(ClusterTenants& tenants, ClusterObservationSink& sink) {
  tenants_ = &tenants;
  sink_ = &sink;
}

void ClusterWatch::Add(const std::string& cluster_id) {
  auto watcher = std::make_shared<Watcher>();
  {
    const std::lock_guard lock(mutex_);
    if (!watchers_.emplace(cluster_id, watcher).second) {
      return;
    }
  }
  turns_.Begin(cluster_id, [this, watcher, cluster_id](const std::stop_token& stop) {
    return TakeTurn(*watcher, cluster_id, stop);
  });
}

void ClusterWatch::Remove(std::string_view cluster_id) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = watchers_.find(cluster_id);
    if (found == watchers_.end()) {
      return;
    }
    found->second->removed = true;
    watchers_.erase(found);
  }
  turns_.Interrupt(cluster_id);
  turns_.AwaitEnd(cluster_id, 2 * timings_.observe_deadline, {});
}

void ClusterWatch::Hurry(std::string_view cluster_id, base::Millis duration) {
  const base::SteadyTime now = runtime_.clock.SteadyNow();
  {
    const std::lock_guard lock(mutex_);
    const auto found = watchers_.find(cluster_id);
    if (found == watchers_.end()) {
      return;
    }
    base::SteadyTime& until = found->second->close_until;
    const bool close = now < until;
    until = std::max(until, now + duration);
    if (close) {
      return;  // it will look soon; whom its looks wake may ask again and again
    }
  }
  turns_.Wake(cluster_id);
}

Turns::Due ClusterWatch::TakeTurn(Watcher& watcher, const std::string& cluster_id,
                                  std::stop_token stop) {
  if (watcher.removed) {
    return std::nullopt;
  }
  const Look look = LookOnce(cluster_id, std::move(stop));
  watcher.silent_looks = look == Look::kSilent ? watcher.silent_looks + 1 : 0;
  const std::lock_guard lock(mutex_);
  return WaitAfter(look, runtime_.clock.SteadyNow() < watcher.close_until, watcher.silent_looks);
}

base::Millis ClusterWatch::WaitAfter(Look look, bool close, int silent_looks) const {
  if (close) {
    return timings_.close_tick;
  }
  switch (look) {
    case Look::kAnswered:
    case Look::kInterrupted:
      return timings_.tick;
    case Look::kNothingThere:
      return kIdleTick;
    case Look::kSilent:
      break;
  }
  const int doublings = std::min(silent_looks - 1, 8);
  return std::min(timings_.tick * (1 << doublings), timings_.slowest_tick);
}

ClusterWatch::Look ClusterWatch::LookOnce(const std::string& cluster_id, std::stop_token stop) {
  processes_.Refresh(cluster_id);
  const auto entry = runtime_.registry.Entry(cluster_id);
  if (!entry) {
    return Look::kInterrupted;
  }
  if (entry->record.spec.kind == ClusterKind::kStandalone) {
    const bool job_manager =
        std::any_of(entry->processes.begin(), entry->processes.end(), [](const ManagedProcess& p) {
          return p.alive && p.role == engines::ProcessRole::kJobManager;
        });
    if (!job_manager) {
      return BeSilent(cluster_id, ClusterObservationSink::Silence::kDown,
                      "it has no JobManager process");
    }
  }
  const engines::Endpoint endpoint = runtime_.planner.EndpointOf(entry->record);
  auto observed = outside_.Pass("OBSERVE_CLUSTER", [&] {
    return runtime_.engine.jobs.Observe(endpoint, timings_.observe_deadline, stop);
  });
  if (observed.ok()) {
    if (entry->mending && IsWhole(*entry, *observed) && HearsFromTheNew(*entry, endpoint, stop)) {
      runtime_.registry.Apply(cluster_id, [&](ClusterEntry& now) {
        if (now.mending && now.mending->since == entry->mending->since) {
          now.mending->noticed = true;
        }
      });
    }
    Deliver(cluster_id, *std::move(observed));
    return Look::kAnswered;
  }
  if (stop.stop_requested()) {
    return Look::kInterrupted;
  }
  return BeSilent(cluster_id, ClusterObservationSink::Silence::kNoAnswer,
                  observed.error().message());
}

bool ClusterWatch::HearsFromTheNew(const ClusterEntry& entry, const engines::Endpoint& endpoint,
                                   std::stop_token stop) const {
  // A new JobManager knows only what is there. An old one counts a dead TaskManager until it misses
  // it, which it never does when the new one takes the place before; but what has sent a heartbeat
  // since cannot be the dead one.
  if (entry.mending->role == engines::ProcessRole::kJobManager) {
    return true;
  }
  const auto managers = outside_.Pass("LIST_TASK_MANAGERS", [&] {
    return runtime_.engine.jobs.ListTaskManagers(endpoint, std::move(stop));
  });
  return managers.ok() && std::all_of(managers->begin(), managers->end(), [&](const auto& manager) {
           return manager.last_heartbeat_at && *manager.last_heartbeat_at > entry.mending->since;
         });
}

ClusterWatch::Look ClusterWatch::BeSilent(const std::string& cluster_id,
                                          ClusterObservationSink::Silence silence,
                                          const std::string& why) {
  const bool down = silence == ClusterObservationSink::Silence::kDown;
  const ClusterPtr cluster = runtime_.registry.Apply(cluster_id, [&](ClusterEntry& entry) {
    entry.reachability = Reachability::kUnreachable;
    entry.silence = why;
  });
  if (cluster && sink_ != nullptr) {
    sink_->OnSilence(*cluster, silence, runtime_.clock.Now());
  }
  return down ? Look::kNothingThere : Look::kSilent;
}

void ClusterWatch::Deliver(const std::string& cluster_id, engines::ClusterObservation observation) {
  int running = 0;
  int foreign = 0;
  for (const engines::JobObservation& job : observation.jobs) {
    if (engines::IsTerminal(job.state)) {
      continue;
    }
    ++running;
    if (tenants_ == nullptr || !tenants_->Owner(cluster_id, job.engine_job_id)) {
      ++foreign;
    }
  }
  const auto shared = std::make_shared<const engines::ClusterObservation>(std::move(observation));
  const ClusterPtr cluster = runtime_.registry.Apply(cluster_id, [&](ClusterEntry& entry) {
    if (entry.observation && entry.observation->observed_at > shared->observed_at) {
      return;  // two looked at once
    }
    entry.observation = shared;
    entry.reachability = Reachability::kReachable;
    entry.silence.clear();
    entry.jobs_running = running;
    entry.foreign_jobs = foreign;
    if (entry.mending) {
      if (!IsWhole(entry, *shared)) {
        entry.mending->noticed = true;
      } else if (entry.mending->noticed) {
        entry.mending.reset();
      }
    }
  });
  if (cluster && sink_ != nullptr) {
    sink_->OnObservation(*cluster, *shared);
  }
}

}  // namespace streampark::console
