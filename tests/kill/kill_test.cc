// SPDX-License-Identifier: Apache-2.0
// A job that reads Kafka and writes Kafka and PostgreSQL exactly once, with state in RocksDB, is killed at each point it has
// (points.h), at several in a row, with another parallelism each time, and at moments that nobody chose. Afterwards each firing of each window is there once.
//
//   streampark_kill_test [--long] [--seed N] [gtest's flags]
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/base/temporary_folder.h"

#include "counting_job.h"
#include "points.h"
#include "running_kafka.h"
#include "testing/postgres_server.h"
#include "transaction_client.h"

namespace streampark::kill {
namespace {

namespace fs = std::filesystem;
namespace kafka = connectors::kafka;
namespace postgres = connectors::postgres;

struct Options {
  bool long_run = false;
  std::uint64_t seed = 1;
} options;

constexpr const char* kParallelism = "SP_PARALLELISM";
constexpr std::int64_t kReadings = 60'000;
constexpr std::int64_t kMillisOfRun = 2'500;  // how long a run takes that nobody kills, about

enum class End : std::uint8_t { kKilled, kFinished, kFailed };

/// One life of the job after the other, over one input and one pair of targets.
class Lives {
 public:
  Lives()
      : input_(kafka::it::NewTopic(kPartitions, "readings")),
        output_(kafka::it::NewTopic(2, "firings")),
        url_(postgres::testing::PostgresServer::Get().NewSchema()) {
    std::vector<kafka::it::TestRecord> records;
    for (std::int64_t n = 0; n < kReadings; ++n) {
      const auto reading = ReadingOf(n);
      std::ostringstream value;
      value << R"({"n":)" << reading.n << R"(,"sensor":")" << reading.sensor << R"(","at":)"
            << core::ToEventTime(reading.at) << '}';
      records.push_back({.value = value.str(), .partition = static_cast<int>(n % kPartitions)});
    }
    kafka::it::Write(input_, records);
    std::ofstream(folder_.path() / "application.yml")
        << "app: {name: counting}\n"
           "native:\n"
           "  parallelism: ${env:SP_PARALLELISM}\n"
           "  checkpoint: {interval: 150ms, directory: "
        << (folder_.path() / "checkpoints").string()
        << "}\n"
           "  state: {backend: rocksdb, library: " SP_STATE_LIBRARY
           ", cache: 1MiB, block-cache: 1MiB, write-buffers: 1MiB, directory: "
        << (folder_.path() / "state").string()
        << "}\n"
           "kafka:\n"
           "  source:\n"
           "    readings: {bootstrap.servers: \""
        << kafka::it::Brokers() << "\", topic: " << input_
        << ", format: json, json.timestamp: millis, batch.rows: 64, end: latest}\n"
           "  sink:\n"
           "    firings: {bootstrap.servers: \""
        << kafka::it::Brokers() << "\", topic: " << output_
        << ", format: json, json.timestamp: millis, transactional.id.prefix: " << output_
        << ", properties.linger.ms: 0}\n"
           "postgres.sink.windows: {url: \""
        << url_ << "\", table: windows, mode: upsert, key: \"sensor, start\", create: true}\n";
  }

  /// From the next life on.
  void Rescale(int parallelism) { parallelism_ = std::to_string(parallelism); }

  /// Lives until it dies at `point` (`NAME#N`; empty: at none), or is killed after `moment`.
  End Run(const std::string& point, std::optional<base::Millis> moment = std::nullopt) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::setenv(kVariable, point.c_str(), 1);
      ::setenv(kParallelism, parallelism_.c_str(), 1);
      std::freopen((folder_.path() / "log").c_str(), "a", stderr);
      const std::string file = folder_.path() / "application.yml";
      ::execl("/proc/self/exe", "streampark_kill_test", "job", file.c_str(), nullptr);
      ::_exit(127);
    }
    std::jthread killer;
    if (moment) {
      killer = std::jthread([child, moment](const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any ended;
        std::unique_lock lock(mutex);
        if (!ended.wait_for(lock, stop, *moment, [] { return false; }) && !stop.stop_requested()) {
          ::kill(child, SIGKILL);
        }
      });
    }
    int status = 0;
    ::siginfo_t seen{};
    ::waitid(P_PID, static_cast<id_t>(child), &seen, WEXITED | WNOWAIT);  // its number stays taken
    killer.request_stop();
    killer = {};
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
      return End::kKilled;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? End::kFinished : End::kFailed;
  }

