// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/jobs/job_store.h"

namespace streampark::console {

/// What an uploaded file is, by its content: its name says nothing.
struct UploadInspection {
  ResourceKind kind = ResourceKind::kJar;
  std::vector<std::string> factories;  // of a jar
};

/// Reads a jar, or the head of a library; loads neither. LIBRARY_INVALID for a program's file that this
/// machine cannot load or that has no job in it, NOT_A_JAR for all that is neither.
base::Result<UploadInspection> InspectUpload(const std::filesystem::path& file);

}  // namespace streampark::console
