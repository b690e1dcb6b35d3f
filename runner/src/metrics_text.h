// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "streampark/base/clock.h"

namespace streampark::runner {

/// `RUNNING`, of a job's status.
std::string PhaseOf(std::string_view status);
/// The status of a job (JSON: status_json.h) and of this process in Prometheus' text format, version 0.0.4.
std::string MetricsText(std::string_view job, std::string_view status, base::Timestamp started);

}  // namespace streampark::runner
