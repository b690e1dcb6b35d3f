// SPDX-License-Identifier: Apache-2.0
// States, by what stands in the folder; the first row that fits:
//
//   run/end says    | supervisor | cancelled | phase says          | state
//   ----------------+------------+-----------+---------------------+-----------
//   FINISHED STOPPED|            |           |                     | FINISHED
//   CANCELLED       |            |           |                     | CANCELED
//   FAILED          |            |           |                     | FAILED
//   nothing         | gone       | yes       |                     | CANCELED
//   nothing         | gone       | no        |                     | FAILED: killed
//   nothing         | lives      | yes       |                     | STOPPING
//   nothing         | lives      | no        | RUNNING             | RUNNING
//   nothing         | lives      | no        | RESTARTING          | RESTARTING
//   nothing         | lives      | no        | STOPPING or an end  | STOPPING
//   nothing         | lives      | no        | otherwise           | PENDING, or RESTARTING after a first restart
#include "job_folder.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <map>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>

#include "streampark/base/descriptor.h"
#include "streampark/base/error_text.h"
#include "streampark/base/files.h"
#include "streampark/base/json.h"

namespace streampark::native {
namespace {

namespace fs = std::filesystem;
using engines::EngineState;

constexpr std::string_view kScheme = "file:";
constexpr std::size_t kMostFailures = 32;
constexpr const char* kKilled = "the job's processes were killed from outside";

std::optional<base::Timestamp> WrittenAt(const fs::path& file) {
  struct stat status {};
  if (::lstat(file.c_str(), &status) != 0) {
    return std::nullopt;
  }
  return base::Timestamp(
      std::chrono::duration_cast<base::Millis>(std::chrono::seconds(status.st_mtim.tv_sec) +
                                               std::chrono::nanoseconds(status.st_mtim.tv_nsec)));
}

std::optional<base::Timestamp> TimeOf(const json::object& in, std::string_view key) {
  return base::ParseTimestamp(json::StringOr(in, key));
}

EngineState StateOfPhase(std::string_view phase, std::int64_t restarts) {
  if (phase == "RUNNING") {
    return EngineState::kRunning;
  }
  if (phase == "RESTARTING") {
    return EngineState::kRestarting;
  }
  if (phase == "STOPPING" || phase == "FINISHED" || phase == "STOPPED" || phase == "FAILED") {
    return EngineState::kStopping;
  }
  return restarts > 0 ? EngineState::kRestarting : EngineState::kPending;
}

engines::ExceptionObservation ExceptionOf(base::Timestamp at, const json::object& error) {
  const auto read = base::ErrorFromText(json::serialize(error));
  std::string cause = json::StringOr(error, "cause");
  engines::ExceptionObservation seen{
      .at = at, .root_cause = cause.empty() ? json::StringOr(error, "message") : cause};
  seen.trace = read ? read->ToString() : seen.root_cause;
  return seen;
}

std::int64_t SizeOf(const fs::path& folder) {
  std::int64_t bytes = 0;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code unused;
    const auto size = it->is_symlink(unused) ? 0 : it->file_size(unused);
    bytes += unused ? 0 : static_cast<std::int64_t>(size);
  }
  return bytes;
}

void Collect(const fs::path& folder, int depth, std::vector<WholeSnapshot>& into) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code unused;
    if (it->is_symlink(unused) || !it->is_directory(unused)) {
      continue;
    }
    if (NumberOf(it->path()) > 0) {
      if (const auto at = WrittenAt(it->path() / "_record")) {
        into.push_back({it->path(), *at, SizeOf(it->path())});
      }
    } else if (depth > 0) {
      Collect(it->path(), depth - 1, into);
    }
  }
}

}  // namespace

fs::path PathOf(std::string_view uri) {
  if (uri.starts_with(kScheme)) {
    uri.remove_prefix(kScheme.size());
    while (uri.starts_with("//")) {
      uri.remove_prefix(1);
    }
  }
  return uri.starts_with('/') ? fs::path(uri) : fs::path();
}

std::string UriOf(const fs::path& path) { return "file://" + path.string(); }

