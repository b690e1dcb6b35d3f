// SPDX-License-Identifier: Apache-2.0
#include "jobs/upgrade_path.h"

#include "operations/words.h"

namespace streampark::console {
namespace {

constexpr auto kPaths = MakeWords<UpgradePath>("SAVEPOINT", "LAST_STATE", "EMPTY", "START");

base::Error Refused(std::string message, std::string hint) {
  return base::Error(base::ErrorCode::kIllegalState, std::move(message)).WithHint(std::move(hint));
}

}  // namespace

std::string_view ToString(UpgradePath path) { return kPaths[path]; }
std::optional<UpgradePath> ParseUpgradePath(std::string_view text) { return kPaths.Parse(text); }

base::Result<UpgradePath> ChoosePath(const PathFacts& facts) {
  if (!facts.live) {
    return UpgradePath::kStart;
  }
  if (facts.stateless) {
    return UpgradePath::kEmpty;
  }
  if (facts.rolls_back) {
    return facts.runs ? UpgradePath::kSavepoint : UpgradePath::kEmpty;
  }
  if (facts.version_changes) {
    if (facts.runs) {
      return UpgradePath::kSavepoint;
    }
    return Refused(
        "a change of the engine's version needs a savepoint, and the job's tasks do not "
        "all run",
        "upgrade it on its present version first, or wait until it runs");
  }
  if (facts.runs) {
    const bool fresh = facts.checkpoint_age && *facts.checkpoint_age <= facts.fresh;
    return facts.mode == UpgradeMode::kLastState && fresh && !facts.was_stateless
               ? UpgradePath::kLastState
               : UpgradePath::kSavepoint;
  }
  if (facts.mode == UpgradeMode::kSavepoint && facts.mode_insisted) {
    return Refused("its tasks do not all run, so no savepoint can be taken",
                   "upgrade it from its last state: mode LAST_STATE");
  }
  if (facts.checkpoint_age) {
    return UpgradePath::kLastState;
  }
  return Refused(
      "its tasks do not all run, so no savepoint can be taken, and it has no checkpoint "
      "to go on from",
      "stop it without a savepoint, then start it with what it shall restore");
}

std::optional<std::string> WhyNotBack(const BackFacts& facts) {
  if (facts.ended_elsewhere) {
    return "somebody cancelled it on the engine";
  }
  if (!facts.ran) {
    return "the job did not run before";
  }
  if (!facts.allowed) {
    return "upgrade.rollback is off in the job's spec";
  }
  if (!facts.last_stable) {
    return "no revision of the job was ever stable";
  }
  const std::string revision = "revision " + std::to_string(*facts.last_stable);
  if (!facts.startable) {
    return "what " + revision + " was released with is not there any more";
  }
  if (!facts.has_point) {
    return "there is no snapshot from before the upgrade that " + revision + " could go on from";
  }
  return std::nullopt;
}

}  // namespace streampark::console
