// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/connectors/connector.h"

namespace streampark::connectors {

/// `file`: files of this machine's file systems in any format of formats/, plain or gzip. connectors/file/README.md says
/// what it promises.
std::unique_ptr<Connector> MakeFileConnector();

}  // namespace streampark::connectors
