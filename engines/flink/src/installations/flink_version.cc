// SPDX-License-Identifier: Apache-2.0
#include "installations/flink_version.h"

#include <charconv>

namespace streampark::flink {
namespace {

/// Takes a number from the front of `text`.
std::optional<int> TakeNumber(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

std::optional<FlinkVersion> ParseFlinkVersion(std::string_view text) {
  FlinkVersion version;
  const auto major = TakeNumber(text);
  if (!major || !text.starts_with('.')) {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const auto minor = TakeNumber(text);
  if (!minor) {
    return std::nullopt;
  }
  version.major = *major;
  version.minor = *minor;
  if (text.starts_with('.')) {
    std::string_view after = text.substr(1);
    if (const auto patch = TakeNumber(after)) {
      version.patch = *patch;
      text = after;
    }
  }
  if (text.starts_with('-') || text.starts_with('.')) {
    text.remove_prefix(1);
  }
  version.vendor = text;
  return version;
}

std::optional<std::string> VersionInJarName(std::string_view file_name) {
  constexpr std::string_view kPrefix = "flink-dist";
  constexpr std::string_view kSuffix = ".jar";
  if (!file_name.starts_with(kPrefix) || !file_name.ends_with(kSuffix)) {
    return std::nullopt;
  }
  file_name.remove_prefix(kPrefix.size());
  file_name.remove_suffix(kSuffix.size());
  if (file_name.starts_with('_')) {  // the Scala version that older lines were built for
    const std::size_t dash = file_name.find('-');
    file_name.remove_prefix(dash == std::string_view::npos ? file_name.size() : dash);
  }
  if (!file_name.starts_with('-')) {
    return std::nullopt;
  }
  file_name.remove_prefix(1);
  return ParseFlinkVersion(file_name) ? std::optional(std::string(file_name)) : std::nullopt;
}

}  // namespace streampark::flink
