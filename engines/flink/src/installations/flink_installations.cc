// SPDX-License-Identifier: Apache-2.0
#include "installations/flink_installations.h"

#include <algorithm>
#include <array>
#include <optional>

#include "streampark/base/digest.h"
#include "streampark/base/json.h"
#include "streampark/base/process.h"

#include "clusters/launch.h"
#include "installations/flink_version.h"
#include "installations/jar_manifest.h"

namespace streampark::flink {
namespace {

namespace fs = std::filesystem;

constexpr base::Millis kListDeadline{120'000};
constexpr base::Millis kFetchDeadline{3'600'000};

base::Error Invalid(const fs::path& home, const std::string& what) {
  return base::Error(base::ErrorCode::kInstallationInvalid, home.string() + ": " + what)
      .WithHint("Name the folder of a Flink distribution: the one that holds bin, conf and lib");
}

struct Libraries {
  std::vector<fs::path> files;  // sorted
  fs::path main_jar;
};

base::Result<Libraries> FindLibraries(const fs::path& home) {
  Libraries libraries;
  int main_jars = 0;
  std::error_code error;
  for (fs::directory_iterator it(home / "lib", error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!it->is_regular_file() || !name.ends_with(".jar")) {
      continue;
    }
    libraries.files.push_back(it->path());
    if (name.starts_with("flink-dist")) {
      libraries.main_jar = it->path();
      ++main_jars;
    }
  }
  if (error || main_jars == 0) {
    return Invalid(home, "there is no flink-dist jar in lib");
  }
  if (main_jars > 1) {
    return Invalid(home, "lib holds " + std::to_string(main_jars) + " flink-dist jars");
  }
  std::sort(libraries.files.begin(), libraries.files.end());
  return libraries;
}

/// What a cluster and the SQL agent cannot do without.
base::Status CheckParts(const fs::path& home, const Libraries& libraries) {
  constexpr std::array kNeeded = {"bin/bash-java-utils.jar", "bin/config.sh", "conf"};
  for (const char* part : kNeeded) {
    std::error_code error;
    if (!fs::exists(home / part, error)) {
      return Invalid(home, std::string(part) + " is missing");
    }
  }
  const bool has_planner =
      std::any_of(libraries.files.begin(), libraries.files.end(), [](const fs::path& file) {
        return file.filename().string().starts_with("flink-table-planner");
      });
  if (!has_planner) {
    return Invalid(home, "lib holds no SQL planner (flink-table-planner-loader)");
  }
  return base::Ok();
}

/// The name says it with the vendor's suffix; the manifest must agree, or it is some other jar
/// under that name.
base::Result<FlinkVersion> VersionOf(const fs::path& home, const fs::path& main_jar,
                                     std::string& text) {
  const auto named = VersionInJarName(main_jar.filename().string());
  if (!named) {
    return Invalid(home, main_jar.filename().string() + " has no version in its name");
  }
  const std::string stated = SP_TRY(ManifestAttribute(main_jar, "Implementation-Version"));
  text = stated.empty() ? *named : stated;
  const auto version = ParseFlinkVersion(text);
  if (!version || (!stated.empty() && stated != *named)) {
    return Invalid(
        home, main_jar.filename().string() + " says in its manifest that it is '" + stated + "'");
  }
  return *version;
}

struct ScriptFailure {
  std::string code, message, hint;
};

base::Error FetchError(const ScriptFailure& failure, const base::CommandResult& result) {
  if (!failure.message.empty()) {
    const auto code =
        failure.code == "DISK_FULL" ? base::ErrorCode::kStorageFull : base::ErrorCode::kFetchFailed;
    return base::Error(code, failure.message).WithHint(failure.hint).WithCause(failure.code);
  }
  std::string cause = result.errors;
  while (!cause.empty() && cause.back() == '\n') {
    cause.pop_back();
  }
  cause.erase(0, cause.rfind('\n') + 1);
  return base::Error(base::ErrorCode::kFetchFailed,
                     "the download program ended with code " + std::to_string(result.exit_code))
      .WithCause(std::move(cause));
}

}  // namespace

base::Result<engines::InstallationDriver::Inspection> FlinkInstallations::Inspect(
    const fs::path& home, std::stop_token stop) {
  std::error_code error;
  if (!home.is_absolute() || !fs::is_directory(home, error)) {
    return Invalid(home,
                   home.is_absolute() ? "there is no such folder" : "the path must be absolute");
  }
  const Libraries libraries = SP_TRY(FindLibraries(home));
  SP_TRY(CheckParts(home, libraries));
  if (options_.user) {
    SP_TRY(CheckHomeReadableBy(*options_.user, home));
  }
  Inspection inspection;
  const FlinkVersion version = SP_TRY(VersionOf(home, libraries.main_jar, inspection.version));
  inspection.line = version.line();
  inspection.vendor = version.vendor;
  base::Sha256 digest;
  for (const fs::path& file : libraries.files) {
    if (stop.stop_requested()) {
      return base::Error(base::ErrorCode::kCancelled, "cancelled");
    }
    digest.Update(file.filename().string() + '\0' + SP_TRY(base::Sha256HexOfFile(file)) + '\n');
  }
  inspection.digest = digest.Hex();
  for (fs::recursive_directory_iterator it(home, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code gone;
    if (it->is_regular_file(gone) && !it->is_symlink(gone)) {
      inspection.size_bytes += it->file_size(gone);
    }
  }
  return inspection;
}

base::Result<std::vector<std::string>> FlinkInstallations::ListAvailable(std::stop_token stop) {
  base::Command command{
      .argv = {options_.python.string(), options_.fetch_script.string(), "--list"}};
  if (!options_.cache_folder.empty()) {
    command.argv.insert(command.argv.end(), {"--cache", options_.cache_folder.string()});
  }
  ScriptFailure failure;
  std::optional<std::vector<std::string>> versions;
  const auto on_line = [&](std::string_view line) {
    const auto parsed = json::Parse(line);
    if (!parsed.ok() || !parsed->is_object()) {
      return;
    }
    const json::object& message = parsed->get_object();
    if (const json::object* error = json::FindObject(message, "error")) {
      failure = {json::StringOr(*error, "code"), json::StringOr(*error, "message"),
                 json::StringOr(*error, "hint")};
    } else if (message.contains("versions")) {
      versions = json::StringsOf(message, "versions");
    }
  };
  const auto result = SP_TRY(base::RunCommand(command, kListDeadline, stop, on_line));
  if (result.exit_code != 0 || !versions) {
    return FetchError(failure, result);
  }
  const auto order = [](const std::string& text) {
    const auto version = ParseFlinkVersion(text).value_or(FlinkVersion{});
    return std::tuple(version.major, version.minor, version.patch);
  };
  std::stable_sort(
      versions->begin(), versions->end(),
      [&order](const std::string& a, const std::string& b) { return order(a) > order(b); });
  return std::move(*versions);
}

base::Status FlinkInstallations::Fetch(const std::string& version, const fs::path& home,
                                       const engines::Progress& progress, std::stop_token stop) {
  base::Command command{.argv = {options_.python.string(), options_.fetch_script.string(),
                                 "--version", version, "--into", home.string()}};
  if (!options_.cache_folder.empty()) {
    command.argv.insert(command.argv.end(), {"--cache", options_.cache_folder.string()});
  }
  ScriptFailure failure;
  const auto on_line = [&](std::string_view line) {
    const auto parsed = json::Parse(line);
    if (!parsed.ok() || !parsed->is_object()) {
      return;
    }
    const json::object& message = parsed->get_object();
    if (const json::object* error = json::FindObject(message, "error")) {
      failure = {json::StringOr(*error, "code"), json::StringOr(*error, "message"),
                 json::StringOr(*error, "hint")};
    } else if (const auto step = json::FindString(message, "step"); step && progress) {
      progress(*step, json::IntegerOr(message, "done"), json::IntegerOr(message, "total"));
    }
  };
  const auto result = SP_TRY(base::RunCommand(command, kFetchDeadline, stop, on_line));
  return result.exit_code == 0 ? base::Ok() : base::Status(FetchError(failure, result));
}

}  // namespace streampark::flink
