// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace streampark::base {

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace streampark::base
