// SPDX-License-Identifier: Apache-2.0
// Who suspends and resumes everything that the console keeps.
#include <iterator>

#include "world.h"

namespace streampark::faults {

using console::FleetKind;

namespace {

const console::Requester kPerson{"u", "user"};

}  // namespace

void World::Decided(const std::string& job_id) {
  if (managed()) {
    cluster_promises_->Decided(job_id, time_.Now());
    fleet_promises_->Decided(job_id);
  }
}

void World::DecidedCluster() {
  fleet_promises_->Decided(life_->cluster_id());
  for (const std::string& job : jobs_) {
    fleet_promises_->Decided(job);
  }
}

void World::CommandFleet(console::FleetCommand command) {
  const std::string key = "key-" + std::to_string(++keys_);
  const auto begun = life_->managed()->fleet->Begin(command, kPerson, key);
  Note("fleet " + std::string(ToString(command.kind)) + (command.force ? " by force" : "") +
       (begun.ok() ? " is " + begun->id : " is refused: " + begun.error().message()));
  if (begun.ok()) {
    ++outcome_.commands;
    fleet_promises_->Accepted(*life_, key, command, *begun);
  }
}

void World::CommandSomeFleet() {
  const auto& known = fleet_promises_->commands();
  if (!known.empty() && time_.OneIn(6)) {
    const auto& [key, command] =
        *std::next(known.begin(), static_cast<std::ptrdiff_t>(time_.Draw(known.size())));
    Note("once more " + key);
    fleet_promises_->Repeated(key, life_->managed()->fleet->Begin(command.command, kPerson, key));
    return;
  }
  const bool suspended = !life_->managed()->fleet_store.LoadSuspended().value().empty();
  const bool resumes = suspended ? !time_.OneIn(5) : time_.OneIn(10);
  CommandFleet({.kind = resumes ? FleetKind::kResume : FleetKind::kSuspend,
                .force = !resumes && time_.OneIn(3)});
}

}  // namespace streampark::faults
