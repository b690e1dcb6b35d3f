// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "streampark/base/clock.h"
#include "streampark/base/random.h"
#include "streampark/base/ulid.h"
#include "streampark/console/accounts/directory.h"
#include "streampark/console/accounts/settings.h"
#include "streampark/console/accounts/team_belongings.h"
#include "streampark/console/events.h"
#include "streampark/http/metrics.h"
#include "streampark/server/serve.h"
#include "streampark/store/database.h"

#include "data_folder.h"

namespace streampark::server {

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
  console::TeamBelongings& belongings;
  http::MetricsRegistry& metrics;
  const std::string& boot_id;
};

}  // namespace streampark::server
