// SPDX-License-Identifier: Apache-2.0
#include "operations/operation_step.h"

#include <algorithm>

namespace streampark::console {

std::string OperationContext::Recall(const std::string& key) const {
  const auto found = operation.memory.find(key);
  return found == operation.memory.end() ? "" : found->second;
}

base::Status OperationContext::Note(const std::string& key, std::string value) {
  if (Remembers(key) && Recall(key) == value) {
    return base::Ok();
  }
  Remember(key, std::move(value));
  return keeper_.Save(operation);
}

base::Millis OperationContext::Since(const std::string& key) {
  const std::int64_t now = clock_.Now().time_since_epoch().count();
  if (!Remembers(key)) {
    Remember(key, std::to_string(now));
  }
  return base::Millis(now - std::stoll(Recall(key)));
}

base::Millis OperationContext::Elapsed() const {
  const auto found = std::find_if(operation.steps.begin(), operation.steps.end(),
                                  [&](const Step& one) { return one.name == step; });
  if (found == operation.steps.end() || !found->started_at) {
    return base::Millis(0);
  }
  return clock_.Now() - *found->started_at;
}

void OperationContext::Say(std::string message) {
  for (Step& one : operation.steps) {
    if (one.state == StepState::kRunning && one.message != message) {
      one.message = std::move(message);
      keeper_.Show(operation);
      return;
    }
  }
}

void OperationContext::Count(std::int64_t done, std::int64_t total) {
  for (Step& one : operation.steps) {
    if (one.state == StepState::kRunning && (one.done != done || one.total != total)) {
      one.done = done;
      one.total = total;
      keeper_.Show(operation);
      return;
    }
  }
}

}  // namespace streampark::console
