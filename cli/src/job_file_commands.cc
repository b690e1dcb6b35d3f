// SPDX-License-Identifier: Apache-2.0
// streampark plan -f FILE and streampark apply -f FILE
#include <filesystem>
#include <iterator>
#include <memory>

#include <CLI/CLI.hpp>

#include "streampark/base/files.h"
#include "streampark/base/json.h"

#include "commands.h"
#include "operation_watch.h"

namespace streampark::cli {
namespace {

using base::Ok;
using base::Status;

struct FileArguments {
  std::vector<std::string> files;
  bool no_wait = false;
};

base::Result<std::string> ReadJobFile(const std::string& name) {
  if (name != "-") {
    return base::ReadFile(name, 2U << 20U);
  }
  std::string text;
  char buffer[65536];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, stdin)) > 0;) {
    text.append(buffer, got);
  }
  return text;
}

std::string Shortened(std::string text) {
  for (char& c : text) {
    c = c == '\n' ? ' ' : c;
  }
  return text.size() > 60 ? text.substr(0, 57) + "…" : text;
}

void PrintChanges(const json::object& item) {
  Print(json::StringOr(item, "team") + "/" + json::StringOr(item, "name") + ": " +
        json::StringOr(item, "action") +
        (json::StringOr(item, "message").empty() ? "" : " — " + json::StringOr(item, "message")));
  if (const json::array* warnings = json::FindArray(item, "warnings")) {
    for (const json::value& warning : *warnings) {
      PrintNotice("  note: " + std::string(warning.as_string()));
    }
  }
  if (const json::array* changes = json::FindArray(item, "changes")) {
    for (const json::value& change : *changes) {
      const json::object& fields = change.as_object();
      const auto before = json::FindString(fields, "before");
      const auto after = json::FindString(fields, "after");
      Print("  " + json::StringOr(fields, "path") + ": " +
            (before ? Shortened(*before) : "(none)") + " → " +
            (after ? Shortened(*after) : "(none)"));
    }
  }
}

/// Follows every operation to its end. The first error is the command's; others are told.
Status Outcome(ApiClient& client, const json::array& items, bool no_wait) {
  Status outcome = Ok();
  const auto failed = [&outcome](base::Error error, const json::object& item) {
    error = std::move(error).Annotate(json::StringOr(item, "team") + "/" +
                                      json::StringOr(item, "name"));
    if (outcome.ok()) {
      outcome = std::move(error);
    } else {
      PrintError(error);
    }
  };
  for (const json::value& value : items) {
    const json::object& item = value.as_object();
    if (const json::object* problem = json::FindObject(item, "error")) {
      failed(ErrorOfProblem(*problem), item);
    }
    const std::string operation = json::StringOr(item, "operationId");
    if (!no_wait && !operation.empty()) {
      if (const auto ended = FollowOperation(client, operation); !ended.ok()) {
        failed(ended.error(), item);
      }
    }
  }
  return outcome;
}

Status Send(ApiClient& client, const FileArguments& arguments, const std::string& path,
            OutputFormat output) {
  json::array all;
  for (const std::string& file : arguments.files) {
    std::string text = SP_TRY(ReadJobFile(file));
    auto answer = client.Send({.method = "POST",
                               .url = path,
                               .headers = {{"Content-Type", "application/yaml"}},
                               .body = std::move(text)});
    if (!answer.ok()) {
      return std::move(answer).error().Annotate(file);
    }
    for (const json::value& item : answer->as_object().at("items").as_array()) {
      if (output == OutputFormat::kTable) {
        PrintChanges(item.as_object());
      }
      all.push_back(item);
    }
  }
  if (output == OutputFormat::kJson) {
    Print(Pretty(json::value(all)));
  }
  return Outcome(client, all, arguments.no_wait);
}

}  // namespace

void AddJobFileCommands(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<FileArguments>();
  const auto add = [&](const char* name, const char* about, const char* path) {
    CLI::App* command = app.add_subcommand(name, about);
    command
        ->add_option("-f,--file", arguments->files,
                     "A job file; - for standard input; may be repeated")
        ->required();
    invocation.OnChosen(command, [=, &invocation](ApiClient& client) {
      return Send(client, *arguments, path, invocation.output);
    });
    return command;
  };
  add("plan", "What applying job files would do; changes nothing", "/api/v1/plan");
  add("apply", "Create or edit jobs and bring them to the state that their files ask for",
      "/api/v1/apply")
      ->add_flag("--no-wait", arguments->no_wait, "Return when accepted");
}

}  // namespace streampark::cli
