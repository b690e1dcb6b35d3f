// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/jobs/dependency_resolver.h"

#include <algorithm>
#include <chrono>
#include <system_error>

#include "streampark/base/digest.h"

#include "jobs/maven_resolver.h"

namespace streampark::console {
namespace {

/// What a set of coordinates is remembered under, whatever their order.
std::string KeyOf(std::vector<std::string> coordinates) {
  std::sort(coordinates.begin(), coordinates.end());
  std::string joined;
  for (const std::string& one : coordinates) {
    joined.append(one).append("\n");
  }
  return base::Sha256Hex(joined);
}

}  // namespace

bool DependencyResolver::AllPresent(const std::vector<ReleaseArtifact>& artifacts) const {
  return std::all_of(artifacts.begin(), artifacts.end(),
                     [&](const ReleaseArtifact& one) { return artifacts_.Has(one.digest); });
}

engines::PlannerKey DependencyResolver::PlannerFor(
    const engines::Installation& installation,
    const std::vector<ReleaseArtifact>& artifacts) const {
  std::vector<std::string> digests;
  for (const ReleaseArtifact& one : artifacts) {
    digests.push_back(one.digest);
  }
  std::sort(digests.begin(), digests.end());
  engines::PlannerKey key{.installation = installation};
  for (const std::string& digest : digests) {
    key.jars.push_back(std::filesystem::absolute(artifacts_.PathOf(digest)));
  }
  return key;
}

base::Result<std::vector<ReleaseArtifact>> DependencyResolver::ResourceArtifacts(
    std::string_view team_id, const JobSpec& spec) {
  const bool library = spec.type == "CPP";
  const char* pointer = library ? "/spec/library" : "/spec/dependencies/resources";
  std::vector<ReleaseArtifact> all;
  for (const std::string& name : spec.files()) {
    const std::optional<Resource> resource = SP_TRY(resources_.FindByName(team_id, name));
    if (!resource) {
      return base::Error(base::ErrorCode::kDependencyUnresolved,
                         "the team has no resource named \"" + name + "\"")
          .WithHint("upload it first")
          .WithField({pointer, "\"" + name + "\" does not exist", ""});
    }
    if ((resource->kind == ResourceKind::kLibrary) != library) {
      return base::Error(
                 library ? base::ErrorCode::kLibraryInvalid : base::ErrorCode::kNotAJar,
                 "the resource \"" + name + "\" is " + (library ? "a jar" : "a library of C++"))
          .WithHint(library ? "name a library that was built from C++" : "name a jar")
          .WithField({pointer, "\"" + name + "\" is of another kind", ""});
    }
    all.push_back(
        {resource->file_name, resource->digest, resource->size_bytes, "resource:" + name});
  }
  return all;
}

base::Result<std::optional<std::vector<ReleaseArtifact>>> DependencyResolver::Recall(
    std::string_view team_id, const JobSpec& spec) {
  std::vector<ReleaseArtifact> all = SP_TRY(ResourceArtifacts(team_id, spec));
  if (!spec.maven.empty()) {
    auto kept = SP_TRY(resources_.FindResolution(KeyOf(spec.maven)));
    if (!kept || !AllPresent(*kept)) {
      return std::optional<std::vector<ReleaseArtifact>>();
    }
    all.insert(all.end(), kept->begin(), kept->end());
  }
  return std::optional(std::move(all));
}

base::Result<std::vector<ReleaseArtifact>> DependencyResolver::Resolve(std::string_view team_id,
                                                                       const JobSpec& spec,
                                                                       const OnLine& on_line,
                                                                       std::stop_token stop) {
  std::vector<ReleaseArtifact> all = SP_TRY(ResourceArtifacts(team_id, spec));
  if (!spec.maven.empty()) {
    std::vector<ReleaseArtifact> jars = SP_TRY(ResolveMaven(spec.maven, on_line, stop));
    all.insert(all.end(), std::make_move_iterator(jars.begin()),
               std::make_move_iterator(jars.end()));
  }
  return all;
}

base::Result<std::vector<ReleaseArtifact>> DependencyResolver::ResolveMaven(
    std::vector<std::string> coordinates, const OnLine& on_line, std::stop_token stop) {
  std::sort(coordinates.begin(), coordinates.end());  // Maven is asked in one order
  const std::string key = KeyOf(coordinates);
  const auto remembered = [&]() -> base::Result<std::optional<std::vector<ReleaseArtifact>>> {
    std::optional<std::vector<ReleaseArtifact>> kept = SP_TRY(resources_.FindResolution(key));
    return kept && AllPresent(*kept) ? std::move(kept) : std::nullopt;
  };
  // What these names stand for may be another thing tomorrow.
  const bool moving = std::any_of(coordinates.begin(), coordinates.end(), [](const auto& one) {
    const std::string_view version = std::string_view(one).substr(one.rfind(':') + 1);
    return version.ends_with("-SNAPSHOT") || version == "LATEST" || version == "RELEASE";
  });
  if (!moving) {
    if (auto kept = SP_TRY(remembered())) {
      return *std::move(kept);
    }
  }
  std::unique_lock lock(maven_mutex_, std::defer_lock);
  while (!lock.try_lock_for(std::chrono::milliseconds(100))) {
    if (stop.stop_requested()) {
      return base::Error(base::ErrorCode::kCancelled, "cancelled while waiting for Maven");
    }
  }
  if (!moving) {
    if (auto kept = SP_TRY(remembered())) {
      return *std::move(kept);
    }
  }
  const std::filesystem::path folder = options_.work / key;
  const std::vector<ResolvedJar> jars = SP_TRY(
      MavenResolver(options_.maven_program)
          .Resolve(coordinates, folder, settings_.Current()->maven_settings_file, on_line, stop));
  std::vector<ReleaseArtifact> artifacts;
  for (const ResolvedJar& jar : jars) {
    std::error_code ignored;
    const auto size = static_cast<std::int64_t>(std::filesystem::file_size(jar.file, ignored));
    std::string digest = SP_TRY(artifacts_.Adopt(jar.file));
    artifacts.push_back(
        {jar.file.filename().string(), std::move(digest), size, "maven:" + jar.origin});
  }
  SP_TRY(resources_.KeepResolution(key, artifacts, clock_.Now()));
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return artifacts;
}

}  // namespace streampark::console
