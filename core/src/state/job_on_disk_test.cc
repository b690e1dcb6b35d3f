// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/core.h"

#include "job_results.h"
#include "runtime/checkpoint_store.h"

/// A job with every kind of state, interrupted at will: on disk and in memory, at one parallelism and another.
namespace streampark::core {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct Visit {
  std::string user;
  std::int64_t pages = 0;
  Timestamp at;
};
SP_RECORD(Visit, user, pages, at);
struct Rule {
  std::int64_t n = 0;
  Timestamp at;
};
SP_RECORD(Rule, n, at);

/// What came of it: what kind, of whom, when or which, how much.
using Result = std::tuple<std::string, std::string, std::int64_t, std::int64_t>;
struct Outcome {
  JobResults<Result> all;
  std::shared_ptr<std::atomic<std::int64_t>> seen =
      std::make_shared<std::atomic<std::int64_t>>(0);  // visits
};

constexpr std::int64_t kUsers = 300;
constexpr std::int64_t kStep = 2'000;
constexpr std::int64_t kSteps = 5;
const Timestamp kVeryLate(24h * 365);

void MakeVisit(std::int64_t n, Visit& visit) {
  visit.user = "user-" + std::to_string(n * n % kUsers);
  visit.pages = n % 17;
  visit.at = Timestamp(std::chrono::milliseconds(n * 20));
}

class EveryState final : public KeyedBroadcastProcess<std::string, Visit, Rule, Result> {
 public:
  void Open(KeyedStates<std::string>& states, BroadcastStates& broadcast) override {
    value_ = states.Value<std::int64_t>("value");
    list_ = states.List<std::string>("list");
    map_ = states.Map<std::int64_t, std::int64_t>("map");
    most_ = states.Reducing<std::int64_t>(
        "most", [](std::int64_t& most, const std::int64_t& n) { most = std::max(most, n); });
    mean_ = states.Aggregating("sum", Sum(&Visit::pages));
    expiring_ = states.Value<std::int64_t>("expiring", {.after = 1h});
    rules_ = broadcast.Map<std::int64_t, std::int64_t>("rules");
  }
  void Process(const Visit& visit, Context& context, Collector<Result>& out) override {
    value_.Update([](std::int64_t& visits) { ++visits; });
    list_.Add(std::to_string(visit.pages));
    map_.Set(visit.pages - 8, value_.Get());
    most_.Add(visit.pages);
    mean_.Add(visit);
    expiring_.Set(expiring_.Get() + 1);
    out.Emit({"visit", context.key(), value_.Get(), expiring_.Get()});
    context.SetTimer(visit.at + 7s);
    context.SetTimer(kVeryLate);
  }
  void ProcessBroadcast(const Rule& rule, BroadcastContext& context,
                        Collector<Result>& /*out*/) override {
    context.Writable(rules_)[rule.n] = rule.n;
  }
  void OnTimer(Timestamp at, TimeDomain /*domain*/, Context& context,
               Collector<Result>& out) override {
    if (at != kVeryLate) {
      return;  // that they fire is seen in what is left of them
    }
    std::int64_t digest = 0;
    map_.ForEach([&](std::int64_t key, std::int64_t count) { digest = digest * 31 + key + count; });
    out.Emit({"map", context.key(), 0, digest});
    out.Emit({"list", context.key(), static_cast<std::int64_t>(list_.Get().size()),
              std::stoll(list_.Get().back())});
    out.Emit({"most", context.key(), *most_.Find(), *mean_.Get()});
    std::int64_t rules = 0;
    rules_.ForEach([&](std::int64_t, std::int64_t n) { rules += n; });
    out.Emit({"rules", context.key(), 0, rules});
  }

