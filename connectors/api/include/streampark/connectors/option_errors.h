// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "streampark/base/error.h"

/// What connectors say of options that their table alone cannot judge.
namespace streampark::connectors {

/// VALIDATION_FAILED of one option.
base::Error WrongOption(std::string_view name, std::string message, std::string hint = "");

/// VALIDATION_FAILED: `what` ("a topic") cannot say itself what its columns are.
base::Error NeedsColumns(std::string_view what);

}  // namespace streampark::connectors
