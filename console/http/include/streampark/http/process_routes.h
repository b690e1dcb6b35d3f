// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <boost/json/fwd.hpp>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/console/accounts/directory.h"
#include "streampark/console/events.h"
#include "streampark/http/authenticator.h"
#include "streampark/http/metrics.h"
#include "streampark/http/router.h"

namespace streampark::http {

/// Since when the disk refuses writes, and what it said.
struct StorageTrouble {
  base::Timestamp since;
  base::Error error;
};

/// Storage of openapi.yaml.
boost::json::value StorageJson(const std::optional<StorageTrouble>& trouble);

/// What the routes about the process itself need; the references outlive the router.
struct ProcessFace {
  std::string version;
  base::Timestamp started_at;
  bool separate_user = false;           // jobs' code runs as an OS user of its own
  std::function<base::Status()> ready;  // UNAVAILABLE with the reason while it is not; from memory
  std::function<std::optional<StorageTrouble>()> storage;  // from memory
  console::EventBus& events;
  console::Directory& directory;
  Authenticator& authenticator;
  MetricsRegistry& metrics;
};

/// Health, readiness, metrics, the contract, and the stream of live changes.
void RegisterProcessRoutes(Router& router, const ProcessFace& face);

}  // namespace streampark::http
