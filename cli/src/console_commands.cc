// SPDX-License-Identifier: Apache-2.0
// streampark serve and streampark admin: what is run where the data folder is.
#include <cstdlib>
#include <memory>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "streampark/base/clock.h"
#include "streampark/server/admin.h"
#include "streampark/server/serve.h"

#include "commands.h"

namespace streampark::cli {
namespace {

using base::Error;
using base::ErrorCode;
using base::Ok;
using base::Status;

/// As ./sp has it. Root's home is closed to the user as whom jobs' code runs.
std::filesystem::path DefaultDataFolder() {
  if (::geteuid() == 0) {
    return "/var/lib/streampark";
  }
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home == nullptr ? "." : home) / ".local/share/streampark";
}

void AddServe(CLI::App& app, Invocation& invocation) {
  const auto options = std::make_shared<server::ServeOptions>();
  options->data = DefaultDataFolder();
  CLI::App* serve = app.add_subcommand("serve", "Run the console");
  serve->add_option("--data", options->data, "Where it keeps everything")->capture_default_str();
  serve
      ->add_option("--listen", options->listen,
                   "Address; anything but loopback should come with TLS")
      ->capture_default_str();
  serve->add_option("--port", options->port)->capture_default_str();
  serve->add_option("--tls-cert", options->tls_certificate, "PEM file; needs --tls-key")
      ->check(CLI::ExistingFile);
  serve->add_option("--tls-key", options->tls_key, "PEM file")->check(CLI::ExistingFile);
  serve->add_option("--web-root", options->web_root, "The built web app")
      ->check(CLI::ExistingDirectory);
  serve->add_option("--agent-jar", options->agent_jar, "The SQL agent")->check(CLI::ExistingFile);
  serve->add_option("--fetch-script", options->fetch_script, "Fetches engine versions")
      ->check(CLI::ExistingFile);
  serve->add_option("--java-home", options->java_home,
                    "The Java of agents and clusters; found by itself when not given");
  serve->add_option("--run-as", options->run_as,
                    "The system user who runs jobs' code; for a console of root. Without it: "
                    "streampark, if there is such a user");
  serve->add_option("--log-file", options->log_file, "Log here instead of to stderr, rotated");
  serve->add_option("--log-format", options->log_format, "text or json")
      ->transform(CLI::CheckedTransformer(std::map<std::string, base::LogFormat>{
          {"text", base::LogFormat::kText}, {"json", base::LogFormat::kJson}}));
  serve->callback([=, &invocation] {
    invocation.action = [options, &invocation]() -> Status {
      if (options->tls_certificate.empty() != options->tls_key.empty()) {
        return Error(ErrorCode::kConfigInvalid, "--tls-cert and --tls-key need each other");
      }
      invocation.exit_code = server::Serve(*options);
      return Ok();
    };
  });
}

struct AdminArguments {
  std::filesystem::path data = DefaultDataFolder();
  std::string user = "admin";
  std::string expires = "1h";
};

void AddAdmin(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<AdminArguments>();
  CLI::App* admin =
      app.add_subcommand("admin", "For whoever owns the data folder; works while the console runs");
  admin->require_subcommand(1);
  admin->add_option("--data", arguments->data, "The data folder")->capture_default_str();
  admin->fallthrough();

  CLI::App* token = admin->add_subcommand("token", "Print a new API token and nothing else");
  token->add_option("--user", arguments->user, "Whose")->capture_default_str();
  token->add_option("--expires", arguments->expires, "How long it is good")->capture_default_str();
  token->callback([=, &invocation] {
    invocation.action = [arguments]() -> Status {
      const auto lifetime = base::ParseDuration(arguments->expires);
      if (!lifetime) {
        return Error(ErrorCode::kInvalidRequest, "`" + arguments->expires + "` is not a duration")
            .WithHint("write 10m, 1h or 30d");
      }
      Print(SP_TRY(server::MakeAdminToken(arguments->data, arguments->user, *lifetime)));
      return Ok();
    };
  });

  CLI::App* reset = admin->add_subcommand(
      "reset-password", "Print a new one-time password and nothing else; ends the user's sessions");
  reset->add_option("USER", arguments->user, "Whose")->capture_default_str();
  reset->callback([=, &invocation] {
    invocation.action = [arguments]() -> Status {
      Print(SP_TRY(server::ResetPassword(arguments->data, arguments->user)));
      return Ok();
    };
  });
}

}  // namespace

void AddConsoleCommands(CLI::App& app, Invocation& invocation) {
  AddServe(app, invocation);
  AddAdmin(app, invocation);
}

}  // namespace streampark::cli
