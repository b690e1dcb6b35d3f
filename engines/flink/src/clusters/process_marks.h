// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "streampark/engines/engine.h"

namespace streampark::flink {

/// What stands on the command line of a managed process, by which it is known again.
std::vector<std::string> ProcessMarks(std::string_view cluster_id, engines::ProcessRole role,
                                      int index);

/// Living processes of these users that carry the marks of that cluster. Anybody can put such marks
/// on a command line; those of others do not count.
std::vector<engines::ClusterProcess> FindMarkedProcesses(std::string_view cluster_id,
                                                         const std::vector<uid_t>& owners);

}  // namespace streampark::flink
