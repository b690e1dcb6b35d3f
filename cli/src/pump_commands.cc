// SPDX-License-Identifier: Apache-2.0
// streampark pump: moves tables as a file says, on this machine, and says whether both sides are equal.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "streampark/base/clock.h"
#include "streampark/base/json.h"
#include "streampark/connectors/builtin.h"
#include "streampark/pump/pump.h"
#include "streampark/pump/verify.h"

#include "commands.h"
#include "job_terminal.h"
#include "pump_program.h"
#include "stop_by_signal.h"

namespace streampark::cli {
namespace {

struct PumpArguments {
  PumpInput input;
  bool dry_run = false;
};

struct VerifyArguments {
  PumpInput input;
  int recheck = 0;
  std::string pause = "1s";
  std::size_t most = 100;
  bool values = false;
  bool json = false;
};

/// What a line of progress says.
std::string Told(const pump::VerifyProgress& progress) {
  std::string line = progress.table + ": " + std::to_string(progress.rows);
  if (progress.estimated_rows) {
    line += " of about " + std::to_string(std::max(progress.rows, *progress.estimated_rows));
  }
  return line + " rows read, " + std::to_string(progress.parts_done) + " of " +
         std::to_string(progress.parts) + " parts";
}

base::Result<pump::VerifyReport> VerifyPump(const VerifyArguments& arguments) {
  const auto pause = base::ParseDuration(arguments.pause);
  if (!pause) {
    return base::Error(base::ErrorCode::kInvalidRequest,
                       "--recheck-pause is '" + arguments.pause + "'")
        .WithHint("write it as 500ms, 5s, 1m");
  }
  // Before other threads are there, so that all of them leave these signals to the one that waits.
  StopBySignal stopper;
  const auto file = SP_TRY(LoadPump(arguments.input));
  const connectors::ConnectorRegistry connectors = connectors::BuiltinConnectors();
  const base::SystemClock clock;
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  const auto tell = [](const pump::VerifyProgress& progress) {
    static_cast<void>(::dprintf(STDERR_FILENO, "\r\033[K%s", Told(progress).c_str()));
  };
  using Show = pump::VerifyOptions::Show;
  auto report = pump::Verify(
      file, connectors, clock,
      {.recheck = arguments.recheck,
       .recheck_pause = *pause,
       .most = arguments.most,
       .show = arguments.values ? Show::kValues : Show::kKeys},
      terminal ? std::function<void(const pump::VerifyProgress&)>(tell) : nullptr, stopper.token());
  if (terminal) {
    PrintNotice("");
  }
  return report;
}

/// 0 equal, 1 different, 2 nobody knows: whatever the reason, so that a script has one thing to ask for.
base::Status TellVerdict(const VerifyArguments& arguments, int& exit_code) {
  using Kind = pump::TableVerdict::Kind;
  const auto report = VerifyPump(arguments);
  if (!report.ok()) {
    PrintError(report.error());
    exit_code = 2;
    return base::Ok();
  }
  Print(arguments.json ? Pretty(SP_TRY(json::Parse(report->ToJson()))) : report->ToText());
  exit_code = report->kind() == Kind::kEqual ? 0 : report->kind() == Kind::kDifferent ? 1 : 2;
  return base::Ok();
}

void AddInput(CLI::App& command, PumpInput& input) {
  command.add_option("FILE", input.file, "The job: source, transforms and sink, in YAML");
  command.add_option("--set", input.settings,
                     "key=value, over the file: source.…, sink.…, native.…");
  command.add_option("--secrets", input.secrets, "The folder of ${secret:NAME}: a file a name");
}

void AddVerifyCommand(CLI::App& pump, Invocation& invocation) {
  const auto arguments = std::make_shared<VerifyArguments>();
  CLI::App* command =
      pump.add_subcommand("verify", "Compare the targets with what they are made from");
  AddInput(*command, arguments->input);
  command->get_option("FILE")->required();
  command
      ->add_option("--recheck", arguments->recheck,
                   "Look so often again at what differs, before it counts")
      ->check(CLI::Range(0, 1'000));
  command->add_option("--recheck-pause", arguments->pause,
                      "Before each of these looks; default 1s");
  command->add_option("--most", arguments->most,
                      "Name so many differences of a table; default 100");
  command->add_flag("--values", arguments->values, "Show values, not keys and columns alone");
  command->add_flag("--json", arguments->json, "Print the verdict for programs");
  command->footer("Exit codes: 0 equal, 1 different, 2 could not tell.");
  command->callback([=, &invocation] {
    invocation.action = [=, &invocation] { return TellVerdict(*arguments, invocation.exit_code); };
  });
}

base::Status RunPump(const PumpArguments& arguments) {
  const auto file = SP_TRY(LoadPump(arguments.input));
  const connectors::ConnectorRegistry connectors = connectors::BuiltinConnectors();
  const base::SystemClock clock;
  if (arguments.dry_run) {
    Print(SP_TRY(pump::DryRun(file, connectors, clock)));
    return base::Ok();
  }
  const auto job = SP_TRY(MakePumpJob(file, connectors, clock));
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
  AddInput(*command, arguments->input);
  command->add_flag("--dry-run", arguments->dry_run,
                    "Show tables, columns, form and statements, and change nothing");
  AddVerifyCommand(*command, invocation);
  command->footer(
      "Ctrl-C and SIGTERM stop it; the same command goes on with the parts of tables that are not\n"
      "at the target yet. A job that has ended begins anew.");
  command->callback([=, &invocation] {
    if (!command->get_subcommands().empty()) {
      return;
    }
    if (arguments->input.file.empty()) {
      throw CLI::RequiredError("FILE");
    }
    invocation.action = [=] { return RunPump(*arguments); };
  });
}

}  // namespace streampark::cli