 private:
  ValueState<std::int64_t> value_;
  ListState<std::string> list_;
  MapState<std::int64_t, std::int64_t> map_;
  ReducingState<std::int64_t> most_;
  AggregatingState<decltype(Sum(&Visit::pages))> mean_;
  ValueState<std::int64_t> expiring_;
  BroadcastState<std::int64_t, std::int64_t> rules_;
};

enum class Ending { kBounded, kEndless };

void Visits(StreamContext& context, std::int64_t visits, Ending ending, const Outcome& outcome) {
  auto add = [all = outcome.all, seen = outcome.seen](const Result& result) mutable {
    all.Add(result);
    if (std::get<0>(result) == "visit") {
      seen->fetch_add(1);
    }
  };
  const Timestamp reached(std::chrono::milliseconds(visits * 20));
  const auto waiting = ending == Ending::kEndless ? std::int64_t{1} << 40 : 0;
  const auto nothing = context
                           .Generate<Visit>("nothing", waiting,
                                            [reached](std::int64_t, Visit& visit) {
                                              std::this_thread::sleep_for(10us);  // it has time
                                              visit.at = reached;
                                            })
                           .Watermarks(&Visit::at, MonotonousTimestamps())
                           .Filter([](const Visit&) { return false; });
  const auto rules =
      context.Generate<Rule>("rules", 20, [](std::int64_t n, Rule& rule) { rule.n = n; })
          .Watermarks(&Rule::at, MonotonousTimestamps());
  const auto seen = context.Generate<Visit>("visits", visits, MakeVisit)
                        .Parallelism(1)  // so that the order within a user is one
                        .Watermarks(&Visit::at, BoundedOutOfOrderness(2s))
                        .Parallelism(1)
                        .Union(nothing)
                        .KeyBy(&Visit::user);
  seen.Connect(rules.Broadcast()).Process("states", EveryState()).ForEach("states out", add);
  seen.Window(Tumbling(10s))
      .Aggregate("tumbling", Count())
      .ForEach("tumbling out", [add](const auto& window) mutable {
        add({"tumbling", window.key, ToEventTime(window.end), window.value});
      });
  seen.Window(Sliding(30s, 10s))
      .Aggregate("sliding", Sum(&Visit::pages))
      .ForEach("sliding out", [add](const auto& window) mutable {
        add({"sliding", window.key, ToEventTime(window.end), window.value});
      });
  seen.Window(Session(9s))
      .Aggregate("sessions", Count())
      .ForEach("sessions out", [add](const auto& window) mutable {
        add({"session", window.key, ToEventTime(window.end), window.value});
      });
  seen.Window(CountOf(7))
      .Aggregate("counts", Sum(&Visit::pages))
      .ForEach("counts out", [add](const auto& window) mutable {
        add({"count", window.key, ToEventTime(window.end), window.value});
      });
  const auto both = [](const Visit& a, const Visit& b) {
    return Result("", a.user, ToEventTime(a.at), ToEventTime(b.at));
  };
  seen.Join(seen)
      .Window(Tumbling(10s))
      .Apply("window join", both)
      .ForEach("window join out", [add](const Result& pair) mutable {
        add({"joined", std::get<1>(pair), std::get<2>(pair), std::get<3>(pair)});
      });
  seen.Join(seen)
      .Between(-8s, 12s)
      .Apply("interval join", both)
      .ForEach("interval join out", [add](const Result& pair) mutable {
        add({"near", std::get<1>(pair), std::get<2>(pair), std::get<3>(pair)});
      });
}

class JobOnDiskTest : public ::testing::Test {
 protected:
  enum class By { kSavepoint, kCheckpoint };
  struct Interrupted {
    StateOptions state;
    int parallelism = 1;
    By by = By::kSavepoint;
  };

