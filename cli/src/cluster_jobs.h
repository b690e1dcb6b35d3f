// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "commands.h"

namespace streampark::cli {

void AddClusterJobCommands(CLI::App& cluster, Invocation& invocation);  // jobs, adopt

/// What may be a job's name here, made of what the engine calls it; the web app proposes the same.
std::string NameForAdopted(std::string_view engine_name);

}  // namespace streampark::cli
