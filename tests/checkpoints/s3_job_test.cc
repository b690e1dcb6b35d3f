// SPDX-License-Identifier: Apache-2.0
// Jobs whose checkpoints and savepoints lie in a bucket: killed, moved, robbed of their server.
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streampark/base/clock.h"
#include "streampark/base/random.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/testing/s3_server.h"
#include "streampark/core.h"
#include "streampark/core/native_job.h"
#include "streampark/core/savepoint_view.h"
#include "streampark/objects/open_folder.h"

namespace streampark::core {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using connectors::testing::S3Server;
using objects::Location;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::int64_t kKeys = 97;

struct Reading {
  std::int64_t n = 0;
  std::int64_t key = 0;
  std::string text;
};
SP_RECORD(Reading, n, key, text);
struct Counted {
  std::int64_t key = 0;
  std::int64_t count = 0;
};
SP_RECORD(Counted, key, count);

class CountReadings final : public KeyedProcess<std::int64_t, Reading, Counted> {
 public:
  void Open(KeyedStates<std::int64_t>& states) override {
    count_ = states.Value<std::int64_t>("count");
    last_ = states.Value<std::string>("last");
  }
  void Process(const Reading& reading, Context& context, Collector<Counted>& out) override {
    count_.Update([](std::int64_t& count) { ++count; });
    last_.Set(reading.text);
    out.Emit({context.key(), count_.Get()});
  }

 private:
  ValueState<std::int64_t> count_;
  ValueState<std::string> last_;
};

/// What the last row of each key said, and the first of all.
struct Seen {
  std::mutex mutex;
  std::map<std::int64_t, std::int64_t> last;
  std::int64_t first = 0;
  std::atomic<std::int64_t> rows = 0;
};

/// `rows` readings of kKeys keys in turn, counted by key; so many in a millisecond.
void CountByKey(StreamContext& context, std::int64_t rows, std::size_t text,
                std::function<void(const Counted&)> write, std::int64_t pace = 20) {
  context
      .Generate<Reading>("readings", rows,
                         [text, pace](std::int64_t n, Reading& reading) {
                           reading.n = n;
                           reading.key = n % kKeys;
                           reading.text.assign(text, static_cast<char>('a' + n % 26));
                           if (n % pace == 0) {
                             std::this_thread::sleep_for(1ms);
                           }
                         })
      .KeyBy(&Reading::key)
      .Process("counts", CountReadings())
      .ForEach("write", std::move(write));
}

std::function<void(const Counted&)> Into(const std::shared_ptr<Seen>& seen) {
  return [seen](const Counted& counted) {
    const std::lock_guard lock(seen->mutex);
    seen->first = seen->rows == 0 ? counted.count : seen->first;
    auto& last = seen->last[counted.key];
    last = std::max(last, counted.count);
    ++seen->rows;
  };
}

template <typename Condition>
void WaitUntil(Condition&& condition) {
  while (!condition()) {
    std::this_thread::sleep_for(1ms);  // between two looks
  }
}

class S3JobTest : public ::testing::TestWithParam<StateOptions::Backend> {
 protected:
  NativeOptions Options() const {
    NativeOptions options{.parallelism = 2, .checkpoint_interval = 30ms};
    options.checkpoint_folder = Location("s3://flights/checkpoints") / name_;
    options.checkpoints_kept = 2;
    options.restart.attempts = 0;
    options.s3 = {.library = SP_S3_LIBRARY,
                  .endpoint = server_.endpoint(),
                  .region = S3Server::kRegion,
                  .access_key_id = S3Server::kAccessKeyId,
                  .secret_access_key = S3Server::kSecretAccessKey,
                  .deadline = 5s,
                  .patience = 100ms,
                  .lease = 60s};
    options.state.backend = GetParam();
    options.state.library = SP_STATE_LIBRARY;
    options.state.cache_bytes = std::size_t{64} << 10U;
    options.state.block_cache_bytes = std::size_t{1} << 20U;
    options.state.write_buffer_bytes = std::size_t{1} << 20U;
    return options;
  }
  fs::path Checkpoints() const { return server_.bucket() / "checkpoints" / name_; }
  /// As the server has them.
  std::set<std::string> Below(const fs::path& folder) const {
    std::set<std::string> names;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }
  int Complete() const {
    int complete = 0;
    for (const auto& name : Below(Checkpoints())) {
      std::error_code ignored;
      complete += fs::exists(Checkpoints() / name / "_record", ignored) ? 1 : 0;
    }
    return complete;
  }
  base::Result<std::unique_ptr<NativeJob>> Make(const StreamContext& context,
                                                const NativeOptions& options) {
    return NativeJob::Make(context.plan(), options, clock_, random_);
  }

