// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "streampark/base/result.h"
#include "streampark/core/config.h"
#include "streampark/core/connector_operators.h"
#include "streampark/core/native_job.h"

namespace streampark::core {

/// `native.*`, without the prefix.
const connectors::OptionTable& NativeOptionTable();

/// What `native.*` says of a job. VALIDATION_FAILED names key, file and line.
base::Result<NativeOptions> NativeOptionsFrom(const JobConfig& config, std::string_view job);

/// What `native.dirty.*` says: null where a dirty record fails the job. The file is opened with the first record, and gets a JSON object
/// a line: operator, where, reason, and the record's bytes in base 64.
base::Result<std::shared_ptr<DirtyRecords>> DirtyRecordsFrom(const JobConfig& config);

}  // namespace streampark::core
