// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clusters/process_table.h"
#include "operations/operation_step.h"

namespace streampark::console {

/// A turn of ending all processes of the operation's cluster: asked once, and not any more after
/// `grace`. Whether none is left. With the claim held.
base::Result<bool> EndAll(ProcessTable& processes, OperationContext& context, base::Millis grace);

}  // namespace streampark::console
