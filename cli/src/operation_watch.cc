// SPDX-License-Identifier: Apache-2.0
#include "operation_watch.h"

#include <chrono>
#include <set>
#include <thread>

#include <CLI/CLI.hpp>

#include "streampark/base/json.h"

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

void AddFollowingOptions(CLI::App* command, Following& following) {
  command->add_flag("--no-wait", following.no_wait, "Print the operation's id and return");
  command->add_option("--idempotency-key", following.idempotency_key,
                      "A text of yours: said again with it, the command is not given twice");
}

base::Status Operate(ApiClient& client, const Subject& subject, json::object command,
                     const Following& following, OutputFormat output) {
  const json::value accepted = SP_TRY(client.Post(
      subject.path + "/operations", json::value(std::move(command)), following.idempotency_key));
  const std::string id = json::StringOr(accepted.as_object(), "id");
  if (following.no_wait) {
    Print(output == OutputFormat::kJson ? Pretty(accepted) : id);
    return base::Ok();
  }
  const json::value ended = SP_TRY(FollowOperation(client, id));
  Print(output == OutputFormat::kJson
            ? Pretty(ended)
            : subject.name + ": " + json::StringOr(ended.as_object(), "kind") + " succeeded");
  return base::Ok();
}

}  // namespace streampark::cli
