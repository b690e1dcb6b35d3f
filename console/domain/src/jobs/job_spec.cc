// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/jobs/job_spec.h"

#include <algorithm>

#include "streampark/base/clock.h"
#include "streampark/base/digest.h"
#include "streampark/console/names.h"

#include "jobs/json_reader.h"

namespace streampark::console {
namespace {

constexpr std::size_t kLongestSql = 1U << 20U;
constexpr int kMostParallel = 32768;

/// group:artifact:version, or with packaging and classifier between.
bool IsCoordinate(std::string_view text) {
  int parts = 1;
  std::size_t length = 0;
  for (const char c : text) {
    if (c == ':') {
      if (length == 0) {
        return false;
      }
      ++parts;
      length = 0;
      continue;
    }
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '.' || c == '-';
    if (!fits) {
      return false;
    }
    ++length;
  }
  return length > 0 && parts >= 3 && parts <= 5;
}

constexpr base::Millis kLongestWatch = std::chrono::hours(1);
constexpr base::Millis kLongestPatience = std::chrono::hours(24);

/// What is as it is by default is left out where it was not always there: digests stay.
json::object UpgradeToJson(const JobSpec& spec) {
  const JobSpec defaults;
  json::object out{{"mode", ToString(spec.upgrade_mode)}, {"rollback", spec.rollback}};
  if (spec.stable_after != defaults.stable_after) {
    out["stableAfter"] = base::FormatDuration(spec.stable_after);
  }
  if (spec.upgrade_patience != defaults.upgrade_patience) {
    out["timeout"] = base::FormatDuration(spec.upgrade_patience);
  }
  return out;
}

/// What a type has of its own, and no other type.
struct Member {
  const char* name;
  std::string_view type;
  std::string JobSpec::*text;
};
constexpr Member kMembers[] = {{"sql", "SQL", &JobSpec::sql},
                               {"library", "CPP", &JobSpec::library},
                               {"config", "CPP", &JobSpec::config},
                               {"pump", "PUMP", &JobSpec::pump}};

/// What is written, and for which engine: of each type its own members, and none of another's.
template <typename Fail>
void CheckKind(const JobSpec& spec, const Fail& fail) {
  if (spec.engine != "FLINK" && spec.engine != "NATIVE") {
    fail("/engine", "must be FLINK or NATIVE", "");
    return;
  }
  const bool sql = spec.type == "SQL";
  if (!sql && spec.type != "CPP" && spec.type != "PUMP") {
    fail("/type", "must be SQL, CPP or PUMP", "");
  } else if (sql != (spec.engine == "FLINK")) {
    fail("/type", "is not what the engine " + spec.engine + " runs",
         "SQL runs on FLINK, a library of C++ (CPP) and a pump (PUMP) on NATIVE");
  }
  for (const Member& member : kMembers) {
    const std::string at = std::string("/") + member.name;
    if ((spec.*member.text).size() > kLongestSql) {
      fail(at, "is longer than 1 MiB", "");
    }
    if (member.type != spec.type && !(spec.*member.text).empty()) {
      fail(at, "belongs to jobs of the type " + std::string(member.type), "");
    }
  }
  if (spec.type == "CPP" && !IsName(spec.library)) {
    fail("/library",
         spec.library.empty() ? "is missing"
                              : "\"" + spec.library + "\" is not the name of a resource",
         "upload the library and name it here");
  }
  if (!sql && (!spec.maven.empty() || !spec.resources.empty())) {
    fail("/dependencies",
         spec.type == "CPP" ? "a library has all in it that it needs" : "a pump needs none", "");
  }
}

bool IsBackoff(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    return false;
  }
  const auto from = base::ParseDuration(text.substr(0, dots));
  const auto to = base::ParseDuration(text.substr(dots + 2));
  return from && to && *from <= *to;
}

}  // namespace

std::string_view ToString(UpgradeMode mode) {
  return mode == UpgradeMode::kLastState ? "LAST_STATE" : "SAVEPOINT";
}

std::optional<UpgradeMode> ParseUpgradeMode(std::string_view text) {
  return text == "LAST_STATE"  ? std::optional(UpgradeMode::kLastState)
         : text == "SAVEPOINT" ? std::optional(UpgradeMode::kSavepoint)
                               : std::nullopt;
}

