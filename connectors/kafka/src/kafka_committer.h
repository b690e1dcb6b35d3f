// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sink_plan.h"

namespace streampark::connectors::kafka {

/// Ends transactions, whoever began them. `plan` outlives it.
std::unique_ptr<Committer> MakeKafkaCommitter(const SinkPlan& plan);

}  // namespace streampark::connectors::kafka