  NativeOptions OptionsOf(const StateOptions& state, int parallelism) const {
    NativeOptions options{
        .parallelism = parallelism, .checkpoint_interval = 20ms, .restore_from = from_};
    options.checkpoint_folder = folder_.path() / ("checkpoints-" + std::to_string(step_));
    options.restart.attempts = 0;
    options.state = state;
    return options;
  }
  /// Goes on with the next visits, until they are worked off and a checkpoint or savepoint holds them.
  void GoOn(const Interrupted& how) {
    ++step_;
    Outcome results;
    StreamContext context("visits");
    Visits(context, step_ * kStep, Ending::kEndless, results);
    auto options = OptionsOf(how.state, how.parallelism);
    const auto checkpoints = options.checkpoint_folder.folder();
    auto job = NativeJob::Make(context.plan(), std::move(options), clock_, random_).value();
    std::stop_source stop;
    base::Status ended = base::Ok();
    std::jthread thread([&] { ended = job->Run(stop.get_token()); });
    const auto running = [&] { return job->status().phase != JobPhase::kFailed; };
    while (*results.seen < kStep && running()) {
      std::this_thread::yield();
    }
    if (how.by == By::kSavepoint) {
      const auto saved = job->Stop(NativeJob::StopMode::kSavepoint, folder_.path() / "savepoints");
      ASSERT_TRUE(saved.ok()) << saved.error().ToString();
      from_ = *saved;
    } else {
      const auto last = job->status().last_checkpoint;
      while (job->status().last_checkpoint < last + 2 && running()) {
        std::this_thread::yield();
      }
      stop.request_stop();
    }
    thread.join();
    ASSERT_TRUE(ended.ok()) << ended.error().ToString();
    if (how.by == By::kCheckpoint) {
      std::set<std::pair<std::size_t, std::string>> found;  // 9 before 10
      for (const auto& entry : fs::directory_iterator(checkpoints)) {
        if (fs::exists(entry.path() / "_record")) {
          found.emplace(entry.path().string().size(), entry.path().string());
        }
      }
      from_ = found.rbegin()->second;
    }
    Take(results);
  }
  base::Status End(const StateOptions& state, int parallelism) {
    ++step_;
    Outcome results;
    StreamContext context("visits");
    Visits(context, step_ * kStep, Ending::kBounded, results);
    auto job =
        NativeJob::Make(context.plan(), OptionsOf(state, parallelism), clock_, random_).value();
    auto ended = job->Run({});
    Take(results);
    return ended;
  }
  void Take(const Outcome& results) {
    for (const auto& result : results.all.rows()) {
      all_.insert(result);
    }
  }
  static std::set<Result> Uninterrupted() {
    Outcome results;
    StreamContext context("visits");
    Visits(context, kSteps * kStep, Ending::kBounded, results);
    base::SystemClock clock;
    base::SecureRandom random;
    EXPECT_TRUE(NativeJob::Make(context.plan(), {}, clock, random).value()->Run({}).ok());
    const auto sorted = results.all.sorted();
    return {sorted.begin(), sorted.end()};
  }
  void ExpectAll() const {
    const auto expected = Uninterrupted();
    EXPECT_EQ(all_.size(), expected.size());
    std::vector<Result> differ;
    std::ranges::set_symmetric_difference(all_, expected, std::back_inserter(differ));
    differ.resize(std::min<std::size_t>(differ.size(), 10));
    EXPECT_THAT(differ, ::testing::IsEmpty());
  }

  const StateOptions memory_{};
  const StateOptions disk_ = StateOnDiskForTests();
  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  base::SystemClock clock_;
  base::SecureRandom random_;
  fs::path from_;
  std::int64_t step_ = 0;
  std::set<Result> all_;
};

TEST_F(JobOnDiskTest, SavepointsGoFromEitherBackendToTheOther) {
  GoOn({disk_, 2, By::kSavepoint});
  GoOn({memory_, 4, By::kSavepoint});
  GoOn({disk_, 1, By::kSavepoint});
  GoOn({disk_, 3, By::kSavepoint});
  ASSERT_TRUE(End(memory_, 2).ok());
  ExpectAll();
}

TEST_F(JobOnDiskTest, CheckpointsRestoreAtAnyParallelism) {
  GoOn({memory_, 1, By::kCheckpoint});
  GoOn({disk_, 2, By::kCheckpoint});
  GoOn({disk_, 4, By::kCheckpoint});
  GoOn({disk_, 1, By::kCheckpoint});
  ASSERT_TRUE(End(disk_, 1).ok());
  ExpectAll();
}

TEST_F(JobOnDiskTest, AJobInMemoryRefusesFilesOfABackendAndSaysWhatHelps) {
  GoOn({disk_, 2, By::kCheckpoint});
  const auto refused = End(memory_, 2);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kSnapshotInvalid);
  EXPECT_THAT(refused.error().hint(), HasSubstr("take a savepoint"));
}

TEST_F(JobOnDiskTest, ItsWorkingFolderIsEmptyOnceItHasEnded) {
  GoOn({disk_, 2, By::kCheckpoint});
  std::vector<std::string> left;
  for (const auto& entry : fs::directory_iterator(folder_.path() / "checkpoints-1" / "_state")) {
    left.push_back(entry.path().filename());
  }
  EXPECT_THAT(left, ::testing::ElementsAre("_lock"));
}

TEST_F(JobOnDiskTest, ALibraryThatIsNotThereIsNamed) {
  auto state = disk_;
  state.library = folder_.path() / "none.so";
  const auto refused = End(state, 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message(), HasSubstr("there is no state library"));
}

}  // namespace
}  // namespace streampark::core
