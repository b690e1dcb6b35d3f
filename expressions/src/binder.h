// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "bound.h"

namespace streampark::expressions {

/// Gives each part its type and its node. `columns` gets the places of those that are read; ascending. VALIDATION_FAILED with `at character N`.
base::Result<Bound> BindExpression(const Syntax& whole, const connectors::Schema& schema,
                                   const Setting& setting, std::vector<std::size_t>& columns);

}  // namespace streampark::expressions