  static std::string NameOfTest() {
    std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    return name.substr(0, name.find('/'));
  }

  const std::string name_ = NameOfTest();
  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  S3Server server_;
  base::SystemClock clock_;
  base::SecureRandom random_;
};

INSTANTIATE_TEST_SUITE_P(Backends, S3JobTest,
                         ::testing::Values(StateOptions::Backend::kMemory,
                                           StateOptions::Backend::kRocksDb),
                         [](const auto& backend) {
                           return backend.param == StateOptions::Backend::kMemory ? "Memory"
                                                                                  : "RocksDb";
                         });

// The first of this program: it forks, and a child of a process in which RocksDB has run lacks RocksDB's threads.
TEST_P(S3JobTest, AProcessThatIsKilledGoesOnFromTheBucket) {
  constexpr std::int64_t kRows = kKeys * 300;
  constexpr int kKills = 3;
  // A child begins it anew each time, and writes what it counts; `life` says which one it is.
  const auto live = [&](int life) {
    StreamContext context("readings");
    const auto out = std::make_shared<std::ofstream>(folder_.path() / std::to_string(life));
    const auto lock = std::make_shared<std::mutex>();
    CountByKey(
        context, kRows, 200,
        [out, lock](const Counted& counted) {
          const std::lock_guard held(*lock);
          *out << counted.key << ' ' << counted.count << '\n' << std::flush;
        },
        life < kKills ? 4 : 20);  // those that are killed are not to read all
    auto job = Make(context, Options());
    const auto ended = job.ok() ? (*job)->Run({}) : base::Status(job.error());
    if (!ended.ok()) {
      ADD_FAILURE() << ended.error().ToString();
    }
    job = base::Error(base::ErrorCode::kCancelled, "it has ended");
    ::_exit(ended.ok() ? 0 : 1);
  };
  std::set<std::string> before;
  for (int life = 0;; ++life) {
    const pid_t child = ::fork();
    if (child == 0) {
      live(life);
    }
    if (life < kKills) {
      WaitUntil([&] { return Complete() > 0 && Below(Checkpoints()) != before; });
      // Two more, so that each life gets on.
      const auto now = Below(Checkpoints());
      WaitUntil([&] {
        const auto later = Below(Checkpoints());
        return std::ranges::none_of(now, [&](const std::string& name) {
          return name.starts_with("chk-") && later.contains(name);
        });
      });
      ::kill(child, SIGKILL);
      before = Below(Checkpoints());
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    if (life == kKills) {
      ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
      break;
    }
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended before it was killed";
  }
  std::map<std::int64_t, std::int64_t> last;
  for (int life = 0; life <= kKills; ++life) {
    std::ifstream in(folder_.path() / std::to_string(life));
    std::int64_t key = 0, count = 0, first = 0;
    while (in >> key >> count) {
      first = first == 0 ? count : first;
      last[key] = std::max(last[key], count);
    }
    EXPECT_GT(first, life == 0 ? 0 : 1) << "life " << life << " did not go on from a checkpoint";
  }
  ASSERT_EQ(last.size(), static_cast<std::size_t>(kKeys));
  for (const auto& [key, count] : last) {
    EXPECT_EQ(count, kRows / kKeys) << key;
  }
  // It has read all there is: nothing is left of it.
  EXPECT_THAT(Below(Checkpoints()), ::testing::IsEmpty());
}

TEST_P(S3JobTest, SavepointsGoThereAndComeBackAtAnotherParallelism) {
  const auto seen = std::make_shared<Seen>();
  std::string savepoint;
  auto options = Options();
  {
    StreamContext context("readings");
    CountByKey(context, std::int64_t{1} << 40, 200, Into(seen));
    const auto job = Make(context, options).value();
    base::Status ended = base::Ok();
    std::jthread running([&] { ended = job->Run({}); });
    WaitUntil([&] { return seen->rows > 2'000 && job->status().last_checkpoint > 0; });
    const auto beside = job->Savepoint(Location("s3://flights/savepoints"));
    ASSERT_TRUE(beside.ok()) << beside.error().ToString();
    const auto stopped =
        job->Stop(NativeJob::StopMode::kSavepoint, Location("s3://flights/savepoints"));
    running.join();
    ASSERT_TRUE(stopped.ok()) << stopped.error().ToString();
    ASSERT_TRUE(ended.ok()) << ended.error().ToString();
    savepoint = *stopped;
  }
  EXPECT_THAT(savepoint, AllOf(StartsWith("s3://flights/savepoints/"), HasSubstr("/chk-")));

  // A look into it, without the job.
  const auto view = LookInto(savepoint, options.s3);
  ASSERT_TRUE(view.ok()) << view.error().ToString();
  EXPECT_TRUE(view->savepoint);
  std::int64_t sum = 0, entries = 0;
  const auto visited = VisitEntries(
      savepoint, "counts", "count",
      [&](const std::string& entry) {
        ++entries;
        sum += std::stoll(entry.substr(entry.rfind(':') + 1));
        return true;
      },
      options.s3);
  ASSERT_TRUE(visited.ok()) << visited.error().ToString();
  EXPECT_EQ(entries, kKeys);
  EXPECT_GT(sum, 2'000);

  // Into the other backend, too.
  const auto restored = std::make_shared<Seen>();
  StreamContext context("readings");
  CountByKey(context, std::int64_t{1} << 40, 200, Into(restored));
  options.parallelism = 3;
  options.checkpoint_folder = Location("s3://flights/checkpoints") / (name_ + "-again");
  options.restore_from = savepoint;
  options.state.backend = GetParam() == StateOptions::Backend::kMemory
                              ? StateOptions::Backend::kRocksDb
                              : StateOptions::Backend::kMemory;
  const auto job = Make(context, options).value();
  std::stop_source stop;
  std::jthread running([&] { static_cast<void>(job->Run(stop.get_token())); });
  WaitUntil([&] { return restored->rows > kKeys * 3 && job->status().last_checkpoint > 0; });
  stop.request_stop();
  running.join();
  // No row was lost or counted twice: of keys in turn, nobody is two behind another.
  std::int64_t least = std::numeric_limits<std::int64_t>::max(), most = 0;
  for (const auto& [key, count] : restored->last) {
    least = std::min(least, count);
    most = std::max(most, count);
  }
  EXPECT_GT(restored->first, 1);
  EXPECT_GE(least, sum / kKeys);
  EXPECT_EQ(restored->last.size(), static_cast<std::size_t>(kKeys));
}

TEST_P(S3JobTest, AServerThatDiesFailsCheckpointsAndNotTheJob) {
  const auto seen = std::make_shared<Seen>();
  StreamContext context("readings");
  CountByKey(context, std::int64_t{1} << 40, 2'000, Into(seen));
  const auto job = Make(context, Options()).value();
  base::Status ended = base::Ok();
  std::jthread running([&] { ended = job->Run({}); });
  WaitUntil([&] { return job->status().last_checkpoint > 1; });
  server_.Kill();
  const auto failed = job->status().failed_checkpoints;
  WaitUntil([&] { return job->status().failed_checkpoints > failed + 1; });
  const auto rows = seen->rows.load();
  WaitUntil([&] { return seen->rows > rows + 1'000; });  // it goes on
  EXPECT_EQ(job->status().restarts, 0);
  EXPECT_THAT(job->status().last_error.value().code(),
              AnyOf(base::ErrorCode::kClusterUnreachable, base::ErrorCode::kEngineTimeout));
  server_.Start();
  const auto last = job->status().last_checkpoint;
  WaitUntil([&] { return job->status().last_checkpoint > last + 2; });
  const auto stopped =
      job->Stop(NativeJob::StopMode::kSavepoint, Location("s3://flights/savepoints"));
  running.join();
  ASSERT_TRUE(stopped.ok()) << stopped.error().ToString();
  ASSERT_TRUE(ended.ok()) << ended.error().ToString();
  EXPECT_EQ(job->status().restarts, 0);
}

TEST_P(S3JobTest, ASecondProcessIsRefused) {
  StreamContext context("readings");
  CountByKey(context, std::int64_t{1} << 40, 20, [](const Counted&) {});
  const auto job = Make(context, Options()).value();
  const auto second = Make(context, Options());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), base::ErrorCode::kDataFolderInUse);
  EXPECT_THAT(second.error().ToString(),
              AllOf(HasSubstr("s3://flights/checkpoints/" + name_),
                    HasSubstr("is in use by process " + std::to_string(::getpid()))));
}

TEST_P(S3JobTest, WhoHasLostTheFolderEndsWithoutACheckpoint) {
  const auto seen = std::make_shared<Seen>();
  StreamContext context("readings");
  CountByKey(context, std::int64_t{1} << 40, 20, Into(seen));
  auto options = Options();
  options.restart.attempts = 5;
  const auto job = Make(context, options).value();
  base::Status ended = base::Ok();
  std::jthread running([&] { ended = job->Run({}); });
  WaitUntil([&] { return job->status().last_checkpoint > 1; });
  // As if it had hung for so long that another process has taken the folder.
  const auto folder = objects::OpenFolder(options.checkpoint_folder, options.s3).value();
  ASSERT_TRUE(
      folder
          ->Put(
              "_lock",
              R"({"owner":"0123456789ab","host":"far-away","system":"another","pid":42,"newest":1,"beat":1})")
          .ok());
  running.join();
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().code(), base::ErrorCode::kDataFolderInUse);
  EXPECT_THAT(ended.error().ToString(), HasSubstr("far-away"));
  EXPECT_EQ(job->status().restarts, 0);
  EXPECT_THAT(folder->Get("_lock").value(), HasSubstr("far-away"));
}

TEST_P(S3JobTest, OnlyWhatKeptCheckpointsNeedIsKept) {
  const auto seen = std::make_shared<Seen>();
  StreamContext context("readings");
  CountByKey(context, std::int64_t{1} << 40, 2'000, Into(seen));
  // What others have left: a checkpoint without a record, a file that nobody needs.
  const auto options = Options();
  {
    const auto folder = objects::OpenFolder(options.checkpoint_folder, options.s3).value();
    ASSERT_TRUE(folder->Put("chk-7/counts-0.state", "half").ok());
    ASSERT_TRUE(folder->Put("_shared/left-1.sst", "left").ok());
  }
  const auto job = Make(context, options).value();
  EXPECT_THAT(Below(Checkpoints()), ::testing::ElementsAre("_lock"));
  std::stop_source stop;
  std::jthread running([&] { static_cast<void>(job->Run(stop.get_token())); });
  WaitUntil([&] { return job->status().last_checkpoint > 5; });
  stop.request_stop();
  running.join();
  EXPECT_LE(Complete(), options.checkpoints_kept + 1);
  const auto shared = Below(Checkpoints() / "_shared");
  EXPECT_EQ(shared.empty(), GetParam() == StateOptions::Backend::kMemory);
  EXPECT_THAT(shared, Each(::testing::Not("left-1.sst")));
}

}  // namespace
}  // namespace streampark::core
