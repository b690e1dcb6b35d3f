// SPDX-License-Identifier: Apache-2.0
// A job library, loaded and run with a connector that is a library too.
#include "streampark/runner/run_job.h"

#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/base/http_client.h"
#include "streampark/base/json.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/abi/import.h"

#include "status_server.h"

namespace streampark::runner {
namespace {

using ::testing::HasSubstr;

class RunJobTest : public ::testing::Test {
 protected:
  RunJobTest() { SP_CHECK(connectors::LoadConnectors(SP_COUNTER_LIBRARY, connectors_).ok()); }

  std::filesystem::path In(const char* name) const { return folder_.path() / name; }
  base::Result<std::unique_ptr<LoadedJob>> Load(const std::string& yaml,
                                                const char* library = SP_NUMBERS_JOB) {
    JobConfig config =
        JobConfig::Parse("app: {out: " + In("out").string() + "}\n" + yaml, "application.yml")
            .value();
    config.ResolveSecretsBy([](std::string_view name) -> std::optional<std::string> {
      return name == "mistake" ? std::optional<std::string>("wrong") : std::nullopt;
    });
    return LoadedJob::Load(library, std::move(config), connectors_, clock_);
  }
  /// The numbers written, doubled as they are.
  std::vector<std::int64_t> Written() const {
    std::vector<std::int64_t> numbers;
    std::istringstream text(base::ReadFile(In("out"), 1UL << 32U).value());
    for (std::int64_t n = 0; text >> n;) {
      numbers.push_back(n);
    }
    return numbers;
  }

  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  connectors::ConnectorRegistry connectors_;
  base::SystemClock clock_;
};

constexpr const char* kTen = "counter.source.numbers.rows: 10\n";

TEST_F(RunJobTest, RunsToItsEnd) {
  const auto job = Load(kTen).value();
  EXPECT_EQ(job->name(), "Numbers");
  const auto end = RunJob(*job, clock_, nullptr);
  ASSERT_TRUE(end.ok()) << end.error().ToString();
  EXPECT_EQ(end->kind, JobEnd::Kind::kFinished);
  EXPECT_EQ(Written(), (std::vector<std::int64_t>{0, 2, 4, 6, 8, 10, 12, 14, 16, 18}));
}

TEST_F(RunJobTest, TellsItsStatusOverHttpWhileItRuns) {
  // A port that is free now: nobody else asks for one by its number.
  const std::string url = StatusServer::Start("127.0.0.1:0", {}).value()->url();
  const auto job = Load("counter.source.numbers.rows: 1000000000000\nnative.status.listen: \"" +
                        url.substr(std::string("http://").size()) + "\"\n")
                       .value();
  base::HttpClient client;
  bool asked = false;
  const auto end = RunJob(*job, clock_, [&](const std::string& line) {
    if (!line.starts_with("RUNNING") || std::exchange(asked, true)) {
      return;
    }
    const auto ask = [&](const char* path) { return client.Send({.url = url + path}).value(); };
    EXPECT_THAT(ask("/status").body, HasSubstr(R"("phase":"RUNNING")"));
    EXPECT_THAT(
        ask("/metrics").body,
        HasSubstr(R"(streampark_operator_rows_out_total{job="Numbers",operator="numbers"})"));
    EXPECT_EQ(ask("/plan").body, job->Describe().value());
    EXPECT_EQ(ask("/healthz").status, 200);
    EXPECT_EQ(ask("/").status, 404);
    EXPECT_EQ(ask("/rows?operator=numbers").status, 403);
    ::kill(::getpid(), SIGTERM);
  });
  ASSERT_TRUE(end.ok()) << end.error().ToString();
  EXPECT_TRUE(asked);
  EXPECT_FALSE(client.Send({.url = url + "/status"}).ok());
}

TEST_F(RunJobTest, ShowsRowsToWhoAsksWhereItIsAllowed) {
  const std::string url = StatusServer::Start("127.0.0.1:0", {}).value()->url();
  const auto job =
      Load("counter.source.numbers.rows: 1000000000000\nnative.status: {rows: true, listen: \"" +
           url.substr(std::string("http://").size()) + "\"}\n")
          .value();
  base::HttpClient client;
  bool asked = false;
  const auto end = RunJob(*job, clock_, [&](const std::string& line) {
    if (!line.starts_with("RUNNING") || std::exchange(asked, true)) {
      return;
    }
    const auto ask = [&](const char* path) { return client.Send({.url = url + path}).value(); };
    // The source is known by its name and by its place in the plan, what has no name by its place.
    for (const char* const path :
         {"/rows?operator=numbers&rows=3", "/rows?rows=3&operator=%6e%75mbers&seconds=5",
          "/rows?operator=0&rows=3", "/rows?operator=1&rows=3"}) {
      const auto rows = json::Parse(ask(path).body).value().as_array();
      EXPECT_EQ(rows.size(), 3U) << path;
      EXPECT_TRUE(json::FindInteger(rows[0].as_object(), "n")) << path;
    }
    EXPECT_THAT(ask("/rows?operator=sums").body, HasSubstr("there are: 0, 1, 2, numbers, write"));
    for (const char* const path : {"/rows", "/rows?operator=0&rows=0", "/rows?operator=0&rows=1001",
                                   "/rows?operator=0&seconds=6", "/rows?operator=0&rows=x"}) {
      EXPECT_EQ(ask(path).status, 400) << path;
    }
    // A sink gives no rows: what came in the time that one waits is none.
    EXPECT_EQ(ask("/rows?operator=write&seconds=1").body, "[]\n");
    ::kill(::getpid(), SIGTERM);
  });
  ASSERT_TRUE(end.ok()) << end.error().ToString();
  EXPECT_TRUE(asked);
}

bool HasRocksDb() {
  return base::ReadFile("/proc/self/maps").value().find("librocksdb") != std::string::npos;
}

TEST_F(RunJobTest, StateOnDiskIsLoadedByTheJobThatAsksForItAlone) {
  ASSERT_TRUE(RunJob(*Load(kTen, SP_COUNTS_JOB).value(), clock_, nullptr).ok());
  EXPECT_EQ(Written(), (std::vector<std::int64_t>{1, 1, 1, 1, 1, 1, 1, 2, 2, 2}));
  EXPECT_FALSE(HasRocksDb());
  // Without keyed state there is nothing to keep.
  const std::string on_disk = std::string(kTen) + "native.state.backend: rocksdb\n";
  ASSERT_TRUE(RunJob(*Load(on_disk).value(), clock_, nullptr).ok());
  EXPECT_FALSE(HasRocksDb());
  std::filesystem::remove(In("out"));
  const auto end = RunJob(*Load(on_disk, SP_COUNTS_JOB).value(), clock_, nullptr);
  ASSERT_TRUE(end.ok()) << end.error().ToString();
  EXPECT_EQ(Written(), (std::vector<std::int64_t>{1, 1, 1, 1, 1, 1, 1, 2, 2, 2}));
  EXPECT_TRUE(HasRocksDb());
}

TEST_F(RunJobTest, IsDescribedWithoutBeingRun) {
  const auto job = Load("app.name: doubles\n" + std::string(kTen)).value();
  const std::string plan = job->Describe().value();
  EXPECT_THAT(plan, HasSubstr(R"("name":"doubles")"));
  EXPECT_THAT(plan, HasSubstr(R"("type":"source counter","name":"numbers")"));
}

TEST_F(RunJobTest, ToldToEndItLeavesASavepointAndGoesOnFromThere) {
  const std::string endless = "counter.source.numbers.rows: 1000000000000\n";
  std::string savepoint;
  {
    const auto job =
        Load(endless + "native.savepoint.directory: " + In("savepoints").string()).value();
    bool told = false;
    const auto end = RunJob(*job, clock_, [&](const std::string& line) {
      if (!std::exchange(told, true)) {
        EXPECT_THAT(line, HasSubstr("RUNNING"));
        ::kill(::getpid(), SIGTERM);
      }
    });
    ASSERT_TRUE(end.ok()) << end.error().ToString();
    ASSERT_EQ(end->kind, JobEnd::Kind::kStopped);
    savepoint = end->savepoint;
    EXPECT_THAT(savepoint, HasSubstr("savepoints/Numbers/"));
  }
  const auto before = Written();
  ASSERT_FALSE(before.empty());
  const std::string more =
      "counter.source.numbers.rows: " + std::to_string(before.size() + 5) + "\n";
  const auto job = Load(more + "native.restore-from: " + savepoint).value();
  ASSERT_TRUE(RunJob(*job, clock_, nullptr).ok());
  const auto after = Written();
  ASSERT_EQ(after.size(), before.size() + 5);
  for (std::size_t i = 0; i < after.size(); ++i) {
    ASSERT_EQ(after[i], 2 * static_cast<std::int64_t>(i));
  }
}

TEST_F(RunJobTest, WithoutAPlaceForASavepointItIsCancelled) {
  const auto job = Load("counter.source.numbers.rows: 1000000000000\n").value();
  const auto end = RunJob(*job, clock_, [](const std::string&) { ::kill(::getpid(), SIGINT); });
  ASSERT_TRUE(end.ok()) << end.error().ToString();
  EXPECT_EQ(end->kind, JobEnd::Kind::kCancelled);
}

TEST_F(RunJobTest, MistakesComeBackWithTheirPlaces) {
  const auto unknown = Load("counter.source.number.rows: 3\n").value()->Describe();
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().hint(), "did you mean 'number'?");
  const auto wrong = Load("counter.source.numbers.rows: -3\n").value()->MakeNative();
  ASSERT_FALSE(wrong.ok());
  EXPECT_THAT(wrong.error().ToString(), HasSubstr("application.yml:2"));
  const auto thrown =
      Load(std::string(kTen) + "app.secret: ${secret:mistake}\n").value()->Describe();
  ASSERT_FALSE(thrown.ok());
  EXPECT_THAT(thrown.error().message(), HasSubstr("the author's own mistake"));
  EXPECT_EQ(LoadedJob::Load(SP_COUNTER_LIBRARY, {}, connectors_, clock_).error().code(),
            base::ErrorCode::kInvalidRequest);
  EXPECT_EQ(LoadedJob::Load("/nowhere.so", {}, connectors_, clock_).error().code(),
            base::ErrorCode::kNotFound);
}

}  // namespace
}  // namespace streampark::runner
