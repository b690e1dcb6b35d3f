// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "streampark/base/clock.h"
#include "streampark/connectors/connector.h"
#include "streampark/core/context.h"
#include "streampark/pump/pump_file.h"

namespace streampark::pump {

/// Puts the file's tables into the plan of a job, which is run as any. `connectors` and `clock` outlive what runs the plan. InvalidJob; nothing
/// is connected to.
void AddPump(StreamContext& context, const PumpFile& file,
             const connectors::ConnectorRegistry& connectors, const base::Clock& clock);

/// What a run would do, for people: tables, columns on both sides, form, statements. Connects to both sides and changes nothing.
base::Result<std::string> DryRun(const PumpFile& file,
                                 const connectors::ConnectorRegistry& connectors,
                                 const base::Clock& clock);

}  // namespace streampark::pump
