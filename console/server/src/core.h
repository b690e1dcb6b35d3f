// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "streampark/base/clock.h"
#include "streampark/base/random.h"
#include "streampark/base/ulid.h"
#include "streampark/console/accounts/directory.h"
#include "streampark/console/accounts/settings.h"
#include "streampark/console/events.h"
#include "streampark/http/metrics.h"
#include "streampark/server/serve.h"
#include "streampark/store/database.h"

namespace streampark::server {

/// Where things are below the data folder; README.md of this module is the full list.
struct DataFolder {
  std::filesystem::path root;
  std::filesystem::path database() const { return root / "streampark.db"; }
  std::filesystem::path backups() const { return root / "backups"; }
  std::filesystem::path lock() const { return root / "console.lock"; }
  std::filesystem::path pid_file() const { return root / "console.pid"; }
  std::filesystem::path first_password() const { return root / "first-password"; }
  std::filesystem::path spool() const { return root / "tmp"; }
  std::filesystem::path logs() const { return root / "logs"; }
  std::filesystem::path artifacts() const { return root / "artifacts"; }
  std::filesystem::path clusters() const { return root / "clusters"; }
  std::filesystem::path installations() const { return root / "installations"; }
  std::filesystem::path snapshots() const { return root / "snapshots"; }
  std::filesystem::path results() const { return root / "results"; }
};

/// What every slice is made from. Outlives them all.
struct Core {
  const ServeOptions& options;
  const DataFolder& data;
  const base::Clock& clock;
  base::Random& random;
  base::UlidGenerator& ids;
  store::Database& database;
  console::EventBus& events;
  console::Directory& directory;
  console::SettingsSource& settings;
  http::MetricsRegistry& metrics;
  const std::string& boot_id;
};

}  // namespace streampark::server
