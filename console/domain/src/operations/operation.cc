// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/operations/operation.h"

#include <algorithm>

#include "operations/words.h"

namespace streampark::console {
namespace {

constexpr auto kKinds =
    MakeWords<OperationKind>("RELEASE", "START", "STOP", "SAVEPOINT", "RESTART", "DELETE", "FETCH",
                             "VERIFY", "UPGRADE", "RESCALE", "ROLLBACK", "ADOPT");
constexpr auto kOperationStates =
    MakeWords<OperationState>("PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED");
constexpr auto kStepStates =
    MakeWords<StepState>("WAITING", "RUNNING", "SUCCEEDED", "FAILED", "SKIPPED");
constexpr auto kSubjects = MakeWords<SubjectKind>("JOB", "CLUSTER", "INSTALLATION");
constexpr auto kVias = MakeWords<Requester::Via>("WEB", "TOKEN", "FLEET", "AUTOMATION");

}  // namespace

std::string_view ToString(OperationKind kind) { return kKinds[kind]; }
std::optional<OperationKind> ParseOperationKind(std::string_view text) {
  return kKinds.Parse(text);
}
std::string_view ToString(OperationState state) { return kOperationStates[state]; }
std::optional<OperationState> ParseOperationState(std::string_view text) {
  return kOperationStates.Parse(text);
}
bool IsOpen(OperationState state) {
  return state == OperationState::kPending || state == OperationState::kRunning;
}
std::string_view ToString(StepState state) { return kStepStates[state]; }
std::optional<StepState> ParseStepState(std::string_view text) { return kStepStates.Parse(text); }
std::string_view ToString(SubjectKind kind) { return kSubjects[kind]; }
std::optional<SubjectKind> ParseSubjectKind(std::string_view text) { return kSubjects.Parse(text); }
std::string_view ToString(Requester::Via via) { return kVias[via]; }
std::optional<Requester::Via> ParseVia(std::string_view text) { return kVias.Parse(text); }

const Step* Operation::running_step() const {
  const auto found = std::find_if(steps.begin(), steps.end(), [](const Step& step) {
    return step.state == StepState::kRunning;
  });
  return found == steps.end() ? nullptr : &*found;
}

Step* Operation::FindStep(std::string_view name) {
  const auto found =
      std::find_if(steps.begin(), steps.end(), [&](const Step& step) { return step.name == name; });
  return found == steps.end() ? nullptr : &*found;
}

}  // namespace streampark::console
