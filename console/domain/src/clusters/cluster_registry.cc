// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_registry.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "clusters/cluster_verdict.h"

namespace streampark::console {
namespace {

/// Memory moves all the time; people need no more than this.
constexpr std::int64_t kMemoryGrain = 32LL << 20U;

/// After so long a process that was started again is judged like any other.
constexpr base::Millis kLongestMending{60'000};

std::int64_t Coarse(std::int64_t bytes) { return (bytes + kMemoryGrain / 2) / kMemoryGrain; }

bool SameProcesses(const std::vector<ManagedProcess>& a, const std::vector<ManagedProcess>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](ManagedProcess left, const ManagedProcess& right) {
                      if (Coarse(left.memory_bytes) == Coarse(right.memory_bytes)) {
                        left.memory_bytes = right.memory_bytes;
                      }
                      return left == right;
                    });
}

auto Shown(const Cluster& c) {
  return std::tie(c.edition, c.spec, c.desired, c.restart_pending, c.state, c.message,
                  c.reachability, c.version, c.slots_total, c.slots_free, c.task_managers,
                  c.jobs_running, c.foreign_jobs, c.web_url, c.operation, c.endpoint.addresses);
}

std::string InstallationIdOf(const Cluster& cluster) {
  return cluster.installation ? cluster.installation->id : std::string();
}

bool LooksTheSame(const Cluster& a, const Cluster& b) {
  return Shown(a) == Shown(b) && InstallationIdOf(a) == InstallationIdOf(b) &&
         SameProcesses(a.processes, b.processes);
}

ClusterChange ChangeOf(const Operation* operation) {
  if (operation == nullptr) {
    return ClusterChange::kNone;
  }
  if (operation->kind == OperationKind::kStop) {
    // Until the jobs are suspended the cluster runs as before.
    const auto stopping = std::find_if(operation->steps.begin(), operation->steps.end(),
                                       [](const Step& s) { return s.name == "STOP_PROCESSES"; });
    return stopping == operation->steps.end() || stopping->state == StepState::kWaiting
               ? ClusterChange::kNone
               : ClusterChange::kStopping;
  }
  if (operation->kind == OperationKind::kRestart) {
    const Step* running = operation->running_step();
    const std::string_view step = running != nullptr ? running->name : std::string_view();
    if (step == "CHECK_JOBS" || step == "SUSPEND_JOBS") {
      return ClusterChange::kNone;
    }
    return step == "STOP_PROCESSES" ? ClusterChange::kStopping : ClusterChange::kStarting;
  }
  return ClusterChange::kStarting;
}

}  // namespace

std::string PlaceName(engines::ProcessRole role, int index) {
  return role == engines::ProcessRole::kJobManager ? "the JobManager"
                                                   : "TaskManager " + std::to_string(index);
}

bool ClusterEntry::AnyAlive() const {
  return std::any_of(processes.begin(), processes.end(),
                     [](const ManagedProcess& process) { return process.alive; });
}

ClusterRegistry::ClusterRegistry(const ClusterPlanner& planner,
                                 const InstallationDirectory& installations,
                                 engines::JobDriver& jobs, const base::Clock& clock,
                                 ClusterListener& listener)
    : planner_(planner),
      installations_(installations),
      jobs_(jobs),
      clock_(clock),
      listener_(listener) {}

ClusterPtr ClusterRegistry::Find(std::string_view cluster_id) const {
  const std::shared_lock lock(reading_);
  const auto found = slots_.find(cluster_id);
  return found == slots_.end() ? nullptr : found->second.published;
}

std::vector<ClusterPtr> ClusterRegistry::List() const {
  std::vector<ClusterPtr> clusters;
  {
    const std::shared_lock lock(reading_);
    clusters.reserve(slots_.size());
    for (const auto& [id, slot] : slots_) {
      clusters.push_back(slot.published);
    }
  }
  std::sort(clusters.begin(), clusters.end(), [](const ClusterPtr& a, const ClusterPtr& b) {
    return std::tie(a->spec.name, a->id) < std::tie(b->spec.name, b->id);
  });
  return clusters;
}

std::optional<ClusterRecord> ClusterRegistry::Record(std::string_view cluster_id) const {
  const std::shared_lock lock(reading_);
  const auto found = slots_.find(cluster_id);
  return found == slots_.end() ? std::nullopt : std::optional(found->second.entry.record);
}

std::optional<ClusterEntry> ClusterRegistry::Entry(std::string_view cluster_id) const {
  const std::shared_lock lock(reading_);
  const auto found = slots_.find(cluster_id);
  return found == slots_.end() ? std::nullopt : std::optional(found->second.entry);
}

std::shared_ptr<const engines::ClusterObservation> ClusterRegistry::Observation(
    std::string_view cluster_id) const {
  const std::shared_lock lock(reading_);
  const auto found = slots_.find(cluster_id);
  return found == slots_.end() ? nullptr : found->second.entry.observation;
}

ClusterPtr ClusterRegistry::Add(ClusterEntry entry) {
  const std::lock_guard writing(writing_);
  Slot* slot = nullptr;
  {
    auto first = std::make_shared<Cluster>(Compose(entry));
    const std::unique_lock lock(reading_);
    slot = &slots_[entry.record.id];
    slot->entry = std::move(entry);
    slot->published = std::move(first);
  }
  listener_.OnClusterChanged(*slot->published);
  return slot->published;
}

