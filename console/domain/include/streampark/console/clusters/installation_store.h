// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/clusters/installation.h"

namespace streampark::console {

/// The database's side of installations. Every write is durable when it returns. Thread-safe.
class InstallationStore {
 public:
  virtual ~InstallationStore() = default;
  virtual base::Result<std::vector<Installation>> LoadInstallations() = 0;
  /// Inserts, or replaces the one with that id.
  virtual base::Status Save(const Installation& installation) = 0;
  virtual base::Status Delete(std::string_view installation_id) = 0;
};

}  // namespace streampark::console
