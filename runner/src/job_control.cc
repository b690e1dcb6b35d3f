// SPDX-License-Identifier: Apache-2.0
#include "job_control.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "streampark/base/error_text.h"
#include "streampark/base/files.h"
#include "streampark/base/json.h"
#include "streampark/base/log.h"

#include "metrics_text.h"

namespace streampark::runner {
namespace {

namespace fs = std::filesystem;

constexpr base::Millis kStatusPace{1'000};

std::string_view ToString(JobEnd::Kind kind) {
  switch (kind) {
    case JobEnd::Kind::kFinished:
      return "FINISHED";
    case JobEnd::Kind::kStopped:
      return "STOPPED";
    case JobEnd::Kind::kCancelled:
      return "CANCELLED";
  }
  return "";
}

void LogFailure(const base::Status& status, std::string_view what) {
  if (!status.ok()) {
    base::LogError(std::string(what) + " could not be told", {{"error", status.error()}});
  }
}

json::value Parsed(std::string_view status) {
  auto parsed = json::Parse(status);
  return parsed.ok() && parsed->is_object() ? *std::move(parsed) : json::value(json::object());
}

}  // namespace

base::Result<std::unique_ptr<JobControl>> JobControl::Open(fs::path folder, std::string_view plan,
                                                           const core::NativeOptions& options,
                                                           NativeRun& run,
                                                           const base::Clock& clock) {
  std::unique_ptr<JobControl> control(new JobControl(std::move(folder), options, run, clock));
  std::error_code error;
  fs::create_directories(control->folder_ / "run" / "answers", error);
  if (error || !fs::is_directory(control->folder_ / "requests")) {
    return base::Error(base::ErrorCode::kIoError,
                       control->folder_.string() + " is not the folder of a supervised job")
        .WithHint("--control is for whoever supervises the job");
  }
  SP_TRY(base::WriteFileAtomically(control->folder_ / "run" / "plan.json", plan));
  const json::value described = Parsed(plan);
  if (const json::array* nodes = json::FindArray(described.get_object(), "nodes")) {
    for (const json::value& node : *nodes) {
      const std::string kind = json::StringOr(node.as_object(), "kind");
      const auto id = json::IntegerOr(node.as_object(), "id");
      if (kind == "SOURCE") {
        control->sources_.insert(id);
      } else if (kind == "SINK") {
        control->sinks_.insert(id);
      }
    }
  }
  if (const auto before = base::ReadFile(control->folder_ / "run" / "phase"); before.ok()) {
    control->restarts_before_ = json::IntegerOr(Parsed(*before).get_object(), "restarts");
  }
  control->TellPhase(run.Status());
  control->worker_ =
      std::jthread([raw = control.get()](const std::stop_token& stop) { raw->Work(stop); });
  return control;
}

JobControl::JobControl(fs::path folder, const core::NativeOptions& options, NativeRun& run,
                       const base::Clock& clock)
    : folder_(std::move(folder)),
      options_(options),
      run_(run),
      clock_(clock),
      told_at_(clock.SteadyNow()) {}

JobControl::~JobControl() = default;

void JobControl::Tick() {
  TakeRequests();
  const std::string status = run_.Status();
  NoteFailures(status);
  TellPhase(status);
  if (clock_.SteadyNow() - told_at_ >= kStatusPace) {
    TellStatus(status);
  }
}

void JobControl::End() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  some_.notify_all();
  worker_.join();  // the run has ended: what it waits for is refused
  TakeRequests();
  for (const Asked& asked : asked_) {
    LogFailure(base::WriteFileAtomically(
                   folder_ / "run" / "answers" / asked.id,
                   json::serialize(json::object{{"cause", "the job ended before it"}})),
               "a request's end");
  }
  const std::string status = run_.Status();
  NoteFailures(status);
  TellPhase(status);
  TellStatus(status);
}

std::string JobControl::stopped_with() const {
  const std::lock_guard lock(mutex_);
  return stopped_with_;
}

void JobControl::TakeRequests() {
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_ / "requests", error)) {
    const std::string id = entry.path().filename().string();
    // One that is still being written has a dot in its name.
    if (id.find('.') == std::string::npos && seen_.insert(id).second) {
      found.emplace_back(entry.last_write_time(error), id);
    }
  }
  std::sort(found.begin(), found.end());
  for (const auto& [at, id] : found) {
    const auto text = base::ReadFile(folder_ / "requests" / id, 64U << 10U);
    const json::value said = Parsed(text.ok() ? *text : "");
    Asked asked{id, json::StringOr(said.get_object(), "kind"),
                json::StringOr(said.get_object(), "folder")};
    if (asked.kind == "CANCEL") {
      cancelled_ = true;
      run_.Cancel();
    } else if (!fs::exists(folder_ / "run" / "answers" / id)) {  // else: of a process before us
      const std::lock_guard lock(mutex_);
      asked_.push_back(std::move(asked));
      some_.notify_all();
    }
  }
}

void JobControl::Work(const std::stop_token& stop) {
  while (true) {
    Asked asked;
    {
      std::unique_lock lock(mutex_);
      some_.wait(lock, stop, [&] { return closed_ || !asked_.empty(); });
      if (closed_ || stop.stop_requested()) {
        return;
      }
      asked = std::move(asked_.front());
      asked_.pop_front();
    }
    Answer(asked);
  }
}

