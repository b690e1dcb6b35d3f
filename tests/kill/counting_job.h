// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "streampark/base/result.h"
#include "streampark/core.h"

/// The job that is killed: Kafka → windows of a second that fire again with each late row → Kafka, and → PostgreSQL by key.
namespace streampark::kill {

struct Reading {
  std::int64_t n = 0;
  std::string sensor;
  Timestamp at;
};
SP_RECORD(Reading, n, sensor, at);

/// What one firing says of a window.
struct Counted {
  std::string sensor;
  Timestamp start;
  std::int64_t rows = 0;
  std::int64_t total = 0;
};
SP_RECORD(Counted, sensor, start, rows, total);

constexpr int kPartitions = 4;

/// Reading n, from 0; one of ten comes up to five seconds late.
Reading ReadingOf(std::int64_t n);

/// The last firing of each window: its rows and their sum.
using WindowKey = std::pair<std::string, std::int64_t>;  // sensor, start in milliseconds
using Expected = std::map<WindowKey, std::pair<std::int64_t, std::int64_t>>;
Expected ExpectedOf(std::int64_t readings);

/// Runs the job as the configuration in the file says, until its input ends.
base::Status RunCountingJob(const std::string& configuration_file);

}  // namespace streampark::kill