void ClusterRegistry::Remove(std::string_view cluster_id) {
  const std::lock_guard writing(writing_);
  ClusterPtr last;
  {
    const std::unique_lock lock(reading_);
    const auto found = slots_.find(cluster_id);
    if (found == slots_.end()) {
      return;
    }
    last = found->second.published;
    slots_.erase(found);
  }
  listener_.OnClusterRemoved(*last);
}

ClusterPtr ClusterRegistry::Apply(std::string_view cluster_id, const Change& change) {
  const std::lock_guard writing(writing_);
  Slot* slot = nullptr;
  {
    const std::unique_lock lock(reading_);
    const auto found = slots_.find(cluster_id);
    if (found == slots_.end()) {
      return nullptr;
    }
    slot = &found->second;
    change(slot->entry);
  }
  return Publish(*slot);
}

void ClusterRegistry::Recompute() {
  const std::lock_guard writing(writing_);
  for (auto& [id, slot] : slots_) {
    Publish(slot);
  }
}

ClusterPtr ClusterRegistry::Publish(Slot& slot) {
  // Only holders of writing_ change slots, so reading the entry here needs no other lock.
  Cluster next = Compose(slot.entry);
  const bool same = LooksTheSame(*slot.published, next);
  if (next.state == slot.published->state) {
    next.since = slot.published->since;
  }
  auto published = std::make_shared<const Cluster>(std::move(next));
  {
    const std::unique_lock lock(reading_);
    slot.published = published;
  }
  if (!same) {
    listener_.OnClusterChanged(*published);
  }
  return published;
}

Cluster ClusterRegistry::Compose(const ClusterEntry& entry) const {
  const ClusterRecord& record = entry.record;
  const ClusterSpec& running = entry.running_spec();
  const bool managed = record.spec.kind == ClusterKind::kStandalone;
  Cluster cluster;
  cluster.id = record.id;
  cluster.spec = record.spec;
  cluster.edition = record.edition;
  cluster.created_at = record.created_at;
  cluster.desired = managed ? record.desired : ClusterDesired::kRunning;
  cluster.operation = entry.operation;
  cluster.processes = entry.processes;
  cluster.endpoint = planner_.EndpointOf(record);
  cluster.checkpoint_directory = planner_.CheckpointDirectoryOf(record, running);
  cluster.savepoint_directory = planner_.SavepointDirectoryOf(record, running);
  cluster.restart_pending = managed && record.desired == ClusterDesired::kRunning &&
                            record.started_spec &&
                            RunsDifferently(*record.started_spec, record.spec);

  ClusterFacts facts{.kind = record.spec.kind,
                     .desired = cluster.desired,
                     .change = ChangeOf(entry.operation.get()),
                     .failure = record.failure,
                     .task_managers_wanted = running.task_managers,
                     .slots_wanted = running.task_managers * running.slots_per_task_manager,
                     .reachability = entry.reachability,
                     .silence = entry.silence};
  for (const ManagedProcess& process : entry.processes) {
    cluster.memory_bytes += process.memory_bytes;
    if (process.alive && process.role == engines::ProcessRole::kJobManager) {
      facts.job_manager_alive = true;
    } else if (process.alive) {
      ++facts.task_managers_alive;
    }
  }
  if (entry.mending && clock_.Now() < entry.mending->since + kLongestMending) {
    facts.mending = PlaceName(entry.mending->role, entry.mending->index) +
                    " died; it was started again and is not ready yet";
  }
  cluster.reachability = entry.reachability;
  if (entry.observation) {
    cluster.observed_at = entry.observation->observed_at;
    cluster.version = entry.observation->version;
    cluster.line = LineOfVersion(cluster.version);
  }
  // What was last seen stays on show while a cluster does not answer: its age is told. A cluster
  // that is known not to run has nothing.
  const bool gone = managed && !facts.job_manager_alive;
  if (entry.observation && !gone) {
    cluster.slots_total = entry.observation->slots_total;
    cluster.slots_free = entry.observation->slots_free;
    cluster.task_managers = entry.observation->task_managers;
    cluster.jobs_running = entry.jobs_running;
    cluster.foreign_jobs = entry.foreign_jobs;
    facts.slots_total = cluster.slots_total;
  }
  if (!cluster.endpoint.addresses.empty() && !gone) {
    engines::Endpoint answering = cluster.endpoint;
    if (entry.observation && !entry.observation->address.empty()) {
      answering.addresses = {entry.observation->address};
    }
    cluster.web_url = jobs_.WebUrl(answering, "");
  }

  InstallationPtr installation = InstallationFor(installations_, running);
  if (!installation && !managed && !cluster.line.empty()) {
    installation = installations_.FindByLine(cluster.line);
  }
  if (installation) {
    cluster.installation = installation->ForEngine();
    if (cluster.version.empty() && managed) {
      cluster.version = installation->version;
      cluster.line = installation->line;
    }
  }

  ClusterVerdict verdict = JudgeCluster(facts);
  if (verdict.message.empty() && installation && !cluster.line.empty() &&
      installation->line != cluster.line) {
    verdict.message = "the cluster says that it is " + cluster.version +
                      ", the engine version chosen for it is " + installation->version;
  }
  cluster.state = verdict.state;
  cluster.message = std::move(verdict.message);
  cluster.since = clock_.Now();
  return cluster;
}

}  // namespace streampark::console
