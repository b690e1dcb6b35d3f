// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/base/random.h"
#include "streampark/base/result.h"

namespace streampark::flink {

/// A TCP port of 127.0.0.1 that nobody listens on now, other than `taken`; below the range from
/// which the system takes ports for outgoing connections, so that it stays free while the cluster
/// is down. UNAVAILABLE when none is found.
base::Result<int> ChoosePort(base::Random& random, int taken);

}  // namespace streampark::flink
