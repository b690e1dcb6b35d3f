// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/detail_answers.h"
#include "jobs/job_states.h"
#include "jobs/overview_answers.h"
#include "testing/testdata.h"

namespace streampark::flink {
namespace {

using engines::EngineState;
using testing::ElementsAre;

/// Answers that clusters of both lines gave to the same questions.
class Answers : public testing::TestWithParam<const char*> {
 protected:
  json::value Read(const std::string& name) { return Recorded(GetParam() + ("/" + name)); }
};

TEST_P(Answers, JobsOfTheOverview) {
  const auto jobs = ReadJobs(Read("jobs.json")).value();
  ASSERT_EQ(jobs.size(), 3U);
  EXPECT_EQ(jobs[0].name, "carrier delays");
  EXPECT_EQ(jobs[0].state, EngineState::kRunning);
  EXPECT_EQ(jobs[0].tasks.running, 2);
  EXPECT_FALSE(jobs[0].ended_at.has_value());
  EXPECT_EQ(jobs[1].native_state, "RUNNING");
  EXPECT_EQ(jobs[1].state, EngineState::kPending) << "its tasks still restore their state";
  EXPECT_EQ(jobs[2].state, EngineState::kFailed);
  EXPECT_TRUE(jobs[2].ended_at.has_value());
}

TEST_P(Answers, ClusterOfTheOverview) {
  engines::ClusterObservation cluster;
  ASSERT_TRUE(ReadCluster(Read("overview.json"), cluster).ok());
  EXPECT_EQ(cluster.version, GetParam());
  EXPECT_EQ(cluster.slots_total, 2);
  EXPECT_EQ(cluster.slots_free, 1);
  EXPECT_EQ(cluster.task_managers, 1);
}

TEST_P(Answers, TaskManagers) {
  auto managers = ReadTaskManagers(Read("taskmanagers.json")).value();
  ASSERT_EQ(managers.size(), 1U);
  EXPECT_TRUE(managers[0].address.starts_with("127.0.0.1:"));
  EXPECT_EQ(managers[0].slots_free, 1);
  EXPECT_EQ(managers[0].memory_bytes, 1400LL << 20);
  EXPECT_TRUE(managers[0].last_heartbeat_at.has_value());
  ReadTaskManagerHeap(Read("taskmanager.json"), managers[0]);
  EXPECT_GT(managers[0].heap_used_bytes, 0);
  EXPECT_EQ(managers[0].heap_max_bytes, 364904448);
}

TEST_P(Answers, ConfigurationHidesSecrets) {
  const auto options = ReadOptions(Read("configuration.json")).value();
  EXPECT_EQ(options.at("web.refresh-interval"), "1000");
  EXPECT_EQ(options.at("s3.secret-key"), "******");
}

TEST_P(Answers, GraphWithRates) {
  auto graph = ReadGraph(Read("job.json")).value();
  ASSERT_EQ(graph.vertices.size(), 2U);
  ASSERT_EQ(graph.edges.size(), 1U);
  EXPECT_EQ(graph.edges[0].source, graph.vertices[0].id);
  EXPECT_EQ(graph.edges[0].target, graph.vertices[1].id);
  EXPECT_EQ(graph.edges[0].ship_strategy, "HASH");
  EXPECT_EQ(graph.vertices[1].tasks.running, 1);
  EXPECT_EQ(graph.vertices[1].tasks.total, 1);
  EXPECT_THAT(graph.vertices[1].operators,
              ElementsAre("[5]:GroupAggregate(groupBy=[name], select=[name, COUNT(*) AS EXPR$1])",
                          "snk[6]: Writer"));
  EXPECT_FALSE(graph.vertices[1].busy_ratio.has_value());
  ReadVertexMetrics(Read("vertex_metrics.json"), {}, graph.vertices[1]);
  EXPECT_NEAR(graph.vertices[1].records_in_per_second.value(), 50, 5);
  EXPECT_LT(graph.vertices[1].busy_ratio.value(), 0.1);
  EXPECT_EQ(graph.vertices[1].back_pressure_ratio.value(), 0);
  EXPECT_TRUE(graph.vertices[1].watermark.has_value());
}

TEST_P(Answers, ExceptionsWithTheirRootCauses) {
  const auto exceptions = ReadExceptions(Read("exceptions.json")).value();
  ASSERT_GE(exceptions.size(), 4U);
  for (const auto& exception : exceptions) {
    EXPECT_EQ(exception.root_cause, "ArithmeticException: / by zero");
  }
  EXPECT_EQ(exceptions[0].task, "") << "the job as a whole";
  EXPECT_TRUE(exceptions[1].task.starts_with("Source: src[1] -> Calc[2]")) << "a concurrent one";
  EXPECT_TRUE(exceptions.back().task.starts_with("Source: src[1] -> Calc[2]"));
  EXPECT_TRUE(exceptions.back().location.starts_with("localhost:"));
}

TEST_P(Answers, Triggers) {
  using State = engines::TriggerObservation::State;
  const auto done = ReadTrigger(Read("savepoint_done.json")).value();
  EXPECT_EQ(done.state, State::kCompleted);
  EXPECT_TRUE(done.path.starts_with("file:/data/c"));
  const auto failed = ReadTrigger(Read("savepoint_failed.json")).value();
  EXPECT_EQ(failed.state, State::kFailed);
  EXPECT_EQ(failed.cause, "IOException: Failed to create savepoint directory at file:/proc/nope");
  const auto waiting = ReadTrigger(json::Parse(R"({"status":{"id":"IN_PROGRESS"}})").value());
  EXPECT_EQ(waiting->state, State::kInProgress);
}

TEST_P(Answers, RestartsAndLogs) {
  EXPECT_EQ(ReadRestarts(Read("job_metrics.json")), 0);
  EXPECT_EQ(ReadRestarts(json::Parse("[]").value()), std::nullopt);
  const auto logs = ReadLogList(Read("logs.json")).value();
  ASSERT_EQ(logs.size(), 4U);
  EXPECT_EQ(logs[1].title, "jm.log");
  EXPECT_GT(logs[1].size_bytes, 0);
}

TEST_P(Answers, CheckpointsAfterARestore) {
  const auto statistics = ReadCheckpoints(Read("checkpoints.json")).value();
  EXPECT_EQ(statistics.completed, 2);
  EXPECT_EQ(statistics.restored, 1);
  ASSERT_TRUE(statistics.latest_restored.has_value());
  EXPECT_EQ(statistics.latest_restored->kind, engines::SnapshotKind::kSavepoint);
  EXPECT_NE(statistics.latest_restored->path.find("/savepoints/savepoint-"), std::string::npos);
  ASSERT_FALSE(statistics.checkpoints.empty());
  EXPECT_NE(statistics.checkpoints.back().path.find("/chk-"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Lines, Answers, testing::Values("1.20.5", "2.3.0"), [](const auto& line) {
  return std::string(line.param).starts_with("1") ? "Flink1" : "Flink2";
});

TEST(Answers, TellHowOldTheyMayBe) {
  EXPECT_EQ(ReadRefreshInterval(json::Parse(R"({"refresh-interval":1000})").value()),
            base::Millis(1'000));
  EXPECT_EQ(ReadRefreshInterval(json::Parse(R"({"errors":["no"]})").value()), kRefreshInterval);
  EXPECT_EQ(ReadRefreshInterval(json::Parse("[]").value()), kRefreshInterval);
}

TEST(CheckpointAnswers, AreReadNewestFirst) {
  const auto statistics = ReadCheckpoints(Recorded("2.3.0/checkpoints.json")).value();
  EXPECT_EQ(statistics.completed, 2);
  EXPECT_EQ(statistics.in_progress, 1);
  ASSERT_TRUE(statistics.latest_restored.has_value());
  EXPECT_EQ(statistics.latest_restored->kind, engines::SnapshotKind::kSavepoint);
  ASSERT_EQ(statistics.checkpoints.size(), 3U);
  EXPECT_EQ(statistics.checkpoints[0].state, engines::CheckpointState::kInProgress);
  EXPECT_EQ(statistics.checkpoints[0].kind, engines::SnapshotKind::kSavepoint);
  EXPECT_FALSE(statistics.checkpoints[0].duration.has_value());
  EXPECT_EQ(statistics.checkpoints[1].number, 6);
  EXPECT_EQ(statistics.checkpoints[1].size_bytes, 305310);
  EXPECT_TRUE(statistics.checkpoints[1].path.ends_with("chk-6"));
}

TEST(StrangeAnswers, AreErrorsOrAbsent) {
  for (const char* text : {"null", "[]", "{}", "\"x\"", "{\"jobs\":3}"}) {
    const json::value answer = json::Parse(text).value();
    EXPECT_FALSE(ReadJobs(answer).ok()) << text;
    EXPECT_FALSE(ReadTaskManagers(answer).ok()) << text;
    EXPECT_FALSE(ReadGraph(answer).ok()) << text;
    EXPECT_FALSE(ReadCheckpoints(answer).ok()) << text;
    EXPECT_EQ(ReadRestarts(answer), std::nullopt);
  }
  const auto jobs = ReadJobs(
      json::Parse(R"({"jobs":[3,{},{"jid":"x","state":7,"tasks":[],"start-time":"no"}]})").value());
  ASSERT_EQ(jobs->size(), 1U);
  EXPECT_EQ((*jobs)[0].state, EngineState::kPending);
  engines::GraphVertex vertex;
  ReadVertexMetrics(json::Parse(R"([{"id":"busyTimeMsPerSecond","max":"NaN"},
      {"id":"currentInputWatermark","min":-9.223372036854776E18}, 5])")
                        .value(),
                    {}, vertex);
  EXPECT_FALSE(vertex.busy_ratio.has_value());
  EXPECT_FALSE(vertex.watermark.has_value());
}

TEST(VertexMetrics, CountWhatSourcesReadAndSinksWrite) {
  const auto metrics = ChooseVertexMetrics(json::Parse(R"([{"id":"Source__src[1].numRecordsOut"},
      {"id":"Source__src[1].numRecordsOutPerSecond"},{"id":"Calc[2].numRecordsIn"},
      {"id":"snk[3]__Writer.numRecordsIn"},{"id":"snk[3]__Writer.numRecordsInPerSecond"},
      {"id":"busyTimeMsPerSecond"},{"id":"numRecordsIn"},{}, 3])")
                                               .value());
  ASSERT_EQ(metrics.sources, std::vector<std::string>{"Source__src[1]"});
  ASSERT_EQ(metrics.sinks, std::vector<std::string>{"snk[3]__Writer"});
  EXPECT_EQ(metrics.query(),
            "busyTimeMsPerSecond,Source__src%5B1%5D.numRecordsOut,"
            "Source__src%5B1%5D.numRecordsOutPerSecond,snk%5B3%5D__Writer.numRecordsIn,"
            "snk%5B3%5D__Writer.numRecordsInPerSecond")
      << "nothing that does not exist";
  engines::GraphVertex vertex;
  ReadVertexMetrics(json::Parse(R"([{"id":"Source__src[1].numRecordsOut","sum":70},
      {"id":"Source__src[1].numRecordsOutPerSecond","sum":5.5},
      {"id":"snk[3]__Writer.numRecordsIn","sum":60}])")
                        .value(),
                    metrics, vertex);
  EXPECT_EQ(vertex.records_in, 70);
  EXPECT_EQ(vertex.records_in_per_second, 5.5);
  EXPECT_EQ(vertex.records_out, 60);
  EXPECT_FALSE(vertex.records_out_per_second.has_value());
}

TEST(OldExceptions, OfAJobWithoutHistoryAreRead) {
  const auto exceptions = ReadExceptions(
      json::Parse(R"x({"root-exception":"java.lang.Error: early\n\tat a.B.c(B.java:1)",
                      "timestamp":1795409710626,"all-exceptions":[],
                      "exceptionHistory":{"entries":[]}})x")
          .value());
  ASSERT_EQ(exceptions->size(), 1U);
  EXPECT_EQ((*exceptions)[0].root_cause, "Error: early");
}

TEST(StateOf, IsNeverAnEndForAnUnknownWord) {
  EXPECT_EQ(StateOf("SOMETHING_NEW", {}), EngineState::kPending);
  EXPECT_EQ(StateOf("RUNNING", {.total = 0}), EngineState::kPending);
  EXPECT_EQ(StateOf("RUNNING", {.total = 2, .running = 1, .finished = 1}), EngineState::kRunning);
  EXPECT_EQ(StateOf("RESTARTING", {.total = 2, .running = 2}), EngineState::kRestarting);
  EXPECT_EQ(StateOf("CANCELLING", {}), EngineState::kStopping);
  EXPECT_EQ(StateOf("SUSPENDED", {}), EngineState::kSuspended);
}

}  // namespace
}  // namespace streampark::flink
