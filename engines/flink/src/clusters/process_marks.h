// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "streampark/engines/engine.h"

namespace streampark::flink {

/// What stands on the command line of a managed process, by which it is known again.
std::vector<std::string> ProcessMarks(std::string_view cluster_id, engines::ProcessRole role,
                                      int index);

/// Living processes of this user that carry the marks of that cluster.
std::vector<engines::ClusterProcess> FindMarkedProcesses(std::string_view cluster_id);

}  // namespace streampark::flink
