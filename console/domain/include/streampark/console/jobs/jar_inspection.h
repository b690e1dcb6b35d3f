// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "streampark/base/result.h"

namespace streampark::console {

struct JarInspection {
  std::int64_t entries = 0;
  /// Class names in the service files of the engine's factories, without repeats.
  std::vector<std::string> factories;
};

/// Reads a jar's table of contents. NOT_A_JAR when it is not a zip, holds nothing, or nothing that
/// a jar holds (classes or META-INF).
base::Result<JarInspection> InspectJar(const std::filesystem::path& file);

}  // namespace streampark::console
