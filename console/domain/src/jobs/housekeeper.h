// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

#include "streampark/console/accounts/settings.h"
#include "streampark/console/automation/automation_store.h"

#include "jobs/job_system.h"

namespace streampark::console {

/// Ends for good what was deleted long enough ago: rows, snapshot files that were to go with the
/// job, artifacts that nothing refers to, history that is old. And snapshots that are more and older
/// than the settings keep.
class Housekeeper {
 public:
  Housekeeper(const JobSystem& system, const SettingsSource& settings, ArtifactStore& artifacts,
              ResourceStore& resources, AutomationStore& automation)
      : system_(system),
        settings_(settings),
        artifacts_(artifacts),
        resources_(resources),
        automation_(automation) {}

  /// One round.
  void Tidy(std::stop_token stop);

 private:
  /// Operations, the journal and resolutions grow with every command: old ones go.
  void Prune();
  /// False when a file could not be deleted now: the job's rows stay for the next round.
  bool DeleteSnapshots(const JobView& job, std::stop_token stop);
  void ThinOutSnapshots(const JobView& job, std::stop_token stop);

  const JobSystem& system_;
  const SettingsSource& settings_;
  ArtifactStore& artifacts_;
  ResourceStore& resources_;
  AutomationStore& automation_;
};

}  // namespace streampark::console
