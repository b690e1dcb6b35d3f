// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/console/jobs/upgrade_plan.h"

#include "jobs/start_work.h"

/// What is proven of an upgrade before anything is stopped. Each check looks and changes nothing;
/// the same ones are shown on the plan and run as steps.
namespace streampark::console {

struct CheckVerdict {
  bool skipped = false;
  std::string message;  // what was found; why it was skipped
};

/// An error: it failed, and the upgrade is not begun.
using UpgradeCheck = base::Result<CheckVerdict> (*)(StepContext& context, const StartWork& work);

struct NamedCheck {
  std::string_view name;
  UpgradeCheck check;
};

/// CHOOSE_PATH ARTIFACTS CAPACITY FOLDER REHEARSE WAY_BACK. The first one leaves in the operation's
/// memory what the others, and the stop, go by.
const std::array<NamedCheck, 6>& UpgradeChecks();

/// The path that CHOOSE_PATH has left.
UpgradePath PathOf(const StepContext& context);
/// Whether the attempt that a rollback would go back to can be started: its revision's release.
base::Result<bool> IsStartable(StepContext& context, int revision);

/// Without waiting for a checkpoint: absent when there is none to rehearse with. As InspectAndFit.
base::Result<std::optional<CheckVerdict>> Rehearse(StepContext& context, const StartWork& work);

/// Runs them all and changes nothing. NOT_FOUND; what the job or its revision is like is in the plan.
base::Result<UpgradePlan> PlanUpgrade(const JobSystem& system, std::string_view job_id,
                                      const JobCommand& command, std::stop_token stop);

}  // namespace streampark::console
