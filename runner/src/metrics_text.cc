// SPDX-License-Identifier: Apache-2.0
#include "metrics_text.h"

#include <cstdint>
#include <ctime>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "streampark/base/check.h"
#include "streampark/base/json.h"
#include "streampark/base/process.h"

namespace streampark::runner {

namespace {

/// In quotes, as the format asks.
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\\' || c == '"') {
      quoted += '\\';
    }
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

double Seconds(base::Timestamp time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1e3;
}

class Metrics {
 public:
  /// What follows are samples of this metric.
  void Begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                   type);
  }
  void Add(const std::vector<std::pair<std::string_view, std::string_view>>& labels, double value) {
    text_ += name_;
    char before = '{';
    for (const auto& [label, text] : labels) {
      fmt::format_to(std::back_inserter(text_), "{}{}={}", before, label, Quoted(text));
      before = ',';
    }
    fmt::format_to(std::back_inserter(text_), "{} {}\n", labels.empty() ? "" : "}", value);
  }
  void One(std::string_view name, std::string_view type, std::string_view help, double value,
           const std::vector<std::pair<std::string_view, std::string_view>>& labels = {}) {
    Begin(name, type, help);
    Add(labels, value);
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

/// Operators without a name of their author's are told apart by their number.
std::string NameOf(const json::object& one) {
  const std::string name = json::StringOr(one, "name");
  return name.empty() ? std::to_string(json::IntegerOr(one, "id")) : name;
}

void OfOperators(Metrics& metrics, std::string_view job, const json::array& operators) {
  struct Counted {
    std::string_view field;
    std::string_view name;
    std::string_view help;
  };
  constexpr Counted kCounted[] = {
      {"rowsIn", "streampark_operator_rows_in_total", "Rows that have come to an operator."},
      {"rowsOut", "streampark_operator_rows_out_total", "Rows that an operator has given."},
      {"rowsDropped", "streampark_operator_rows_late_total",
       "Rows that came too late for their windows and were dropped."}};
  for (const auto& [field, name, help] : kCounted) {
    metrics.Begin(name, "counter", help);
    for (const auto& one : operators) {
      const auto& shown = one.as_object();
      metrics.Add({{"job", job}, {"operator", NameOf(shown)}},
                  static_cast<double>(json::IntegerOr(shown, field)));
    }
  }
  metrics.Begin("streampark_source_waiting_records", "gauge",
                "Records that wait in a source, as far as it says.");
  for (const auto& one : operators) {
    const auto& shown = one.as_object();
    if (const auto waiting = json::FindInteger(shown, "waiting")) {
      metrics.Add({{"job", job}, {"operator", NameOf(shown)}}, static_cast<double>(*waiting));
    }
  }
  metrics.Begin("streampark_operator_watermark_seconds", "gauge",
                "The event time that an operator has reached, in seconds since 1970.");
  for (const auto& one : operators) {
    const auto& shown = one.as_object();
    if (const auto at = base::ParseTimestamp(json::StringOr(shown, "watermark"))) {
      metrics.Add({{"job", job}, {"operator", NameOf(shown)}}, Seconds(*at));
    }
  }
}

void OfProcess(Metrics& metrics, base::Timestamp started) {
  std::timespec cpu{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  metrics.One("process_cpu_seconds_total", "counter", "CPU time of this process.",
              static_cast<double>(cpu.tv_sec) + static_cast<double>(cpu.tv_nsec) / 1e9);
  if (const auto id = base::Identify(::getpid())) {
    metrics.One("process_resident_memory_bytes", "gauge", "Memory of this process.",
                static_cast<double>(base::ResidentBytes(*id)));
  }
  metrics.One("process_start_time_seconds", "gauge", "When this process began, since 1970.",
              Seconds(started));
}

}  // namespace

std::string PhaseOf(std::string_view status) {
  const auto parsed = json::Parse(status);
  return parsed.ok() ? json::StringOr(parsed->as_object(), "phase") : "";
}

std::string MetricsText(std::string_view job, std::string_view status, base::Timestamp started) {
  Metrics metrics;
  const auto parsed = json::Parse(status);
  SP_CHECK(parsed.ok());
  const auto& shown = parsed->as_object();
  const std::string phase = json::StringOr(shown, "phase");
  metrics.Begin("streampark_job_phase", "gauge", "1 for the phase that the job is in, else 0.");
  for (const std::string_view each : {"CREATED", "RESTORING", "RUNNING", "RESTARTING", "STOPPING",
                                      "FINISHED", "STOPPED", "FAILED"}) {
    metrics.Add({{"job", job}, {"phase", each}}, each == phase ? 1 : 0);
  }
  metrics.One("streampark_job_restarts_total", "counter", "Restarts after failures.",
              static_cast<double>(json::IntegerOr(shown, "restarts")), {{"job", job}});
  if (const auto* checkpoints = json::FindObject(shown, "checkpoints")) {
    metrics.One("streampark_checkpoints_failed_total", "counter", "Checkpoints that were given up.",
                static_cast<double>(json::IntegerOr(*checkpoints, "failed")), {{"job", job}});
    if (const auto at = base::ParseTimestamp(json::StringOr(*checkpoints, "at"))) {
      metrics.One("streampark_checkpoint_last", "gauge", "The number of the newest checkpoint.",
                  static_cast<double>(json::IntegerOr(*checkpoints, "last")), {{"job", job}});
      metrics.One("streampark_checkpoint_last_time_seconds", "gauge",
                  "When the newest checkpoint was begun, since 1970.", Seconds(*at),
                  {{"job", job}});
      metrics.One("streampark_checkpoint_last_duration_seconds", "gauge",
                  "How long the newest checkpoint took.",
                  static_cast<double>(json::IntegerOr(*checkpoints, "tookMs")) / 1e3,
                  {{"job", job}});
    }
  }
  if (const auto* operators = json::FindArray(shown, "operators")) {
    OfOperators(metrics, job, *operators);
  }
  OfProcess(metrics, started);
  return metrics.Take();
}

}  // namespace streampark::runner
