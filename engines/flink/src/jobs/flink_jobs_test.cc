// SPDX-License-Identifier: Apache-2.0
#include "jobs/flink_jobs.h"

#include <atomic>
#include <chrono>

#include <gtest/gtest.h>

#include "testing/scripted_server.h"
#include "testing/testdata.h"

namespace streampark::flink {
namespace {

constexpr const char* kNobody = "http://127.0.0.1:1";

class Jobs : public testing::Test {
 protected:
  base::ManualClock clock_;
  FlinkRest rest_;
  FlinkJobs jobs_{rest_, clock_};
};

std::string AnswerOfRecorded(const std::string& head) {
  if (head.starts_with("GET /jobs/overview ")) {
    return ScriptedServer::Http(200, TestText("2.3.0/jobs.json"));
  }
  if (head.starts_with("GET /overview ")) {
    return ScriptedServer::Http(200, TestText("2.3.0/overview.json"));
  }
  return ScriptedServer::Http(404, TestText("2.3.0/no_job.json"));
}

TEST_F(Jobs, AreSeenAtTheAddressThatAnswers) {
  ScriptedServer server(AnswerOfRecorded);
  const engines::Endpoint cluster{"c", {kNobody, server.url() + "/"}};
  const auto seen = jobs_.Observe(cluster, base::Millis(5'000), {});
  ASSERT_TRUE(seen.ok()) << seen.error().ToString();
  EXPECT_EQ(seen->address, server.url());
  EXPECT_EQ(seen->observed_at, clock_.Now());
  EXPECT_EQ(seen->jobs.size(), 3U);
  EXPECT_EQ(rest_.PreferredAddress(cluster), server.url()) << "the last good one comes first";
  EXPECT_EQ(jobs_.WebUrl(cluster, "ab"), server.url() + "/#/job/running/ab/overview");
}

TEST_F(Jobs, AreFoundOrAbsent) {
  ScriptedServer server(AnswerOfRecorded);
  const engines::Endpoint cluster{"c", {server.url()}};
  EXPECT_EQ(jobs_.Find(cluster, std::string(32, 'a'), {}).value()->name, "carrier delays");
  EXPECT_FALSE(jobs_.Find(cluster, std::string(32, 'd'), {}).value().has_value());
}

TEST_F(Jobs, OfAClusterThatDoesNotAnswerAreUnknown) {
  const auto seen = jobs_.Find({"c", {kNobody}}, "a", {});
  ASSERT_FALSE(seen.ok());
  EXPECT_EQ(seen.error().code(), base::ErrorCode::kClusterUnreachable);
  EXPECT_FALSE(jobs_.Find({"c", {}}, "a", {}).ok());
}

TEST_F(Jobs, OfAClusterWithoutLeaderAreAskedElsewhere) {
  ScriptedServer standby([](const std::string&) {
    return ScriptedServer::Http(503, R"({"errors":["Service temporarily unavailable"]})");
  });
  ScriptedServer leader(AnswerOfRecorded);
  EXPECT_TRUE(jobs_.Observe({"c", {standby.url(), leader.url()}}, base::Millis(5'000), {}).ok());
  const auto alone = jobs_.Observe({"d", {standby.url()}}, base::Millis(5'000), {});
  ASSERT_FALSE(alone.ok());
  EXPECT_EQ(alone.error().code(), base::ErrorCode::kClusterUnreachable);
  EXPECT_EQ(alone.error().cause(), "Service temporarily unavailable");
}

TEST_F(Jobs, KeepToTheDeadline) {
  ScriptedServer silent([](const std::string&) { return std::string(); });
  const auto start = std::chrono::steady_clock::now();
  const auto seen = jobs_.Observe({"c", {silent.url()}}, base::Millis(200), {});
  ASSERT_FALSE(seen.ok());
  EXPECT_EQ(seen.error().code(), base::ErrorCode::kEngineTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3));
}

TEST_F(Jobs, OfSomethingElseAreAnError) {
  ScriptedServer other([](const std::string&) { return ScriptedServer::Http(200, "<html>"); });
  const auto seen = jobs_.Observe({"c", {other.url()}}, base::Millis(2'000), {});
  ASSERT_FALSE(seen.ok());
  EXPECT_EQ(seen.error().code(), base::ErrorCode::kEngineError);
}

TEST_F(Jobs, RepeatNothingOfWhatIsNotFlink) {
  ScriptedServer other([](const std::string&) {
    return ScriptedServer::Http(404, "AccessKeyId: AKIA-SECRET\nException: secret");
  });
  const auto seen = jobs_.Graph({"c", {other.url()}}, "j", {});
  ASSERT_FALSE(seen.ok());
  EXPECT_EQ(seen.error().ToString().find("SECRET"), std::string::npos) << seen.error().ToString();
  EXPECT_EQ(seen.error().ToString().find("secret"), std::string::npos) << seen.error().ToString();
}

TEST_F(Jobs, TriggersCarryTheCallersId) {
  std::string head;
  ScriptedServer server([&head](const std::string& request) {
    head = request;
    return ScriptedServer::Http(202, R"({"request-id":"x"})");
  });
  const engines::Endpoint cluster{"c", {server.url()}};
  engines::StopRequest request{.engine_job_id = "j", .trigger_id = "t", .directory = "file:/d"};
  ASSERT_TRUE(jobs_.Trigger(cluster, request, {}).ok());
  EXPECT_TRUE(head.starts_with("POST /jobs/j/savepoints "));
  request.after = engines::StopRequest::After::kDrain;
  ASSERT_TRUE(jobs_.Trigger(cluster, request, {}).ok());
  EXPECT_TRUE(head.starts_with("POST /jobs/j/stop "));
}

TEST_F(Jobs, CancelIsDoneWhenTheJobHasEnded) {
  std::atomic<int> status = 409;
  ScriptedServer server([&status](const std::string&) {
    return ScriptedServer::Http(status, TestText("2.3.0/no_job.json"));
  });
  const engines::Endpoint cluster{"c", {server.url()}};
  EXPECT_TRUE(jobs_.Cancel(cluster, "j", {}).ok());
  status = 404;
  const auto unknown = jobs_.Cancel(cluster, "j", {});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code(), base::ErrorCode::kNotFound);
  EXPECT_EQ(unknown.error().cause(),
            "FlinkJobNotFoundException: Could not find Flink job (" + std::string(32, 'c') + ")");
}

TEST_F(Jobs, LogsAreSlicedOutOfWholeFiles) {
  ScriptedServer server([](const std::string& head) {
    return head.starts_with("GET /jobmanager/logs ")
               ? ScriptedServer::Http(200, R"({"logs":[{"name":"jm.log","size":10,"mtime":1}]})")
               : ScriptedServer::Http(200, "0123456789");
  });
  const engines::Endpoint cluster{"c", {server.url()}};
  const auto middle = jobs_.ReadLog(cluster, "jobmanager/jm.log", 3, 4, {});
  ASSERT_TRUE(middle.ok()) << middle.error().ToString();
  EXPECT_EQ(middle->text, "3456");
  EXPECT_EQ(middle->next_offset, 7);
  EXPECT_EQ(jobs_.ReadLog(cluster, "jobmanager/jm.log", std::nullopt, 2, {})->text, "89");
  for (const char* id :
       {"jobmanager/other.log", "jobmanager/../conf", "x", "taskmanagers//a", ""}) {
    const auto missing = jobs_.ReadLog(cluster, id, 0, 1, {});
    ASSERT_FALSE(missing.ok()) << id;
    EXPECT_EQ(missing.error().code(), base::ErrorCode::kNotFound) << id;
  }
}

}  // namespace
}  // namespace streampark::flink
