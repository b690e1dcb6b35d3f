// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <utility>

#include <CLI/CLI.hpp>

#include "commands.h"
#include "credentials.h"

namespace streampark::cli {

void Invocation::OnChosen(CLI::App* command, std::function<base::Status(ApiClient&)> run) {
  const std::map<std::string, OutputFormat> formats = {{"table", OutputFormat::kTable},
                                                       {"json", OutputFormat::kJson}};
  command->add_option("-o,--output", output, "table or json")
      ->transform(CLI::CheckedTransformer(formats));
  command->callback([this, run = std::move(run)] {
    action = [this, run]() -> base::Status {
      ApiClient client(SP_TRY(ResolveConnection(server, token)));
      return run(client);
    };
  });
}

}  // namespace streampark::cli
