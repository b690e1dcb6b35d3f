// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/runner/loaded_job.h"

#include "status_server.h"

namespace streampark::runner {

/// What a job says over HTTP (docs/adr/0025-status-of-native-jobs.md):
///
/// | path                                    | answer                                                                       |
/// |-----------------------------------------|------------------------------------------------------------------------------|
/// | /status                                 | JSON: streampark/core/status_json.h                                          |
/// | /metrics                                | for Prometheus                                                               |
/// | /plan                                   | JSON, as `streampark describe`                                               |
/// | /healthz                                | 200 while it runs, else 503                                                  |
/// | /rows?operator=NAME&rows=10&seconds=2   | JSON: the next rows that an operator gives, by its name or its id in the plan: up |
/// |                                         | to 1,000, or what comes within up to 5 s. 403 unless `shows_rows`                |
class StatusAnswers {
 public:
  /// `run` outlives it.
  StatusAnswers(std::string job, std::string plan, NativeRun& run, base::Timestamp started,
                bool shows_rows);

  StatusServer::Answer operator()(std::string_view path, std::string_view query) const;

 private:
  StatusServer::Answer Rows(std::string_view query) const;

  std::string job_;
  std::string plan_;
  NativeRun* run_;
  base::Timestamp started_;
  bool shows_rows_;
  std::map<std::string, int> operators_;  // by name, and by id
};

}  // namespace streampark::runner
