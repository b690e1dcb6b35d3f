// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "streampark/base/result.h"

#include "api_client.h"
#include "output.h"

namespace CLI {
class App;
}

namespace streampark::cli {

/// What the parsed command line asks for. Each Add… function declares its commands and, when one of
/// them is chosen, sets `action`; main runs it after parsing.
struct Invocation {
  std::string server;
  std::string token;
  OutputFormat output = OutputFormat::kTable;
  std::function<base::Status()> action;
  int exit_code = 0;  // of a command that has its own

  /// Gives a command of the API its `--output` and has `run` called with a client (by the options,
  /// the environment or the stored sign-in) when the command is chosen.
  void OnChosen(CLI::App* command, std::function<base::Status(ApiClient&)> run);
};

void AddConsoleCommands(CLI::App& app, Invocation& invocation);  // serve, admin
void AddNativeCommands(CLI::App& app, Invocation& invocation);   // run, describe
void AddPumpCommand(CLI::App& app, Invocation& invocation);
void AddSavepointCommands(CLI::App& app, Invocation& invocation);  // of C++ jobs
void AddConnectorCommands(CLI::App& app, Invocation& invocation);
void AddNewCommand(CLI::App& app, Invocation& invocation);
void AddLoginCommand(CLI::App& app, Invocation& invocation);
void AddJobFileCommands(CLI::App& app, Invocation& invocation);  // apply, plan
void AddJobCommands(CLI::App& app, Invocation& invocation);
void AddClusterCommands(CLI::App& app, Invocation& invocation);  // cluster, installation
void AddResourceCommands(CLI::App& app, Invocation& invocation);
void AddAutomationCommands(CLI::App& app, Invocation& invocation);

}  // namespace streampark::cli
