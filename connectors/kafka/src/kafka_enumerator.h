// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "source_plan.h"

namespace streampark::connectors::kafka {

/// Finds partitions, and decides once for each where it is read from, and to. `plan` outlives it.
base::Result<std::unique_ptr<SplitEnumerator>> MakeKafkaEnumerator(
    const SourcePlan& plan, std::optional<std::string> restored);

}  // namespace streampark::connectors::kafka
