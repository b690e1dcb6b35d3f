// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace streampark::base {

/// Writes the place and the condition to stderr and aborts. For our own bugs alone.
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);

}  // namespace streampark::base

#define SP_CHECK(condition)                            \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::streampark::base::CheckFailed(#condition, __FILE__, __LINE__))
