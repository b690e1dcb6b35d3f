// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/base/clock.h"
#include "streampark/console/jobs/job.h"

namespace streampark::console {

/// The newest committed rows of one file sink.
struct ResultTable {
  std::string name;
  std::string path;
  std::vector<std::string> columns;
  std::vector<std::string> rows;  // JSON objects as text, newest first
  std::optional<base::Timestamp> updated_at;
  std::string note;  // why there are no rows; empty when there are some
};

/// Reads what a release's INSERTs have written to tables with connector=filesystem and format json
/// or csv. Only files below `folders` are read, links are not followed out of them, unfinished
/// files (hidden ones) are left out, and at most a few MiB are read: jobs name paths, and nobody
/// may read the machine's files by naming them.
std::vector<ResultTable> ReadResults(const Release& release,
                                     const std::vector<std::filesystem::path>& folders, int limit);

}  // namespace streampark::console
