// SPDX-License-Identifier: Apache-2.0
#include "world.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace streampark::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using store::testing::FaultyDisk;
using store::testing::JobLife;

/// Leaves a life through whatever it was doing.
struct Killed {};

constexpr base::Millis kQuiet = minutes(90);
constexpr int kMostNested = 2;       // turns that come in between one another
constexpr int kKeepsItsCluster = 4;  // in one of so many runs the console does

/// One folder for all runs: next to only names stand in it, for the database is on a disk in memory.
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

/// Whether it may be passed with a lock held: there nobody comes in between. An intent may be
/// committed under the job's, an operation of the fleet is begun under the fleet's, and processes are
/// started and ended under the cluster's claim.
bool IsUnderALock(std::string_view point) {
  if (point.starts_with("INTENT_") || point.starts_with("FLEET_Save")) {
    return true;
  }
  for (const std::string_view verb : {"FIND_PROCESSES", "PREPARE_CLUSTER", "START_PROCESS",
                                      "SPAWN_PROCESS", "END_PROCESSES", "MEND_PROCESS"}) {
    if (point.find(verb) != point.npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

World::World(const Plan& plan)
    : plan_(plan),
      time_(plan.seed),
      random_(plan.seed),
      disk_(MigratedDisk()),
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
  if (time_.OneIn(kKeepsItsCluster)) {
    machine_ = std::make_unique<store::testing::FakeMachine>(time_, engine_);
    machine_->hides = plan_.defect == Defect::kMissProcesses;
    machine_->job_manager_gone = [this](const auto& process) { JobManagerGone(process); };
    engine_.managers = [this] { return machine_->Registered(); };
    cluster_promises_ = std::make_unique<ClusterPromises>(*machine_, engine_, outcome_.broken);
    fleet_promises_ = std::make_unique<FleetPromises>(*machine_, outcome_.broken);
    std::error_code error;
    std::filesystem::remove_all(Folder() / "installations", error);  // of the run before
  }
  time_.before_turn = [this](const std::string& line) {
    lines_.push_back(line);
    if (managed()) {
      machine_->silent = time_.SteadyNow() < silent_until_;
      machine_->Progress();
    }
  };
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
            promises_.Announced(life_.get(), operation);
            if (managed()) {
              cluster_promises_->Announced(operation);
            }
          },
      .cluster_options = highly_available_
                             ? engines::Options{{"high-availability.type", "zookeeper"}}
                             : engines::Options{},
      .machine = machine_.get()};
  PutIn(plan_.defect, time_, parts);
  life_ = std::make_unique<JobLife>(Folder(), time_, engine_, parts);
  promises_.CheckNewLife(*life_);
  if (managed()) {
    cluster_promises_->CheckNewLife(*life_);
    fleet_promises_->CheckNewLife(*life_);
  }
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
      const auto& subject = found->second.subject.kind;
      return {(subject == console::SubjectKind::kJob ? "" : std::string(ToString(subject)) + " ") +
                  std::string(ToString(found->second.kind)),
              step == nullptr ? "" : step->name, std::string(point)};
    }
    if (managed() && fleet_promises_->Knows(*line)) {
      return {"FLEET " + fleet_promises_->KindOf(*line), "", std::string(point)};
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
  if (!quiet_ && lines_.size() <= kMostNested && !IsUnderALock(point) && time_.OneIn(6)) {
    time_.Interleave();
  }
}

void World::AfterTurn(const std::string& line) {
  lines_.pop_back();
  if (!quiet_ && line != "mend") {
    Note(line);
  }
  BringHome();
  promises_.CheckTurn(*life_);
  if (managed()) {
    cluster_promises_->CheckTurn(*life_);
    fleet_promises_->CheckTurn(*life_, line);
  }
  if (quiet_) {
    return;
  }
  // Those that come by again and again are not what the turns of a plan are counted by.
  const bool again =
      line == "mend" ||
      (managed() && (life_->managed()->clusters->Find(line) || fleet_promises_->Knows(line)));
  if (!again) {
    ++outcome_.turns;
  }
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

// ------------------------------------------------------------------------------------------------

void World::GrowQuiet() {
  Note("quiet");
  quiet_ = true;
  engine_.savepoints_fail = engine_.forgets_triggers = engine_.jobs_fail = false;
  engine_.slots_free = 4;
  engine_.start_takes = engine_.savepoint_takes = engine_.stop_takes = base::Millis(500);
  engine_.checkpoint_every = minutes(5);
  if (managed()) {
    SpareMachine();
  }
  ReleaseAll();
  silent_until_ = std::min(silent_until_, time_.SteadyNow() + seconds(30));
  down_until_ = std::min(down_until_, silent_until_);
}

bool World::IsQuiet() {
  for (const auto& [key, command] : promises_.commands()) {
    if (operations_.at(command.operation_id).open()) {
      return false;
    }
  }
  if (managed() && (fleet_promises_->IsBusy())) {
    return false;
  }
  if (managed()) {
    const std::vector<std::string> others = cluster_promises_->Operations();
    if (std::any_of(others.begin(), others.end(),
                    [&](const std::string& id) { return operations_.at(id).open(); })) {
      return false;
    }
  }
  for (const std::string& job : jobs_) {
    const auto view = life_->jobs().board().Find(job);
    if (view->state.operation || promises_.OlderLives(view->state) ||
        !promises_.IsShownAsItIs(view->state)) {
      return false;
    }
  }
  return managed() ? cluster_promises_->Stands(*life_) && FleetPromises::Noted(*life_).empty()
                   : engine_.reachable;
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
  if (!managed()) {
    begin("watch", &World::Watch);
  }
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
      if (!time_.spins().empty()) {
        outcome_.broken = "the line " + time_.spins() + " asks for turn after turn at one moment";
        break;
      }
      promises_.CheckEnd(*life_);
      if (managed()) {
        cluster_promises_->CheckEnd(*life_);
        fleet_promises_->CheckEnd(*life_);
      }
      break;
    } catch (const Killed&) {
      EndLife();
    }
  }
  row_->Stop();
  life_.reset();
  return std::move(outcome_);
}

std::string ToString(const Passage& passage) {
  return passage.kind + " " + passage.step + " " + passage.point;
}

Outcome Take(const Plan& plan) { return World(plan).Take(); }

}  // namespace streampark::faults
