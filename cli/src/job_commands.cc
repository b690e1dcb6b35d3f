// SPDX-License-Identifier: Apache-2.0
// streampark job list|get|wait|logs
#include <algorithm>
#include <chrono>
#include <thread>

#include <CLI/CLI.hpp>

#include "streampark/base/clock.h"
#include "streampark/base/json.h"

#include "job_arguments.h"
#include "lookup.h"

namespace streampark::cli {
namespace {

using base::Error;
using base::ErrorCode;
using base::Ok;
using base::Status;

constexpr auto kPollInterval = std::chrono::milliseconds(200);

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

}  // namespace

void AddJobCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* job = app.add_subcommand("job", "Look at jobs and run them");
  job->require_subcommand(1);
  const JobCommands commands{*job, invocation};
  const auto& arguments = commands.arguments;

  CLI::App* list = commands.Add("list", "All jobs that you may see");
  list->add_option("-q,--query", arguments->query, "Part of a name");
  list->add_option("--badge", arguments->badge, "RUNNING, FAILED …; several with commas");
  list->add_option("--tag", arguments->tag, "Several with commas");
  invocation.OnChosen(list, [=, &invocation](ApiClient& client) {
    return List(client, *arguments, invocation.output);
  });

  invocation.OnChosen(commands.AddNamed("get", "One job"), [=, &invocation](ApiClient& client) {
    return Get(client, *arguments, invocation.output);
  });

  AddJobOperations(commands);
  AddJobRenewals(commands);

  CLI::App* wait =
      commands.AddNamed("wait", "Wait until a job has a badge; ends at once when it has failed");
  wait->add_option("--for", arguments->wait_for,
                   "A badge, or several with commas; RUNNING by default");
  wait->add_option("--timeout", arguments->timeout, "30s, 5m (default), 1h");
  invocation.OnChosen(wait, [=, &invocation](ApiClient& client) {
    return Wait(client, *arguments, invocation.output);
  });

  CLI::App* logs = commands.AddNamed("logs", "The end of each log of a job");
  logs->add_flag("-f,--follow", arguments->follow, "Go on as the logs grow");
  invocation.OnChosen(logs, [=, &invocation](ApiClient& client) {
    return Logs(client, *arguments, invocation.output);
  });
}

}  // namespace streampark::cli
