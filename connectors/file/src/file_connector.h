// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/connectors/connector.h"

#include "file_store.h"

namespace streampark::connectors::file {

std::unique_ptr<Connector> MakeFileConnectorOver(std::shared_ptr<FileStore> store);

}  // namespace streampark::connectors::file
