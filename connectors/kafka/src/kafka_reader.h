// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "source_plan.h"

namespace streampark::connectors::kafka {

/// Reads partitions. `plan` outlives it.
base::Result<std::unique_ptr<SplitReader>> MakeKafkaReader(const SourcePlan& plan);

}  // namespace streampark::connectors::kafka
