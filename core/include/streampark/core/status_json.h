// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "streampark/core/native_job.h"

namespace streampark::core {

/// `CREATED`, `RESTORING`, `RUNNING`, `RESTARTING`, `STOPPING`, `FINISHED`, `STOPPED`, `FAILED`.
std::string_view ToString(JobPhase phase);

/// {"phase": "RUNNING", "restarts": 0, "lastError": {…}, "checkpoints": {"last": 7, "at": "2026-…Z", "tookMs": 12, "failed": 0},
///  "operators": [{"id": 0, "name": "orders", "parallelism": 2, "rowsIn": 0, "rowsOut": 17, "rowsDropped": 0, "watermark": "2026-…Z"}]}
/// What is not known is not there.
std::string ToJson(const JobStatus& status);

}  // namespace streampark::core
