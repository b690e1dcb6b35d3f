// SPDX-License-Identifier: Apache-2.0
#include "job_arguments.h"

#include <CLI/CLI.hpp>

#include "streampark/base/json.h"
#include "streampark/base/ulid.h"

#include "lookup.h"

namespace streampark::cli {
namespace {

using base::Error;
using base::ErrorCode;

/// `--from latest|nothing|SNAPSHOT_ID|PATH`.
json::object RestoreOf(const JobArguments& arguments) {
  json::object restore;
  if (arguments.from == "latest" || arguments.from == "nothing") {
    restore["from"] = arguments.from == "latest" ? "LATEST" : "NOTHING";
  } else if (base::IsUlid(arguments.from)) {
    restore["from"] = "SNAPSHOT";
    restore["snapshotId"] = arguments.from;
  } else {
    restore["from"] = "PATH";
    restore["path"] = arguments.from;
  }
  if (!arguments.claim.empty()) {
    restore["mode"] = arguments.claim == "claim" ? "CLAIM" : "NO_CLAIM";
  }
  if (arguments.allow_non_restored) {
    restore["allowNonRestored"] = true;
  }
  return restore;
}

}  // namespace

CLI::App* JobCommands::Add(const char* name, const char* about) const {
  CLI::App* command = job.add_subcommand(name, about);
  command->add_option("--team", arguments->team,
                      "The job's team, when several have one of that name");
  return command;
}

CLI::App* JobCommands::AddNamed(const char* name, const char* about) const {
  CLI::App* command = Add(name, about);
  command->add_option("NAME", arguments->name, "The job's name or id")->required();
  return command;
}

CLI::App* JobCommands::AddOperation(const char* name, const char* about) const {
  CLI::App* command = AddNamed(name, about);
  AddFollowingOptions(command, arguments->following);
  return command;
}

void AddRestoreOptions(CLI::App* command, JobArguments& arguments) {
  command->add_option("--from", arguments.from,
                      "What to restore: latest, nothing, a snapshot's id or a path");
  command->add_flag("--allow-non-restored", arguments.allow_non_restored,
                    "Drop state that no operator takes");
}

void AddAttemptOptions(CLI::App* command, JobArguments& arguments) {
  command->add_option("--parallelism", arguments.parallelism, "For this attempt only")
      ->check(CLI::PositiveNumber);
  command->add_option("--option", arguments.options,
                      "key=value for this attempt only; may be repeated");
}

void AddSavepointOptions(CLI::App* command, JobArguments& arguments) {
  command->add_option("--format", arguments.format, "CANONICAL or NATIVE")
      ->transform(CLI::IsMember({"CANONICAL", "NATIVE"}, CLI::ignore_case));
  command->add_option("--savepoint-name", arguments.savepoint_name, "A name for the savepoint");
  command->add_option("--note", arguments.note, "Why");
}

std::string JobPath(const json::object& job) { return "/api/v1/jobs/" + json::StringOr(job, "id"); }

base::Result<json::object> StartCommand(const JobArguments& arguments, std::string_view kind) {
  json::object command = {{"kind", kind}};
  // What these two go on from is their own savepoint: there is nothing to choose.
  const bool goes_on = kind == "RESTART" || kind == "UPGRADE";
  if (!arguments.from.empty()) {
    command["restore"] = RestoreOf(arguments);
  } else if (goes_on && arguments.allow_non_restored && arguments.claim.empty()) {
    command["restore"] = json::object{{"from", "LATEST"}, {"allowNonRestored", true}};
  } else if (arguments.allow_non_restored || !arguments.claim.empty()) {
    return Error(ErrorCode::kInvalidRequest,
                 "--restore-mode and --allow-non-restored say how to restore; --from says what");
  }
  if (arguments.parallelism > 0) {
    command["parallelism"] = arguments.parallelism;
  }
  if (arguments.revision > 0) {
    command["revision"] = arguments.revision;
  }
  if (!arguments.mode.empty()) {
    command["mode"] = arguments.mode;
  }
  json::object options;
  for (const std::string& option : arguments.options) {
    const auto equals = option.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error(ErrorCode::kInvalidRequest, "`" + option + "` is not key=value");
    }
    options[option.substr(0, equals)] = option.substr(equals + 1);
  }
  if (!options.empty()) {
    command["options"] = std::move(options);
  }
  return command;
}

json::object SavepointFields(const JobArguments& arguments, json::object command) {
  if (!arguments.format.empty()) {
    command["format"] = arguments.format;
  }
  if (!arguments.savepoint_name.empty()) {
    command["name"] = arguments.savepoint_name;
  }
  if (!arguments.note.empty()) {
    command["note"] = arguments.note;
  }
  return command;
}

base::Status OperateJob(ApiClient& client, const JobArguments& arguments, json::object command,
                        OutputFormat output) {
  const json::object job = SP_TRY(FindJob(client, arguments.name, arguments.team));
  return Operate(client, {JobPath(job), arguments.name}, std::move(command), arguments.following,
                 output);
}

}  // namespace streampark::cli
