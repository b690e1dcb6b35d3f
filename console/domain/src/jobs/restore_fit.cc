// SPDX-License-Identifier: Apache-2.0
#include "jobs/restore_fit.h"

#include <algorithm>
#include <vector>

namespace streampark::console {
namespace {

std::string NameOf(const engines::SnapshotInspection::Operator& one, const OperatorNames& names) {
  const auto known = names.find(one.id);
  const std::string& name = known == names.end() ? one.name : known->second;
  return name.empty() ? one.id : name + " (" + one.id + ")";
}

std::string Listed(const std::vector<std::string>& names) {
  std::string text = names.front();
  if (names.size() > 1) {
    text += " and " + std::to_string(names.size() - 1) + " more";
  }
  return text;
}

}  // namespace

base::Status CheckFit(const Release& release, int parallelism, int spec_parallelism,
                      const engines::SnapshotInspection& snapshot, const OperatorNames& names,
                      LeftBehind left_behind) {
  if (release.plan.empty()) {
    return base::Ok();
  }
  std::vector<std::string> lost;
  std::vector<std::string> narrow;
  std::vector<base::FieldError> lost_fields;
  std::vector<base::FieldError> narrow_fields;
  for (const auto& one : snapshot.operators) {
    if (!one.has_state) {
      continue;
    }
    const auto taker =
        std::find_if(release.operators.begin(), release.operators.end(),
                     [&](const engines::CompiledOperator& it) { return it.id == one.id; });
    const std::string name = NameOf(one, names);
    if (taker == release.operators.end()) {
      lost.push_back(name);
      lost_fields.push_back(
          {"/restore/allowNonRestored",
           name + ": " + std::to_string(one.state_bytes) + " bytes of state without an operator",
           ""});
      continue;
    }
    // An operator compiled with the job's own parallelism follows the one of this start.
    const int own = taker->parallelism.value_or(0);
    const int asked = own > 0 && own != spec_parallelism ? own : parallelism;
    if (one.max_parallelism > 0 && asked > one.max_parallelism) {
      narrow.push_back(name);
      narrow_fields.push_back({"/parallelism",
                               name + " was saved with a max parallelism of " +
                                   std::to_string(one.max_parallelism) + ", below " +
                                   std::to_string(asked),
                               ""});
    }
  }
  if (!narrow.empty()) {
    return base::Error(base::ErrorCode::kValidationFailed,
                       "the parallelism is above what the snapshot's state allows: " +
                           narrow_fields.front().message)
        .WithHint("lower the parallelism, or start empty")
        .WithFields(std::move(narrow_fields));
  }
  if (!lost.empty() && left_behind == LeftBehind::kRefused) {
    return base::Error(base::ErrorCode::kStateNotRestored,
                       "state of operators that the job does not have any more would be left "
                       "behind: " +
                           Listed(lost))
        .WithHint("look at the list; restore with allowNonRestored if that state may go")
        .WithFields(std::move(lost_fields));
  }
  return base::Ok();
}

}  // namespace streampark::console
