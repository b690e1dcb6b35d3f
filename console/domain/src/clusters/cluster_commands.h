// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "streampark/console/clusters/cluster_service.h"
#include "streampark/console/operations/operation.h"

#include "clusters/cluster_registry.h"

namespace streampark::console {

/// The operation of a command, with its steps, without id and time.
Operation NewClusterOperation(const ClusterRecord& record, const ClusterCommand& command,
                              const Requester& requester, std::string_view idempotency_key);
/// The command that an operation was made of.
ClusterCommand CommandOf(const Operation& operation);

/// ILLEGAL_STATE when the command means nothing in the cluster's state. While an operation is under
/// way the state says nothing, and the store refuses another one.
///
///   command | allowed when
///   START   | STANDALONE, unless desired RUNNING, all processes live and not given up
///   STOP    | STANDALONE, desired RUNNING or a process lives
///   RESTART | STANDALONE, always
base::Status CheckCommand(const ClusterEntry& entry, const ClusterCommand& command);

}  // namespace streampark::console
