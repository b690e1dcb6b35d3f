// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/flink_keys.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "streampark/base/clock.h"

namespace streampark::core {
namespace {

enum class Fate : std::uint8_t {
  kSame,      // the value as it is, under the name `ours`
  kDuration,  // Flink's `10 s`, `1 min` or milliseconds
  kFolder,    // a path, or one as file:/…
  kBackend,
  kRestart,  // the kind of a strategy: only `none` says something that its numbers do not
  kIgnored,  // means nothing here; `ours` says why
};

struct Row {
  std::string_view flink;
  Fate fate;
  std::string_view ours;
};

constexpr std::string_view kBatches = "native jobs know by themselves when their inputs end";
constexpr std::string_view kMode = "native checkpoints are always exact";
constexpr std::string_view kPauses = "pauses between restarts double by themselves";
constexpr std::string_view kOneAfterAnother = "native checkpoints come one after another";

/// The names of Flink 1.12 to 2.x; of two that are set, the one further up wins.
constexpr Row kRows[] = {
    {"pipeline.name", Fate::kSame, "app.name"},
    {"parallelism", Fate::kSame, "native.parallelism"},  // an option of its client
    {"parallelism.default", Fate::kSame, "native.parallelism"},
    {"pipeline.max-parallelism", Fate::kSame, "native.key-groups"},
    {"fromSavepoint", Fate::kFolder, "native.restore-from"},  // an option of its client
    {"execution.state-recovery.path", Fate::kFolder, "native.restore-from"},
    {"execution.savepoint.path", Fate::kFolder, "native.restore-from"},
    {"allowNonRestoredState", Fate::kSame, "native.restore-ignore-unclaimed"},
    {"execution.state-recovery.ignore-unclaimed-state", Fate::kSame,
     "native.restore-ignore-unclaimed"},
    {"execution.savepoint.ignore-unclaimed-state", Fate::kSame, "native.restore-ignore-unclaimed"},
    {"execution.checkpointing.interval", Fate::kDuration, "native.checkpoint.interval"},
    {"execution.checkpointing.timeout", Fate::kDuration, "native.checkpoint.timeout"},
    {"execution.checkpointing.dir", Fate::kFolder, "native.checkpoint.directory"},
    {"state.checkpoints.dir", Fate::kFolder, "native.checkpoint.directory"},
    {"execution.checkpointing.num-retained", Fate::kSame, "native.checkpoint.keep"},
    {"state.checkpoints.num-retained", Fate::kSame, "native.checkpoint.keep"},
    {"execution.checkpointing.savepoint-dir", Fate::kFolder, "native.savepoint.directory"},
    {"state.savepoints.dir", Fate::kFolder, "native.savepoint.directory"},
    {"state.backend.type", Fate::kBackend, "native.state.backend"},
    {"state.backend", Fate::kBackend, "native.state.backend"},
    {"state.backend.rocksdb.localdir", Fate::kFolder, "native.state.directory"},
    {"restart-strategy.type", Fate::kRestart, "native.restart.attempts"},
    {"restart-strategy", Fate::kRestart, "native.restart.attempts"},
    {"restart-strategy.fixed-delay.attempts", Fate::kSame, "native.restart.attempts"},
    {"restart-strategy.fixed-delay.delay", Fate::kDuration, "native.restart.pause"},
    {"restart-strategy.failure-rate.max-failures-per-interval", Fate::kSame,
     "native.restart.attempts"},
    {"restart-strategy.failure-rate.delay", Fate::kDuration, "native.restart.pause"},
    {"restart-strategy.exponential-delay.initial-backoff", Fate::kDuration, "native.restart.pause"},
    {"restart-strategy.exponential-delay.max-backoff", Fate::kDuration,
     "native.restart.longest-pause"},
    {"restart-strategy.exponential-delay.attempts-before-reset-backoff", Fate::kSame,
     "native.restart.attempts"},
    {"restart-strategy.exponential-delay.backoff-multiplier", Fate::kIgnored, kPauses},
    {"execution.runtime-mode", Fate::kIgnored, kBatches},
    {"execution.checkpointing.mode", Fate::kIgnored, kMode},
    {"execution.checkpointing.unaligned", Fate::kIgnored, kMode},
    {"execution.checkpointing.unaligned.enabled", Fate::kIgnored, kMode},
    {"execution.checkpointing.min-pause", Fate::kIgnored, kOneAfterAnother},
    {"execution.checkpointing.max-concurrent-checkpoints", Fate::kIgnored, kOneAfterAnother},
};

constexpr std::string_view kPrefixes[] = {"flink.option.", "flink.property.",
                                          "flink.deployment.option.", "flink.deployment.property."};

std::string Lower(std::string_view text) {
  std::string lower;
  std::ranges::transform(text, std::back_inserter(lower),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// `10 s`, `1 min`, `3 hours`, `500`: as Flink's TimeUtils reads it, in a form that we read.
std::optional<std::string> Duration(std::string_view text) {
  const auto digits = text.find_first_not_of("0123456789");
  const std::string number(text.substr(0, digits));
  const auto letters =
      digits == std::string_view::npos ? digits : text.find_first_not_of(' ', digits);
  const std::string unit = letters == std::string_view::npos ? "" : Lower(text.substr(letters));
  struct Unit {
    std::string_view ours;
    std::vector<std::string_view> names;
  };
  static const std::vector<Unit> kUnits = {
      {"ms", {"", "ms", "milli", "millis", "millisecond", "milliseconds"}},
      {"s", {"s", "sec", "secs", "second", "seconds"}},
      {"m", {"m", "min", "mins", "minute", "minutes"}},
      {"h", {"h", "hour", "hours"}},
      {"d", {"d", "day", "days"}}};
  for (const Unit& one : kUnits) {
    if (!number.empty() && std::ranges::find(one.names, unit) != one.names.end()) {
      const std::string duration = number + std::string(one.ours);
      return base::ParseDuration(duration) ? std::optional(duration) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Folder(std::string_view text) {
  if (const auto scheme = text.find(":/"); scheme != std::string_view::npos) {
    const auto name = text.substr(0, scheme);
    if (name == "s3" || name == "s3a" || name == "s3p") {  // Flink's plugins are told apart by it
      return "s3" + std::string(text.substr(scheme));
    }
    if (name != "file") {
      return std::nullopt;
    }
    text.remove_prefix(scheme + 1);
    while (text.starts_with("//")) {
      text.remove_prefix(1);
    }
  }
  return std::string(text);
}

std::optional<std::string> Backend(std::string_view text) {
  const std::string name = Lower(text);
  if (name == "hashmap" || name == "filesystem" || name == "jobmanager" || name == "memory") {
    return "memory";
  }
  return name == "rocksdb" ? std::optional<std::string>("rocksdb") : std::nullopt;
}

/// Absent: it has no counterpart. Empty: nothing is to be set.
std::optional<std::string> Translated(Fate fate, std::string_view text) {
  if (text.find("${") != std::string_view::npos) {
    return fate == Fate::kSame || fate == Fate::kFolder ? std::optional(std::string(text))
                                                        : std::nullopt;
  }
  switch (fate) {
    case Fate::kDuration:
      return Duration(text);
    case Fate::kFolder:
      return Folder(text);
    case Fate::kBackend:
      return Backend(text);
    case Fate::kRestart: {
      const std::string kind = Lower(text);
      return kind == "none" || kind == "off" || kind == "disable" ? "0" : "";
    }
    case Fate::kSame:
    case Fate::kIgnored:
      break;
  }
  return std::string(text);
}

}  // namespace

base::Result<std::vector<std::string>> ReadFlinkKeys(JobConfig& config) {
  std::vector<std::string> notes;
  for (const Row& row : kRows) {
    for (const std::string_view prefix : kPrefixes) {
      const std::string key = std::string(prefix) + std::string(row.flink);
      const auto found = config.values().find(key);
      if (found == config.values().end() || found->second.text.empty()) {
        continue;
      }
      const auto [text, origin] = found->second;
      const std::string where = key + " (" + origin + ")";
      if (row.fate == Fate::kIgnored) {
        notes.push_back(where + " has no meaning on the native engine: " + std::string(row.ours));
        continue;
      }
      const auto value = Translated(row.fate, text);
      if (config.Has(row.ours) || (value && value->empty())) {
        continue;
      }
      if (!value) {
        return base::Error(base::ErrorCode::kValidationFailed,
                           where + ": '" + text + "' has no counterpart on the native engine.")
            .WithHint("set " + std::string(row.ours) + ", which goes before it");
      }
      config.Set(std::string(row.ours), *value, origin + ", as " + key);
    }
  }
  return notes;
}

}  // namespace streampark::core
