// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "streampark/core/config.h"

namespace streampark::core {

/// What the same file says to Flink, by the names that the original's users and Flink's have, said to the native engine: `native.*`
/// is set where it is not. Keys stand under `flink.property.`, `flink.option.`, or either below `flink.deployment.`. The table at the head of
/// flink_keys.cc says what becomes of each. Gives a line for people for each key that means nothing here though it looks as if it did;
/// VALIDATION_FAILED names a key whose value has no counterpart.
base::Result<std::vector<std::string>> ReadFlinkKeys(JobConfig& config);

}  // namespace streampark::core
