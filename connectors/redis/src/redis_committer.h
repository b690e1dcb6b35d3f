// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "streampark/connectors/sink.h"

#include "connection.h"

namespace streampark::connectors::redis {

std::unique_ptr<Committer> MakeRedisCommitter(Server server, std::string prefix);

}  // namespace streampark::connectors::redis
