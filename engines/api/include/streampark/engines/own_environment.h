// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace streampark::engines {

/// Names of our own environment variables, which may hold secrets: nothing for a process that runs
/// code of jobs.
std::vector<std::string> OwnEnvironment();

}  // namespace streampark::engines
