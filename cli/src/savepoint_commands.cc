// SPDX-License-Identifier: Apache-2.0
// streampark savepoint show|entries: a look into the state of a C++ job.
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "streampark/base/json.h"
#include "streampark/core/savepoint_view.h"
#include "streampark/objects/open_folder.h"

#include "commands.h"

namespace streampark::cli {
namespace {

using base::Ok;
using base::Status;

struct SavepointArguments {
  std::string folder;
  std::string operator_name, state;
  std::int64_t limit = 100;
  OutputFormat output = OutputFormat::kTable;
};

/// Of whoever asks: what the environment says.
objects::S3Options StoreOptions() {
  return objects::WithEnvironment({.library = objects::S3Library()});
}

json::value ToJson(const core::SavepointView& view) {
  json::array operators;
  for (const auto& one : view.operators) {
    json::array keyed;
    for (const auto& state : one.keyed) {
      keyed.push_back(
          json::object{{"name", state.name},
                       {"key", state.key},
                       {"value", state.value},
                       {"entries", state.on_disk ? json::value(nullptr) : state.entries},
                       {"bytes", state.on_disk ? json::value(nullptr) : state.bytes},
                       {"onDisk", state.on_disk}});
    }
    json::array lists;
    for (const auto& list : one.lists) {
      lists.push_back(
          json::object{{"name", list.name}, {"elements", list.elements}, {"bytes", list.bytes}});
    }
    operators.push_back(json::object{{"name", one.name},
                                     {"parallelism", one.parallelism},
                                     {"keyed", std::move(keyed)},
                                     {"lists", std::move(lists)},
                                     {"splitsWaiting", one.splits_waiting},
                                     {"prepared", one.prepared}});
  }
  return {{"job", view.job},
          {"id", view.id},
          {"at", base::FormatTimestamp(view.at)},
          {"savepoint", view.savepoint},
          {"lineage", view.lineage},
          {"keyGroups", view.key_groups},
          {"backendBytes", view.backend_bytes},
          {"operators", std::move(operators)}};
}

Status Show(const SavepointArguments& arguments) {
  const core::SavepointView view =
      SP_TRY(core::LookInto(SP_TRY(objects::Location::Parse(arguments.folder)), StoreOptions()));
  if (arguments.output == OutputFormat::kJson) {
    Print(Pretty(ToJson(view)));
    return Ok();
  }
  Print(std::string(view.savepoint ? "savepoint " : "checkpoint ") + std::to_string(view.id) +
        " of " + view.job + ", " + base::FormatTimestamp(view.at) + ", " +
        std::to_string(view.key_groups) + " key groups");
  Table table({"OPERATOR", "PARALLELISM", "STATE", "ENTRIES", "BYTES", "KEY", "VALUE"});
  for (const auto& one : view.operators) {
    const std::string parallelism = std::to_string(one.parallelism);
    for (const auto& state : one.keyed) {
      table.Add({one.name, parallelism, state.name,
                 state.on_disk ? "on disk" : std::to_string(state.entries),
                 state.on_disk ? "" : std::to_string(state.bytes), state.key, state.value});
    }
    for (const auto& list : one.lists) {
      table.Add({one.name, parallelism, list.name, std::to_string(list.elements),
                 std::to_string(list.bytes), "", "opaque"});
    }
    if (one.splits_waiting > 0) {
      table.Add({one.name, parallelism, "splits not begun", std::to_string(one.splits_waiting), "",
                 "", ""});
    }
    if (one.prepared > 0) {
      table.Add(
          {one.name, parallelism, "to be committed", std::to_string(one.prepared), "", "", ""});
    }
  }
  Print(table.Render());
  if (view.backend_bytes > 0) {
    Print("Keyed state is in RocksDB's files, " + std::to_string(view.backend_bytes) +
          " bytes. A savepoint of the job shows what is in it.");
  }
  return Ok();
}

Status ShowEntries(const SavepointArguments& arguments) {
  std::int64_t shown = 0;
  return core::VisitEntries(
      SP_TRY(objects::Location::Parse(arguments.folder)), arguments.operator_name, arguments.state,
      [&](const std::string& entry) {
        Print(entry);
        return ++shown != arguments.limit;
      },
      StoreOptions());
}

}  // namespace

void AddSavepointCommands(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<SavepointArguments>();
  CLI::App* savepoint =
      app.add_subcommand("savepoint", "Look into a checkpoint or savepoint of a C++ job");
  savepoint->require_subcommand(1);
  CLI::App* show = savepoint->add_subcommand("show", "Its operators and their states");
  show->add_option("FOLDER", arguments->folder, "The folder chk-N")->required();
  show->add_option("-o,--output", arguments->output, "table or json")
      ->transform(CLI::CheckedTransformer(std::map<std::string, OutputFormat>{
          {"table", OutputFormat::kTable}, {"json", OutputFormat::kJson}}));
  show->callback([=, &invocation] { invocation.action = [=] { return Show(*arguments); }; });

  CLI::App* entries =
      savepoint->add_subcommand("entries", "What a keyed state holds: a JSON object a line");
  entries->add_option("FOLDER", arguments->folder, "The folder chk-N")->required();
  entries->add_option("OPERATOR", arguments->operator_name)->required();
  entries->add_option("STATE", arguments->state)->required();
  entries->add_option("--limit", arguments->limit, "So many at most")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  entries->callback(
      [=, &invocation] { invocation.action = [=] { return ShowEntries(*arguments); }; });
}

}  // namespace streampark::cli
