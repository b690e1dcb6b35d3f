// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "file_store.h"

namespace streampark::connectors::file {

/// FileStore::List for this machine.
base::Result<std::vector<FileStore::Found>> ListLocalFiles(const std::string& pattern,
                                                           std::stop_token stop);

}  // namespace streampark::connectors::file
