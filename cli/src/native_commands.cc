// SPDX-License-Identifier: Apache-2.0
// streampark run and streampark describe: a job library, or a pump's file, on this machine, without a console and without an engine.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "streampark/base/clock.h"
#include "streampark/base/error_text.h"
#include "streampark/base/files.h"
#include "streampark/base/json.h"
#include "streampark/connectors/abi/import.h"
#include "streampark/connectors/builtin.h"
#include "streampark/core/flink_keys.h"
#include "streampark/native/supervisor.h"
#include "streampark/objects/location.h"
#include "streampark/runner/loaded_job.h"
#include "streampark/runner/run_job.h"

#include "commands.h"
#include "job_settings.h"
#include "job_terminal.h"
#include "pump_program.h"

namespace streampark::cli {
namespace {

using base::Error;
using base::ErrorCode;
using base::Ok;
using base::Status;

constexpr const char* kConventional = "application.yml";

struct LibraryArguments {
  std::filesystem::path library;
  std::vector<std::filesystem::path> configs;
  std::vector<std::string> settings;
  std::vector<std::filesystem::path> connectors;
  std::filesystem::path secrets;
  std::string restore;
  std::filesystem::path control;
  std::filesystem::path result;
  bool print_config = false;
};

/// Command line over files, the last file over those before it.
base::Result<JobConfig> ConfigOf(const LibraryArguments& arguments) {
  std::vector<std::filesystem::path> files = arguments.configs;
  if (files.empty() && std::filesystem::exists(kConventional)) {
    files.emplace_back(kConventional);
  }
  JobConfig config;
  for (const std::filesystem::path& file : files) {
    const JobConfig loaded = SP_TRY(JobConfig::Load(file));
    for (const auto& [key, value] : loaded.values()) {
      config.Set(key, value.text, value.origin);
    }
  }
  for (const std::string& setting : arguments.settings) {
    SP_TRY(SetByCommandLine(setting, config));
  }
  if (!arguments.restore.empty()) {
    const objects::Location restore(arguments.restore);
    config.Set(
        "native.restore-from",
        restore.local() ? std::filesystem::absolute(restore.folder()).string() : restore.text(),
        "--restore");
  }
  for (const std::string& note : SP_TRY(core::ReadFlinkKeys(config))) {
    PrintNotice(note);
  }
  if (!arguments.secrets.empty()) {
    config.ResolveSecretsBy(SecretsOf(arguments.secrets));
  }
  return config;
}

/// What a job runs with, in the order in which it is needed.
struct Program {
  connectors::ConnectorRegistry connectors = connectors::BuiltinConnectors();
  base::SystemClock clock;
  std::optional<pump::PumpFile> pump;
  std::unique_ptr<runner::LoadedJob> job;
};

PumpInput PumpOf(const LibraryArguments& arguments) {
  return {.file = arguments.library,
          .configs = arguments.configs,
          .settings = arguments.settings,
          .secrets = arguments.secrets};
}

base::Result<std::unique_ptr<Program>> LoadProgram(const LibraryArguments& arguments) {
  auto program = std::make_unique<Program>();
  for (const std::filesystem::path& library : arguments.connectors) {
    SP_TRY(connectors::LoadConnectors(library, program->connectors));
  }
  if (IsPumpFile(arguments.library)) {
    if (!arguments.restore.empty()) {
      return Error(ErrorCode::kInvalidRequest, "--restore is for job libraries")
          .WithHint("a pump goes on by what it has noted at its target");
    }
    program->pump = SP_TRY(LoadPump(PumpOf(arguments)));
    program->job = SP_TRY(MakePumpJob(*program->pump, program->connectors, program->clock));
    return program;
  }
  program->job = SP_TRY(runner::LoadedJob::Load(arguments.library, SP_TRY(ConfigOf(arguments)),
                                                program->connectors, program->clock));
  return program;
}

void AddLibraryArguments(CLI::App* command, const std::shared_ptr<LibraryArguments>& arguments) {
  command
      ->add_option("JOB", arguments->library,
                   "The job: a library, lib….so, or tables that are moved, ….yaml")
      ->required();
  command->add_option("-c,--config", arguments->configs,
                      "Configuration; a later file goes before an earlier one. Without it: "
                      "application.yml, if it is here");
  command->add_option("--set", arguments->settings, "key=value, over the files");
  command->add_option("--connectors", arguments->connectors, "A library with more connectors");
  command->add_option("--secrets", arguments->secrets,
                      "The folder of ${secret:NAME}: a file a name");
}

base::Result<std::pair<std::string, runner::JobEnd>> LoadAndRun(const LibraryArguments& arguments) {
  const auto program = SP_TRY(LoadProgram(arguments));
  return std::pair(program->job->name(),
                   SP_TRY(RunInTerminal(*program->job, program->clock, arguments.control)));
}

Status Run(const LibraryArguments& arguments) {
  if (arguments.print_config) {
    Print(IsPumpFile(arguments.library) ? SP_TRY(LoadPump(PumpOf(arguments))).config.Print()
                                        : SP_TRY(ConfigOf(arguments)).Print());
    return Ok();
  }
  const auto ran = LoadAndRun(arguments);
  if (!arguments.control.empty()) {
    SP_TRY(runner::WriteEnd(arguments.control, ran.ok() ? ran->second : runner::JobEnd(),
                            ran.ok() ? nullptr : &ran.error(), base::SystemClock().Now()));
  }
  if (!ran.ok()) {
    return ran.error();
  }
  TellEnd(ran->first, ran->second);
  return Ok();
}

base::Result<json::value> PlanOf(const LibraryArguments& arguments) {
  const auto program = SP_TRY(LoadProgram(arguments));
  return json::Parse(SP_TRY(program->job->Describe()));
}

Status Describe(const LibraryArguments& arguments, OutputFormat format) {
  const auto described = PlanOf(arguments);
  if (!arguments.result.empty()) {
    // What the job itself prints does not get in between.
    return base::WriteFileAtomically(
        arguments.result,
        json::serialize(
            described.ok()
                ? json::object{{"plan", *described}}
                : json::object{
                      {"error", json::Parse(base::ErrorToText(described.error())).value()}}));
  }
  if (!described.ok()) {
    return described.error();
  }
  const json::value& plan = *described;
  if (format == OutputFormat::kJson) {
    Print(Pretty(plan));
    return Ok();
  }
  const json::object& job = plan.as_object();
  Table table({"ID", "OPERATOR", "NAME", "PARALLELISM", "STATE", "READS"});
  for (const json::value& one : job.at("nodes").as_array()) {
    const json::object& node = one.as_object();
    const auto id = json::FindInteger(node, "id").value_or(0);
    std::string reads;
    for (const json::value& edge : job.at("edges").as_array()) {
      if (json::FindInteger(edge.as_object(), "to") == id) {
        reads += (reads.empty() ? "" : ", ") +
                 std::to_string(json::FindInteger(edge.as_object(), "from").value_or(0)) + " by " +
                 json::StringOr(edge.as_object(), "partitioning");
      }
    }
    const auto parallelism = json::FindInteger(node, "parallelism");
    table.Add({std::to_string(id), json::StringOr(node, "type"), json::StringOr(node, "name"),
               parallelism ? std::to_string(*parallelism) : "the job's",
               json::FindBool(node, "stateful").value_or(false) ? "yes" : "", reads});
  }
  Print(json::StringOr(job, "name"));
  Print(table.Render());
  return Ok();
}

}  // namespace

void AddNativeCommands(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<LibraryArguments>();
  CLI::App* run = app.add_subcommand("run", "Run a job on this machine, without an engine");
  AddLibraryArguments(run, arguments);
  run->add_option("--restore", arguments->restore, "A savepoint or checkpoint to begin from");
  run->add_option("--control", arguments->control,
                  "The folder by which a supervisor is told of the job, and asks things of it")
      ->group("");
  run->add_flag("--print-config", arguments->print_config,
                "Print the configuration with the origin of each value, secrets masked, and end");
  run->footer(
      "Ctrl-C and SIGTERM stop the job with a savepoint below native.savepoint.directory; without\n"
      "one the job is cancelled, and goes on from its newest checkpoint. A second one cancels.");
  run->callback([=, &invocation] { invocation.action = [=] { return Run(*arguments); }; });

  const auto folder = std::make_shared<std::filesystem::path>();
  CLI::App* supervise = app.add_subcommand("supervise", "Run the job of a console's folder");
  supervise->group("");
  supervise->add_option("FOLDER", *folder)->required();
  supervise->callback([=, &invocation] {
    invocation.action = [=, &invocation] {
      invocation.exit_code = native::Supervise(*folder);
      return Ok();
    };
  });

  CLI::App* describe = app.add_subcommand("describe", "Show the plan of a job");
  AddLibraryArguments(describe, arguments);
  describe->add_option("--result", arguments->result, "A file for the plan, or for what is wrong")
      ->group("");
  describe->add_option("-o,--output", invocation.output, "table or json")
      ->transform(CLI::CheckedTransformer(std::map<std::string, OutputFormat>{
          {"table", OutputFormat::kTable}, {"json", OutputFormat::kJson}}));
  describe->callback([=, &invocation] {
    invocation.action = [=, &invocation] { return Describe(*arguments, invocation.output); };
  });
}

}  // namespace streampark::cli
