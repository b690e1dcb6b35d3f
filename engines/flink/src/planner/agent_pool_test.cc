// SPDX-License-Identifier: Apache-2.0
#include "planner/agent_pool.h"

#include <chrono>
#include <csignal>
#include <future>

#include <gtest/gtest.h>

#include "planner/agent_errors.h"
#include "planner/agent_launcher.h"
#include "planner/planner_answers.h"
#include "testing/testdata.h"

namespace streampark::flink {
namespace {

constexpr AgentMethod kEcho{"echo", base::Millis(20'000)};
constexpr AgentMethod kHang{"hang", base::Millis(20'000)};
constexpr AgentMethod kHangShortly{"hang", base::Millis(100)};
constexpr AgentMethod kDie{"die", base::Millis(20'000)};
constexpr AgentMethod kHangOutside{"stubborn", base::Millis(100), Effect::kOutside};

/// Speaks the protocol as badly as an agent can: hangs, dies, chatters, ignores a cancel.
constexpr std::string_view kAgent = R"(
import json, sys
print("some library says hello", flush=True)
print('{"id": 0, "ready": {"protocol": 1}}', flush=True)
waiting = {}
for line in sys.stdin:
    request = json.loads(line)
    method, params = request["method"], request.get("params", {})
    def reply(id, **what):
        print(json.dumps({"id": id, **what}), flush=True)
    if method == "echo":
        reply(request["id"], progress={"stage": "PLAN"})
        reply(request["id"], result=params)
    elif method == "hang":
        waiting[request["id"]] = True
    elif method == "cancel" and params["id"] in waiting:
        reply(params["id"], error={"code": "CANCELLED", "message": "cancelled"})
    elif method == "die":
        sys.stderr.write("out of luck\n")
        sys.exit(3)
)";

class Agents : public testing::Test {
 protected:
  AgentPool::Starter Starter() {
    return [this](const engines::PlannerKey&) {
      ++started_;
      return Agent::Start({.argv = {"python3", script_.string()}}, folder_.path() / "log");
    };
  }
  static engines::PlannerKey Key(const std::string& version) {
    return {.installation = {.home = "/flink", .version = version}, .jars = {}};
  }

  TemporaryFolder folder_;
  std::filesystem::path script_ = folder_.Write("agent.py", kAgent);
  std::atomic<int> started_ = 0;
};

TEST_F(Agents, AnswerAndAreReused) {
  AgentPool pool(Starter(), {});
  for (int i = 0; i < 3; ++i) {
    const auto answer = pool.Call(Key("1"), kEcho, {{"n", i}}, {});
    ASSERT_TRUE(answer.ok()) << answer.error().ToString();
    EXPECT_EQ(answer->at("n").as_int64(), i);
  }
  EXPECT_EQ(started_, 1);
  const auto seen = pool.Observe();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_GT(seen[0].resident_bytes, 0U);
  EXPECT_EQ(seen[0].requests_in_flight, 0);
}

TEST_F(Agents, ServeOthersWhileOneCallHangs) {
  AgentPool pool(Starter(), {});
  std::stop_source stop;
  auto hanging = std::async(std::launch::async,
                            [&] { return pool.Call(Key("1"), kHang, {}, stop.get_token()); });
  EXPECT_TRUE(pool.Call(Key("1"), kEcho, {}, {}).ok());
  stop.request_stop();
  const auto cancelled = hanging.get();
  ASSERT_FALSE(cancelled.ok());
  EXPECT_EQ(cancelled.error().code(), base::ErrorCode::kCancelled);
  EXPECT_EQ(started_, 1);
}

TEST_F(Agents, AreCancelledAtTheDeadline) {
  AgentPool pool(Starter(), {});
  const auto late = pool.Call(Key("1"), kHangShortly, {}, {});
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code(), base::ErrorCode::kCancelled);
  EXPECT_TRUE(pool.Call(Key("1"), kEcho, {}, {}).ok());
  EXPECT_EQ(started_, 1) << "it answered the cancel: it is not stuck";
}

TEST_F(Agents, ThatDieAreReplaced) {
  AgentPool pool(Starter(), {});
  const auto died = pool.Call(Key("1"), kDie, {}, {});
  ASSERT_FALSE(died.ok());
  EXPECT_EQ(died.error().code(), base::ErrorCode::kAgentFailed);
  EXPECT_NE(died.error().cause().find("out of luck"), std::string::npos);
  EXPECT_TRUE(pool.Call(Key("1"), kEcho, {}, {}).ok());
  EXPECT_EQ(started_, 2);
}

TEST_F(Agents, ThatIgnoreACancelAreReplacedAndTheOutcomeIsUnknown) {
  AgentPool pool(Starter(), {});
  const auto unknown = pool.Call(Key("1"), kHangOutside, {}, {});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code(), base::ErrorCode::kEngineTimeout);
  EXPECT_TRUE(pool.Call(Key("1"), kEcho, {}, {}).ok());
  EXPECT_EQ(started_, 2);
}

TEST_F(Agents, AreBoundedInNumber) {
  AgentPool pool(Starter(), {.agents = 2});
  for (const char* version : {"1", "2", "1", "3"}) {
    ASSERT_TRUE(pool.Call(Key(version), kEcho, {}, {}).ok());
  }
  EXPECT_EQ(pool.Observe().size(), 2U);
  ASSERT_TRUE(pool.Call(Key("1"), kEcho, {}, {}).ok());
  EXPECT_EQ(started_, 3) << "the one used least recently went";
}

TEST_F(Agents, WaitForAPlaceUntilStopped) {
  AgentPool pool(Starter(), {.agents = 1});
  std::stop_source busy;
  auto hanging = std::async(std::launch::async,
                            [&] { return pool.Call(Key("1"), kHang, {}, busy.get_token()); });
  while (pool.Observe().empty()) {
    std::this_thread::yield();
  }
  std::stop_source stop;
  auto waiting = std::async(std::launch::async,
                            [&] { return pool.Call(Key("2"), kEcho, {}, stop.get_token()); });
  stop.request_stop();
  EXPECT_EQ(waiting.get().error().code(), base::ErrorCode::kCancelled);
  busy.request_stop();
  hanging.wait();
  EXPECT_TRUE(pool.Call(Key("2"), kEcho, {}, {}).ok());
}

TEST_F(Agents, EndWhenIdle) {
  AgentPool pool(Starter(), {.agents = 2, .idle = base::Millis(50)});
  ASSERT_TRUE(pool.Call(Key("1"), kEcho, {}, {}).ok());
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!pool.Observe().empty() && std::chrono::steady_clock::now() < limit) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // between two looks
  }
  EXPECT_TRUE(pool.Observe().empty());
}

TEST(AgentName, IsOfTheSetOfJars) {
  engines::PlannerKey key{.installation = {.home = "/flink", .version = "2.3.0"},
                          .jars = {"/a.jar", "/b.jar"}};
  const std::string name = AgentNameOf(key);
  key.jars = {"/b.jar", "/a.jar"};
  EXPECT_EQ(AgentNameOf(key), name);
  key.jars.pop_back();
  EXPECT_NE(AgentNameOf(key), name);
}

TEST(AgentErrors, AreMappedToOurs) {
  const auto error = [](const char* text) { return ErrorOfAgent(json::Parse(text)->get_object()); };
  const auto sql = error(R"({"code":"SCRIPT_INVALID","message":"1 error","diagnostics":[
      {"severity":"WARNING","message":"w","line":1,"column":1},
      {"severity":"ERROR","message":"Unknown column","line":4,"column":8}]})");
  EXPECT_EQ(sql.code(), base::ErrorCode::kSqlInvalid);
  EXPECT_EQ(sql.message(), "line 4, column 8: Unknown column");
  EXPECT_EQ(error(R"({"code":"DUPLICATE_JOB","message":"m"})").code(),
            base::ErrorCode::kDuplicateJob);
  EXPECT_EQ(error(R"({"code":"CANCELLED","message":"m","mayHaveHappened":true})").code(),
            base::ErrorCode::kEngineTimeout);
  EXPECT_EQ(error(R"({"code":"NEW","message":"m"})").code(), base::ErrorCode::kAgentFailed);
}

TEST(PlannerAnswers, AreForgiving) {
  const auto verdict = ReadVerdict(json::Parse(R"({"diagnostics":[{"severity":"ERROR",
      "code":"UNKNOWN_COLUMN","line":4,"column":8,"endLine":4,"endColumn":13,
      "statementIndex":3}],"tables":[{"name":"t","options":{"connector":"datagen"},
      "columns":[{"name":"id","type":"BIGINT","kind":"PHYSICAL"}, 3]}], "statements":null})")
                                       ->get_object());
  ASSERT_EQ(verdict.diagnostics.size(), 1U);
  EXPECT_EQ(verdict.diagnostics[0].range.end_column, 13);
  EXPECT_FALSE(verdict.ok());
  ASSERT_EQ(verdict.tables.size(), 1U);
  EXPECT_EQ(verdict.tables[0].connector, "datagen");
  EXPECT_EQ(verdict.tables[0].columns.size(), 1U);
  EXPECT_TRUE(ReadVerdict({}).ok());
  EXPECT_FALSE(ReadSnapshot({}).exists);
  EXPECT_EQ(ReadCompiled(json::Parse(R"({"compilable":false,"plan":"x","notCompilable":
      [{"statementIndex":4,"reason":"CTAS"}]})")
                             ->get_object())
                .not_compiled,
            std::vector<std::string>{"statement 5: CTAS"});
}

TEST(WriteSubmit, SaysWhatToRestore) {
  const engines::SubmitRequest request{
      .cluster = {.cluster_id = "c", .addresses = {"http://a:1", "http://b:2"}},
      .engine_job_id = "id",
      .restore = engines::RestorePoint{.path = "file:/s", .allow_non_restored = true}};
  const auto written = WriteSubmit({.jars = {"/x.jar"}}, request);
  EXPECT_EQ(json::serialize(written.at("restore")),
            R"({"path":"file:/s","claimMode":"NO_CLAIM","allowNonRestoredState":true})");
  EXPECT_EQ(json::serialize(written.at("restAddresses")), R"(["http://a:1","http://b:2"])");
  EXPECT_EQ(json::serialize(written.at("jars")), R"(["/x.jar"])");
  EXPECT_FALSE(written.contains("plan"));
}

}  // namespace
}  // namespace streampark::flink
