// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <CLI/CLI.hpp>

#include "src/commands.h"
#include "src/credentials.h"

namespace cli = streampark::cli;

int main(int argc, char** argv) {
  CLI::App app("StreamPark: write, run and watch Flink jobs", "streampark");
  app.set_version_flag("--version", SP_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);

  cli::Invocation invocation;
  app.add_option("--server", invocation.server,
                 "The console's address; default STREAMPARK_SERVER or the one signed in to");
  app.add_option("--token", invocation.token,
                 "An API token; default STREAMPARK_TOKEN or the stored one");
  app.fallthrough();
  app.footer(
      "Exit codes: 0 done, 1 a defect of ours, 2 bad input, 3 not found, 4 not possible in this\n"
      "state, 5 not allowed, 6 the outside world (an engine, a network, a disk).");

  cli::AddConsoleCommands(app, invocation);
  cli::AddNativeCommands(app, invocation);
  cli::AddPumpCommand(app, invocation);
  cli::AddNewCommand(app, invocation);
  cli::AddConnectorCommands(app, invocation);
  cli::AddSavepointCommands(app, invocation);
  cli::AddLoginCommand(app, invocation);
  cli::AddJobFileCommands(app, invocation);
  cli::AddJobCommands(app, invocation);
  cli::AddClusterCommands(app, invocation);
  cli::AddResourceCommands(app, invocation);
  cli::AddAutomationCommands(app, invocation);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const streampark::base::Status status = invocation.action();
  if (!status.ok()) {
    cli::PrintError(status.error());
    return status.error().traits().exit_code;
  }
  return invocation.exit_code;
}
