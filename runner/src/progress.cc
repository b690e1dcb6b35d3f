// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <chrono>

#include "streampark/base/json.h"

namespace streampark::runner {
namespace {

/// 1234567 as 1,234,567.
std::string Grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::string WholeSeconds(base::Millis time) {
  std::string text;
  auto seconds = std::chrono::floor<std::chrono::seconds>(time).count();
  for (const auto& [unit, size] : {std::pair("h", 3600), std::pair("m", 60)}) {
    if (seconds >= size) {
      text += std::to_string(seconds / size) + unit;
      seconds %= size;
    }
  }
  return text + std::to_string(seconds) + "s";
}

std::string Counted(std::string_view label, std::int64_t now, std::int64_t before, double seconds) {
  const double rate = seconds > 0 ? static_cast<double>(now - before) / seconds : 0;
  return " · " + std::string(label) + " " + Grouped(now) + " (" +
         Grouped(static_cast<std::int64_t>(rate)) + "/s)";
}

std::int64_t Number(const json::object& object, std::string_view name) {
  return json::FindInteger(object, name).value_or(0);
}

}  // namespace

Progress::Progress(std::string_view plan, base::SteadyTime started)
    : started_(started), last_(started) {
  const auto parsed = json::Parse(plan);
  const json::array* nodes =
      parsed.ok() && parsed->is_object() ? json::FindArray(parsed->get_object(), "nodes") : nullptr;
  for (const json::value& node : nodes != nullptr ? *nodes : json::array()) {
    const std::string kind = json::StringOr(node.as_object(), "kind");
    if (kind == "SOURCE") {
      sources_.insert(Number(node.as_object(), "id"));
    } else if (kind == "SINK") {
      sinks_.insert(Number(node.as_object(), "id"));
    }
  }
}

std::string Progress::Line(std::string_view status, base::SteadyTime now, base::Timestamp at) {
  const auto parsed = json::Parse(status);
  if (!parsed.ok() || !parsed->is_object()) {
    return {};
  }
  const json::object& job = parsed->get_object();
  std::int64_t in = 0, out = 0, late = 0, waiting = 0;
  const json::array* operators = json::FindArray(job, "operators");
  for (const json::value& one : operators != nullptr ? *operators : json::array()) {
    const json::object& shown = one.as_object();
    in += sources_.contains(Number(shown, "id")) ? Number(shown, "rowsOut") : 0;
    out += sinks_.contains(Number(shown, "id")) ? Number(shown, "rowsIn") : 0;
    late += Number(shown, "rowsDropped");
    waiting += Number(shown, "waiting");
  }
  const double seconds = std::chrono::duration<double>(now - last_).count();
  std::string line = json::StringOr(job, "phase") + " " +
                     WholeSeconds(std::chrono::floor<base::Millis>(now - started_)) +
                     Counted("in", in, in_, seconds) + Counted("out", out, out_, seconds);
  if (waiting > 0) {
    line += " · " + Grouped(waiting) + " waiting";
  }
  in_ = in;
  out_ = out;
  last_ = now;
  if (const json::object* checkpoints = json::FindObject(job, "checkpoints")) {
    if (const auto taken = base::ParseTimestamp(json::StringOr(*checkpoints, "at"))) {
      line += " · checkpoint " + std::to_string(Number(*checkpoints, "last")) + ", " +
              WholeSeconds(at - *taken) + " ago";
    }
    if (const auto failed = Number(*checkpoints, "failed"); failed > 0) {
      line += " · " + std::to_string(failed) + " checkpoints failed";
    }
  }
  if (const auto restarts = Number(job, "restarts"); restarts > 0) {
    line += " · " + std::to_string(restarts) + (restarts == 1 ? " restart" : " restarts");
  }
  if (late > 0) {
    line += " · " + Grouped(late) + " too late";
  }
  if (json::StringOr(job, "phase") == "RESTARTING") {
    if (const json::object* error = json::FindObject(job, "lastError")) {
      line += " · " + json::StringOr(*error, "message");
    }
  }
  return line;
}

}  // namespace streampark::runner
