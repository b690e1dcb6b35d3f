// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "streampark/connectors/sink.h"

#include "file_store.h"

namespace streampark::connectors::file {

/// Publishes the parts of one folder.
std::unique_ptr<Committer> MakeFileCommitter(std::shared_ptr<FileStore> store, std::string folder);

}  // namespace streampark::connectors::file
