// SPDX-License-Identifier: Apache-2.0
#include "world.h"

#include <memory>
#include <utility>

#include "promises.h"
#include "testing/faulty_disk.h"

namespace streampark::faults {
namespace {

using engines::EngineState;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using store::testing::Call;
using store::testing::FakeDriver;
using store::testing::FakeEngine;
using store::testing::FaultyDisk;
using store::testing::JobLife;
using store::testing::VirtualTime;

/// Leaves a life through whatever it was doing.
struct Killed {};

constexpr int kMostNested = 2;  // turns that come in between one another
constexpr base::Millis kQuiet = minutes(90);

/// One folder for all runs: only names stand in it, for the database is on a disk in memory.
const std::filesystem::path& Folder() {
  static const base::TemporaryFolder folder = base::TemporaryFolder::Create().value();
  return folder.path();
}

/// A disk with a migrated database: making one takes longer than a run.
const FaultyDisk::Image& MigratedDisk() {
  static const FaultyDisk::Image image = [] {
    FaultyDisk disk;
    base::SystemClock clock;
    SP_CHECK(store::Database::Open(Folder() / "streampark.db", {.vfs = disk.vfs()}, clock).ok());
    return disk.image();
  }();
  return image;
}

class World {
 public:
  explicit World(const Plan& plan);
  Outcome Take();

 private:
  // What happens, each a line of turns.
  console::Turns::Due Watch();
  console::Turns::Due Command();
  console::Turns::Due Misfortune();

  void BeginLife();
  void EndLife();
  [[noreturn]] void Kill(const std::string& how);
  void Pass(std::string_view point);
  base::Status Disturb(const Call& call, FakeEngine::Moment moment);
  void AfterTurn(const std::string& line);
  void BringHome();
  void GrowQuiet();
  bool IsQuiet();
  void Note(const std::string& what);

  void CommandJob(const std::string& job_id, const std::string& text);
  void RepeatOne();
  void CancelOne();
  void DeleteOne(const std::string& job_id);
  void RestartJobManager();
  FakeEngine::Job* Pick(bool (*wanted)(EngineState));
  Passage PassageAt(std::string_view point) const;
  base::Millis Within(int low_ms, int high_ms) {
    return base::Millis(low_ms +
                        static_cast<int>(time_.Draw(static_cast<std::uint64_t>(high_ms - low_ms))));
  }

