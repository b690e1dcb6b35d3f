// SPDX-License-Identifier: Apache-2.0
// Who commands, and what.
#include <iterator>

#include "world.h"

namespace streampark::faults {

void World::CommandJob(const std::string& job_id, const std::string& text) {
  const std::string key = "key-" + std::to_string(++keys_);
  const auto begun =
      life_->jobs().desk().Command(job_id, *console::CommandFromText(text), {"u", "user"}, key);
  Note(text + (begun.ok() ? " is " + begun->id : " is refused: " + begun.error().message()));
  if (begun.ok()) {
    ++outcome_.commands;
    promises_.Accepted(job_id, key, text, *begun);
    Decided(job_id);
  }
}

void World::RepeatOne() {
  const auto& known = promises_.commands();
  if (known.empty()) {
    return;
  }
  const auto& [key, command] =
      *std::next(known.begin(), static_cast<std::ptrdiff_t>(time_.Draw(known.size())));
  Note("once more " + key);
  promises_.Repeated(
      key, life_->jobs().desk().Command(command.job_id, *console::CommandFromText(command.text),
                                        {"u", "user"}, key));
}

void World::CancelOne() {
  if (managed() && time_.OneIn(2) && CancelCluster()) {
    return;
  }
  for (const std::string& job : jobs_) {
    const auto view = life_->jobs().board().Find(job);
    if (view != nullptr && view->state.operation) {
      const auto cancelled = life_->jobs().desk().Cancel(view->state.operation->id);
      Decided(job);
      Note("cancel " + view->state.operation->id +
           (cancelled.ok() ? "" : ": " + cancelled.error().message()));
      return;
    }
  }
}

void World::DeleteOne(const std::string& job_id) {
  const auto known = life_->jobs().store().ListSnapshots(job_id, 0, "");
  if (!known.ok() || known->items.empty()) {
    return;
  }
  const console::Snapshot& chosen = known->items[time_.Draw(known->items.size())];
  Note("delete " + chosen.path);
  const auto deleted = life_->jobs().DeleteSnapshot(job_id, chosen.id, {});
  Note(deleted.ok() ? "deleted" : deleted.error().message());
}

void World::HoldOrRelease(const std::string& job_id) {
  using Scope = console::Pause::Scope;
  const std::pair<Scope, std::string> subjects[] = {
      {Scope::kJob, job_id}, {Scope::kCluster, life_->cluster_id()}, {Scope::kFleet, ""}};
  const auto& [scope, subject] = subjects[time_.Draw(3)];
  console::AutomationDesk& desk = life_->jobs().automation();
  if (desk.HoldsOn(scope, subject).empty()) {
    Note("automation is paused");
    static_cast<void>(
        desk.Hold({.scope = scope, .subject_id = subject, .by = {"u", "user"}, .at = time_.Now()}));
  } else {
    Note("automation is resumed");
    static_cast<void>(desk.Release(scope, subject));
  }
}

void World::ReleaseAll() {
  using Scope = console::Pause::Scope;
  console::AutomationDesk& desk = life_->jobs().automation();
  for (const std::string& job : jobs_) {
    static_cast<void>(desk.Release(Scope::kJob, job));
  }
  static_cast<void>(desk.Release(Scope::kCluster, life_->cluster_id()));
  static_cast<void>(desk.Release(Scope::kFleet, ""));
}

console::Turns::Due World::Command() {
  if (quiet_ && !managed()) {
    return console::Turns::kWhenWoken;
  }
  if (quiet_) {
    const auto cluster = life_->managed()->clusters->Find(life_->cluster_id());
    if (fleet_promises_->IsBusy()) {
      return base::Millis(5'000);
    }
    const std::set<std::string> noted = FleetPromises::Noted(*life_);
    if (cluster->operation == nullptr && !noted.contains(cluster->id) &&
        (cluster->desired == console::ClusterDesired::kStopped ||
         cluster->state == console::ClusterState::kFailed)) {
      CommandCluster({.kind = console::OperationKind::kStart});
    } else if (!noted.empty() && !time_.OneIn(3)) {
      CommandFleet({.kind = console::FleetKind::kResume});
    }
    for (const std::string& job : jobs_) {
      const console::JobState state = life_->State(job);
      if (noted.contains(job) && !state.live() && state.job.resume_unconfirmed) {
        CommandJob(job,
                   R"({"kind":"START","restore":{"from":"NOTHING"}})");  // what only people choose
      }
    }
    return base::Millis(5'000);
  }
  const bool down = managed() && life_->managed()->clusters->Find(life_->cluster_id())->desired ==
                                     console::ClusterDesired::kStopped;
  if (managed() && time_.OneIn(down ? 2 : 6)) {
    CommandSomeCluster();
    return Within(200, 5'000);
  }
  if (managed() && time_.OneIn(down ? 4 : 10)) {
    CommandSomeFleet();
    return Within(200, 5'000);
  }
  if (managed() && time_.OneIn(20)) {
    EditCluster();
    return Within(200, 5'000);
  }
  if (managed() && time_.OneIn(down ? 4 : 40)) {
    MoveHouse();
    return Within(200, 5'000);
  }
  if (managed() && time_.OneIn(30)) {
    CommandInstallation();
    return Within(200, 5'000);
  }
  static const char* const kStarts[] = {R"({"kind":"START"})", R"({"kind":"START"})",
                                        R"({"kind":"START","restore":{"from":"LATEST"}})",
                                        R"({"kind":"START","restore":{"from":"NOTHING"}})"};
  static const char* const kOthers[] = {R"({"kind":"STOP","savepoint":"YES"})",
                                        R"({"kind":"STOP","savepoint":"YES"})",
                                        R"({"kind":"STOP","savepoint":"NO"})",
                                        R"({"kind":"STOP","savepoint":"DRAIN"})",
                                        R"({"kind":"SAVEPOINT"})",
                                        R"({"kind":"SAVEPOINT"})",
                                        R"({"kind":"RESTART"})",
                                        R"({"kind":"RESTART","savepoint":"NO"})",
                                        R"({"kind":"RELEASE"})",
                                        R"({"kind":"UPGRADE"})",
                                        R"({"kind":"ROLLBACK"})",
                                        R"({"kind":"RESCALE","parallelism":2})",
                                        R"({"kind":"RESCALE","parallelism":3})"};
  const std::string job = jobs_[time_.Draw(jobs_.size())];
  const auto view = life_->jobs().board().Find(job);
  const std::uint64_t draw = time_.Draw(100);
  if (draw < 8) {
    RepeatOne();
  } else if (draw < 16) {
    CancelOne();
  } else if (draw < 22) {
    DeleteOne(job);
  } else if (draw < 25) {
    CommandJob(job, R"({"kind":"DELETE"})");
  } else if (draw >= 92 && draw < 96) {
    HoldOrRelease(job);
  } else if (view->state.job.desired == console::DesiredState::kDeleted) {
    Note("undelete");
    Decided(job);
    static_cast<void>(life_->jobs().desk().Undelete(job, {"u", "user"}));
  } else if (draw < 28) {
    Decided(job);
    life_->Edit(job, "INSERT INTO b SELECT " + std::to_string(time_.Draw(1000)));
  } else if (!view->state.live() && draw < 34 && !foreign_.empty() && engine_.Alive(job) == 0) {
    CommandJob(job, R"({"kind":"ADOPT","engineJobId":")" + foreign_ + R"("})");
  } else if (!view->state.live() && draw < 90) {
    CommandJob(job, kStarts[time_.Draw(std::size(kStarts))]);
  } else {
    CommandJob(job, kOthers[time_.Draw(std::size(kOthers))]);
  }
  return time_.OneIn(6) ? Within(0, 2) : Within(200, 5'000);
}

}  // namespace streampark::faults
