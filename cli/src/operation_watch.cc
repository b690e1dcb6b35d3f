// SPDX-License-Identifier: Apache-2.0
#include "operation_watch.h"

#include <chrono>
#include <set>
#include <thread>

#include "streampark/base/json.h"

#include "output.h"

namespace streampark::cli {
namespace {

using base::Error;
using base::ErrorCode;

constexpr auto kInterval = std::chrono::milliseconds(200);

void ReportSteps(const json::object& operation, std::set<std::string>& reported) {
  const json::array* steps = json::FindArray(operation, "steps");
  if (steps == nullptr) {
    return;
  }
  for (const json::value& item : *steps) {
    const auto* step = item.if_object();
    if (step == nullptr || json::StringOr(*step, "state") == "WAITING") {
      continue;
    }
    const std::string message = json::StringOr(*step, "message");
    const std::string line =
        "  " + json::StringOr(*step, "name") + (message.empty() ? "" : ": " + message);
    if (reported.insert(line).second) {
      PrintNotice(line);
    }
  }
}

}  // namespace

base::Result<json::value> FollowOperation(ApiClient& client, const std::string& operation_id) {
  std::set<std::string> reported;
  for (;;) {
    json::value answer = SP_TRY(client.Get("/api/v1/operations/" + base::UrlEncode(operation_id)));
    const json::object& operation = answer.as_object();
    ReportSteps(operation, reported);
    const std::string state = json::StringOr(operation, "state");
    if (state == "SUCCEEDED") {
      return answer;
    }
    if (state == "FAILED") {
      const json::object* problem = json::FindObject(operation, "error");
      return problem == nullptr
                 ? Error(ErrorCode::kInternal, "the operation failed without saying why")
                 : ErrorOfProblem(*problem);
    }
    if (state == "CANCELLED") {
      return Error(ErrorCode::kCancelled, "the operation was cancelled");
    }
    std::this_thread::sleep_for(kInterval);
  }
}

}  // namespace streampark::cli
