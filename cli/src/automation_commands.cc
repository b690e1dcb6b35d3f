// SPDX-License-Identifier: Apache-2.0
// streampark automation get|pause|resume --job NAME | --cluster NAME | --fleet
#include <memory>

#include <CLI/CLI.hpp>

#include "streampark/base/json.h"

#include "commands.h"
#include "lookup.h"

namespace streampark::cli {
namespace {

using base::Ok;
using base::Status;

struct AutomationArguments {
  std::string job, team, cluster, reason;
  bool fleet = false;
};

base::Result<std::string> PathOf(ApiClient& client, const AutomationArguments& arguments) {
  if (!arguments.job.empty()) {
    const json::object job = SP_TRY(FindJob(client, arguments.job, arguments.team));
    return "/api/v1/jobs/" + json::StringOr(job, "id") + "/automation";
  }
  if (!arguments.cluster.empty()) {
    const json::object cluster = SP_TRY(FindCluster(client, arguments.cluster));
    return "/api/v1/clusters/" + json::StringOr(cluster, "id") + "/automation";
  }
  return std::string("/api/v1/settings/automation");
}

/// Also what still pauses it from further above, after a resume.
Status Show(const json::value& automation, OutputFormat output) {
  if (output == OutputFormat::kJson) {
    Print(Pretty(automation));
    return Ok();
  }
  const json::array& holds = automation.as_object().at("holds").as_array();
  if (holds.empty()) {
    Print("automation acts");
    return Ok();
  }
  Table table({"PAUSED FOR", "BY", "SINCE", "REASON"});
  for (const json::value& item : holds) {
    const json::object& hold = item.as_object();
    const json::object* by = json::FindObject(hold, "by");
    table.Add({json::StringOr(hold, "scope"), by == nullptr ? "" : json::StringOr(*by, "name"),
               Ago(json::StringOr(hold, "at")), json::StringOr(hold, "reason")});
  }
  Print(table.Render());
  return Ok();
}

Status Switch(ApiClient& client, const AutomationArguments& arguments, json::object change,
              OutputFormat output) {
  const std::string path = SP_TRY(PathOf(client, arguments));
  return Show(SP_TRY(client.Put(path, json::value(std::move(change)))), output);
}

}  // namespace

void AddAutomationCommands(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<AutomationArguments>();
  CLI::App* automation =
      app.add_subcommand("automation", "Whether the console may restart and fence jobs by itself");
  automation->require_subcommand(1);
  const auto add = [&](const char* name, const char* about) {
    CLI::App* command = automation->add_subcommand(name, about);
    CLI::Option_group* scope = command->add_option_group("Of what");
    scope->add_option("--job", arguments->job, "Of this job");
    scope->add_option("--cluster", arguments->cluster, "Of all jobs on this cluster");
    scope->add_flag("--fleet", arguments->fleet, "Of every job");
    scope->require_option(1);
    command->add_option("--team", arguments->team,
                        "The job's team, when several have one of that name");
    return command;
  };

  invocation.OnChosen(add("get", "Whether it acts, and who paused it why"),
                      [=, &invocation](ApiClient& client) -> Status {
                        const std::string path = SP_TRY(PathOf(client, *arguments));
                        return Show(SP_TRY(client.Get(path)), invocation.output);
                      });

  CLI::App* pause = add("pause", "Have it do nothing until it is resumed");
  pause->add_option("--reason", arguments->reason, "Why; shown to everybody")->required();
  invocation.OnChosen(pause, [=, &invocation](ApiClient& client) {
    return Switch(client, *arguments, {{"paused", true}, {"reason", arguments->reason}},
                  invocation.output);
  });

  invocation.OnChosen(add("resume", "Have it act again"), [=, &invocation](ApiClient& client) {
    return Switch(client, *arguments, {{"paused", false}}, invocation.output);
  });
}

}  // namespace streampark::cli
