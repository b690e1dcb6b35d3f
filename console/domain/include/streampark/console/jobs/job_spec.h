// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/console/names.h"
#include "streampark/engines/engine.h"

namespace streampark::console {

/// How a running job is stopped for an upgrade: with a savepoint, or at its newest checkpoint.
enum class UpgradeMode { kSavepoint, kLastState };
std::string_view ToString(UpgradeMode mode);  // LAST_STATE
std::optional<UpgradeMode> ParseUpgradeMode(std::string_view text);

/// What a person wants to run; JobSpec of the API. Immutable once it is a revision.
struct JobSpec {
  std::string engine = "FLINK";  // NATIVE
  std::string type = "SQL";      // on FLINK; on NATIVE: CPP, PUMP
  std::string version;  // line or version that must agree with the target's; empty: the target's
  std::string cluster_id;
  int parallelism = 1;
  std::string sql;
  std::string library;                 // CPP: the name of an uploaded library of the job's team
  std::string config;                  // CPP: its application.yml
  std::string pump;                    // PUMP: source, transforms, sink, as YAML
  std::vector<std::string> maven;      // group:artifact:version
  std::vector<std::string> resources;  // names of uploaded jars of the job's team
  engines::Options options;
  bool stateless = false;
  int restart_attempts = 5;
  std::string restart_backoff = "10s..5m";
  UpgradeMode upgrade_mode = UpgradeMode::kSavepoint;
  bool rollback = true;                    // to the last stable revision, when an upgrade fails
  base::Millis stable_after{60'000};       // healthy for so long: stable
  base::Millis upgrade_patience{300'000};  // until a new revision must be stable
  bool operator==(const JobSpec&) const = default;

  /// What its author wrote, as engines::Planner means it.
  const std::string& script() const { return type == "CPP" ? config : type == "PUMP" ? pump : sql; }
  /// The names of all resources that it is released with.
  std::vector<std::string> files() const {
    return type == "CPP" ? std::vector<std::string>{library} : resources;
  }
};

/// The rules that need neither engine nor database. VALIDATION_FAILED with pointers below `prefix`
/// ("/spec"). On success the spec in its one spelling.
base::Result<JobSpec> CheckedJobSpec(JobSpec spec, std::string_view prefix = "/spec");

/// In the API's shape, members in a fixed order: the same spec is the same text.
boost::json::object SpecToJson(const JobSpec& spec);
/// UNKNOWN_FIELD (with a suggestion) and VALIDATION_FAILED point below `prefix`.
base::Result<JobSpec> SpecFromJson(const boost::json::value& value,
                                   std::string_view prefix = "/spec");
std::string SpecToText(const JobSpec& spec);
base::Result<JobSpec> SpecFromText(std::string_view text);
/// SHA-256 of the text: equal specs have equal digests.
std::string DigestOf(const JobSpec& spec);

}  // namespace streampark::console
