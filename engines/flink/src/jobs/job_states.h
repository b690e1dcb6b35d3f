// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "streampark/engines/observation.h"

namespace streampark::flink {

/// What Flink's word for a job and the counts of its tasks mean to all engines. A word that is not
/// known (a newer Flink's) is read as PENDING: never as an end.
engines::EngineState StateOf(std::string_view flink_state, const engines::TaskCounts& tasks);

}  // namespace streampark::flink