  const Plan plan_;
  Outcome outcome_;
  VirtualTime time_;
  store::testing::SeededRandom random_;
  FaultyDisk disk_{MigratedDisk()};
  FakeEngine engine_{time_};
  FakeDriver watching_{engine_};
  Promises promises_{engine_, outcome_.broken};
  const bool highly_available_;
  const std::uint64_t trouble_;  // one call in so many is disturbed
  std::unique_ptr<JobLife> life_;
  std::unique_ptr<console::Turns> row_;
  std::vector<std::string> jobs_;
  std::string foreign_;             // the engine's id of a job that somebody started there
  std::vector<std::string> lines_;  // under way, outermost first
  std::map<std::string, console::Operation> operations_;  // as they were announced last
  base::SteadyTime silent_until_{}, down_until_{};
  bool quiet_ = false;
  int passages_ = 0;
  int keys_ = 0;
};

World::World(const Plan& plan)
    : plan_(plan),
      time_(plan.seed),
      random_(plan.seed),
      highly_available_(time_.OneIn(2)),
      trouble_(8 + time_.Draw(40)) {
  if (plan_.defect == Defect::kForgetSync) {
    disk_.IgnoreSyncs();
  }
  engine_.checkpoint_every = Within(3'000, 20'000);
  engine_.disturb = [this](const Call& call, FakeEngine::Moment moment) {
    return Disturb(call, moment);
  };
  engine_.delay_submit = [this](const Call& call) -> std::optional<base::Millis> {
    if (quiet_ || !time_.OneIn(12)) {
      return std::nullopt;
    }
    promises_.Asked(*life_, call);
    Note("the submit of " + call.key + " is late");
    return Within(100, 4'500);
  };
  time_.before_turn = [this](const std::string& line) { lines_.push_back(line); };
  time_.after_turn = [this](const std::string& line) { AfterTurn(line); };
  row_ = time_.turns()(1);
}

void World::Note(const std::string& what) {
  const auto mix = [&](std::string_view text) {
    for (const char c : text) {
      outcome_.digest = (outcome_.digest ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
  };
  const std::string at = std::to_string(time_.SteadyNow().time_since_epoch() / milliseconds(1));
  mix(at);
  mix(what);
  if (plan_.keep_trace) {
    outcome_.trace.push_back(at + " " + what);
  }
}

// ------------------------------------------------------------------------------------------------
// lives

void World::BeginLife() {
  store::testing::LifeParts parts{
      .probe = [this](std::string_view point) { Pass(point); },
      .vfs = disk_.vfs(),
      .listener =
          [this](const console::Operation& operation) {
            operations_[operation.id] = operation;
            const console::Step* step = operation.running_step();
            Note("  " + operation.id + " " + std::string(ToString(operation.kind)) + " " +
                 std::string(ToString(operation.state)) + " " +
                 (step == nullptr ? "" : step->name + ": " + step->message) +
                 (operation.error ? operation.error->ToString() : ""));
            promises_.Announced(operation);
          },
      .cluster_options = highly_available_
                             ? engines::Options{{"high-availability.type", "zookeeper"}}
                             : engines::Options{}};
  PutIn(plan_.defect, time_, parts);
  life_ = std::make_unique<JobLife>(Folder(), time_, engine_, parts);
  promises_.CheckNewLife(*life_);
}

void World::Kill(const std::string& how) {
  Note("killed " + how);
  ++outcome_.kills;
  throw Killed();
}

void World::EndLife() {
  using Kind = FaultyDisk::Survival::Kind;
  lines_.clear();
  life_->driver().Cut();
  disk_.CutPower();
  life_.reset();
  const Kind kinds[] = {Kind::kSynced, Kind::kEverything, Kind::kSeeded};
  disk_.PowerOn({kinds[time_.Draw(3)], time_.Draw(UINT32_MAX)});
  if (time_.OneIn(8)) {
    time_.Pass(minutes(10));  // the engine forgets what became of savepoints
    for (auto& [id, job] : engine_.jobs) {
      job.triggers.clear();
    }
  } else {
    time_.Pass(Within(1, 10'000));
  }
}

Passage World::PassageAt(std::string_view point) const {
  for (auto line = lines_.rbegin(); line != lines_.rend(); ++line) {
    if (const auto found = operations_.find(*line); found != operations_.end()) {
      const console::Step* step = found->second.running_step();
      return {std::string(ToString(found->second.kind)), step == nullptr ? "" : step->name,
              std::string(point)};
    }
    break;
  }
  return {"CARE", "", std::string(point)};
}

void World::Pass(std::string_view point) {
  if (life_ == nullptr) {
    return;  // it is being made
  }
  const Passage passage = PassageAt(point);
  outcome_.passed.try_emplace(passage, ++passages_);
  const bool drawn = !quiet_ && time_.OneIn(180);
  if (drawn || plan_.kills_at.contains(passages_)) {
    outcome_.killed.insert(passage);
    Kill("at " + ToString(passage));
  }
  // An intent may be committed under the job's lock: there nobody comes in between.
  if (!quiet_ && lines_.size() <= kMostNested && !point.starts_with("INTENT_") && time_.OneIn(6)) {
    time_.Interleave();
  }
}

void World::AfterTurn(const std::string& line) {
  lines_.pop_back();
  if (!quiet_) {
    Note(line);
  }
  BringHome();
  promises_.CheckTurn(*life_);
  if (quiet_) {
    return;
  }
  ++outcome_.turns;
  if (time_.OneIn(16)) {
    time_.Pass(Within(1, 700));  // a thread that had to wait for the processor
  }
  if (time_.OneIn(300)) {
    Kill("between turns");
  }
}

/// What was adopted is an attempt of ours from then on.
void World::BringHome() {
  for (const std::string& id : jobs_) {
    const auto view = life_->jobs().board().Find(id);
    const auto job = view != nullptr && view->state.live()
                         ? engine_.jobs.find(view->state.attempt->engine_job_id)
                         : engine_.jobs.end();
    if (job != engine_.jobs.end()) {
      job->second.job_parameter = id;
    }
  }
}

// ------------------------------------------------------------------------------------------------
// misfortune

base::Status World::Disturb(const Call& call, FakeEngine::Moment moment) {
  const bool asked = moment == FakeEngine::Moment::kAsked;
  if (!quiet_ && time_.OneIn(trouble_)) {
    ++outcome_.faults;
    if (asked) {
      Note(std::string(call.name) + " does not arrive");
      return base::Error(base::ErrorCode::kClusterUnreachable, "no route");
    }
    Note("the answer to " + std::string(call.name) + " is lost");
    return base::Error(base::ErrorCode::kEngineTimeout, "no answer in time");
  }
  if (asked) {
    promises_.Asked(*life_, call);
  } else {
    promises_.Answered(call);
  }
  return base::Ok();
}

FakeEngine::Job* World::Pick(bool (*wanted)(EngineState)) {
  std::vector<FakeEngine::Job*> fitting;
  for (auto& [id, job] : engine_.jobs) {
    if (wanted(job.state)) {
      fitting.push_back(&job);
    }
  }
  return fitting.empty() ? nullptr : fitting[time_.Draw(fitting.size())];
}

void World::RestartJobManager() {
  Note(highly_available_ ? "the JobManager is replaced" : "the JobManager dies with its jobs");
  down_until_ = silent_until_ = time_.SteadyNow() + Within(1'000, 20'000);
  engine_.reachable = false;
  if (!highly_available_) {
    engine_.jobs.clear();
    engine_.on_their_way.clear();
    return;
  }
  for (auto& [id, job] : engine_.jobs) {
    job.triggers.clear();
    if (!engines::IsTerminal(job.state)) {
      job.state = EngineState::kPending;  // and runs again from its last checkpoint
      job.changes = down_until_ + engine_.start_takes;
      ++job.restarts;
    }
  }
}

console::Turns::Due World::Misfortune() {
  if (quiet_) {
    return console::Turns::kWhenWoken;
  }
  ++outcome_.faults;
  engine_.start_takes = time_.OneIn(6) ? Within(500, 5'000) : Within(20, 300);
  engine_.savepoint_takes = time_.OneIn(5) ? Within(5'000, 60'000) : Within(20, 400);
  engine_.stop_takes = time_.OneIn(4) ? Within(100, 3'000) : base::Millis(0);
  engine_.savepoints_fail = time_.OneIn(6);
  engine_.forgets_triggers = time_.OneIn(6);
  engine_.rescales = time_.OneIn(2);
  engine_.jobs_fail = time_.OneIn(10);
  engine_.slots_free = time_.OneIn(12) ? 0 : 4;
  engine_.answer_age = time_.OneIn(3) ? base::Millis(3'000) : base::Millis(0);
  switch (time_.Draw(8)) {
    case 0:
    case 1:
      Note("the cluster falls silent");
      silent_until_ = time_.SteadyNow() + Within(2'000, 40'000);
      engine_.reachable = false;
      break;
    case 2:
    case 3:
      if (FakeEngine::Job* job = Pick([](EngineState s) { return s == EngineState::kRunning; })) {
        Note("a job fails");
        job->state = EngineState::kFailed;
      }
      break;
    case 4:
      RestartJobManager();
      break;
    case 5:
      // As when a JobManager takes a cancelled job up again. That two live is the engine's doing
      // when another attempt is under way, so that is left out.
      if (FakeEngine::Job* job = Pick([](EngineState s) { return s == EngineState::kCanceled; })) {
        const auto view = life_->jobs().board().Find(job->job_parameter);
        if (view != nullptr && !view->state.operation && !view->state.live() &&
            engine_.Alive(job->job_parameter) == 0) {
          Note("an ended job runs again");
          job->state = EngineState::kRunning;
          job->ran_again = true;
          job->ended.reset();
        }
      }
      break;
    case 6:
      if (time_.OneIn(3)) {
        foreign_ = base::RandomHex(random_, 16);
        Note("somebody starts " + foreign_);
        engine_.jobs[foreign_] = {.state = EngineState::kRunning};
      }
      break;
    default:
      break;
  }
  return Within(1'000, 12'000);
}

// ------------------------------------------------------------------------------------------------
// who watches, and who commands

console::Turns::Due World::Watch() {
  using Silence = console::ClusterObservationSink::Silence;
  if (!engine_.reachable && time_.SteadyNow() >= silent_until_) {
    engine_.reachable = true;
    Note("the cluster answers");
  }
  const bool down = !engine_.reachable && time_.SteadyNow() < down_until_ && !highly_available_;
  const auto seen = watching_.Observe({}, seconds(5), {});
  if (!quiet_ && lines_.size() <= kMostNested && time_.OneIn(3)) {
    time_.Interleave();
  }
  auto& sink = life_->jobs().observations();
  if (seen.ok()) {
    sink.OnObservation(life_->cluster(), *seen);
  } else {
    const bool gone = down || plan_.defect == Defect::kActOnSilence;
    sink.OnSilence(life_->cluster(), gone ? Silence::kDown : Silence::kNoAnswer, time_.Now());
  }
  return quiet_ ? base::Millis(2'000) : Within(900, 2'500);
}

void World::CommandJob(const std::string& job_id, const std::string& text) {
  const std::string key = "key-" + std::to_string(++keys_);
  const auto begun =
      life_->jobs().desk().Command(job_id, *console::CommandFromText(text), {"u", "user"}, key);
  Note(text + (begun.ok() ? " is " + begun->id : " is refused: " + begun.error().message()));
  if (begun.ok()) {
    ++outcome_.commands;
    promises_.Accepted(job_id, key, text, *begun);
  }
}

void World::RepeatOne() {
  const auto& known = promises_.commands();
  if (known.empty()) {
    return;
  }
  const auto& [key, command] =
      *std::next(known.begin(), static_cast<std::ptrdiff_t>(time_.Draw(known.size())));
  Note("once more " + key);
  promises_.Repeated(
      key, life_->jobs().desk().Command(command.job_id, *console::CommandFromText(command.text),
                                        {"u", "user"}, key));
}

void World::CancelOne() {
  for (const std::string& job : jobs_) {
    const auto view = life_->jobs().board().Find(job);
    if (view != nullptr && view->state.operation) {
      const auto cancelled = life_->jobs().desk().Cancel(view->state.operation->id);
      Note("cancel " + view->state.operation->id +
           (cancelled.ok() ? "" : ": " + cancelled.error().message()));
      return;
    }
  }
}

void World::DeleteOne(const std::string& job_id) {
  const auto known = life_->jobs().store().ListSnapshots(job_id, 0, "");
  if (!known.ok() || known->items.empty()) {
    return;
  }
  const console::Snapshot& chosen = known->items[time_.Draw(known->items.size())];
  Note("delete " + chosen.path);
  const auto deleted = life_->jobs().DeleteSnapshot(job_id, chosen.id, {});
  Note(deleted.ok() ? "deleted" : deleted.error().message());
}

console::Turns::Due World::Command() {
  if (quiet_) {
    return console::Turns::kWhenWoken;
  }
  static const char* const kStarts[] = {R"({"kind":"START"})", R"({"kind":"START"})",
                                        R"({"kind":"START","restore":{"from":"LATEST"}})",
                                        R"({"kind":"START","restore":{"from":"NOTHING"}})"};
  static const char* const kOthers[] = {R"({"kind":"STOP","savepoint":"YES"})",
                                        R"({"kind":"STOP","savepoint":"YES"})",
                                        R"({"kind":"STOP","savepoint":"NO"})",
                                        R"({"kind":"STOP","savepoint":"DRAIN"})",
                                        R"({"kind":"SAVEPOINT"})",
                                        R"({"kind":"SAVEPOINT"})",
                                        R"({"kind":"RESTART"})",
                                        R"({"kind":"RESTART","savepoint":"NO"})",
                                        R"({"kind":"RELEASE"})",
                                        R"({"kind":"UPGRADE"})",
                                        R"({"kind":"ROLLBACK"})",
                                        R"({"kind":"RESCALE","parallelism":2})",
                                        R"({"kind":"RESCALE","parallelism":3})"};
  const std::string job = jobs_[time_.Draw(jobs_.size())];
  const auto view = life_->jobs().board().Find(job);
  const std::uint64_t draw = time_.Draw(100);
  if (draw < 8) {
    RepeatOne();
  } else if (draw < 16) {
    CancelOne();
  } else if (draw < 22) {
    DeleteOne(job);
  } else if (draw < 25) {
    CommandJob(job, R"({"kind":"DELETE"})");
  } else if (view->state.job.desired == console::DesiredState::kDeleted) {
    Note("undelete");
    static_cast<void>(life_->jobs().desk().Undelete(job, {"u", "user"}));
  } else if (draw < 28) {
    life_->Edit(job, "INSERT INTO b SELECT " + std::to_string(time_.Draw(1000)));
  } else if (!view->state.live() && draw < 34 && !foreign_.empty() && engine_.Alive(job) == 0) {
    CommandJob(job, R"({"kind":"ADOPT","engineJobId":")" + foreign_ + R"("})");
  } else if (!view->state.live() && draw < 90) {
    CommandJob(job, kStarts[time_.Draw(std::size(kStarts))]);
  } else {
    CommandJob(job, kOthers[time_.Draw(std::size(kOthers))]);
  }
  return time_.OneIn(6) ? Within(0, 2) : Within(200, 5'000);
}

// ------------------------------------------------------------------------------------------------

void World::GrowQuiet() {
  Note("quiet");
  quiet_ = true;
  engine_.savepoints_fail = engine_.forgets_triggers = engine_.jobs_fail = false;
  engine_.slots_free = 4;
  engine_.start_takes = engine_.savepoint_takes = engine_.stop_takes = base::Millis(500);
  engine_.checkpoint_every = minutes(5);
  silent_until_ = std::min(silent_until_, time_.SteadyNow() + seconds(30));
  down_until_ = std::min(down_until_, silent_until_);
}

bool World::IsQuiet() {
  for (const auto& [key, command] : promises_.commands()) {
    if (operations_.at(command.operation_id).open()) {
      return false;
    }
  }
  for (const std::string& job : jobs_) {
    const auto view = life_->jobs().board().Find(job);
    if (view->state.operation || !promises_.IsShownAsItIs(view->state)) {
      return false;
    }
  }
  return engine_.reachable;
}

Outcome World::Take() {
  const base::Millis forever = std::chrono::hours(24 * 365);
  BeginLife();
  for (int i = 0; i < 1 + static_cast<int>(time_.Draw(2)); ++i) {
    jobs_.push_back(life_->CreateJob("job-" + std::to_string(i)));
  }
  const auto begin = [&](const char* name, console::Turns::Due (World::*turn)()) {
    row_->Begin(name, [this, turn](const std::stop_token&) { return (this->*turn)(); });
  };
  begin("watch", &World::Watch);
  begin("command", &World::Command);
  begin("misfortune", &World::Misfortune);
  for (;;) {
    try {
      if (life_ == nullptr) {
        BeginLife();
      }
      if (!quiet_) {
        time_.RunUntil([&] { return !outcome_.broken.empty() || outcome_.turns >= plan_.turns; },
                       forever);
        GrowQuiet();
      }
      time_.RunUntil([&] { return !outcome_.broken.empty() || IsQuiet(); }, kQuiet);
      promises_.CheckEnd(*life_);
      break;
    } catch (const Killed&) {
      EndLife();
    }
  }
  row_->Stop();
  life_.reset();
  return std::move(outcome_);
}

}  // namespace

std::string ToString(const Passage& passage) {
  return passage.kind + " " + passage.step + " " + passage.point;
}

Outcome Take(const Plan& plan) { return World(plan).Take(); }

}  // namespace streampark::faults
