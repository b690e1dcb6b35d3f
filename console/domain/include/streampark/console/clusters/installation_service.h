// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/base/ulid.h"
#include "streampark/console/clusters/cluster_listener.h"
#include "streampark/console/clusters/installation.h"
#include "streampark/console/clusters/installation_store.h"
#include "streampark/console/operations/journal.h"
#include "streampark/console/operations/operation_log.h"
#include "streampark/console/turns.h"
#include "streampark/engines/engine.h"

namespace streampark::console {

/// A version that the package repository offers.
struct AvailableVersion {
  std::string version;
  std::string line;
  bool recommended = false;     // the newest of the newest lines
  std::string installation_id;  // empty: not here yet
};

/// Everything that can be done with installations. Thread-safe.
class InstallationService : public InstallationDirectory {
 public:
  struct Parts {
    InstallationStore& store;
    OperationLog& operations;
    Journal& journal;
    const engines::Engine& engine;
    const base::Clock& clock;
    TurnsFactory turns;
    base::UlidGenerator& ids;
    ClusterListener& listener;
    std::filesystem::path folder;  // fetched ones are put here as flink-<version>
    std::vector<Installation> built_in = {};
  };
  /// The ids of clusters that need an installation.
  using Users = std::function<std::vector<std::string>(std::string_view installation_id)>;
  using Changed = std::function<void(std::string_view installation_id)>;

  static base::Result<std::unique_ptr<InstallationService>> Load(Parts parts);
  ~InstallationService() override = default;

  /// Once, before Start().
  virtual void Attach(Users users, Changed changed) = 0;
  /// Continues open operations; installations whose home has gone become BROKEN.
  virtual base::Status Start() = 0;
  virtual void Stop() = 0;

  /// Begins to fetch a version; answers the one there is when it was asked for before (and tries
  /// again when that had failed).
  virtual base::Result<InstallationPtr> Fetch(std::string_view version, const Requester& requester,
                                              std::string_view idempotency_key) = 0;
  /// Takes one on disk as it is; INSTALLATION_INVALID says what is missing. The same home again
  /// answers the one there is.
  virtual base::Result<InstallationPtr> Register(const std::filesystem::path& home,
                                                 std::stop_token stop) = 0;
  /// FETCH again after a failure, or VERIFY: compares the digest, else BROKEN with the reason.
  virtual base::Result<Operation> Command(std::string_view installation_id, OperationKind kind,
                                          const Requester& requester,
                                          std::string_view idempotency_key) = 0;
  virtual base::Result<Operation> Cancel(std::string_view operation_id) = 0;
  /// IN_USE naming the clusters. Files that the console fetched are deleted.
  virtual base::Status Remove(std::string_view installation_id) = 0;
  virtual base::Result<std::vector<AvailableVersion>> ListAvailable(std::stop_token stop) = 0;
  virtual std::vector<std::string> UsedBy(std::string_view installation_id) const = 0;
};

}  // namespace streampark::console
