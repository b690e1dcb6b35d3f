// SPDX-License-Identifier: Apache-2.0
// streampark connector list|show: what C++ jobs may read and write.
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "streampark/base/json.h"
#include "streampark/connectors/abi/import.h"
#include "streampark/connectors/builtin.h"

#include "commands.h"

namespace streampark::cli {
namespace {

using base::Ok;
using base::Status;
using connectors::Connector;
using connectors::OptionUse;

struct ConnectorArguments {
  std::string name;
  std::vector<std::filesystem::path> libraries;
  OutputFormat output = OutputFormat::kTable;
};

base::Result<connectors::ConnectorRegistry> Known(const ConnectorArguments& arguments) {
  connectors::ConnectorRegistry registry = connectors::BuiltinConnectors();
  for (const std::filesystem::path& library : arguments.libraries) {
    SP_TRY(connectors::LoadConnectors(library, registry));
  }
  return registry;
}

std::string SidesOf(const Connector& connector) {
  const auto can = connector.capabilities();
  return can.source && can.sink ? "source, sink" : can.source ? "source" : "sink";
}

std::string PromisesOf(const Connector& connector) {
  const auto can = connector.capabilities();
  std::string promises;
  for (const auto& [has, word] : {std::pair(can.replay, "replays"),
                                  {can.changes, "changes"},
                                  {can.upsert, "upserts"},
                                  {can.exactly_once, "exactly once"}}) {
    if (has) {
      promises += (promises.empty() ? "" : ", ") + std::string(word);
    }
  }
  return promises;
}

json::value ToJson(const Connector& connector) {
  json::object shown{{"name", connector.name()}, {"text", connector.text()}};
  const auto can = connector.capabilities();
  if (can.source) {
    shown["source"] = json::Parse(connector.options().JsonSchema(OptionUse::kSource)).value();
  }
  if (can.sink) {
    shown["sink"] = json::Parse(connector.options().JsonSchema(OptionUse::kSink)).value();
  }
  return shown;
}

Status List(const ConnectorArguments& arguments) {
  const auto registry = SP_TRY(Known(arguments));
  json::array all;
  Table table({"CONNECTOR", "SIDES", "PROMISES", "WHAT"});
  for (const Connector* connector : registry.all()) {
    all.push_back(ToJson(*connector));
    table.Add({std::string(connector->name()), SidesOf(*connector), PromisesOf(*connector),
               std::string(connector->text())});
  }
  Print(arguments.output == OutputFormat::kJson ? Pretty(all) : table.Render());
  return Ok();
}

Status Show(const ConnectorArguments& arguments) {
  const auto registry = SP_TRY(Known(arguments));
  const Connector& connector = *SP_TRY(registry.Find(arguments.name));
  if (arguments.output == OutputFormat::kJson) {
    Print(Pretty(ToJson(connector)));
    return Ok();
  }
  Print(std::string(connector.name()) + ": " + std::string(connector.text()));
  Print(connector.options().Markdown());
  return Ok();
}

}  // namespace

void AddConnectorCommands(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<ConnectorArguments>();
  CLI::App* connector = app.add_subcommand("connector", "What C++ jobs may read and write");
  connector->require_subcommand(1);
  const auto add = [&](const char* name, const char* about) {
    CLI::App* command = connector->add_subcommand(name, about);
    command->add_option("--connectors", arguments->libraries, "A library with more connectors");
    command->add_option("-o,--output", arguments->output, "table or json")
        ->transform(CLI::CheckedTransformer(std::map<std::string, OutputFormat>{
            {"table", OutputFormat::kTable}, {"json", OutputFormat::kJson}}));
    return command;
  };
  add("list", "All of them")->callback([=, &invocation] {
    invocation.action = [=] { return List(*arguments); };
  });
  CLI::App* show = add("show", "The options of one; as JSON a schema of each side");
  show->add_option("NAME", arguments->name)->required();
  show->callback([=, &invocation] { invocation.action = [=] { return Show(*arguments); }; });
}

}  // namespace streampark::cli
