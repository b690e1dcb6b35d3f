// SPDX-License-Identifier: Apache-2.0
// streampark job list|get|start|stop|savepoint|restart|logs|wait|delete
#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>

#include "streampark/base/clock.h"
#include "streampark/base/json.h"
#include "streampark/base/ulid.h"

#include "commands.h"
#include "lookup.h"
#include "operation_watch.h"

namespace streampark::cli {
namespace {

using base::Error;
using base::ErrorCode;
using base::Ok;
using base::Status;

constexpr auto kPollInterval = std::chrono::milliseconds(200);

/// Everything that any job command can be told; each command declares what it takes.
struct JobArguments {
  std::string name, team;
  std::string query, badge, tag;
  std::string savepoint, format, savepoint_name, note;
  std::string from, claim;
  bool allow_non_restored = false, no_wait = false, follow = false, delete_snapshots = false;
  bool force = false;
  int parallelism = 0;
  std::vector<std::string> options;
  std::string wait_for = "RUNNING";
  std::string timeout = "5m";
};

std::string JobPath(const json::object& job) { return "/api/v1/jobs/" + json::StringOr(job, "id"); }

std::string TextAt(const json::object& in, std::string_view object, std::string_view key) {
  const json::object* inner = json::FindObject(in, object);
  return inner == nullptr ? "" : json::StringOr(*inner, key);
}

Status List(ApiClient& client, const JobArguments& arguments, OutputFormat output) {
  const json::value jobs = SP_TRY(client.GetAll("/api/v1/jobs", {{"team", arguments.team},
                                                                 {"q", arguments.query},
                                                                 {"badge", arguments.badge},
                                                                 {"tag", arguments.tag}}));
  if (output == OutputFormat::kJson) {
    Print(Pretty(jobs));
    return Ok();
  }
  Table table(
      {"NAME", "TEAM", "BADGE", "VERSION", "CLUSTER", "STARTED", "LAST CHECKPOINT", "OWNER"});
  for (const json::value& item : jobs.as_array()) {
    const json::object& job = item.as_object();
    table.Add({json::StringOr(job, "name"), TextAt(job, "team", "name"),
               json::StringOr(job, "badge"), json::StringOr(job, "version"),
               TextAt(job, "target", "clusterName"), Ago(json::StringOr(job, "startedAt")),
               Ago(json::StringOr(job, "lastCheckpointAt")), TextAt(job, "owner", "name")});
  }
  Print(table.Render());
  return Ok();
}

Status Get(ApiClient& client, const JobArguments& arguments, OutputFormat output) {
  const json::object found = SP_TRY(FindJob(client, arguments.name, arguments.team));
  const json::value answer = SP_TRY(client.Get(JobPath(found)));
  if (output == OutputFormat::kJson) {
    Print(Pretty(answer));
    return Ok();
  }
  const json::object& job = answer.as_object();
  Table table({"name", json::StringOr(job, "name")});
  table.Add({"id", json::StringOr(job, "id")});
  table.Add({"team", TextAt(job, "team", "name")});
  table.Add(
      {"badge", json::StringOr(job, "badge") + " (" + TextAt(job, "badgeReason", "message") + ")"});
  table.Add({"desired", json::StringOr(job, "desired")});
  table.Add({"engine", json::StringOr(job, "engine") + " " + json::StringOr(job, "version")});
  table.Add({"cluster", TextAt(job, "target", "clusterName")});
  table.Add({"parallelism", std::to_string(json::IntegerOr(job, "parallelism"))});
  table.Add({"started", Ago(json::StringOr(job, "startedAt"))});
  table.Add({"last checkpoint", Ago(json::StringOr(job, "lastCheckpointAt"))});
  table.Add({"engine's page", json::StringOr(job, "webUrl", "-")});
  Print(table.Render());
  return Ok();
}

/// Sends a command and, unless told not to, follows the operation to its end.
Status OperateOn(ApiClient& client, const JobArguments& arguments, const json::object& job,
                 json::object command, OutputFormat output) {
  const json::value accepted =
      SP_TRY(client.Post(JobPath(job) + "/operations", json::value(std::move(command))));
  const std::string id = json::StringOr(accepted.as_object(), "id");
  if (arguments.no_wait) {
    Print(output == OutputFormat::kJson ? Pretty(accepted) : id);
    return Ok();
  }
  const json::value ended = SP_TRY(FollowOperation(client, id));
  if (output == OutputFormat::kJson) {
    Print(Pretty(ended));
  } else {
    Print(arguments.name + ": " + json::StringOr(ended.as_object(), "kind") + " succeeded");
  }
  return Ok();
}

Status Operate(ApiClient& client, const JobArguments& arguments, json::object command,
               OutputFormat output) {
  const json::object job = SP_TRY(FindJob(client, arguments.name, arguments.team));
  return OperateOn(client, arguments, job, std::move(command), output);
}

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
  return OperateOn(
      client, arguments, job,
      {{"kind", "DELETE"}, {"snapshots", arguments.delete_snapshots ? "DELETE" : "KEEP"}}, output);
}

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

base::Result<json::object> StartCommand(const JobArguments& arguments, std::string_view kind) {
  json::object command = {{"kind", kind}};
  if (!arguments.from.empty()) {
    command["restore"] = RestoreOf(arguments);
  } else if (kind == "RESTART" && arguments.allow_non_restored && arguments.claim.empty()) {
    command["restore"] = json::object{{"from", "LATEST"}, {"allowNonRestored", true}};
  } else if (arguments.allow_non_restored || !arguments.claim.empty()) {
    return Error(ErrorCode::kInvalidRequest,
                 "--restore-mode and --allow-non-restored say how to restore; --from says what");
  }
  if (arguments.parallelism > 0) {
    command["parallelism"] = arguments.parallelism;
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

/// Whether neither an operation nor automation will change its badge.
bool WaitsForSomebody(const json::object& job, std::string_view badge) {
  if (badge == "QUARANTINED" || badge == "NEEDS_YOU") {
    return true;
  }
  if (badge != "FAILED" || json::StringOr(job, "desired") != "RUNNING") {
    return badge == "FAILED";
  }
  const json::object* automation = json::FindObject(job, "automation");
  const json::value* paused = automation != nullptr ? automation->if_contains("paused") : nullptr;
  const json::object* spec = json::FindObject(job, "spec");
  const json::object* restart = spec != nullptr ? json::FindObject(*spec, "restart") : nullptr;
  return (paused != nullptr && paused->is_bool() && paused->get_bool()) ||
         (restart != nullptr && json::IntegerOr(*restart, "attempts", 5) == 0);
}

Status Wait(ApiClient& client, const JobArguments& arguments, OutputFormat output) {
  const auto timeout = base::ParseDuration(arguments.timeout);
  if (!timeout) {
    return Error(ErrorCode::kInvalidRequest, "`" + arguments.timeout + "` is not a duration")
        .WithHint("write 30s, 5m or 1h");
  }
  std::vector<std::string> wanted;
  for (std::size_t begin = 0; begin <= arguments.wait_for.size();) {
    const std::size_t end =
        std::min(arguments.wait_for.find(',', begin), arguments.wait_for.size());
    wanted.push_back(arguments.wait_for.substr(begin, end - begin));
    begin = end + 1;
  }
  const json::object found = SP_TRY(FindJob(client, arguments.name, arguments.team));
  const auto deadline = std::chrono::steady_clock::now() + *timeout;
  for (;;) {
    const json::value job = SP_TRY(client.Get(JobPath(found)));
    const std::string badge = json::StringOr(job.as_object(), "badge");
    if (std::find(wanted.begin(), wanted.end(), badge) != wanted.end()) {
      Print(output == OutputFormat::kJson ? Pretty(job) : badge);
      return Ok();
    }
    const json::value* operation = job.as_object().if_contains("operation");
    if (WaitsForSomebody(job.as_object(), badge) &&
        (operation == nullptr || operation->is_null())) {
      return Error(ErrorCode::kEngineError, arguments.name + " is " + badge + " and will not be " +
                                                arguments.wait_for + " by itself")
          .WithCause(TextAt(job.as_object(), "badgeReason", "message"));
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      return Error(ErrorCode::kEngineTimeout, arguments.name + " is " + badge + " after " +
                                                  arguments.timeout + ", not " + arguments.wait_for)
          .WithCause(TextAt(job.as_object(), "badgeReason", "message"));
    }
    std::this_thread::sleep_for(kPollInterval);
  }
}

/// As JSON: one object a piece of a log, each on a line of its own.
Status Logs(ApiClient& client, const JobArguments& arguments, OutputFormat output) {
  const json::object job = SP_TRY(FindJob(client, arguments.name, arguments.team));
  const json::value listed = SP_TRY(client.Get(JobPath(job) + "/logs"));
  const json::array& files = listed.as_object().at("items").as_array();
  if (files.empty()) {
    PrintNotice("there is no log yet");
    return Ok();
  }
  struct Position {
    std::string id, title;
    std::int64_t next = -1;
  };
  std::vector<Position> positions;
  for (const json::value& file : files) {
    positions.push_back(
        {json::StringOr(file.as_object(), "id"), json::StringOr(file.as_object(), "title")});
  }
  do {
    for (Position& position : positions) {
      const Query query =
          position.next < 0 ? Query{} : Query{{"offset", std::to_string(position.next)}};
      const json::value piece =
          SP_TRY(client.Get(JobPath(job) + "/logs/" + base::UrlEncode(position.id), query));
      const std::string text = json::StringOr(piece.as_object(), "text");
      if (!text.empty() && output == OutputFormat::kJson) {
        json::object line = piece.as_object();
        line["id"] = position.id;
        line["title"] = position.title;
        Print(json::serialize(line));
      } else if (!text.empty()) {
        if (positions.size() > 1) {
          PrintNotice("==> " + position.title);
        }
        Print(text);
      }
      position.next = json::IntegerOr(piece.as_object(), "nextOffset");
    }
    if (arguments.follow) {
      std::this_thread::sleep_for(kPollInterval * 5);
    }
  } while (arguments.follow);
  return Ok();
}

void AddRestoreOptions(CLI::App* command, JobArguments& arguments) {
  command->add_option("--from", arguments.from,
                      "What to restore: latest, nothing, a snapshot's id or a path");
  command->add_option("--restore-mode", arguments.claim, "no_claim (default) or claim")
      ->check(CLI::IsMember({"no_claim", "claim"}));
  command->add_flag("--allow-non-restored", arguments.allow_non_restored,
                    "Drop state that no operator takes");
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

}  // namespace

void AddJobCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* job = app.add_subcommand("job", "Look at jobs and run them");
  job->require_subcommand(1);
  const auto arguments = std::make_shared<JobArguments>();

  const auto add = [&](const char* name, const char* about) {
    CLI::App* command = job->add_subcommand(name, about);
    command->add_option("--team", arguments->team,
                        "The job's team, when several have one of that name");
    return command;
  };
  const auto add_named = [&](const char* name, const char* about) {
    CLI::App* command = add(name, about);
    command->add_option("NAME", arguments->name, "The job's name or id")->required();
    return command;
  };
  const auto add_operation = [&](const char* name, const char* about) {
    CLI::App* command = add_named(name, about);
    command->add_flag("--no-wait", arguments->no_wait, "Print the operation's id and return");
    return command;
  };

  CLI::App* list = add("list", "All jobs that you may see");
  list->add_option("-q,--query", arguments->query, "Part of a name");
  list->add_option("--badge", arguments->badge, "RUNNING, FAILED …; several with commas");
  list->add_option("--tag", arguments->tag, "Several with commas");
  invocation.OnChosen(list, [=, &invocation](ApiClient& client) {
    return List(client, *arguments, invocation.output);
  });

  invocation.OnChosen(add_named("get", "One job"), [=, &invocation](ApiClient& client) {
    return Get(client, *arguments, invocation.output);
  });

  CLI::App* start =
      add_operation("start", "Start a job; a suspended one goes on from its savepoint");
  AddRestoreOptions(start, *arguments);
  invocation.OnChosen(start, [=, &invocation](ApiClient& client) -> Status {
    json::object command = SP_TRY(StartCommand(*arguments, "START"));
    return Operate(client, *arguments, std::move(command), invocation.output);
  });

  CLI::App* stop = add_operation("stop", "Stop a job, by default with a savepoint to go on from");
  stop->add_option("--savepoint", arguments->savepoint, "YES (default), NO or DRAIN")
      ->transform(CLI::IsMember({"YES", "NO", "DRAIN"}, CLI::ignore_case));
  AddSavepointOptions(stop, *arguments);
  invocation.OnChosen(stop, [=, &invocation](ApiClient& client) {
    const std::string savepoint = arguments->savepoint.empty() ? "YES" : arguments->savepoint;
    return Operate(client, *arguments,
                   SavepointFields(*arguments, {{"kind", "STOP"}, {"savepoint", savepoint}}),
                   invocation.output);
  });

  CLI::App* savepoint = add_operation("savepoint", "Take a savepoint; the job goes on");
  AddSavepointOptions(savepoint, *arguments);
  invocation.OnChosen(savepoint, [=, &invocation](ApiClient& client) {
    return Operate(client, *arguments, SavepointFields(*arguments, {{"kind", "SAVEPOINT"}}),
                   invocation.output);
  });

  CLI::App* restart = add_operation(
      "restart",
      "Stop with a savepoint and start from it; the new plan is tried on the state first");
  restart
      ->add_option("--savepoint", arguments->savepoint,
                   "YES (default), or NO: go on from what --from says, else the newest checkpoint")
      ->transform(CLI::IsMember({"YES", "NO"}, CLI::ignore_case));
  AddSavepointOptions(restart, *arguments);
  AddRestoreOptions(restart, *arguments);
  invocation.OnChosen(restart, [=, &invocation](ApiClient& client) -> Status {
    json::object command = SavepointFields(*arguments, SP_TRY(StartCommand(*arguments, "RESTART")));
    if (!arguments->savepoint.empty()) {
      command["savepoint"] = arguments->savepoint;
    }
    return Operate(client, *arguments, std::move(command), invocation.output);
  });

  CLI::App* remove = add_operation("delete", "Delete a job; can be undone for some days");
  remove->add_flag("--force", arguments->force,
                   "Also when it runs: it is cancelled without a savepoint");
  remove->add_flag("--delete-snapshots", arguments->delete_snapshots,
                   "Delete its savepoints and checkpoints too");
  invocation.OnChosen(remove, [=, &invocation](ApiClient& client) {
    return Delete(client, *arguments, invocation.output);
  });

  CLI::App* wait =
      add_named("wait", "Wait until a job has a badge; ends at once when it has failed");
  wait->add_option("--for", arguments->wait_for,
                   "A badge, or several with commas; RUNNING by default");
  wait->add_option("--timeout", arguments->timeout, "30s, 5m (default), 1h");
  invocation.OnChosen(wait, [=, &invocation](ApiClient& client) {
    return Wait(client, *arguments, invocation.output);
  });

  CLI::App* logs = add_named("logs", "The end of each log of a job");
  logs->add_flag("-f,--follow", arguments->follow, "Go on as the logs grow");
  invocation.OnChosen(logs, [=, &invocation](ApiClient& client) {
    return Logs(client, *arguments, invocation.output);
  });
}

}  // namespace streampark::cli
