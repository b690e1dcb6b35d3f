// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/jobs/job_command.h"

#include "jobs/job_system.h"

namespace streampark::console {

/// The desired state that accepting a command sets.
///
///   START, RESTART, ADOPT → RUNNING · STOP YES → SUSPENDED · STOP NO, DRAIN → STOPPED · others: unchanged
/// (DELETE sets it in its last step.)
DesiredState DesiredAfter(const JobCommand& command, DesiredState before);

/// START, RESTART, ADOPT, UPGRADE, RESCALE and ROLLBACK.
bool StartsTheJob(OperationKind kind);

/// Writes an operation's end and what it means for the job, together: a command that failed or was
/// cancelled gives the desired state back, a start that succeeded makes up for failures, a release
/// that was not finished is marked so. What automation
/// began never changes the desired state; a start that somebody cancels is not wanted any more.
base::Status Settle(const JobSystem& system, const Operation& operation);

}  // namespace streampark::console
