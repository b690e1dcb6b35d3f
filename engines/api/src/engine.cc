// SPDX-License-Identifier: Apache-2.0
#include "streampark/engines/engine.h"

#include <algorithm>

namespace streampark::engines {

bool SqlVerdict::ok() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(),
                      [](const SqlDiagnostic& diagnostic) { return diagnostic.severity == "ERROR"; });
}

}  // namespace streampark::engines
