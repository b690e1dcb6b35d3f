// SPDX-License-Identifier: Apache-2.0
// streampark cluster list|create|start|stop|jobs|adopt and streampark installation list|add
#include <chrono>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>

#include "streampark/base/json.h"

#include "cluster_jobs.h"
#include "commands.h"
#include "lookup.h"
#include "operation_watch.h"

namespace streampark::cli {
namespace {

using base::Error;
using base::ErrorCode;
using base::Ok;
using base::Status;

struct ClusterArguments {
  bool native = false;
  std::string name, jobs = "REFUSE", version, home, team;
  std::vector<std::string> addresses;
  std::string job_manager_memory, task_manager_memory, savepoints, checkpoints;
  int task_managers = 1, slots = 2;
  Following following;
};

std::string SpecText(const json::object& cluster, std::string_view key) {
  const json::object* spec = json::FindObject(cluster, "spec");
  return spec == nullptr ? "" : json::StringOr(*spec, key);
}

Status ListClusters(ApiClient& client, OutputFormat output) {
  const json::value answer = SP_TRY(client.Get("/api/v1/clusters"));
  if (output == OutputFormat::kJson) {
    Print(Pretty(answer.as_object().at("items")));
    return Ok();
  }
  Table table({"NAME", "KIND", "STATE", "VERSION", "SLOTS FREE", "JOBS", "PAGE"});
  for (const json::value& item : answer.as_object().at("items").as_array()) {
    const json::object& cluster = item.as_object();
    table.Add({SpecText(cluster, "name"), SpecText(cluster, "kind"),
               json::StringOr(cluster, "state"), json::StringOr(cluster, "version"),
               std::to_string(json::IntegerOr(cluster, "slotsFree")) + " of " +
                   std::to_string(json::IntegerOr(cluster, "slotsTotal")),
               std::to_string(json::IntegerOr(cluster, "jobsRunning")),
               json::StringOr(cluster, "webUrl", "-")});
  }
  Print(table.Render());
  return Ok();
}

Status OperateCluster(ApiClient& client, const ClusterArguments& arguments, json::object command,
                      OutputFormat output) {
  const json::object cluster = SP_TRY(FindCluster(client, arguments.name));
  return Operate(client, {"/api/v1/clusters/" + json::StringOr(cluster, "id"), arguments.name},
                 std::move(command), arguments.following, output);
}

/// The ready installation of a version or line.
base::Result<std::string> InstallationIdOf(ApiClient& client, const std::string& version) {
  const json::value answer = SP_TRY(client.Get("/api/v1/installations"));
  for (const json::value& item : answer.as_object().at("items").as_array()) {
    const json::object& installation = item.as_object();
    const bool same = json::StringOr(installation, "version") == version ||
                      json::StringOr(installation, "line") == version;
    if (same && json::StringOr(installation, "state") == "READY") {
      return json::StringOr(installation, "id");
    }
  }
  return Error(ErrorCode::kNotFound, "no installation of Flink " + version + " is ready")
      .WithHint("`streampark installation add --version " + version + "`");
}

Status CreateCluster(ApiClient& client, const ClusterArguments& arguments, OutputFormat output) {
  json::object spec = {{"name", arguments.name},
                       {"engine", arguments.native ? "NATIVE" : "FLINK"},
                       {"kind", arguments.native              ? "MACHINE"
                                : arguments.addresses.empty() ? "STANDALONE"
                                                              : "REMOTE"}};
  spec["teamId"] = nullptr;
  if (!arguments.team.empty()) {
    const json::object team = SP_TRY(FindTeam(client, arguments.team));
    spec["teamId"] = json::StringOr(team, "id");
  }
  if (!arguments.version.empty()) {
    spec["installationId"] = SP_TRY(InstallationIdOf(client, arguments.version));
  }
  if (arguments.native) {
    spec["slotsPerTaskManager"] = arguments.slots;
  } else if (arguments.addresses.empty()) {
    spec["taskManagers"] = arguments.task_managers;
    spec["slotsPerTaskManager"] = arguments.slots;
  } else {
    spec["addresses"] = boost::json::value_from(arguments.addresses);
  }
  const std::pair<const char*, const std::string*> texts[] = {
      {"jobManagerMemory", &arguments.job_manager_memory},
      {"taskManagerMemory", &arguments.task_manager_memory},
      {"savepointDirectory", &arguments.savepoints},
      {"checkpointDirectory", &arguments.checkpoints}};
  for (const auto& [key, text] : texts) {
    if (!text->empty()) {
      spec[key] = *text;
    }
  }
  const json::value created = SP_TRY(client.Post("/api/v1/clusters", json::value(std::move(spec))));
  Print(output == OutputFormat::kJson ? Pretty(created)
                                      : json::StringOr(created.as_object(), "id"));
  return Ok();
}

Status ListInstallations(ApiClient& client, OutputFormat output) {
  const json::value answer = SP_TRY(client.Get("/api/v1/installations"));
  if (output == OutputFormat::kJson) {
    Print(Pretty(answer.as_object().at("items")));
    return Ok();
  }
  Table table({"VERSION", "STATE", "HOME", "MESSAGE"});
  for (const json::value& item : answer.as_object().at("items").as_array()) {
    const json::object& installation = item.as_object();
    table.Add({json::StringOr(installation, "version"), json::StringOr(installation, "state"),
               json::StringOr(installation, "home"), json::StringOr(installation, "message")});
  }
  Print(table.Render());
  return Ok();
}

Status AddInstallation(ApiClient& client, const ClusterArguments& arguments, OutputFormat output) {
  json::object draft = {{"engine", "FLINK"}};
  if (!arguments.home.empty()) {
    draft["home"] = arguments.home;
  } else if (!arguments.version.empty()) {
    draft["version"] = arguments.version;
  } else {
    return Error(ErrorCode::kInvalidRequest,
                 "say --version to fetch one or --home for one on disk");
  }
  json::value installation =
      SP_TRY(client.Post("/api/v1/installations", json::value(std::move(draft))));
  const std::string path =
      "/api/v1/installations/" + json::StringOr(installation.as_object(), "id");
  std::string shown;
  for (;;) {
    const json::object& object = installation.as_object();
    const std::string state = json::StringOr(object, "state");
    const std::string line =
        state +
        (json::StringOr(object, "message").empty() ? "" : ": " + json::StringOr(object, "message"));
    if (arguments.following.no_wait || state == "READY") {
      Print(output == OutputFormat::kJson ? Pretty(installation)
                                          : json::StringOr(object, "version") + " " + state);
      return Ok();
    }
    if (state == "FAILED" || state == "BROKEN") {
      return Error(ErrorCode::kFetchFailed, json::StringOr(object, "message"));
    }
    if (line != shown) {
      PrintNotice("  " + line);
      shown = line;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    installation = SP_TRY(client.Get(path));
  }
}

}  // namespace

void AddClusterCommands(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<ClusterArguments>();
  CLI::App* cluster = app.add_subcommand("cluster", "Look at clusters and run them");
  cluster->require_subcommand(1);

  invocation.OnChosen(
      cluster->add_subcommand("list", "All clusters that you may see"),
      [&invocation](ApiClient& client) { return ListClusters(client, invocation.output); });

  CLI::App* create = cluster->add_subcommand(
      "create",
      "A managed cluster on this machine, with --address one that runs elsewhere, with --native a "
      "place for jobs in C++");
  create->add_option("NAME", arguments->name)->required();
  create->add_option("--version", arguments->version, "Engine version or line");
  create->add_option("--team", arguments->team, "Only for this team; without it shared by all");
  create->add_option("--address", arguments->addresses,
                     "REST address of a JobManager; may be repeated");
  create->add_option("--job-manager-memory", arguments->job_manager_memory);
  create->add_option("--task-manager-memory", arguments->task_manager_memory);
  create->add_option("--task-managers", arguments->task_managers)->check(CLI::PositiveNumber);
  create->add_flag("--native", arguments->native,
                   "This machine itself, for jobs of the native engine");
  create->add_option("--slots", arguments->slots, "Of each TaskManager; with --native, of all")
      ->check(CLI::PositiveNumber);
  create->add_option("--savepoints", arguments->savepoints, "Default folder (URI)");
  create->add_option("--checkpoints", arguments->checkpoints, "Default folder (URI)");
  invocation.OnChosen(create, [=, &invocation](ApiClient& client) {
    return CreateCluster(client, *arguments, invocation.output);
  });

  CLI::App* start = cluster->add_subcommand("start", "Start a managed cluster");
  start->add_option("NAME", arguments->name)->required();
  AddFollowingOptions(start, arguments->following);
  invocation.OnChosen(start, [=, &invocation](ApiClient& client) {
    return OperateCluster(client, *arguments, {{"kind", "START"}}, invocation.output);
  });

  CLI::App* stop = cluster->add_subcommand("stop", "Stop a managed cluster");
  stop->add_option("NAME", arguments->name)->required();
  stop->add_option(
          "--jobs", arguments->jobs,
          "With jobs running: REFUSE (default), SUSPEND them with savepoints first, or KILL")
      ->transform(CLI::IsMember({"REFUSE", "SUSPEND", "KILL"}, CLI::ignore_case));
  AddFollowingOptions(stop, arguments->following);
  invocation.OnChosen(stop, [=, &invocation](ApiClient& client) {
    return OperateCluster(client, *arguments, {{"kind", "STOP"}, {"jobs", arguments->jobs}},
                          invocation.output);
  });

  AddClusterJobCommands(*cluster, invocation);

  CLI::App* installation = app.add_subcommand("installation", "Engine versions on this machine");
  installation->require_subcommand(1);
  invocation.OnChosen(
      installation->add_subcommand("list", "All installations"),
      [&invocation](ApiClient& client) { return ListInstallations(client, invocation.output); });
  CLI::App* add = installation->add_subcommand("add", "Fetch a version, or register one on disk");
  add->add_option("--version", arguments->version, "A version to fetch: 1.20.5");
  add->add_option("--home", arguments->home, "A folder that has one")
      ->check(CLI::ExistingDirectory);
  add->add_flag("--no-wait", arguments->following.no_wait);
  invocation.OnChosen(add, [=, &invocation](ApiClient& client) {
    return AddInstallation(client, *arguments, invocation.output);
  });
}

}  // namespace streampark::cli
