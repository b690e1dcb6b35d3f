// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace streampark::flink {

/// The innermost cause in a Java stack trace, for people: `ArithmeticException: / by zero`, without
/// packages, wrappers and frames, at most some hundred characters. A cause without words of its own
/// is named after the nearest outer one that has some. Text that is no trace comes back as its
/// first line.
std::string RootCause(std::string_view trace);

}  // namespace streampark::flink
