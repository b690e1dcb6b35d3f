// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"

namespace streampark::console {

/// What administrators may choose about the whole console.
struct Settings {
  base::Millis session_lifetime = base::Millis(12 * 3'600'000LL);
  base::Millis deleted_jobs_kept = base::Millis(7 * 86'400'000LL);
  int snapshots_kept = 10;  // of each job, besides what is needed
  base::Millis snapshots_kept_for = base::Millis(30 * 86'400'000LL);
  std::string maven_settings_file;  // empty: Maven's own
  int agent_limit = 4;              // SQL agents alive at once
  int agent_memory_mib = 512;
  std::int64_t version = 1;  // the ETag
};

/// The settings of this moment. Thread-safe, from memory.
class SettingsSource {
 public:
  virtual ~SettingsSource() = default;
  virtual std::shared_ptr<const Settings> Current() const = 0;
};

}  // namespace streampark::console
