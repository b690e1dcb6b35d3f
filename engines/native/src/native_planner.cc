// SPDX-License-Identifier: Apache-2.0
#include "native_planner.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "streampark/base/error_text.h"
#include "streampark/base/files.h"
#include "streampark/base/json.h"
#include "streampark/engines/own_environment.h"

namespace streampark::native {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

constexpr base::Millis kDescribeDeadline{60'000};
constexpr base::Millis kInspectDeadline{60'000};
constexpr base::Millis kShortDeadline{10'000};
constexpr base::Millis kSupervisorPatience{20'000};
constexpr std::size_t kMostSnapshots = 1000;

// Under everything that the author says.
constexpr std::string_view kDefaults = "native.checkpoint.interval: 10s\n";

/// Options are the last file: they are over the author's.
std::string SettingsOf(const engines::Options& options) {
  std::string text;
  for (const auto& [key, value] : options) {
    text += json::serialize(json::value(key)) + ": " + json::serialize(json::value(value)) + "\n";
  }
  return text;
}

/// What is run: a library and its configuration, or, where there is no library, tables that are moved as the script says.
struct Job {
  bool pump = false;
  fs::path file;  // for `streampark run` and `describe`
  std::string_view word() const { return pump ? "the job" : "the library"; }
  ErrorCode code() const { return pump ? ErrorCode::kJobFileInvalid : ErrorCode::kLibraryInvalid; }
};

constexpr const char* kPumpFile = "pump.yaml";

/// `folder`: where WriteConfiguration writes, or where that will be.
base::Result<Job> JobOf(const engines::PlannerKey& key, const fs::path& folder) {
  if (key.jars.size() > 1) {
    return Error(ErrorCode::kLibraryInvalid,
                 "a job is one library, and this one has " + std::to_string(key.jars.size()));
  }
  return key.jars.empty() ? Job{.pump = true, .file = folder / kPumpFile}
                          : Job{.pump = false, .file = key.jars.front()};
}

base::Status WriteConfiguration(const fs::path& folder, const Job& job, const std::string& script,
                                const engines::Options& options) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return base::FileError(error.value(), "cannot make", folder);
  }
  const auto write = [&](const char* name, std::string_view text) {
    return base::WriteFileAtomically(folder / name, text, base::FileMode::kOwnerOnly);
  };
  if (job.pump) {
    SP_TRY(write(kPumpFile, script));
  } else {
    SP_TRY(write("defaults.yml", kDefaults));
    SP_TRY(write("application.yml", script.empty() ? "{}" : std::string_view(script)));
  }
  return write("settings.yml", options.empty() ? "{}" : SettingsOf(options));
}

std::vector<std::string> WithConfiguration(std::vector<std::string> argv, const Job& job,
                                           const fs::path& folder) {
  for (const char* name : {"defaults.yml", "application.yml", "settings.yml"}) {
    if (!job.pump || name == std::string_view("settings.yml")) {
      argv.emplace_back("--config");
      argv.push_back((folder / name).string());
    }
  }
  return argv;
}

/// In the words of who does not know where the job and its configuration are kept.
std::string WithoutPaths(std::string text, const Job& job, const fs::path& folder) {
  const std::string name = job.pump ? kPumpFile : "the library";
  for (const auto& [path, word] :
       {std::pair(job.file.string(), name), std::pair(folder.string() + "/", std::string())}) {
    for (auto at = text.find(path); at != std::string::npos; at = text.find(path)) {
      text.replace(at, path.size(), word);
    }
  }
  return text;
}

/// Of which attempt a snapshot is, by the names of the folders above it.
void NameOwner(const fs::path& below, engines::FoundSnapshot& found) {
  for (const fs::path& part : below) {
    const std::string name = part.string();
    if (name.starts_with("savepoint-")) {
      found.kind = engines::SnapshotKind::kSavepoint;
      found.engine_job = name.substr(10, name.find('-', 10) - 10);
      return;
    }
    if (NativeJobs::IsId(name) && name.size() == 32) {
      found.kind = engines::SnapshotKind::kCheckpoint;
      found.engine_job = name;
      return;
    }
  }
}

class Folder {
 public:
  explicit Folder(fs::path path) : path_(std::move(path)) {}
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  const fs::path path_;
};

int WidestOf(const std::string& plan, int parallelism) {
  int widest = parallelism;
  const auto parsed = json::Parse(plan);
  const json::array* nodes =
      parsed.ok() && parsed->is_object() ? json::FindArray(parsed->get_object(), "nodes") : nullptr;
  for (const json::value& node : nodes != nullptr ? *nodes : json::array()) {
    widest =
        std::max(widest, static_cast<int>(json::IntegerOr(node.as_object(), "parallelism", 1)));
  }
  return widest;
}

}  // namespace

base::Result<base::CommandResult> NativePlanner::RunAsUser(std::vector<std::string> argv,
                                                           base::Millis deadline,
                                                           std::stop_token stop,
                                                           const fs::path& folder) const {
  return base::RunCommand({.argv = std::move(argv),
                           .unset_environment = engines::OwnEnvironment(),
                           .working_directory = folder,
                           .user = options_.user},
                          deadline, std::move(stop));
}

base::Result<std::string> NativePlanner::Describe(const engines::PlannerKey& key,
                                                  const std::string& script,
                                                  engines::Options options, int parallelism,
                                                  std::stop_token stop) {
  const Folder work(options_.work / base::RandomHex(random_, 8));
  const Job job = SP_TRY(JobOf(key, work.path()));
  options["native.parallelism"] = std::to_string(parallelism);
  SP_TRY(WriteConfiguration(work.path(), job, script, options));
  if (options_.user) {
    SP_TRY(base::GiveFolderTo(*options_.user, work.path()));
  }
  const fs::path result = work.path() / "result";
  const auto ran =
      SP_TRY(RunAsUser(WithConfiguration({options_.program.string(), "describe", job.file.string(),
                                          "--result", result.string()},
                                         job, work.path()),
                       kDescribeDeadline, stop, work.path()));
  const auto text = ReadOwn(result);
  const auto said = text.ok() ? json::Parse(*text) : base::Result<json::value>(text.error());
  if (said.ok() && said->is_object()) {
    if (const json::object* plan = json::FindObject(said->get_object(), "plan")) {
      return json::serialize(*plan);
    }
    if (const json::object* error = json::FindObject(said->get_object(), "error")) {
      return Error(job.code(), WithoutPaths(json::StringOr(*error, "message"), job, work.path()))
          .WithHint(WithoutPaths(json::StringOr(*error, "hint"), job, work.path()))
          .WithCause(WithoutPaths(json::StringOr(*error, "cause"), job, work.path()));
    }
  }
  const std::string& words = ran.errors.empty() ? ran.output : ran.errors;
  const std::string word(job.word());
  return Error(job.code(), ran.exit_code > 128
                               ? word + " died of signal " + std::to_string(ran.exit_code - 128) +
                                     " while it described its job"
                               : word + " did not describe its job")
      .WithCause(WithoutPaths(words.substr(words.size() - std::min<std::size_t>(words.size(), 500)),
                              job, work.path()))
      .WithHint("`streampark describe` with the same job and configuration shows it");
}

base::Result<engines::SqlVerdict> NativePlanner::Validate(const engines::PlannerKey& key,
                                                          const std::string& script,
                                                          const engines::Options& options,
                                                          std::stop_token stop) {
  SP_TRY(Describe(key, script, options, 1, std::move(stop)));
  return engines::SqlVerdict();
}

base::Result<std::string> NativePlanner::Explain(const engines::PlannerKey& key,
                                                 const std::string& script,
                                                 const engines::Options& options,
                                                 std::stop_token stop) {
  return Describe(key, script, options, 1, std::move(stop));
}

base::Result<engines::CompiledSql> NativePlanner::Compile(const engines::PlannerKey& key,
                                                          const std::string& script,
                                                          const engines::Options& options,
                                                          int parallelism, std::stop_token stop) {
  engines::CompiledSql compiled;
  compiled.plan = SP_TRY(Describe(key, script, options, parallelism, std::move(stop)));
  const json::value plan = SP_TRY(json::Parse(compiled.plan));
  const json::array* nodes = json::FindArray(plan.as_object(), "nodes");
  for (const json::value& value : nodes != nullptr ? *nodes : json::array()) {
    const json::object& node = value.as_object();
    const std::string name = json::StringOr(node, "name");
    const std::string type = json::StringOr(node, "type");
    // State is found again by its operator's name.
    engines::CompiledOperator one{
        .id = name.empty() ? std::to_string(json::IntegerOr(node, "id")) : name,
        .name = name.empty() ? type : name};
    if (const auto own = json::FindInteger(node, "parallelism")) {
      one.parallelism = static_cast<int>(*own);
    }
    compiled.operators.push_back(std::move(one));
  }
  return compiled;
}

base::Status NativePlanner::Furnish(const fs::path& aside, const fs::path& place,
                                    const engines::PlannerKey& planner,
                                    const engines::SubmitRequest& request) {
  const Job job = SP_TRY(JobOf(planner, place / "settings"));
  engines::Options options = request.options;
  const fs::path cluster = place.parent_path().parent_path();
  const auto take = [&](const char* key, const char* usual) {
    const auto given = options.find(key);
    const fs::path folder = given == options.end() ? cluster / usual : PathOf(given->second);
    if (given != options.end()) {
      options.erase(given);
    }
    return folder;
  };
  // An attempt of a library restores what it is told; a pump goes on by what the attempts before it have noted at the target, of which
  // its folder knows whose it is.
  const auto id = request.global_parameters.find("streampark.job");
  const fs::path checkpoints =
      take("native.checkpoint.directory", "checkpoints") /
      (job.pump ? "pump-" + (id == request.global_parameters.end() ? request.name : id->second)
                : request.engine_job_id);
  // Whoever ends the process from outside has not said what is to become of its state.
  const fs::path savepoints = take("native.savepoint.directory", "savepoints");
  if (!checkpoints.is_absolute() || !savepoints.is_absolute()) {
    return Error(ErrorCode::kValidationFailed,
                 "the folders of checkpoints and savepoints must be absolute paths of this machine")
        .WithHint("a job whose checkpoints lie in a bucket is run by `streampark run`");
  }
  options["native.checkpoint.directory"] = checkpoints.string();
  options["native.parallelism"] = std::to_string(request.parallelism);
  if (job.pump) {
    options["app.name"] = request.name;
  }
  if (request.restore) {
    options["native.restore-from"] = PathOf(request.restore->path).string();
    if (request.restore->allow_non_restored) {
      options["native.restore-ignore-unclaimed"] = "true";
    }
  }
  std::error_code error;
  for (const char* part : {"requests", "run"}) {
    fs::create_directories(aside / part, error);
    if (error) {
      return base::FileError(error.value(), "cannot make", aside / part);
    }
  }
  SP_TRY(WriteConfiguration(aside / "settings", job, request.script, options));
  std::vector<std::string> argv = WithConfiguration(
      {options_.program.string(), "run", job.file.string(), "--control", place.string()}, job,
      place / "settings");
  json::object said{{"name", request.name},
                    {"argv", json::array(argv.begin(), argv.end())},
                    {"checkpoints", checkpoints.string()},
                    {"savepoints", savepoints.string()},
                    {"parallelism", WidestOf(request.plan, request.parallelism)}};
  if (request.restore) {
    said["restore"] = request.restore->path;
  }
  json::object& labels = said["labels"].emplace_object();
  for (const auto& [key, value] : request.global_parameters) {
    labels[key] = value;
  }
  SP_TRY(base::WriteFileAtomically(aside / "job.json", json::serialize(said)));
  if (options_.user) {
    for (const char* part : {"settings", "run"}) {
      SP_TRY(base::GiveFolderTo(*options_.user, aside / part));
    }
  }
  return base::Ok();
}

base::Status NativePlanner::Submit(const engines::PlannerKey& key,
                                   const engines::SubmitRequest& request, std::stop_token stop) {
  const fs::path cluster = SP_TRY(NativeJobs::FolderOf(request.cluster, stop));
  if (!NativeJobs::IsId(request.engine_job_id)) {
    return Error(ErrorCode::kInvalidRequest, "a job's id is in hex digits");
  }
  const JobFolder job = jobs_.At(cluster, request.engine_job_id);
  if (job.exists()) {
    return Error(ErrorCode::kDuplicateJob, "the cluster has the job " + request.engine_job_id);
  }
  if (request.restore) {
    const fs::path from = PathOf(request.restore->path);
    if (from.empty() || !fs::exists(from / "_record")) {
      return Error(ErrorCode::kNotFound, "there is no snapshot at " + request.restore->path);
    }
  }
  std::error_code error;
  for (const char* part : {"jobs", "submits"}) {
    fs::create_directories(cluster / part, error);
  }
  const Folder aside(cluster / "submits" / base::RandomHex(random_, 8));
  SP_TRY(Furnish(aside.path(), job.path(), key, request));
  // Refused where there is one, for it is not empty: one whose submit was cut off is as good.
  fs::rename(aside.path(), job.path(), error);
  if (error && !fs::is_directory(job.path())) {
    return base::FileError(error.value(), "cannot make", job.path());
  }
  // Whoever has the folder's lock is the supervisor, for ever: a second one ends at once.
  auto spawned =
      base::SpawnDetached({.argv = {options_.program.string(), "supervise", job.path().string()},
                           .unset_environment = engines::OwnEnvironment(),
                           .working_directory = job.path(),
                           .user = options_.user},
                          job.path() / "supervisor.log");
  if (!spawned.ok()) {
    return Error(ErrorCode::kEngineError, "the job's supervisor could not be started")
        .WithCause(spawned.error().message());
  }
  return AwaitSupervisor(job, stop);
}

base::Status NativePlanner::AwaitSupervisor(const JobFolder& job,
                                            const std::stop_token& stop) const {
  const base::SystemClock clock;
  const base::SteadyTime end = clock.SteadyNow() + kSupervisorPatience;
  while (!job.exists()) {
    if (stop.stop_requested() || clock.SteadyNow() > end) {
      const auto words = ReadOwn(job.path() / "supervisor.log", 64U << 10U);
      return Error(ErrorCode::kEngineTimeout, "the job's supervisor has not said that it lives")
          .WithCause(words.ok() ? *words : "");
    }
    std::this_thread::sleep_for(base::Millis(5));  // between two looks
  }
  return base::Ok();
}

base::Result<engines::SqlVocabulary> NativePlanner::Vocabulary(const engines::PlannerKey&,
                                                               std::stop_token) {
  return Error(ErrorCode::kIllegalState, "the native engine has no SQL");
}

base::Result<engines::SnapshotInspection> NativePlanner::InspectSnapshot(const engines::PlannerKey&,
                                                                         const std::string& path,
                                                                         std::stop_token stop) {
  engines::SnapshotInspection seen;
  const fs::path folder = PathOf(path);
  if (folder.empty() || !fs::is_directory(folder)) {
    seen.problem = "there is no such folder on this machine";
    return seen;
  }
  seen.exists = true;
  seen.checkpoint_id = NumberOf(folder);
  const auto ran = SP_TRY(
      RunAsUser({options_.program.string(), "savepoint", "show", "-o", "json", folder.string()},
                kInspectDeadline, std::move(stop)));
  if (ran.exit_code != 0) {
    seen.problem = ran.errors.substr(0, ran.errors.find('\n'));
    return seen;
  }
  const json::value parsed = SP_TRY(json::Parse(ran.output));
  const json::object& view = parsed.as_object();
  seen.complete = true;
  for (const WholeSnapshot& one : WholeSnapshotsBelow(folder.parent_path(), 0)) {
    seen.size_bytes = one.path == folder ? one.size_bytes : seen.size_bytes;
  }
  const int key_groups = static_cast<int>(json::IntegerOr(view, "keyGroups"));
  const json::array* operators = json::FindArray(view, "operators");
  for (const json::value& value : operators != nullptr ? *operators : json::array()) {
    const json::object& shown = value.as_object();
    engines::SnapshotInspection::Operator one;
    one.id = one.name = json::StringOr(shown, "name");
    one.parallelism = static_cast<int>(json::IntegerOr(shown, "parallelism"));
    one.has_state =
        json::IntegerOr(shown, "splitsWaiting") > 0 || json::IntegerOr(shown, "prepared") > 0;
    for (const char* kind : {"keyed", "lists"}) {
      const json::array* states = json::FindArray(shown, kind);
      for (const json::value& state : states != nullptr ? *states : json::array()) {
        one.state_bytes += json::IntegerOr(state.as_object(), "bytes");
        one.has_state = true;
        one.max_parallelism = std::string_view(kind) == "keyed" ? key_groups : one.max_parallelism;
      }
    }
    seen.operators.push_back(std::move(one));
  }
  return seen;
}

base::Result<std::vector<engines::FoundSnapshot>> NativePlanner::ListSnapshots(
    const engines::PlannerKey&, const std::string& folder, std::stop_token) {
  const fs::path root = PathOf(folder);
  if (root.empty() || !fs::is_directory(root)) {
    return Error(ErrorCode::kNotFound, "there is no folder " + folder);
  }
  std::vector<engines::FoundSnapshot> all;
  for (const WholeSnapshot& one : WholeSnapshotsBelow(root, 2)) {
    if (all.size() == kMostSnapshots) {
      break;
    }
    engines::FoundSnapshot found{
        .path = UriOf(one.path), .modified_at = one.completed_at, .complete = true};
    NameOwner(one.path.lexically_relative(root), found);
    all.push_back(std::move(found));
  }
  return all;
}

base::Status NativePlanner::DeleteSnapshot(const engines::PlannerKey&, const std::string& path,
                                           std::stop_token stop) {
  const fs::path folder = PathOf(path);
  if (folder.empty() || NumberOf(folder) == 0 || folder.lexically_normal() != folder) {
    return Error(ErrorCode::kInvalidRequest, path + " is no snapshot of a native job");
  }
  if (!fs::exists(folder)) {
    return base::Ok();
  }
  if (!fs::exists(folder / "_record")) {
    return Error(ErrorCode::kInvalidRequest, path + " is no snapshot of a native job");
  }
  // With the last of a folder go the files that several shared.
  const bool last = WholeSnapshotsBelow(folder.parent_path(), 0).size() <= 1;
  const auto ran = SP_TRY(
      RunAsUser({"/bin/rm", "-rf", "--", last ? folder.parent_path().string() : folder.string()},
                kInspectDeadline, std::move(stop)));
  if (ran.exit_code != 0) {
    return Error(ErrorCode::kIoError, "cannot delete " + path).WithCause(ran.errors);
  }
  return base::Ok();
}

base::Result<engines::FolderTrial> NativePlanner::TryFolder(const engines::PlannerKey&,
                                                            const std::string& folder,
                                                            std::stop_token stop) {
  using Outcome = engines::FolderTrial::Outcome;
  const fs::path path = PathOf(folder);
  if (path.empty()) {
    return engines::FolderTrial{Outcome::kRefused, "it is not a folder of this machine"};
  }
  const auto made =
      SP_TRY(RunAsUser({"/bin/mkdir", "-p", "--", path.string()}, kShortDeadline, stop));
  if (made.exit_code != 0) {
    return engines::FolderTrial{Outcome::kRefused, made.errors};
  }
  const auto tried =
      SP_TRY(RunAsUser({"/bin/mktemp", (path / ".trial-XXXXXX").string()}, kShortDeadline, stop));
  if (tried.exit_code != 0) {
    return engines::FolderTrial{Outcome::kRefused, tried.errors};
  }
  const std::string file = tried.output.substr(0, tried.output.find('\n'));
  SP_TRY(RunAsUser({"/bin/rm", "-f", "--", file}, kShortDeadline, stop));
  return engines::FolderTrial{Outcome::kWritable, ""};
}

}  // namespace streampark::native