void JobControl::Answer(const Asked& asked) {
  base::Result<std::string> saved = base::Error(
      base::ErrorCode::kInvalidRequest, "`" + asked.kind + "` is nothing that a job can be asked");
  if (asked.kind == "SAVEPOINT") {
    saved = run_.Savepoint(asked.folder);
  } else if (asked.kind == "STOP" || asked.kind == "DRAIN") {
    saved = run_.Stop(
        asked.kind == "STOP" ? NativeRun::StopMode::kSavepoint : NativeRun::StopMode::kDrain,
        asked.folder);
    if (saved.ok()) {
      const std::lock_guard lock(mutex_);
      stopped_with_ = *saved;
    }
  }
  const json::object answer = saved.ok() ? json::object{{"path", *saved}}
                                         : json::object{{"cause", saved.error().message()}};
  if (!saved.ok()) {
    base::LogError("the job goes on: no savepoint could be taken", {{"error", saved.error()}});
  }
  LogFailure(
      base::WriteFileAtomically(folder_ / "run" / "answers" / asked.id, json::serialize(answer)),
      "a savepoint");
}

void JobControl::TellPhase(const std::string& status) {
  const json::value parsed = Parsed(status);
  const json::object& job = parsed.get_object();
  std::int64_t tasks = 0;
  if (const json::array* operators = json::FindArray(job, "operators")) {
    for (const json::value& one : *operators) {
      tasks += json::IntegerOr(one.as_object(), "parallelism");
    }
  }
  const json::object* checkpoints = json::FindObject(job, "checkpoints");
  std::string phase = json::serialize(
      json::object{{"phase", json::StringOr(job, "phase")},
                   {"tasks", tasks},
                   {"restarts", restarts_before_ + json::IntegerOr(job, "restarts")},
                   {"checkpoint", checkpoints ? json::IntegerOr(*checkpoints, "last") : 0},
                   {"restartAttempts", options_.restart.attempts},
                   {"restartPauseMs", options_.restart.first_pause.count()},
                   {"longestPauseMs", options_.restart.longest_pause.count()}});
  if (phase != phase_) {
    const base::Status told = base::WriteFileAtomically(folder_ / "run" / "phase", phase);
    LogFailure(told, "the job's phase");
    if (told.ok()) {
      phase_ = std::move(phase);
    }
  }
}

void JobControl::TellStatus(const std::string& status) {
  const base::SteadyTime now = clock_.SteadyNow();
  const double seconds = std::chrono::duration<double>(now - told_at_).count();
  json::value parsed = Parsed(status);
  json::object& job = parsed.get_object();
  double in = 0, out = 0;
  if (auto* operators = job.if_contains("operators"); operators && operators->is_array()) {
    for (json::value& one : operators->get_array()) {
      json::object& shown = one.as_object();
      const auto id = json::IntegerOr(shown, "id");
      const Count now_count{json::IntegerOr(shown, "rowsIn"), json::IntegerOr(shown, "rowsOut")};
      Count& before = counts_[id];
      // A restart begins to count anew.
      const auto rate = [&](std::int64_t current, std::int64_t last) {
        return seconds > 0
                   ? static_cast<double>(std::max<std::int64_t>(0, current - last)) / seconds
                   : 0.0;
      };
      shown["inPerSecond"] = rate(now_count.in, before.in);
      shown["outPerSecond"] = rate(now_count.out, before.out);
      in += sources_.contains(id) ? rate(now_count.out, before.out) : 0.0;
      out += sinks_.contains(id) ? rate(now_count.in, before.in) : 0.0;
      before = now_count;
    }
  }
  told_at_ = now;
  job["at"] = base::FormatTimestamp(clock_.Now());
  job["inPerSecond"] = in;
  job["outPerSecond"] = out;
  // Not synced: what a power cut would take is said again a second later.
  const fs::path aside = folder_ / "run" / "status.json.part";
  std::error_code error;
  if (std::ofstream file(aside, std::ios::trunc); file << json::serialize(job) << std::flush) {
    fs::rename(aside, folder_ / "run" / "status.json", error);
  }
}

void JobControl::NoteFailures(std::string_view status) {
  const json::value parsed = Parsed(status);
  const json::object& job = parsed.get_object();
  const json::object* checkpoints = json::FindObject(job, "checkpoints");
  const std::int64_t restarts = json::IntegerOr(job, "restarts");
  const std::int64_t failed = checkpoints ? json::IntegerOr(*checkpoints, "failed") : 0;
  const bool restarted = restarts > restarts_, lost_one = failed > failed_;
  if (!restarted && !lost_one) {
    return;
  }
  restarts_ = restarts;
  failed_ = failed;
  std::ofstream file(folder_ / "run" / "failures", std::ios::app);
  const auto note = [&](std::string_view kind) {
    json::object line{{"at", base::FormatTimestamp(clock_.Now())}, {"kind", kind}};
    if (const json::object* error = json::FindObject(job, "lastError"); error && restarted) {
      line["error"] = *error;
    }
    file << json::serialize(line) << '\n' << std::flush;
  };
  if (restarted) {
    note("RESTART");
  }
  if (lost_one) {
    note("CHECKPOINT");
  }
}

base::Status WriteEnd(const fs::path& folder, const JobEnd& end, const base::Error* error,
                      base::Timestamp at) {
  const fs::path file = folder / "run" / "end";
  if (fs::exists(file)) {
    return base::Ok();
  }
  json::object said{{"kind", error != nullptr ? "FAILED" : ToString(end.kind)},
                    {"at", base::FormatTimestamp(at)}};
  if (!end.savepoint.empty()) {
    said["savepoint"] = end.savepoint;
  }
  if (error != nullptr) {
    said["error"] = json::Parse(base::ErrorToText(*error)).value();
  }
  return base::WriteFileAtomically(file, json::serialize(said));
}

}  // namespace streampark::runner
