// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "streampark/base/result.h"

namespace streampark::flink {

/// A Java virtual machine on this machine.
struct JavaRuntime {
  std::filesystem::path home;
  int major = 0;  // 17
  std::filesystem::path executable() const { return home / "bin" / "java"; }
};

/// Whether that line of Flink runs on that Java. Newer ones fail in ways that are hard to read
/// (Flink 2.1 passes options that Java 24 refuses), so they are refused here.
bool IsSupportedJava(int major);

/// The Java to run Flink with: `configured` alone when it is not empty; else the first supported
/// one of JAVA_HOME, /usr/lib/jvm/java-17*, and `java` on PATH. CONFIG_INVALID names what was
/// found.
base::Result<JavaRuntime> FindJava(const std::filesystem::path& configured);

/// 17 for `17.0.21`, 8 for `1.8.0_432`; 0 when it is no version.
int MajorOfJavaVersion(std::string_view version);

}  // namespace streampark::flink
