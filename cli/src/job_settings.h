// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "streampark/base/result.h"
#include "streampark/core/config.h"

/// What commands that run a job are given beside its files.
namespace streampark::cli {

/// The resolver of ${secret:NAME} over a folder with a file a name, whose line ends count for nothing.
SecretResolver SecretsOf(std::filesystem::path folder);
/// `key=value` over what is there. INVALID_REQUEST.
base::Status SetByCommandLine(const std::string& setting, JobConfig& config);

}  // namespace streampark::cli
