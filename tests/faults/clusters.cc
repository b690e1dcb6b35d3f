// SPDX-License-Identifier: Apache-2.0
// The cluster that the console keeps itself, in the runs that have one: who commands it, and what
// happens to its processes.
#include <iterator>

#include "world.h"

namespace streampark::faults {

using console::JobsOnStop;
using console::OperationKind;
using engines::ProcessRole;
using store::testing::FakeMachine;

namespace {

const console::Requester kPerson{"u", "user"};
constexpr std::string_view kOtherVersion = "1.19.3";

}  // namespace

void World::CommandCluster(const console::ClusterCommand& command) {
  const std::string key = "key-" + std::to_string(++keys_);
  const auto begun =
      life_->managed()->clusters->Command(life_->cluster_id(), command, kPerson, key);
  Note("cluster " + life_->cluster_id() + " " + std::string(ToString(command.kind)) + " " +
       std::to_string(static_cast<int>(command.jobs)) +
       (begun.ok() ? " is " + begun->id : " is refused: " + begun.error().message()));
  if (begun.ok()) {
    ++outcome_.commands;
    cluster_promises_->Accepted(key, {life_->cluster_id(), command, begun->id});
    DecidedCluster();
  }
}

void World::CommandSomeCluster() {
  const auto& known = cluster_promises_->commands();
  if (!known.empty() && time_.OneIn(8)) {
    const auto& [key, command] =
        *std::next(known.begin(), static_cast<std::ptrdiff_t>(time_.Draw(known.size())));
    if (life_->managed()->clusters->Find(command.cluster_id)) {
      Note("once more " + key);
      cluster_promises_->Repeated(key, life_->managed()->clusters->Command(
                                           command.cluster_id, command.command, kPerson, key));
    }
    return;
  }
  const auto cluster = life_->managed()->clusters->Find(life_->cluster_id());
  if (cluster->desired == console::ClusterDesired::kStopped ||
      cluster->state == console::ClusterState::kFailed) {
    CommandCluster({.kind = OperationKind::kStart});
    return;
  }
  static constexpr OperationKind kKinds[] = {OperationKind::kStop, OperationKind::kRestart,
                                             OperationKind::kRestart, OperationKind::kStart};
  static constexpr JobsOnStop kJobs[] = {JobsOnStop::kRefuse, JobsOnStop::kSuspend,
                                         JobsOnStop::kSuspend, JobsOnStop::kKill};
  CommandCluster({.kind = kKinds[time_.Draw(4)], .jobs = kJobs[time_.Draw(4)]});
}

void World::CommandInstallation() {
  console::InstallationService& service = *life_->managed()->installations;
  const auto fetched = service.Fetch(kOtherVersion, kPerson, "");
  if (!fetched.ok()) {
    return;
  }
  std::string id = (*fetched)->operation == nullptr ? "" : (*fetched)->operation->id;
  if ((*fetched)->state == console::InstallationState::kReady) {
    const auto begun = service.Command((*fetched)->id, OperationKind::kVerify, kPerson, "");
    id = begun.ok() ? begun->id : id;
  }
  Note("fetch or verify: " + id);
  if (!id.empty()) {
    cluster_promises_->Accepted({.id = id});
  }
}

bool World::CancelCluster() {
  const auto cluster = life_->managed()->clusters->Find(life_->cluster_id());
  if (cluster->operation == nullptr) {
    return false;
  }
  const auto cancelled = life_->managed()->clusters->Cancel(cluster->operation->id);
  DecidedCluster();
  Note("cancel the cluster's " + cluster->operation->id +
       (cancelled.ok() ? "" : ": " + cancelled.error().message()));
  return true;
}

void World::EditCluster() {
  console::ClusterService& clusters = *life_->managed()->clusters;
  const auto before = clusters.Find(life_->cluster_id());
  console::ClusterSpec spec = before->spec;
  spec.task_managers = 2 + static_cast<int>(time_.Draw(2));
  spec.options["taskmanager.edit"] = std::to_string(time_.Draw(3));
  const auto edited = clusters.Edit(before->id, spec, before->edition, {});
  Note("edit the cluster" + (edited.ok() ? "" : ": " + edited.error().message()));
}

/// The cluster is to go, and what is meant for it moves to another when nothing runs there.
void World::MoveHouse() {
  console::ClusterService& clusters = *life_->managed()->clusters;
  const auto old = clusters.Find(life_->cluster_id());
  std::string other;
  for (const auto& cluster : clusters.List()) {
    other = cluster->id == old->id ? other : cluster->id;
  }
  if (other.empty()) {
    console::ClusterSpec spec = old->spec;
    spec.name = "cluster-" + std::to_string(++keys_);
    other = (*clusters.Create(spec, {}))->id;
  }
  const bool idle = old->operation == nullptr && cluster_promises_->IsIdle(*life_);
  for (const std::string& job : jobs_) {
    if (idle && life_->State(job).job.desired != console::DesiredState::kDeleted) {
      Decided(job);
      life_->Edit(job, "INSERT INTO b SELECT moved", other);
    }
  }
  DecidedCluster();
  life_->MoveTo(other);
  const base::Status deleted = clusters.Delete(old->id);
  Note("delete the cluster " + old->id + (deleted.ok() ? "" : ": " + deleted.error().message()));
  cluster_promises_->Deleted(*life_, old->id, deleted, idle);
  if (deleted.ok()) {
    engine_.jobs.clear();  // the other cluster's engine knows of none
    engine_.on_their_way.clear();
  } else {
    life_->MoveTo(old->id);
  }
}

void World::StrikeMachine() {
  FakeMachine& machine = *machine_;
  machine.job_manager_takes = time_.OneIn(6) ? Within(5'000, 70'000) : Within(20, 600);
  machine.task_manager_takes = time_.OneIn(6) ? Within(5'000, 70'000) : Within(20, 1'500);
  machine.end_takes = time_.OneIn(5) ? Within(5'000, 40'000) : Within(0, 300);
  machine.missed_after = time_.OneIn(2) ? base::Millis(0) : Within(2'000, 20'000);
  machine.starts_fail = time_.OneIn(10);
  machine.dies_at_once = time_.OneIn(10);
  machine.fetches_fail = time_.OneIn(4);
  machine.digest = time_.OneIn(4) ? "d2" : "d1";
  switch (time_.Draw(8)) {
    case 0:
      Note("the JobManager dies");
      machine.Strike(ProcessRole::kJobManager, 0);
      break;
    case 1:
    case 2:
      Note("a TaskManager dies");
      machine.Strike(ProcessRole::kTaskManager, time_.Draw(8));
      break;
    case 3:
      if (!machine.processes().empty()) {
        Note("somebody takes the port");
        machine.Strike(ProcessRole::kJobManager, 0);
        machine.taken_ports.insert(machine.processes().back().rest_port);
      }
      break;
    default:
      break;
  }
}

void World::SpareMachine() {
  FakeMachine& machine = *machine_;
  machine.job_manager_takes = machine.task_manager_takes = machine.end_takes = base::Millis(500);
  machine.missed_after = base::Millis(1'000);
  machine.starts_fail = machine.dies_at_once = machine.fetches_fail = false;
  machine.taken_ports.clear();
}

void World::JobManagerGone(const FakeMachine::Process& process) {
  if (process.asked && life_ != nullptr) {
    cluster_promises_->Ended(*life_);
  }
  ForgetJobs();
}

}  // namespace streampark::faults
