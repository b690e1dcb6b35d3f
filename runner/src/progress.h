// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"

namespace streampark::runner {

/// One line for people from a job's status: what came in and went out, how fast, and the newest checkpoint.
///
///   RUNNING 1m5s · in 12,300 (410/s) · out 12 (0/s) · checkpoint 7, 3s ago · 1 restart · 4 too late
class Progress {
 public:
  /// `plan` is what LoadedJob::Describe gives.
  Progress(std::string_view plan, base::SteadyTime started);
  /// `status` as NativeRun::Status gives it. Rates are since the line before.
  std::string Line(std::string_view status, base::SteadyTime now, base::Timestamp at);

 private:
  std::set<std::int64_t> sources_, sinks_;
  const base::SteadyTime started_;
  base::SteadyTime last_;
  std::int64_t in_ = 0, out_ = 0;
};

}  // namespace streampark::runner
