// SPDX-License-Identifier: Apache-2.0
#include "planner/agent_errors.h"

#include <array>
#include <string>
#include <utility>

#include "streampark/base/json.h"

namespace streampark::flink {
namespace {

using base::ErrorCode;

struct Mapping {
  std::string_view agent_code;
  ErrorCode code;
  std::string_view hint;
};

constexpr std::array kCodes = {
    Mapping{"CANCELLED", ErrorCode::kCancelled, ""},
    Mapping{"SCRIPT_INVALID", ErrorCode::kSqlInvalid, ""},
    Mapping{"NOT_COMPILABLE", ErrorCode::kSqlInvalid, ""},
    Mapping{"PLAN_INVALID", ErrorCode::kReleaseFailed,
            "Release the job again for this engine version"},
    Mapping{"OPTION_INVALID", ErrorCode::kValidationFailed, ""},
    Mapping{"DUPLICATE_JOB", ErrorCode::kDuplicateJob, ""},
    Mapping{"CLUSTER_UNREACHABLE", ErrorCode::kClusterUnreachable, ""},
    Mapping{"SUBMIT_REJECTED", ErrorCode::kEngineError, ""},
    Mapping{"SUBMIT_UNKNOWN", ErrorCode::kEngineTimeout, ""},
    Mapping{"SNAPSHOT_NOT_FOUND", ErrorCode::kNotFound, ""},
    Mapping{"SNAPSHOT_CORRUPT", ErrorCode::kSnapshotInvalid, ""},
    Mapping{"SNAPSHOT_REFUSED", ErrorCode::kSnapshotInvalid, ""},
    Mapping{"OUT_OF_MEMORY", ErrorCode::kAgentFailed,
            "The script needs more memory than SQL agents are given"},
};

/// "line 4, column 8: Column 'prise' not found" for the first error that has a place.
std::string FirstDiagnostic(const json::object& error) {
  const json::array* diagnostics = json::FindArray(error, "diagnostics");
  for (const json::value& item : diagnostics == nullptr ? json::array() : *diagnostics) {
    if (!item.is_object() || json::StringOr(item.get_object(), "severity") != "ERROR") {
      continue;
    }
    const json::object& diagnostic = item.get_object();
    const std::int64_t line = json::IntegerOr(diagnostic, "line");
    const std::string place =
        line <= 0 ? ""
                  : "line " + std::to_string(line) + ", column " +
                        std::to_string(json::IntegerOr(diagnostic, "column")) + ": ";
    return place + json::StringOr(diagnostic, "message");
  }
  return {};
}

}  // namespace

base::Error ErrorOfAgent(const json::object& error) {
  const std::string agent_code = json::StringOr(error, "code");
  Mapping mapping{agent_code, ErrorCode::kAgentFailed, ""};
  for (const Mapping& known : kCodes) {
    if (known.agent_code == agent_code) {
      mapping = known;
    }
  }
  if (json::FindBool(error, "mayHaveHappened").value_or(false)) {
    mapping.code = ErrorCode::kEngineTimeout;
  }
  std::string message = FirstDiagnostic(error);
  if (message.empty()) {
    message = json::StringOr(error, "message", "the SQL agent reports " + agent_code);
  }
  return base::Error(mapping.code, std::move(message))
      .WithCause(json::StringOr(error, "rootCause"))
      .WithHint(std::string(mapping.hint));
}

}  // namespace streampark::flink