base::Result<std::string> ReadOwn(const fs::path& file, std::size_t limit) {
  const base::Descriptor opened(
      ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!opened.ok() || ::fstat(opened.number(), &status) != 0) {
    return base::FileError(errno, "cannot read", file);
  }
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1 ||
      static_cast<std::size_t>(status.st_size) > limit) {
    return base::Error(base::ErrorCode::kIoError, file.string() + " is not a file of the job's");
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  const ssize_t count = ::pread(opened.number(), text.data(), text.size(), 0);
  if (count < 0) {
    return base::FileError(errno, "cannot read", file);
  }
  text.resize(static_cast<std::size_t>(count));
  return text;
}

std::int64_t NumberOf(const fs::path& snapshot) {
  const std::string name = snapshot.filename().string();
  std::int64_t number = 0;
  if (!name.starts_with("chk-")) {
    return 0;
  }
  const auto [end, error] = std::from_chars(name.data() + 4, name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

std::vector<WholeSnapshot> WholeSnapshotsBelow(const fs::path& folder, int depth) {
  std::vector<WholeSnapshot> found;
  Collect(folder, depth, found);
  std::sort(found.begin(), found.end(), [](const WholeSnapshot& a, const WholeSnapshot& b) {
    return std::pair(a.completed_at, NumberOf(a.path)) >
           std::pair(b.completed_at, NumberOf(b.path));
  });
  return found;
}

bool JobFolder::exists() const {
  return WrittenAt(run() / "process").has_value() || WrittenAt(run() / "end").has_value();
}

json::object JobFolder::Read(const fs::path& file) const {
  const auto text = ReadOwn(file);
  auto parsed = text.ok() ? json::Parse(*text) : base::Result<json::value>(text.error());
  return parsed.ok() && parsed->is_object() ? std::move(parsed->get_object()) : json::object();
}

std::optional<base::ProcessId> JobFolder::Supervisor() const {
  const auto text = ReadOwn(run() / "process", 100);
  if (!text.ok()) {
    return std::nullopt;
  }
  base::ProcessId id;
  std::istringstream in(*text);
  in >> id.pid >> id.start_ticks;
  // The file is the job's, which must not have us look after, and end, somebody else's process.
  struct stat status {};
  const std::string process = "/proc/" + std::to_string(id.pid);
  if (!in || id.pid <= 1 || ::stat(process.c_str(), &status) != 0 || status.st_uid != owner_ ||
      !base::IsAlive(id)) {
    return std::nullopt;
  }
  return id;
}

engines::JobObservation JobFolder::Observe() const {
  const json::object job = Read(this->job());
  engines::JobObservation seen{.engine_job_id = id()};
  seen.name = json::StringOr(job, "name");
  seen.started_at = WrittenAt(this->job());
  // The process is looked at before its end is: one that ends in between has said how.
  const bool lives = Supervisor().has_value();
  const json::object phase = Read(run() / "phase");
  const json::object end = Read(run() / "end");
  const bool cancelled = WrittenAt(this->cancelled()).has_value();
  seen.tasks.total = static_cast<int>(std::max<std::int64_t>(1, json::IntegerOr(phase, "tasks")));
  if (!end.empty() || !lives) {
    const std::string kind = json::StringOr(end, "kind", cancelled ? "CANCELLED" : "KILLED");
    seen.native_state = kind;
    seen.state = kind == "CANCELLED"                       ? EngineState::kCanceled
                 : kind == "FINISHED" || kind == "STOPPED" ? EngineState::kFinished
                                                           : EngineState::kFailed;
    seen.ended_at = TimeOf(end, "at");
    if (!seen.ended_at) {
      seen.ended_at = WrittenAt(run() / "phase");
    }
    seen.ended_at = std::max(seen.ended_at.value_or(base::Timestamp()),
                             seen.started_at.value_or(base::Timestamp()));
    seen.tasks.finished = seen.state == EngineState::kFinished ? seen.tasks.total : 0;
    seen.tasks.canceled = seen.state == EngineState::kCanceled ? seen.tasks.total : 0;
    seen.tasks.failed = seen.state == EngineState::kFailed ? seen.tasks.total : 0;
    seen.changed_at = seen.ended_at;
    return seen;
  }
  const std::string said = json::StringOr(phase, "phase", "CREATED");
  seen.state =
      cancelled ? EngineState::kStopping : StateOfPhase(said, json::IntegerOr(phase, "restarts"));
  seen.native_state = cancelled ? "CANCELLING" : said;
  seen.tasks.running = seen.state == EngineState::kRunning ? seen.tasks.total : 0;
  seen.tasks.initializing = seen.tasks.total - seen.tasks.running;
  seen.changed_at = WrittenAt(run() / "phase");
  return seen;
}

engines::CheckpointStatistics JobFolder::Checkpoints() const {
  const json::object job = Read(this->job());
  const json::object phase = Read(run() / "phase");
  engines::CheckpointStatistics statistics;
  const auto add = [&](const fs::path& path, engines::SnapshotKind kind,
                       std::optional<base::Timestamp> from, base::Timestamp to, std::int64_t size) {
    engines::Checkpoint one{
        .number = NumberOf(path), .kind = kind, .state = engines::CheckpointState::kCompleted};
    one.triggered_at = std::min(from.value_or(to), to);
    one.duration = to - one.triggered_at;
    one.size_bytes = size;
    one.path = UriOf(path);
    statistics.checkpoints.push_back(std::move(one));
  };
  const json::object status = Read(run() / "status.json");
  const json::object* last = json::FindObject(status, "checkpoints");
  for (const WholeSnapshot& one :
       WholeSnapshotsBelow(PathOf(json::StringOr(job, "checkpoints")), 1)) {
    const base::Millis took(last && json::IntegerOr(*last, "last") == NumberOf(one.path)
                                ? json::IntegerOr(*last, "tookMs")
                                : 0);
    add(one.path, engines::SnapshotKind::kCheckpoint, one.completed_at - took, one.completed_at,
        one.size_bytes);
  }
  std::error_code error;
  for (fs::directory_iterator it(run() / "answers", error), end; !error && it != end;
       it.increment(error)) {
    const json::object answer = Read(it->path());
    const auto answered_at = WrittenAt(it->path()).value_or(base::Timestamp());
    const fs::path path = json::StringOr(answer, "path");
    const auto asked_at = WrittenAt(request(it->path().filename().string()));
    if (!path.empty()) {
      add(path, engines::SnapshotKind::kSavepoint, asked_at, answered_at, SizeOf(path));
    } else if (!answer.empty()) {
      statistics.checkpoints.push_back({.kind = engines::SnapshotKind::kSavepoint,
                                        .state = engines::CheckpointState::kFailed,
                                        .triggered_at = asked_at.value_or(answered_at),
                                        .failure = json::StringOr(answer, "cause")});
    }
  }
  const auto failures = ReadOwn(run() / "failures");
  std::istringstream lines(failures.ok() ? *failures : "");
  for (std::string line; std::getline(lines, line);) {
    const auto parsed = json::Parse(line);
    if (parsed.ok() && parsed->is_object() &&
        json::StringOr(parsed->get_object(), "kind") == "CHECKPOINT") {
      statistics.checkpoints.push_back(
          {.state = engines::CheckpointState::kFailed,
           .triggered_at = TimeOf(parsed->get_object(), "at").value_or(base::Timestamp()),
           .failure = "it could not be taken; the job's log says why"});
    }
  }
  std::stable_sort(statistics.checkpoints.begin(), statistics.checkpoints.end(),
                   [](const auto& a, const auto& b) { return a.triggered_at > b.triggered_at; });
  int complete = 0;
  for (const engines::Checkpoint& one : statistics.checkpoints) {
    complete += one.state == engines::CheckpointState::kCompleted;
    statistics.failed += one.state == engines::CheckpointState::kFailed;
  }
  // Older ones have gone: their numbers say how many there were.
  statistics.completed =
      std::max<int>(complete, static_cast<int>(json::IntegerOr(phase, "checkpoint")));
  if (const auto path = json::FindString(job, "restore")) {
    statistics.restored = 1;
    statistics.latest_restored = {.path = *path,
                                  .at = WrittenAt(this->job()).value_or(base::Timestamp()),
                                  .kind = engines::SnapshotKind::kSavepoint};
  }
  return statistics;
}

std::vector<engines::ExceptionObservation> JobFolder::Exceptions() const {
  std::vector<engines::ExceptionObservation> exceptions;
  const auto failures = ReadOwn(run() / "failures");
  std::istringstream lines(failures.ok() ? *failures : "");
  for (std::string line; std::getline(lines, line);) {
    const auto parsed = json::Parse(line);
    const json::object* error = parsed.ok() && parsed->is_object()
                                    ? json::FindObject(parsed->get_object(), "error")
                                    : nullptr;
    if (error != nullptr) {
      exceptions.push_back(
          ExceptionOf(TimeOf(parsed->get_object(), "at").value_or(base::Timestamp()), *error));
    }
  }
  const engines::JobObservation seen = Observe();
  if (seen.state == EngineState::kFailed) {
    const json::object end = Read(run() / "end");
    const json::object* error = json::FindObject(end, "error");
    exceptions.push_back(ExceptionOf(seen.ended_at.value_or(base::Timestamp()),
                                     error ? *error : json::object{{"message", kKilled}}));
  }
  std::reverse(exceptions.begin(), exceptions.end());
  exceptions.resize(std::min(exceptions.size(), kMostFailures));
  return exceptions;
}

engines::JobGraph JobFolder::Graph() const {
  const json::object plan = Read(run() / "plan.json");
  const json::object status = Read(run() / "status.json");
  const engines::JobObservation seen = Observe();
  engines::JobGraph graph;
  graph.observed_at = TimeOf(status, "at").value_or(seen.started_at.value_or(base::Timestamp()));
  std::map<std::int64_t, const json::object*> shown;
  if (const json::array* operators = json::FindArray(status, "operators")) {
    for (const json::value& one : *operators) {
      shown[json::IntegerOr(one.as_object(), "id")] = &one.as_object();
    }
  }
  const bool runs = seen.state == EngineState::kRunning;
  const json::array* nodes = json::FindArray(plan, "nodes");
  for (const json::value& value : nodes != nullptr ? *nodes : json::array()) {
    const json::object& node = value.as_object();
    const auto id = json::IntegerOr(node, "id");
    const std::string name = json::StringOr(node, "name");
    engines::GraphVertex vertex{.id = std::to_string(id),
                                .name = name.empty() ? json::StringOr(node, "type") : name,
                                .slot_group = "default",
                                .operators = {json::StringOr(node, "type")}};
    vertex.native_state = seen.native_state;
    vertex.started_at = seen.started_at;
    vertex.parallelism = static_cast<int>(json::IntegerOr(node, "parallelism", 1));
    if (const auto found = shown.find(id); found != shown.end()) {
      const json::object& counts = *found->second;
      vertex.parallelism = static_cast<int>(json::IntegerOr(counts, "parallelism", 1));
      vertex.records_in = json::IntegerOr(counts, "rowsIn");
      vertex.records_out = json::IntegerOr(counts, "rowsOut");
      vertex.watermark = TimeOf(counts, "watermark");
      if (runs) {
        vertex.records_in_per_second = json::FindNumber(counts, "inPerSecond");
        vertex.records_out_per_second = json::FindNumber(counts, "outPerSecond");
      }
    }
    vertex.tasks.total = vertex.parallelism;
    vertex.tasks.running = runs ? vertex.parallelism : 0;
    vertex.tasks.finished = seen.state == EngineState::kFinished ? vertex.parallelism : 0;
    vertex.tasks.canceled = seen.state == EngineState::kCanceled ? vertex.parallelism : 0;
    vertex.tasks.failed = seen.state == EngineState::kFailed ? vertex.parallelism : 0;
    graph.vertices.push_back(std::move(vertex));
  }
  const json::array* edges = json::FindArray(plan, "edges");
  for (const json::value& value : edges != nullptr ? *edges : json::array()) {
    const json::object& edge = value.as_object();
    graph.edges.push_back({.source = std::to_string(json::IntegerOr(edge, "from")),
                           .target = std::to_string(json::IntegerOr(edge, "to")),
                           .ship_strategy = json::StringOr(edge, "partitioning")});
  }
  return graph;
}

engines::JobRates JobFolder::Rates() const {
  const json::object status = Read(run() / "status.json");
  engines::JobRates rates{.records_in_per_second = json::FindNumber(status, "inPerSecond"),
                          .records_out_per_second = json::FindNumber(status, "outPerSecond")};
  const json::array* operators = json::FindArray(status, "operators");
  for (const json::value& one : operators != nullptr ? *operators : json::array()) {
    if (const auto waiting = json::FindInteger(one.as_object(), "waiting")) {
      rates.pending_records = rates.pending_records.value_or(0) + *waiting;
    }
  }
  return rates;
}

std::int64_t JobFolder::Restarts() const {
  return json::IntegerOr(Read(run() / "phase"), "restarts");
}

int JobFolder::Slots() const {
  return static_cast<int>(json::IntegerOr(Read(job()), "parallelism", 1));
}

}  // namespace streampark::native
