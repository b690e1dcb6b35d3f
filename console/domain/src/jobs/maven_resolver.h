// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"

namespace streampark::console {

/// One jar that a set of coordinates needs at run time.
struct ResolvedJar {
  std::filesystem::path file;
  std::string origin;  // the file's name tells artifact and version
};

/// Resolves Maven coordinates with their transitive run-time dependencies through the Maven that is
/// installed: a child process with an argument vector in a folder of its own.
class MavenResolver {
 public:
  explicit MavenResolver(std::string program) : program_(std::move(program)) {}

  /// Writes a pom into `folder` (emptied first) and has the jars copied to `folder`/jars. What the
  /// engine brings itself is left out. DEPENDENCY_UNRESOLVED with Maven's own words.
  base::Result<std::vector<ResolvedJar>> Resolve(
      const std::vector<std::string>& coordinates, const std::filesystem::path& folder,
      const std::string& settings_file, const std::function<void(std::string_view)>& on_line,
      std::stop_token stop) const;

  /// The pom for these coordinates.
  static std::string PomFor(const std::vector<std::string>& coordinates);
  /// What is worth showing of Maven's output: its first error.
  static std::string CauseIn(std::string_view output);

 private:
  const std::string program_;
};

/// Whether the engine's distribution brings this artifact, so that a job must not.
bool IsProvidedByEngine(std::string_view group, std::string_view artifact);

}  // namespace streampark::console
