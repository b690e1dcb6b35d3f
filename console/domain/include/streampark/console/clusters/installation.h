// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/console/clusters/cluster_spec.h"
#include "streampark/console/operations/operation.h"
#include "streampark/engines/engine.h"

namespace streampark::console {

enum class InstallationState {
  kFetching,
  kVerifying,
  kReady,
  kBroken,  // was READY; its files are not what they were, or gone
  kFailed,  // never became READY
};

std::string_view ToString(InstallationState state);
std::optional<InstallationState> ParseInstallationState(std::string_view text);

/// One version of an engine on disk; immutable, replaced as a whole.
struct Installation {
  std::string id;
  std::string engine = "FLINK";
  std::string version;  // as the distribution says it; while fetching, as asked for
  std::string line;
  std::string vendor;
  std::string home;
  bool fetched = false;  // by the console, which then owns the files
  InstallationState state = InstallationState::kFetching;
  std::string digest;  // empty until inspected
  std::int64_t size_bytes = 0;
  std::string message;
  base::Timestamp created_at;
  std::shared_ptr<const Operation> operation;  // the newest; null when there was none

  engines::Installation ForEngine() const;
};

using InstallationPtr = std::shared_ptr<const Installation>;

/// All installations, read from memory. Thread-safe.
class InstallationDirectory {
 public:
  virtual ~InstallationDirectory() = default;
  /// Null when there is none.
  virtual InstallationPtr Find(std::string_view installation_id) const = 0;
  /// The newest READY one of a line (`1.20`); null when there is none.
  virtual InstallationPtr FindByLine(std::string_view line) const = 0;
  /// Newest version first.
  virtual std::vector<InstallationPtr> List() const = 0;
  /// The version of an engine that comes with the console, and is in no list; null when there is none.
  virtual InstallationPtr BuiltIn(std::string_view) const { return nullptr; }
};

/// Whose jobs run on a cluster of that spec; null when it names none, or one that is gone.
InstallationPtr InstallationFor(const InstallationDirectory& installations,
                                const ClusterSpec& spec);

/// `1.20` of `1.20.5` or `1.20.5-csa1.13`; empty when `version` does not begin with two numbers.
std::string LineOfVersion(std::string_view version);

}  // namespace streampark::console
