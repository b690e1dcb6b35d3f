// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/jobs/job_spec.h"

namespace streampark::console {

/// What a job file asks the job to become; absent in the file: unchanged.
enum class AskedState { kRunning, kSuspended, kStopped };

/// One document of a job file (api/job.schema.json): a job as code. It names its team and cluster;
/// ids belong to one console.
struct JobFile {
  std::string name;
  std::string team;
  std::string description;
  std::vector<std::string> tags;
  std::string cluster;
  JobSpec spec;  // cluster_id is empty
  std::optional<AskedState> state;
  std::vector<std::string> unheeded;  // paths that are kept, and on which nothing acts yet
};

/// Reads every document of a text. JOB_FILE_INVALID lists all that is wrong at once: each field
/// with its JSON pointer, and line and column in its message; a misspelt key with a suggestion. An
/// empty text is an error.
base::Result<std::vector<JobFile>> ParseJobFiles(std::string_view yaml);

/// Writes one document; what has its default value is left out. ParseJobFiles reads back the same
/// job.
std::string WriteJobFile(const JobFile& file);

}  // namespace streampark::console
