// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"

namespace streampark::core {

struct Property {
  std::string key, value;
  int line = 0;  // where it begins
};

/// Java's .properties (java.util.Properties.load) in UTF-8: `key = value`, `key: value` or `key value`; comments of # and !; a backslash
/// at the end of a line joins it to the next, and before a letter means what it does there. Absent, with the line, for a `\u` without four
/// hexadecimal digits and for surrogates that are no pair: JOB_FILE_INVALID.
base::Result<std::vector<Property>> ParseProperties(std::string_view text, const std::string& file);

}  // namespace streampark::core
