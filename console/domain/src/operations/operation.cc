// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/operations/operation.h"

#include <algorithm>

#include "streampark/base/json.h"

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

std::string ErrorToText(const base::Error& error) {
  json::array fields;
  for (const base::FieldError& field : error.fields()) {
    fields.push_back(
        json::object{{"pointer", field.pointer}, {"message", field.message}, {"hint", field.hint}});
  }
  return json::serialize(json::object{{"code", error.traits().code},
                                      {"message", error.message()},
                                      {"hint", error.hint()},
                                      {"cause", error.cause()},
                                      {"relatedId", error.related_id()},
                                      {"fields", std::move(fields)}});
}

std::optional<base::Error> ErrorFromText(std::string_view text) {
  const base::Result<json::value> parsed = json::Parse(text);
  if (!parsed.ok() || !parsed->is_object()) {
    return std::nullopt;
  }
  const json::object& object = parsed->get_object();
  const std::string name = json::StringOr(object, "code");
  const auto code =
      std::find_if(base::kErrorCodes.begin(), base::kErrorCodes.end(),
                   [&](const base::ErrorCodeTraits& traits) { return traits.code == name; });
  const auto known = code == base::kErrorCodes.end()
                         ? base::ErrorCode::kInternal
                         : static_cast<base::ErrorCode>(code - base::kErrorCodes.begin());
  base::Error error(known, json::StringOr(object, "message"));
  std::vector<base::FieldError> fields;
  if (const json::array* listed = json::FindArray(object, "fields")) {
    for (const json::value& field : *listed) {
      if (field.is_object()) {
        fields.push_back({json::StringOr(field.get_object(), "pointer"),
                          json::StringOr(field.get_object(), "message"),
                          json::StringOr(field.get_object(), "hint")});
      }
    }
  }
  return std::move(error)
      .WithHint(json::StringOr(object, "hint"))
      .WithCause(json::StringOr(object, "cause"))
      .WithRelatedId(json::StringOr(object, "relatedId"))
      .WithFields(std::move(fields));
}

}  // namespace streampark::console
