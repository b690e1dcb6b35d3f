// SPDX-License-Identifier: Apache-2.0
// streampark job upgrade|rescale|rollback: what runs is replaced, and comes back when that fails
#include <CLI/CLI.hpp>

#include "streampark/base/json.h"

#include "job_arguments.h"
#include "lookup.h"

namespace streampark::cli {
namespace {

using base::Ok;
using base::Status;

std::string NumberText(const json::object& in, std::string_view key) {
  const json::value* number = in.if_contains(key);
  return number == nullptr || number->is_null() ? "-" : json::serialize(*number);
}

void PrintPlan(const json::object& plan) {
  Table facts({"revision", NumberText(plan, "revision")});
  facts.Add({"deployed", NumberText(plan, "deployed")});
  facts.Add({"parallelism", NumberText(plan, "parallelism")});
  facts.Add({"path", json::StringOr(plan, "path", "-")});
  facts.Add({"a failure goes back to", NumberText(plan, "backTo")});
  Table checks({"CHECK", "STATE", "FOUND"});
  for (const json::value& item : plan.at("checks").as_array()) {
    const json::object& check = item.as_object();
    checks.Add({json::StringOr(check, "name"), json::StringOr(check, "state"),
                json::StringOr(check, "message")});
  }
  Print(facts.Render() + "\n" + checks.Render());
}

/// Prints what the command would find and do. The Error of the first check that fails: there the
/// operation would end.
Status Check(ApiClient& client, const JobArguments& arguments, const json::object& command,
             OutputFormat output) {
  const json::object job = SP_TRY(FindJob(client, arguments.name, arguments.team));
  Query query{{"kind", json::StringOr(command, "kind")}, {"mode", json::StringOr(command, "mode")}};
  for (const char* key : {"revision", "parallelism"}) {
    if (const json::value* number = command.if_contains(key)) {
      query.emplace_back(key, json::serialize(*number));
    }
  }
  const json::value plan = SP_TRY(client.Get(JobPath(job) + "/upgrade-plan", query));
  if (output == OutputFormat::kJson) {
    Print(Pretty(plan));
  } else {
    PrintPlan(plan.as_object());
  }
  for (const json::value& check : plan.as_object().at("checks").as_array()) {
    if (const json::object* problem = json::FindObject(check.as_object(), "error")) {
      return ErrorOfProblem(*problem);
    }
  }
  return Ok();
}

Status Renew(ApiClient& client, const JobArguments& arguments, json::object command,
             OutputFormat output) {
  return arguments.check ? Check(client, arguments, command, output)
                         : OperateJob(client, arguments, std::move(command), output);
}

}  // namespace

void AddJobRenewals(const JobCommands& commands) {
  const auto& arguments = commands.arguments;
  Invocation& invocation = commands.invocation;
  const auto add_check = [&](CLI::App* command) {
    CLI::Option* check = command->add_flag(
        "--check", arguments->check, "Only say what would be found and done; nothing is stopped");
    for (const char* unasked : {"--option", "--from", "--allow-non-restored"}) {
      if (CLI::Option* option = command->get_option_no_throw(unasked)) {
        check->excludes(option);
      }
    }
  };

  CLI::App* upgrade = commands.AddOperation(
      "upgrade",
      "Have a new revision run: it is proven first, watched until it is stable, "
      "and else rolled back");
  upgrade->add_option("--revision", arguments->revision, "The newest by default")
      ->check(CLI::PositiveNumber);
  upgrade
      ->add_option("--mode", arguments->mode,
                   "SAVEPOINT, or LAST_STATE: go on from the newest checkpoint; as the job says by "
                   "default")
      ->transform(CLI::IsMember({"SAVEPOINT", "LAST_STATE"}, CLI::ignore_case));
  upgrade->add_flag("--allow-non-restored", arguments->allow_non_restored,
                    "Drop state that no operator takes");
  AddSavepointOptions(upgrade, *arguments);
  AddAttemptOptions(upgrade, *arguments);
  add_check(upgrade);
  invocation.OnChosen(upgrade, [=, &invocation](ApiClient& client) -> Status {
    json::object command = SavepointFields(*arguments, SP_TRY(StartCommand(*arguments, "UPGRADE")));
    return Renew(client, *arguments, std::move(command), invocation.output);
  });

  CLI::App* rescale = commands.AddOperation(
      "rescale",
      "Run with another parallelism; in place where the cluster's scheduler is "
      "adaptive");
  rescale->add_option("PARALLELISM", arguments->parallelism, "For this attempt only")
      ->required()
      ->check(CLI::PositiveNumber);
  rescale->add_option("--note", arguments->note, "Why");
  add_check(rescale);
  invocation.OnChosen(rescale, [=, &invocation](ApiClient& client) {
    return Renew(
        client, *arguments,
        SavepointFields(*arguments, {{"kind", "RESCALE"}, {"parallelism", arguments->parallelism}}),
        invocation.output);
  });

  CLI::App* rollback = commands.AddOperation(
      "rollback",
      "Go back to an earlier revision with the state that it had; what runs is "
      "saved first");
  rollback
      ->add_option("--revision", arguments->revision,
                   "The one before the newest upgrade by default")
      ->check(CLI::PositiveNumber);
  rollback->add_option("--note", arguments->note, "Why");
  AddRestoreOptions(rollback, *arguments);
  AddAttemptOptions(rollback, *arguments);
  add_check(rollback);
  invocation.OnChosen(rollback, [=, &invocation](ApiClient& client) -> Status {
    json::object command =
        SavepointFields(*arguments, SP_TRY(StartCommand(*arguments, "ROLLBACK")));
    return Renew(client, *arguments, std::move(command), invocation.output);
  });
}

}  // namespace streampark::cli
