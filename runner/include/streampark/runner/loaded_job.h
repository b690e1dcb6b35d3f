// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/connectors/abi/passing.h"
#include "streampark/connectors/connector.h"
#include "streampark/core/config.h"
#include "streampark/core/job_library.h"
#include "streampark/core/job_library_abi.h"
#include "streampark/objects/location.h"

namespace streampark::runner {

/// A job of a library in the native runtime. All but Run from any thread.
class NativeRun {
 public:
  /// `keeps` lives as long as it.
  NativeRun(std::shared_ptr<const void> keeps, SpNativeRun run);
  ~NativeRun();
  NativeRun(const NativeRun&) = delete;
  NativeRun& operator=(const NativeRun&) = delete;

  /// Once; ends when the job has: read to its end, stopped, cancelled, or failed (its error).
  base::Status Run();
  void Cancel();
  /// The savepoint's folder.
  base::Result<std::string> Savepoint(const objects::Location& folder);
  enum class StopMode : std::uint8_t { kSavepoint, kDrain };
  base::Result<std::string> Stop(StopMode mode, const objects::Location& folder);
  /// JSON: streampark/core/status_json.h.
  std::string Status();
  /// JSON: an array of the next rows that an operator gives. NOT_FOUND; OPERATION_IN_FLIGHT while somebody else looks.
  base::Result<std::string> Rows(int node, std::uint32_t most, base::Millis patience);

 private:
  std::shared_ptr<const void> keeps_;
  SpNativeRun run_;
};

/// The job of a library, with the configuration and the connectors that it is given. Its code runs in this process.
class LoadedJob {
 public:
  /// NOT_FOUND, IO_ERROR, INVALID_REQUEST when it is no job library, VERSION_MISMATCH. The connectors and the clock outlive what is
  /// made from it.
  static base::Result<std::unique_ptr<LoadedJob>> Load(
      const std::filesystem::path& library, JobConfig config,
      const connectors::ConnectorRegistry& connectors, const base::Clock& clock);
  /// A job of this program's own: what its body makes is run as a library's.
  static base::Result<std::unique_ptr<LoadedJob>> Of(
      core::JobBody body, JobConfig config, const connectors::ConnectorRegistry& connectors,
      const base::Clock& clock);
  ~LoadedJob();

  /// `app.name`, else what its author calls it.
  const std::string& name() const { return name_; }
  const JobConfig& config() const;
  /// The plan as JSON. Connects to nothing.
  base::Result<std::string> Describe();
  base::Result<std::unique_ptr<NativeRun>> MakeNative();

 private:
  struct Setup;

  static base::Result<std::unique_ptr<LoadedJob>> Furnish(
      connectors::abi::Owned<SpJob> job, JobConfig config,
      const connectors::ConnectorRegistry& connectors, const base::Clock& clock);
  LoadedJob(connectors::abi::Owned<SpJob> job, std::shared_ptr<Setup> setup, std::string name);

  connectors::abi::Owned<SpJob> job_;
  std::shared_ptr<Setup> setup_;
  std::string name_;
};

}  // namespace streampark::runner
