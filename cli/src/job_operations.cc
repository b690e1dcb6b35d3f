// SPDX-License-Identifier: Apache-2.0
// streampark job start|stop|savepoint|restart|delete
#include <CLI/CLI.hpp>

#include "streampark/base/json.h"

#include "job_arguments.h"
#include "lookup.h"

namespace streampark::cli {
namespace {

using base::Error;
using base::ErrorCode;
using base::Status;

bool IsLive(const json::object& job) {
  const json::array* attempts = json::FindArray(job, "attempts");
  return attempts != nullptr && !attempts->empty() && attempts->front().is_object() &&
         json::StringOr(attempts->front().as_object(), "outcome") == "LIVE";
}

Status Delete(ApiClient& client, const JobArguments& arguments, OutputFormat output) {
  const json::object job = SP_TRY(FindJob(client, arguments.name, arguments.team));
  if (IsLive(job) && !arguments.force) {
    return Error(ErrorCode::kIllegalState,
                 arguments.name + " runs; deleting it cancels it without a savepoint")
        .WithHint("stop it first, or say --force");
  }
  return Operate(
      client, {JobPath(job), arguments.name},
      {{"kind", "DELETE"}, {"snapshots", arguments.delete_snapshots ? "DELETE" : "KEEP"}},
      arguments.following, output);
}

void AddRestoreModeOption(CLI::App* command, JobArguments& arguments) {
  command->add_option("--restore-mode", arguments.claim, "no_claim (default) or claim")
      ->check(CLI::IsMember({"no_claim", "claim"}));
}

}  // namespace

void AddJobOperations(const JobCommands& commands) {
  const auto& arguments = commands.arguments;
  Invocation& invocation = commands.invocation;

  CLI::App* start =
      commands.AddOperation("start", "Start a job; a suspended one goes on from its savepoint");
  AddRestoreOptions(start, *arguments);
  AddRestoreModeOption(start, *arguments);
  AddAttemptOptions(start, *arguments);
  invocation.OnChosen(start, [=, &invocation](ApiClient& client) -> Status {
    json::object command = SP_TRY(StartCommand(*arguments, "START"));
    return OperateJob(client, *arguments, std::move(command), invocation.output);
  });

  CLI::App* stop =
      commands.AddOperation("stop", "Stop a job, by default with a savepoint to go on from");
  stop->add_option("--savepoint", arguments->savepoint, "YES (default), NO or DRAIN")
      ->transform(CLI::IsMember({"YES", "NO", "DRAIN"}, CLI::ignore_case));
  AddSavepointOptions(stop, *arguments);
  invocation.OnChosen(stop, [=, &invocation](ApiClient& client) {
    const std::string savepoint = arguments->savepoint.empty() ? "YES" : arguments->savepoint;
    return OperateJob(client, *arguments,
                      SavepointFields(*arguments, {{"kind", "STOP"}, {"savepoint", savepoint}}),
                      invocation.output);
  });

  CLI::App* savepoint = commands.AddOperation("savepoint", "Take a savepoint; the job goes on");
  AddSavepointOptions(savepoint, *arguments);
  invocation.OnChosen(savepoint, [=, &invocation](ApiClient& client) {
    return OperateJob(client, *arguments, SavepointFields(*arguments, {{"kind", "SAVEPOINT"}}),
                      invocation.output);
  });

  CLI::App* restart = commands.AddOperation(
      "restart",
      "Stop with a savepoint and start from it; the new plan is tried on the state first");
  restart
      ->add_option("--savepoint", arguments->savepoint,
                   "YES (default), or NO: go on from what --from says, else the newest checkpoint")
      ->transform(CLI::IsMember({"YES", "NO"}, CLI::ignore_case));
  AddSavepointOptions(restart, *arguments);
  AddRestoreOptions(restart, *arguments);
  AddRestoreModeOption(restart, *arguments);
  AddAttemptOptions(restart, *arguments);
  invocation.OnChosen(restart, [=, &invocation](ApiClient& client) -> Status {
    json::object command = SavepointFields(*arguments, SP_TRY(StartCommand(*arguments, "RESTART")));
    if (!arguments->savepoint.empty()) {
      command["savepoint"] = arguments->savepoint;
    }
    return OperateJob(client, *arguments, std::move(command), invocation.output);
  });

  CLI::App* remove = commands.AddOperation("delete", "Delete a job; can be undone for some days");
  remove->add_flag("--force", arguments->force,
                   "Also when it runs: it is cancelled without a savepoint");
  remove->add_flag("--delete-snapshots", arguments->delete_snapshots,
                   "Delete its savepoints and checkpoints too");
  invocation.OnChosen(remove, [=, &invocation](ApiClient& client) {
    return Delete(client, *arguments, invocation.output);
  });
}

}  // namespace streampark::cli
