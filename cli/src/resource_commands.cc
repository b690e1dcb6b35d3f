// SPDX-License-Identifier: Apache-2.0
// streampark resource list|upload|delete: jars, and libraries that jobs in C++ are.
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>

#include "streampark/base/files.h"
#include "streampark/base/json.h"

#include "commands.h"
#include "lookup.h"

namespace streampark::cli {
namespace {

using base::Error;
using base::ErrorCode;
using base::Ok;
using base::Status;

constexpr std::size_t kMostBytes = std::size_t{512} << 20U;  // the console's own limit

struct ResourceArguments {
  std::filesystem::path file;
  std::string name, team;
};

/// word-count of libword-count.so, as the pages do.
std::string ResourceNameOf(const std::filesystem::path& file) {
  std::string name = file.stem().string();
  if (file.extension() == ".so" && name.starts_with("lib") && name.size() > 3) {
    name.erase(0, 3);
  }
  return name;
}

base::Result<json::array> ResourcesOf(ApiClient& client, const std::string& team) {
  Query query;
  if (!team.empty()) {
    query.emplace_back("team", team);
  }
  const json::value answer = SP_TRY(client.Get("/api/v1/resources", query));
  const json::array* items = json::FindArray(answer.as_object(), "items");
  return items == nullptr ? json::array() : *items;
}

Status List(ApiClient& client, const ResourceArguments& arguments, OutputFormat output) {
  const json::array items = SP_TRY(ResourcesOf(client, arguments.team));
  if (output == OutputFormat::kJson) {
    Print(Pretty(items));
    return Ok();
  }
  Table table({"NAME", "KIND", "FILE", "BYTES", "DIGEST", "USED BY"});
  for (const json::value& item : items) {
    const json::object& one = item.as_object();
    const auto users = json::StringsOf(one, "usedBy");
    table.Add({json::StringOr(one, "name"), json::StringOr(one, "kind"),
               json::StringOr(one, "fileName"), std::to_string(json::IntegerOr(one, "sizeBytes")),
               json::StringOr(one, "digest").substr(0, 12),
               users.empty() ? "-" : users.front() + (users.size() > 1 ? ", …" : "")});
  }
  Print(table.Render());
  return Ok();
}

Status Upload(ApiClient& client, const ResourceArguments& arguments, OutputFormat output) {
  const json::object team = SP_TRY(FindTeam(client, arguments.team));
  std::string content = SP_TRY(base::ReadFile(arguments.file, kMostBytes));
  const std::string name = arguments.name.empty() ? ResourceNameOf(arguments.file) : arguments.name;
  const json::value made = SP_TRY(
      client.Send({.method = "POST",
                   .url = "/api/v1/resources?team=" + base::UrlEncode(json::StringOr(team, "id")) +
                          "&name=" + base::UrlEncode(name) +
                          "&fileName=" + base::UrlEncode(arguments.file.filename().string()),
                   .headers = {{"Content-Type", "application/octet-stream"}},
                   .body = std::move(content)}));
  if (output == OutputFormat::kJson) {
    Print(Pretty(made));
    return Ok();
  }
  Print("uploaded " + name + ": " +
        (json::StringOr(made.as_object(), "kind") == "LIBRARY" ? "a job library" : "a jar"));
  return Ok();
}

Status Delete(ApiClient& client, const ResourceArguments& arguments) {
  for (const json::value& item : SP_TRY(ResourcesOf(client, arguments.team))) {
    if (json::StringOr(item.as_object(), "name") == arguments.name) {
      SP_TRY(client.Delete("/api/v1/resources/" + json::StringOr(item.as_object(), "id")));
      return Ok();
    }
  }
  return Error(ErrorCode::kNotFound, "there is no resource " + arguments.name)
      .WithHint("`streampark resource list` shows them");
}

}  // namespace

void AddResourceCommands(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<ResourceArguments>();
  CLI::App* resource = app.add_subcommand("resource", "Jars and job libraries of a team");
  resource->require_subcommand(1);
  const auto of_team = [&](CLI::App* command) {
    command->add_option("--team", arguments->team, "Of this team; needed when you have several");
    return command;
  };
  invocation.OnChosen(
      of_team(resource->add_subcommand("list", "All that you may see")),
      [=, &invocation](ApiClient& client) { return List(client, *arguments, invocation.output); });

  CLI::App* upload = of_team(resource->add_subcommand(
      "upload", "A file; under a name that is there already it becomes its new version"));
  upload->add_option("FILE", arguments->file, "A jar, or the lib….so of a job in C++")->required();
  upload->add_option("--name", arguments->name, "Its name; without it, the file's");
  invocation.OnChosen(upload, [=, &invocation](ApiClient& client) {
    return Upload(client, *arguments, invocation.output);
  });

  CLI::App* remove = of_team(resource->add_subcommand("delete", "Refused while a job needs it"));
  remove->add_option("NAME", arguments->name)->required();
  invocation.OnChosen(remove, [=](ApiClient& client) { return Delete(client, *arguments); });
}

}  // namespace streampark::cli