base::Result<JobSpec> CheckedJobSpec(JobSpec spec, std::string_view prefix) {
  std::vector<base::FieldError> errors;
  const auto fail = [&](std::string_view at, std::string message, std::string hint = {}) {
    errors.push_back({std::string(prefix).append(at), std::move(message), std::move(hint)});
  };
  CheckKind(spec, fail);
  if (spec.cluster_id.empty()) {
    fail("/target/clusterId", "is missing");
  }
  if (spec.parallelism < 1 || spec.parallelism > kMostParallel) {
    fail("/parallelism", "must be between 1 and " + std::to_string(kMostParallel));
  }
  for (const std::string& coordinate : spec.maven) {
    if (!IsCoordinate(coordinate)) {
      fail("/dependencies/maven", "\"" + coordinate + "\" is not a Maven coordinate",
           "write group:artifact:version");
    }
  }
  for (const std::string& resource : spec.resources) {
    if (!IsName(resource)) {
      fail("/dependencies/resources", "\"" + resource + "\" is not the name of a resource");
    }
  }
  for (const auto& [key, value] : spec.options) {
    const bool blank = key.empty() || key.find_first_of(" \t\r\n=") != std::string::npos;
    if (blank || key.size() > 500 || value.size() > 65536) {
      fail("/options", "\"" + key + "\" is not an option's key, or its value is too long");
    }
  }
  if (spec.restart_attempts < 0 || spec.restart_attempts > 1000) {
    fail("/restart/attempts", "must be between 0 and 1000");
  }
  if (!IsBackoff(spec.restart_backoff)) {
    fail("/restart/backoff", "must be two durations, the shorter first", "write 10s..5m");
  }
  if (spec.stable_after > kLongestWatch) {
    fail("/upgrade/stableAfter", "must be an hour at most");
  }
  if (spec.upgrade_patience < spec.stable_after || spec.upgrade_patience > kLongestPatience) {
    fail("/upgrade/timeout", "must be between stableAfter and a day");
  }
  if (!errors.empty()) {
    std::string message = errors.front().pointer + " " + errors.front().message;
    return base::Error(base::ErrorCode::kValidationFailed, std::move(message))
        .WithHint(errors.front().hint)
        .WithFields(std::move(errors));
  }
  // What a pump has done is known at its target; no start has to choose what it goes on from.
  spec.stateless = spec.stateless || spec.type == "PUMP";
  // A set of dependencies has no order and no repeats.
  for (std::vector<std::string>* list : {&spec.maven, &spec.resources}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  return spec;
}

json::object SpecToJson(const JobSpec& spec) {
  json::object options;
  for (const auto& [key, value] : spec.options) {
    options[key] = value;
  }
  json::object out{{"engine", spec.engine},
                   {"type", spec.type},
                   {"version", json::TextOrNull(spec.version)},
                   {"target", json::object{{"clusterId", spec.cluster_id}}},
                   {"parallelism", spec.parallelism}};
  if (spec.type == "CPP") {
    out["library"] = spec.library;
    out["config"] = spec.config;
  } else if (spec.type == "PUMP") {
    out["pump"] = spec.pump;
  } else {
    out["sql"] = spec.sql;
    out["dependencies"] =
        json::object{{"maven", json::array(spec.maven.begin(), spec.maven.end())},
                     {"resources", json::array(spec.resources.begin(), spec.resources.end())}};
  }
  out["options"] = std::move(options);
  out["stateless"] = spec.stateless;
  out["restart"] =
      json::object{{"attempts", spec.restart_attempts}, {"backoff", spec.restart_backoff}};
  out["upgrade"] = UpgradeToJson(spec);
  return out;
}

base::Result<JobSpec> SpecFromJson(const json::value& value, std::string_view prefix) {
  const std::string at(prefix);
  JsonReader reader(value, at);
  JobSpec spec;
  for (const std::string_view name : {"engine", "type", "target"}) {
    reader.Require(name);
  }
  if (reader.Word("engine", {"FLINK", "NATIVE"}) == std::size_t{1}) {
    spec.engine = "NATIVE";
  }
  constexpr const char* kTypes[] = {"SQL", "CPP", "PUMP"};
  constexpr const char* kNeeded[] = {"sql", "library", "pump"};
  const std::size_t type = reader.Word("type", {"SQL", "CPP", "PUMP"}).value_or(0);
  spec.type = kTypes[type];
  reader.Require(kNeeded[type]);
  spec.version = reader.Text("version", 64).value_or("");
  spec.parallelism = static_cast<int>(reader.Integer("parallelism", 1, kMostParallel).value_or(1));
  spec.sql = reader.Text("sql", kLongestSql).value_or("");
  spec.library = reader.Text("library", 400).value_or("");
  spec.config = reader.Text("config", kLongestSql).value_or("");
  spec.pump = reader.Text("pump", kLongestSql).value_or("");
  for (auto& [key, text] : reader.TextMap("options")) {
    spec.options[key] = std::move(text);
  }
  spec.stateless = reader.Bool("stateless").value_or(false);
  const auto inner = [&](std::string_view name, auto&& read) {
    if (const json::value* object = reader.Object(name)) {
      JsonReader members(*object, at + "/" + std::string(name));
      read(members);
      if (const base::Status status = members.Finish(); !status.ok()) {
        reader.Adopt(status.error());
      }
    }
  };
  inner("target", [&](JsonReader& target) {
    target.Require("clusterId");
    spec.cluster_id = target.Text("clusterId", 64).value_or("");
  });
  inner("dependencies", [&](JsonReader& dependencies) {
    spec.maven = dependencies.Texts("maven", 64, 300);
    spec.resources = dependencies.Texts("resources", 64, 400);
  });
  inner("restart", [&](JsonReader& restart) {
    spec.restart_attempts = static_cast<int>(restart.Integer("attempts", 0, 1000).value_or(5));
    spec.restart_backoff = restart.Text("backoff", 64).value_or("10s..5m");
  });
  inner("upgrade", [&](JsonReader& upgrade) {
    if (upgrade.Word("mode", {"SAVEPOINT", "LAST_STATE"}) == std::size_t{1}) {
      spec.upgrade_mode = UpgradeMode::kLastState;
    }
    spec.rollback = upgrade.Bool("rollback").value_or(true);
    const auto duration = [&](std::string_view name, base::Millis& into) {
      if (const auto text = upgrade.Text(name, 32)) {
        if (const auto read = base::ParseDuration(*text)) {
          into = *read;
        } else {
          upgrade.Fail(name, "is not a duration", "write 60s or 5m");
        }
      }
    };
    duration("stableAfter", spec.stable_after);
    duration("timeout", spec.upgrade_patience);
  });
  SP_TRY(reader.Finish());
  return CheckedJobSpec(std::move(spec), prefix);
}

std::string SpecToText(const JobSpec& spec) { return json::serialize(SpecToJson(spec)); }

base::Result<JobSpec> SpecFromText(std::string_view text) {
  return SpecFromJson(SP_TRY(json::Parse(text)));
}

std::string DigestOf(const JobSpec& spec) { return base::Sha256Hex(SpecToText(spec)); }

}  // namespace streampark::console
