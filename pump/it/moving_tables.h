// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "streampark/base/clock.h"
#include "streampark/base/random.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/builtin.h"
#include "streampark/core/native_job.h"
#include "streampark/pump/pump.h"
#include "streampark/pump/verify.h"

namespace streampark::pump::testing {

/// Pump jobs of one test, in its process.
class MovingTables {
 public:
  /// To its end. `state`: where the job keeps who it is; by itself a folder of this test's.
  base::Status Pump(const std::string& yaml, std::stop_token stop = {},
                    const std::filesystem::path& state = {});
  base::Result<std::string> DryRun(const std::string& yaml) const;
  base::Result<VerifyReport> Verify(
      const std::string& yaml, const VerifyOptions& options = {}, std::stop_token stop = {},
      const std::function<void(const VerifyProgress&)>& tell = {}) const;
  /// How many rows the last run wrote.
  std::int64_t written() const { return written_; }
  /// How often a job may begin again by itself.
  void Allow(int restarts) { restarts_ = restarts; }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  const connectors::ConnectorRegistry connectors_ = connectors::BuiltinConnectors();
  const base::SystemClock clock_;
  base::SecureRandom random_;
  std::int64_t written_ = 0;
  int restarts_ = 0;
};

}  // namespace streampark::pump::testing
