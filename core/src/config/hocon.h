// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"

#include "config/properties.h"

namespace streampark::core {

/// HOCON (github.com/lightbend/config, HOCON.md) as keys joined by dots and values as texts: objects that merge, `a.b.c` as a key, `=`,
/// `:` and `+=`, comments, strings of one and of three quotes, unquoted ones, concatenation, and `${path}`, `${?path}` of the same file or,
/// where it has none, of the environment. A list is its values joined by commas; null is no value. `include` is refused: files are
/// given one after another. `${env:NAME}` and `${secret:NAME}` stay as they are. JOB_FILE_INVALID with file, line and column.
base::Result<std::vector<Property>> ParseHocon(std::string_view text, const std::string& file);

}  // namespace streampark::core