  std::string Log() const { return base::ReadFile(folder_.path() / "log").value(); }

  /// Once a life has come to its end.
  void ExpectEachFiringOnce() const {
    const auto expected = ExpectedOf(kReadings);
    ExpectFirings(expected);
    ExpectWindows(expected);
    ExpectNothingLeft();
  }

 private:
  /// A window fires first with some rows, then with each row that is late: the counts of its firings follow one another, and the last
  /// one is all.
  void ExpectFirings(const Expected& expected) const {
    std::map<WindowKey, std::multiset<std::pair<std::int64_t, std::int64_t>>> firings;
    for (const auto& record : kafka::it::ReadCommitted(output_)) {
      const auto row = boost::json::parse(record.value.value()).as_object();
      firings[{std::string(row.at("sensor").as_string()), row.at("start").as_int64()}].emplace(
          row.at("rows").as_int64(), row.at("total").as_int64());
    }
    ASSERT_EQ(firings.size(), expected.size());
    std::size_t late = 0;
    for (const auto& [window, all] : expected) {
      const auto& counts = firings[window];
      ASSERT_FALSE(counts.empty()) << window.first << ' ' << window.second;
      EXPECT_EQ(*counts.rbegin(), all) << window.first << ' ' << window.second;
      auto next = counts.begin()->first;
      for (const auto& [rows, total] : counts) {
        EXPECT_EQ(rows, next++) << window.first << ' ' << window.second
                                << ": a firing is missing or doubled";
      }
      late += counts.size() - 1;
    }
    EXPECT_GT(late, expected.size() / 10);
  }
  void ExpectWindows(const Expected& expected) const {
    std::vector<std::string> rows;
    for (const auto& [window, all] : expected) {
      rows.push_back(window.first + "|" + std::to_string(window.second) + "|" +
                     std::to_string(all.first) + "|" + std::to_string(all.second));
    }
    auto found = postgres::testing::RowsAt(
        url_,
        "SELECT sensor, (extract(epoch FROM start) * 1000)::bigint, rows, total FROM windows");
    std::ranges::sort(rows);
    std::ranges::sort(found);
    EXPECT_EQ(found, rows);
  }
  void ExpectNothingLeft() const {
    kafka::TransactionClient client(
        kafka::WireSettings::From({{"bootstrap.servers", kafka::it::Brokers()}}).value());
    for (const auto& id : client.ListOpen({}).value()) {
      EXPECT_FALSE(id.starts_with(output_)) << "a transaction hangs: " << id;
    }
    EXPECT_EQ(postgres::testing::RowsAt(url_, "SELECT count(*) FROM pg_prepared_xacts").front(),
              "0");
    const auto staged = postgres::testing::RowsAt(
        url_,
        "SELECT tablename FROM pg_tables WHERE tablename LIKE 'streampark_stage_%' AND "
        "schemaname = '" +
            postgres::testing::PostgresServer::SchemaOf(url_) + "'");
    EXPECT_TRUE(staged.empty()) << staged.size() << " staged tables, one is " << staged.front();
    std::size_t checkpoints = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path() / "checkpoints")) {
      const auto name = entry.path().filename().string();
      EXPECT_EQ(name.find(".tmp"), std::string::npos) << entry.path();
      checkpoints += name.starts_with("chk-") ? 1U : 0U;
    }
    EXPECT_LE(checkpoints, 4U);
  }

  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  const std::string input_;
  const std::string output_;
  const std::string url_;
  std::string parallelism_ = "2";
};

