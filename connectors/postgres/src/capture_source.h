// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/connectors/source.h"

#include "capture_plan.h"

namespace streampark::connectors::postgres {

/// The changes of tables, from a replication slot, as one split that never ends. ADR 26 has the promises.
std::unique_ptr<Source> MakeCaptureSource(CapturePlan plan);

}  // namespace streampark::connectors::postgres
