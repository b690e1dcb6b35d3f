// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "streampark/connectors/batch.h"

namespace streampark::connectors {

/// Those rows of `from`, ascending, into `into`, which is of the same type; its buffers are used again.
void CopyRows(const Column& from, std::span<const std::int32_t> rows, Column& into);

}  // namespace streampark::connectors
