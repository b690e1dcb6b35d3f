// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "streampark/base/result.h"
#include "streampark/console/jobs/job.h"
#include "streampark/console/jobs/upgrade_plan.h"

/// How a job gets from what runs to a new revision, and whether it comes back when that one fails.
/// Pure: the steps of upgrade_steps.cc find the facts and act.
namespace streampark::console {

struct PathFacts {
  bool live = false;
  bool runs = false;  // whole, so that a savepoint can be taken
  UpgradeMode mode = UpgradeMode::kSavepoint;
  bool mode_insisted = false;                  // a person asked for it in this command
  bool rolls_back = false;                     // ROLLBACK: what runs is given up for an older state
  bool stateless = false;                      // the new revision has no state to keep
  bool was_stateless = false;                  // what runs took its state for nothing
  bool version_changes = false;                // to another line of the engine
  std::optional<base::Millis> checkpoint_age;  // of the newest completed one
  base::Millis fresh{300'000};                 // LAST_STATE: no older than this
};

/// The first row that fits:
///
///   the job                                   | asked       | path
///   ------------------------------------------+-------------+------------------------------------
///   does not live                             | any         | START
///   new revision has no state                 | any         | EMPTY
///   ROLLBACK, runs                            | any         | SAVEPOINT, so that it can be undone
///   ROLLBACK, else                            | any         | EMPTY of what runs: cancelled
///   version changes, runs                     | any         | SAVEPOINT (canonical)
///   version changes, else                     | any         | ILLEGAL_STATE
///   runs                                      | SAVEPOINT   | SAVEPOINT
///   runs, was stateless                       | LAST_STATE  | SAVEPOINT
///   runs, newest checkpoint fresh             | LAST_STATE  | LAST_STATE
///   runs, it is too old or there is none      | LAST_STATE  | SAVEPOINT
///   restarts or fails                         | SAVEPOINT   | ILLEGAL_STATE when insisted on
///   restarts or fails, a checkpoint           | either      | LAST_STATE
///   restarts or fails, none                   | either      | ILLEGAL_STATE; nothing is touched
base::Result<UpgradePath> ChoosePath(const PathFacts& facts);

struct BackFacts {
  bool allowed = true;             // spec.upgrade.rollback of the new revision
  bool ran = true;                 // the job lived when the upgrade was asked for
  bool ended_elsewhere = false;    // somebody cancelled the new attempt on the engine
  std::optional<int> last_stable;  // when the upgrade was asked for
  bool startable = true;           // that revision is released, its artifacts are there
  bool has_point = true;           // there is a snapshot to go back to, or no state
};
/// Why an upgrade that failed is not rolled back, in words; absent when it is.
std::optional<std::string> WhyNotBack(const BackFacts& facts);

}  // namespace streampark::console
