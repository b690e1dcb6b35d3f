// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/accounts/settings.h"
#include "streampark/console/jobs/artifact_store.h"
#include "streampark/console/jobs/job_options.h"
#include "streampark/console/jobs/job_store.h"
#include "streampark/engines/engine.h"

namespace streampark::console {

/// Turns what a spec depends on into artifacts. What a set of coordinates resolved to is
/// remembered, so that it is asked for once and works without a network afterwards. Thread-safe;
/// sets are resolved one after another.
class DependencyResolver {
 public:
  DependencyResolver(const JobsOptions& options, const SettingsSource& settings,
                     const base::Clock& clock, ArtifactStore& artifacts, ResourceStore& resources)
      : options_(options),
        settings_(settings),
        clock_(clock),
        artifacts_(artifacts),
        resources_(resources) {}

  using OnLine = std::function<void(std::string_view)>;
  /// DEPENDENCY_UNRESOLVED (with Maven's words), NOT_FOUND for a resource that the team does not
  /// have.
  /// LIBRARY_INVALID and NOT_A_JAR for one of the wrong kind.
  base::Result<std::vector<ReleaseArtifact>> Resolve(std::string_view team_id, const JobSpec& spec,
                                                     const OnLine& on_line, std::stop_token stop);
  /// The same without asking Maven: absent when that would have to be done first.
  base::Result<std::optional<std::vector<ReleaseArtifact>>> Recall(std::string_view team_id,
                                                                   const JobSpec& spec);
  std::filesystem::path PathOf(std::string_view digest) const { return artifacts_.PathOf(digest); }
  bool AllPresent(const std::vector<ReleaseArtifact>& artifacts) const;
  /// The planner of an installation with these jars.
  engines::PlannerKey PlannerFor(const engines::Installation& installation,
                                 const std::vector<ReleaseArtifact>& artifacts) const;

 private:
  base::Result<std::vector<ReleaseArtifact>> ResourceArtifacts(std::string_view team_id,
                                                               const JobSpec& spec);
  base::Result<std::vector<ReleaseArtifact>> ResolveMaven(std::vector<std::string> coordinates,
                                                          const OnLine& on_line,
                                                          std::stop_token stop);

  const JobsOptions& options_;
  const SettingsSource& settings_;
  const base::Clock& clock_;
  ArtifactStore& artifacts_;
  ResourceStore& resources_;
  std::timed_mutex maven_mutex_;
};

}  // namespace streampark::console