/// A job that has ended and is run again begins anew: its lives are over.
void ExpectToFinish(Lives& lives) {
  ASSERT_EQ(lives.Run(""), End::kFinished) << lives.Log();
  lives.ExpectEachFiringOnce();
}

TEST(Kill, WithoutAKillEachFiringIsThereOnce) {
  Lives lives;
  ExpectToFinish(lives);
}

TEST(Kill, AtEachPoint) {
  auto lives = std::make_unique<Lives>();
  int killed = 0;
  for (const auto& point : AllPoints()) {
    for (const auto* const passage : {"#1", "#2"}) {
      const auto end = lives->Run(point + passage);
      ASSERT_NE(end, End::kFailed) << point << passage << '\n' << lives->Log();
      killed += end == End::kKilled ? 1 : 0;
      if (end == End::kFinished) {
        lives->ExpectEachFiringOnce();
        ASSERT_FALSE(::testing::Test::HasFailure()) << point << passage;
        lives = std::make_unique<Lives>();
      }
    }
  }
  std::cout << "killed at " << killed << " passages of " << AllPoints().size() << " points\n";
  // A committer recovers once a life: these four points have no second passage.
  EXPECT_EQ(killed, static_cast<int>(2 * AllPoints().size()) - 4);
  ExpectToFinish(*lives);
}

TEST(Kill, AgainWhileWhatAKillHasLeftIsPutRight) {
  for (const std::string connector : {"kafka", "postgres"}) {
    Lives lives;
    for (const std::string second : {".recover.before#1", ".recover.after#1", ".writer#1"}) {
      ASSERT_EQ(lives.Run(connector + ".commit.before#2"), End::kKilled) << lives.Log();
      ASSERT_EQ(lives.Run(connector + second), End::kKilled) << second << '\n' << lives.Log();
      ASSERT_EQ(lives.Run(connector + second), End::kKilled) << second << '\n' << lives.Log();
    }
    ExpectToFinish(lives);
  }
}

/// Each life leaves a checkpoint whose commits are pending, and the next one has another number of sources, windows and writers.
TEST(Kill, RescaledWithCommitsPending) {
  Lives lives;
  for (const std::string point : {"kafka.commit.before#2", "postgres.commit.before#2"}) {
    for (const int parallelism : {2, 4, 1, 4}) {
      lives.Rescale(parallelism);
      ASSERT_EQ(lives.Run(point), End::kKilled) << parallelism << '\n' << lives.Log();
    }
  }
  lives.Rescale(2);
  ASSERT_EQ(lives.Run("kafka.commit.one#1"), End::kKilled) << lives.Log();
  lives.Rescale(1);
  ExpectToFinish(lives);
}

TEST(Kill, AtMomentsThatNobodyChose) {
  const int wanted = options.long_run ? 200 : 12;
  std::mt19937_64 random(options.seed);
  int killed = 0;
  while (killed < wanted) {
    Lives lives;
    End end = End::kKilled;
    while (end == End::kKilled) {
      const auto moment = base::Millis(static_cast<std::int64_t>(random() % kMillisOfRun));
      end = lives.Run("", killed < wanted ? std::optional(moment) : std::nullopt);
      ASSERT_NE(end, End::kFailed) << lives.Log();
      killed += end == End::kKilled ? 1 : 0;
    }
    lives.ExpectEachFiringOnce();
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << options.seed << ", after " << killed;
  }
  std::cout << "killed at " << killed << " moments, seed " << options.seed << '\n';
}

}  // namespace
}  // namespace streampark::kill

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "job") {
    const auto ran = streampark::kill::RunCountingJob(argv[2]);
    if (!ran.ok()) {
      std::cerr << ran.error().ToString() << '\n';
    }
    return ran.ok() ? 0 : 1;
  }
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--long") {
      streampark::kill::options.long_run = true;
    } else if (argument == "--seed" && i + 1 < argc) {
      streampark::kill::options.seed = std::stoull(argv[++i]);
    } else {
      std::cerr << "unknown: " << argument << "; known: --long, --seed N\n";
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}
