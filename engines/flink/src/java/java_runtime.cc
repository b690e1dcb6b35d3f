// SPDX-License-Identifier: Apache-2.0
#include "java/java_runtime.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "streampark/base/files.h"
#include "streampark/base/process.h"

namespace streampark::flink {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSupported = "11, 17 or 21";
constexpr std::string_view kHint = "Install a JDK 17, or name one by --java-home or JAVA_HOME";

/// The text between the quotes after `key`.
std::string QuotedAfter(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  const std::size_t open = at == std::string_view::npos ? at : text.find('"', at);
  if (open == std::string_view::npos) {
    return {};
  }
  return std::string(text.substr(open + 1, text.find('"', open + 1) - open - 1));
}

/// 0 when there is no working Java.
int MajorOf(const fs::path& home) {
  std::error_code error;
  if (!fs::is_regular_file(home / "bin" / "java", error)) {
    return 0;
  }
  if (const auto release = base::ReadFile(home / "release", 1U << 16U); release.ok()) {
    if (const int major = MajorOfJavaVersion(QuotedAfter(*release, "JAVA_VERSION=")); major > 0) {
      return major;
    }
  }
  const auto said = base::RunCommand({.argv = {(home / "bin" / "java").string(), "-version"}},
                                     base::Millis(10'000));
  return said.ok() ? MajorOfJavaVersion(QuotedAfter(said->errors, "version ")) : 0;
}

std::vector<fs::path> Candidates() {
  std::vector<fs::path> homes;
  if (const char* home = std::getenv("JAVA_HOME"); home != nullptr && *home != '\0') {
    homes.emplace_back(home);
  }
  std::error_code error;
  std::vector<fs::path> installed;
  for (fs::directory_iterator it("/usr/lib/jvm", error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().filename().string().starts_with("java-17")) {
      installed.push_back(it->path());
    }
  }
  std::sort(installed.begin(), installed.end());
  homes.insert(homes.end(), installed.begin(), installed.end());
  const char* path_variable = std::getenv("PATH");
  std::string_view path = path_variable == nullptr ? "" : path_variable;
  while (!path.empty()) {
    const std::size_t end = path.find(':');
    const fs::path java = fs::path(path.substr(0, end)) / "java";
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    if (fs::is_regular_file(java, error)) {
      // /usr/bin/java is a link into the home that has the release file.
      const fs::path real = fs::canonical(java, error);
      homes.push_back((error ? java : real).parent_path().parent_path());
    }
  }
  return homes;
}

}  // namespace

int MajorOfJavaVersion(std::string_view version) {
  const auto number = [](std::string_view text) {
    int value = 0;
    for (const char c : text) {
      if (c < '0' || c > '9' || value > 1000) {
        break;
      }
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int first = number(version);
  const std::size_t dot = version.find('.');
  return first == 1 && dot != std::string_view::npos ? number(version.substr(dot + 1)) : first;
}

bool IsSupportedJava(int major) { return major == 11 || major == 17 || major == 21; }

base::Result<JavaRuntime> FindJava(const fs::path& configured) {
  if (!configured.empty()) {
    const JavaRuntime java{configured, MajorOf(configured)};
    if (IsSupportedJava(java.major)) {
      return java;
    }
    return base::Error(base::ErrorCode::kConfigInvalid,
                       java.major == 0
                           ? fmt::format("{} holds no working Java", configured.string())
                           : fmt::format("{} is Java {}; Flink runs on {}", configured.string(),
                                         java.major, kSupported))
        .WithHint(std::string(kHint));
  }
  std::string found;
  for (const fs::path& home : Candidates()) {
    const JavaRuntime java{home, MajorOf(home)};
    if (IsSupportedJava(java.major)) {
      return java;
    }
    if (java.major > 0) {
      found += fmt::format("{}Java {} at {}", found.empty() ? "" : ", ", java.major, home.string());
    }
  }
  return base::Error(base::ErrorCode::kConfigInvalid,
                     found.empty()
                         ? "there is no Java on this machine"
                         : fmt::format("Flink runs on Java {}; found only {}", kSupported, found))
      .WithHint(std::string(kHint));
}

}  // namespace streampark::flink
