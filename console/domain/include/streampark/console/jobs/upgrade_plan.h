// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/error.h"
#include "streampark/console/operations/operation.h"

namespace streampark::console {

/// SAVEPOINT: stop with one, go on from it. LAST_STATE: cancel, go on from the newest checkpoint.
/// EMPTY: cancel, start anew. START: it does not run; what a start would restore.
enum class UpgradePath { kSavepoint, kLastState, kEmpty, kStart };
std::string_view ToString(UpgradePath path);  // LAST_STATE
std::optional<UpgradePath> ParseUpgradePath(std::string_view text);

/// What the upgrade of a job would do, found out without doing anything.
struct UpgradePlan {
  struct Check {
    std::string name;
    StepState state = StepState::kSucceeded;  // or FAILED, SKIPPED
    std::string message;
    std::optional<base::Error> error;
  };
  int revision = 1;
  std::optional<int> deployed;
  int parallelism = 1;
  std::optional<UpgradePath> path;
  std::optional<int> back_to;  // the revision that a failure would be rolled back to
  std::vector<Check> checks;
};

}  // namespace streampark::console
