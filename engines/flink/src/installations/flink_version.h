// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace streampark::flink {

/// A Flink version as distributions state it: `1.20.5`, `1.19.1-csa1.13`, `2.1-SNAPSHOT`.
struct FlinkVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;
  std::string vendor;  // what follows the first '-' or the third number: `csa1.13`

  std::string line() const { return std::to_string(major) + "." + std::to_string(minor); }
  /// Whether this line is `other_major.other_minor` or newer.
  bool IsAtLeast(int other_major, int other_minor) const {
    return major > other_major || (major == other_major && minor >= other_minor);
  }
};

std::optional<FlinkVersion> ParseFlinkVersion(std::string_view text);

/// The version in the name of a main jar: `flink-dist-1.20.5.jar`, `flink-dist_2.12-1.13.6.jar`.
std::optional<std::string> VersionInJarName(std::string_view file_name);

}  // namespace streampark::flink
