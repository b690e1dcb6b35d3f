// SPDX-License-Identifier: Apache-2.0
// streampark pump: moves tables as a file says, on this machine.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "streampark/base/clock.h"
#include "streampark/connectors/builtin.h"
#include "streampark/pump/pump.h"
#include "streampark/runner/loaded_job.h"

#include "commands.h"
#include "job_settings.h"
#include "job_terminal.h"

namespace streampark::cli {
namespace {

struct PumpArguments {
  std::filesystem::path file;
  std::filesystem::path secrets;
  std::vector<std::string> settings;
  bool dry_run = false;
};

/// Where a job keeps who it is from run to run, when its file does not say.
std::filesystem::path StateFolder() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return std::filesystem::path(state) / "streampark";
  }
  const char* home = std::getenv("HOME");
  return home != nullptr && *home == '/' ? std::filesystem::path(home) / ".local/state/streampark"
                                         : "/var/lib/streampark";
}

base::Result<pump::PumpFile> Load(const PumpArguments& arguments) {
  auto file = SP_TRY(pump::PumpFile::Load(arguments.file));
  for (const std::string& setting : arguments.settings) {
    SP_TRY(SetByCommandLine(setting, file.config));
  }
  if (!arguments.secrets.empty()) {
    file.config.ResolveSecretsBy(SecretsOf(arguments.secrets));
  }
  if (!file.config.Has("native.checkpoint.directory")) {
    file.config.Set("native.checkpoint.directory", StateFolder().string(), "the program");
  }
  return file;
}

base::Status RunPump(const PumpArguments& arguments) {
  const auto file = SP_TRY(Load(arguments));
  const connectors::ConnectorRegistry connectors = connectors::BuiltinConnectors();
  const base::SystemClock clock;
  if (arguments.dry_run) {
    Print(SP_TRY(pump::DryRun(file, connectors, clock)));
    return base::Ok();
  }
  const auto job = SP_TRY(runner::LoadedJob::Of(
      [&](StreamContext& context) { pump::AddPump(context, file, connectors, clock); }, file.config,
      connectors, clock));
  const auto end = SP_TRY(RunInTerminal(*job, clock, {}));
  if (end.kind == runner::JobEnd::Kind::kCancelled) {
    PrintNotice(job->name() + " is stopped; the same command goes on where it was");
    return base::Ok();
  }
  TellEnd(job->name(), end);
  return base::Ok();
}

}  // namespace

void AddPumpCommand(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<PumpArguments>();
  CLI::App* command = app.add_subcommand("pump", "Move tables as a file says, on this machine");
  command->add_option("FILE", arguments->file, "The job: source, transforms and sink, in YAML")
      ->required();
  command->add_flag("--dry-run", arguments->dry_run,
                    "Show tables, columns, form and statements, and change nothing");
  command->add_option("--set", arguments->settings,
                      "key=value, over the file: source.…, sink.…, native.…");
  command->add_option("--secrets", arguments->secrets,
                      "The folder of ${secret:NAME}: a file a name");
  command->footer(
      "Ctrl-C and SIGTERM stop it; the same command goes on with the parts of tables that are not\n"
      "at the target yet. A job that has ended begins anew.");
  command->callback([=, &invocation] { invocation.action = [=] { return RunPump(*arguments); }; });
}

}  // namespace streampark::cli
