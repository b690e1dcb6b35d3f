// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "streampark/connectors/batch.h"

namespace streampark::connectors {

/// The same bytes, which somebody else keeps: good as long as `buffer` lives and is not changed.
Buffer ViewOf(const Buffer& buffer);
Column ViewOf(const Column& column);

/// The columns at `places` under a schema of their own, without a copy: good as long as `batch` lives and is not changed. The rows have no
/// kinds, and all values are known.
Batch ViewOf(const Batch& batch, const SchemaPtr& schema, const std::vector<std::size_t>& places);

}  // namespace streampark::connectors
