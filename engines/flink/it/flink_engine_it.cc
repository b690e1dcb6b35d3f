// SPDX-License-Identifier: Apache-2.0
//
// The adapter against real Flink, on each line: STREAMPARK_FLINK_HOMES names the distributions
// (separated by colons), STREAMPARK_AGENT_JAR the agent.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <set>

#include <gtest/gtest.h>
#include <signal.h>

#include "running_cluster.h"

namespace streampark::flink {
namespace {

namespace fs = std::filesystem;
using engines::EngineState;
using engines::ProcessRole;
using engines::StopRequest;
using engines::TriggerObservation;

TEST(Environment, NamesWhatIsTested) {
  ASSERT_FALSE(HomesUnderTest().empty()) << "set STREAMPARK_FLINK_HOMES";
  const char* jar = std::getenv("STREAMPARK_AGENT_JAR");
  ASSERT_TRUE(jar != nullptr && fs::exists(jar)) << "set STREAMPARK_AGENT_JAR";
}

class FlinkLine : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    ASSERT_EQ(cluster_.problem, "");
    endpoint_ = cluster_.endpoint();
  }

  std::string NewId() { return base::RandomHex(random_, 16); }

  std::optional<engines::JobObservation> Job(const std::string& id) {
    const auto job = engine_.jobs.Find(endpoint_, id, {});
    return job.ok() ? *job : std::nullopt;
  }
  bool Reaches(const std::string& id, EngineState state) {
    return Eventually([&] {
      const auto job = Job(id);
      return job && job->state == state;
    });
  }

  engines::SubmitRequest Request(const std::string& id, const std::string& sql) {
    return {.cluster = endpoint_,
            .engine_job_id = id,
            .name = "it " + id.substr(0, 6),
            .script = sql,
            .options = {{"execution.checkpointing.interval", "2s"},
                        {"execution.checkpointing.externalized-checkpoint-retention",
                         "RETAIN_ON_CANCELLATION"}},
            .parallelism = 1,
            .global_parameters = {{"streampark.job", "it"}}};
  }

  /// Stops with the request's savepoint and returns its path.
  std::string Await(const StopRequest& request) {
    TriggerObservation seen;
    EXPECT_TRUE(Eventually([&] {
      const auto trigger =
          engine_.jobs.ObserveTrigger(endpoint_, request.engine_job_id, request.trigger_id, {});
      if (trigger.ok()) {
        seen = *trigger;
      }
      return trigger.ok() && trigger->state != TriggerObservation::State::kInProgress;
    }));
    EXPECT_EQ(seen.state, TriggerObservation::State::kCompleted) << seen.cause;
    return seen.path;
  }

  std::string CountingScript(const fs::path& results) const {
    return "CREATE TABLE numbers (id BIGINT) WITH ('connector' = 'datagen', "
           "'rows-per-second' = '400', 'fields.id.kind' = 'sequence', 'fields.id.start' = '1', "
           "'fields.id.end' = '40000');\n"
           "CREATE TABLE results (id BIGINT) WITH ('connector' = 'filesystem', 'path' = 'file://" +
           results.string() +
           "', 'format' = 'json', 'sink.rolling-policy.rollover-interval' = '1 s', "
           "'sink.rolling-policy.check-interval' = '500 ms');\n"
           "INSERT INTO results SELECT id FROM numbers;\n";
  }

  /// The ids that the file sink has committed.
  static std::vector<long> Committed(const fs::path& results) {
    std::vector<long> ids;
    std::error_code error;
    for (fs::recursive_directory_iterator it(results, error), end; !error && it != end;
         it.increment(error)) {
      if (!it->is_regular_file() || it->path().filename().string().starts_with('.')) {
        continue;
      }
      std::ifstream file(it->path());
      for (std::string line; std::getline(file, line);) {
        ids.push_back(std::stol(line.substr(line.find(':') + 1)));
      }
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  RunningCluster& cluster_ = RunningCluster::Of(GetParam());
  engines::Engine engine_ = RunningCluster::Engine().engine();
  engines::Endpoint endpoint_;
  base::SecureRandom random_;
};

constexpr const char* kEndless =
    "CREATE TABLE src (id BIGINT, name STRING) WITH ('connector' = 'datagen', "
    "'rows-per-second' = '50', 'fields.name.length' = '1');\n"
    "CREATE TABLE snk (name STRING, n BIGINT) WITH ('connector' = 'blackhole');\n"
    "INSERT INTO snk SELECT name, COUNT(*) FROM src GROUP BY name;\n";

TEST_P(FlinkLine, ClusterIsSeenWithItsProcesses) {
  const auto seen = engine_.jobs.Observe(endpoint_, base::Millis(5'000), {});
  ASSERT_TRUE(seen.ok()) << seen.error().ToString();
  EXPECT_EQ(seen->version, cluster_.plan.installation.version);
  EXPECT_EQ(seen->slots_total, 2);
  EXPECT_EQ(seen->task_managers, 1);
  EXPECT_EQ(engine_.clusters.FindProcesses(cluster_.plan.cluster_id).size(), 2U);
  const auto again = engine_.clusters.StartProcess(cluster_.plan, ProcessRole::kTaskManager, 0);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, cluster_.Process(ProcessRole::kTaskManager)) << "never two in one place";
  std::vector<engines::TaskManagerObservation> managers;
  EXPECT_TRUE(Eventually([&] {  // the JobManager asks for a new one's heap in its own time
    managers = engine_.jobs.ListTaskManagers(endpoint_, {}).value_or({});
    return !managers.empty() && managers.front().heap_max_bytes > 0;
  }));
  ASSERT_EQ(managers.size(), 1U);
  EXPECT_EQ(managers.front().id, "taskmanager-0");
  EXPECT_EQ(managers.front().memory_bytes, 1300LL << 20);
  const auto options = engine_.jobs.ClusterOptions(endpoint_, {});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->at("taskmanager.numberOfTaskSlots"), "2");
}

TEST_P(FlinkLine, OptionsAreCheckedByFlinksOwnRules) {
  engines::ClusterPlan plan = cluster_.plan;
  const auto good = engine_.clusters.Check(plan, {});
  ASSERT_TRUE(good.ok()) << good.error().ToString();
  for (const auto& problem : good->errors) {
    ADD_FAILURE() << problem.key << ": " << problem.message;
  }
  EXPECT_TRUE(good->warnings.empty());
  EXPECT_EQ(good->task_manager_memory.at("processBytes"), 1300LL << 20);
  plan.options["heartbeat.intervall"] = "1000";
  plan.options["rest.port"] = "1";
  const auto bad = engine_.clusters.Check(plan, {});
  ASSERT_TRUE(bad.ok()) << bad.error().ToString();
  std::set<std::string> keys;
  for (const auto& problem : bad->errors) {
    keys.insert(problem.key);
  }
  for (const auto& problem : bad->warnings) {
    keys.insert(problem.key);
  }
  EXPECT_TRUE(keys.contains("heartbeat.intervall"));
  EXPECT_TRUE(keys.contains("rest.port"));
  EXPECT_FALSE(engine_.clusters.Prepare(plan).ok());

  plan = cluster_.plan;
  plan.task_manager_memory = "200m";
  const auto small = engine_.clusters.Check(plan, {});
  ASSERT_TRUE(small.ok()) << small.error().ToString();
  ASSERT_EQ(small->errors.size(), 1U);
  EXPECT_EQ(small->errors[0].key, "task_manager_memory");
  EXPECT_NE(small->errors[0].message.find("exceed"), std::string::npos);
  plan.folder = cluster_.plan.folder.parent_path() / "too-small";
  const auto prepared = engine_.clusters.Prepare(plan);
  ASSERT_FALSE(prepared.ok());
  EXPECT_EQ(prepared.error().code(), base::ErrorCode::kClusterOptionsInvalid);
  EXPECT_NE(prepared.error().cause().find("exceed"), std::string::npos) << "Flink's own words";
}

TEST_P(FlinkLine, ScriptsAreValidated) {
  const auto good = engine_.planner.Validate(cluster_.key(), kEndless, {}, {});
  ASSERT_TRUE(good.ok()) << good.error().ToString();
  EXPECT_TRUE(good->ok());
  EXPECT_EQ(good->statements.size(), 3U);
  ASSERT_EQ(good->tables.size(), 2U);
  std::string script = kEndless;
  script.replace(script.find("COUNT(*)"), 8, "SUM(prise)");
  const auto bad = engine_.planner.Validate(cluster_.key(), script, {}, {});
  ASSERT_TRUE(bad.ok()) << bad.error().ToString();
  ASSERT_FALSE(bad->ok());
  EXPECT_EQ(bad->diagnostics.front().code, "UNKNOWN_COLUMN");
  EXPECT_EQ(bad->diagnostics.front().range.line, 3);
  const auto compiled = engine_.planner.Compile(cluster_.key(), script, {}, 1, {});
  ASSERT_FALSE(compiled.ok());
  EXPECT_EQ(compiled.error().code(), base::ErrorCode::kSqlInvalid);
}

TEST_P(FlinkLine, VocabularyKnowsTheConnectors) {
  const auto vocabulary = engine_.planner.Vocabulary(cluster_.key(), {});
  ASSERT_TRUE(vocabulary.ok()) << vocabulary.error().ToString();
  const auto datagen =
      std::find_if(vocabulary->connectors.begin(), vocabulary->connectors.end(),
                   [](const engines::SqlFactory& one) { return one.identifier == "datagen"; });
  ASSERT_NE(datagen, vocabulary->connectors.end());
  EXPECT_TRUE(datagen->source);
  EXPECT_FALSE(datagen->sink);
  EXPECT_FALSE(vocabulary->formats.empty());
  EXPECT_FALSE(vocabulary->functions.empty());
  EXPECT_FALSE(vocabulary->keywords.empty());
}

TEST_P(FlinkLine, CountsGoOnAfterStopAndRestore) {
  const fs::path results = cluster_.plan.folder / "results";
  const std::string script = CountingScript(results);
  const auto compiled = engine_.planner.Compile(cluster_.key(), script, {}, 1, {});
  ASSERT_TRUE(compiled.ok()) << compiled.error().ToString();
  ASSERT_FALSE(compiled->plan.empty());
  EXPECT_FALSE(compiled->operators.empty());
  const auto again =
      engine_.planner.Recompile(cluster_.key(), script, {}, 1, {.plans = {compiled->plan}}, {});
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  EXPECT_EQ(again->plan, compiled->plan);

  const std::string first = NewId();
  auto request = Request(first, script);
  request.plan = compiled->plan;
  const auto submitted = engine_.planner.Submit(cluster_.key(), request, {});
  ASSERT_TRUE(submitted.ok()) << submitted.error().ToString();
  ASSERT_TRUE(Reaches(first, EngineState::kRunning));
  const auto twice = engine_.planner.Submit(cluster_.key(), request, {});
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(twice.error().code(), base::ErrorCode::kDuplicateJob) << twice.error().ToString();
  ASSERT_TRUE(Eventually([&] { return !Committed(results).empty(); }));

  StopRequest savepoint{.engine_job_id = first, .trigger_id = NewId()};
  ASSERT_TRUE(engine_.jobs.Trigger(endpoint_, savepoint, {}).ok());
  ASSERT_TRUE(engine_.jobs.Trigger(endpoint_, savepoint, {}).ok());
  const std::string path = Await(savepoint);
  ASSERT_TRUE(engine_.jobs.Trigger(endpoint_, savepoint, {}).ok());
  EXPECT_EQ(Await(savepoint), path);
  const auto statistics = engine_.jobs.Checkpoints(endpoint_, first, {});
  ASSERT_TRUE(statistics.ok());
  EXPECT_EQ(std::count_if(statistics->checkpoints.begin(), statistics->checkpoints.end(),
                          [](const engines::Checkpoint& one) {
                            return one.kind == engines::SnapshotKind::kSavepoint;
                          }),
            1)
      << "one trigger id, one savepoint";

  StopRequest stop{.engine_job_id = first,
                   .trigger_id = NewId(),
                   .format = engines::SnapshotFormat::kNative,
                   .after = StopRequest::After::kStop};
  ASSERT_TRUE(engine_.jobs.Trigger(endpoint_, stop, {}).ok());
  const std::string last = Await(stop);
  ASSERT_TRUE(Reaches(first, EngineState::kFinished));
  const auto before = Committed(results);
  ASSERT_FALSE(before.empty());

  const auto listed =
      engine_.planner.ListSnapshots(cluster_.key(), last.substr(0, last.rfind('/')), {});
  ASSERT_TRUE(listed.ok()) << listed.error().ToString();
  EXPECT_TRUE(std::any_of(listed->begin(), listed->end(), [&](const engines::FoundSnapshot& one) {
    return one.path == last && one.complete && !one.engine_job.empty();
  }));
  const auto inspected = engine_.planner.InspectSnapshot(cluster_.key(), last, {});
  ASSERT_TRUE(inspected.ok()) << inspected.error().ToString();
  EXPECT_TRUE(inspected->complete) << inspected->problem;
  std::set<std::string> planned;
  for (const auto& one : compiled->operators) {
    planned.insert(one.id);
  }
  EXPECT_FALSE(inspected->operators.empty());
  for (const auto& one : inspected->operators) {
    EXPECT_TRUE(planned.contains(one.id)) << "an operator of the snapshot that the plan lacks";
  }

  const std::string second = NewId();
  request.engine_job_id = second;
  request.restore = engines::RestorePoint{.path = last};
  const auto restored = engine_.planner.Submit(cluster_.key(), request, {});
  ASSERT_TRUE(restored.ok()) << restored.error().ToString();
  ASSERT_TRUE(Reaches(second, EngineState::kRunning));
  ASSERT_TRUE(Eventually([&] { return Committed(results).size() > before.size() + 400; }));
  const auto after_restore = engine_.jobs.Checkpoints(endpoint_, second, {});
  ASSERT_TRUE(after_restore.ok());
  ASSERT_TRUE(after_restore->latest_restored.has_value());
  EXPECT_EQ(after_restore->latest_restored->path, last);

  StopRequest end{
      .engine_job_id = second, .trigger_id = NewId(), .after = StopRequest::After::kStop};
  ASSERT_TRUE(engine_.jobs.Trigger(endpoint_, end, {}).ok());
  Await(end);
  ASSERT_TRUE(Reaches(second, EngineState::kFinished));
  const auto all = Committed(results);
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(all[i], static_cast<long>(i + 1)) << "none lost, none twice";
  }

  ASSERT_TRUE(engine_.planner.DeleteSnapshot(cluster_.key(), path, {}).ok());
  const auto gone = engine_.planner.InspectSnapshot(cluster_.key(), path, {});
  ASSERT_TRUE(gone.ok());
  EXPECT_FALSE(gone->exists);
}

TEST_P(FlinkLine, DetailsOfARunningJobAreRead) {
  const std::string id = NewId();
  const auto submitted = engine_.planner.Submit(cluster_.key(), Request(id, kEndless), {});
  ASSERT_TRUE(submitted.ok()) << submitted.error().ToString();
  ASSERT_TRUE(Reaches(id, EngineState::kRunning));
  engines::JobGraph graph;
  ASSERT_TRUE(Eventually([&] {
    const auto seen = engine_.jobs.Graph(endpoint_, id, {});
    if (seen.ok()) {
      graph = *seen;
    }
    return seen.ok() && graph.vertices.size() == 2 &&
           graph.vertices[0].records_in_per_second.value_or(0) > 0 &&
           graph.vertices[1].records_in_per_second.value_or(0) > 0 &&
           graph.vertices[1].records_out > 0;
  })) << "a source reads and a sink writes, though not from or to another vertex";
  EXPECT_EQ(graph.edges.size(), 1U);
  EXPECT_EQ(graph.edges[0].ship_strategy, "HASH");
  EXPECT_FALSE(graph.vertices[0].operators.empty());
  EXPECT_TRUE(graph.vertices[1].busy_ratio.has_value());
  EXPECT_EQ(engine_.jobs.Restarts(endpoint_, id, {}).value_or(-1), 0);
  const auto exceptions = engine_.jobs.Exceptions(endpoint_, id, {});
  ASSERT_TRUE(exceptions.ok());
  EXPECT_TRUE(exceptions->empty());

  StopRequest bad{.engine_job_id = id, .trigger_id = NewId(), .directory = "file:///proc/nowhere"};
  ASSERT_TRUE(engine_.jobs.Trigger(endpoint_, bad, {}).ok());
  TriggerObservation seen;
  ASSERT_TRUE(Eventually([&] {
    const auto trigger = engine_.jobs.ObserveTrigger(endpoint_, id, bad.trigger_id, {});
    if (trigger.ok()) {
      seen = *trigger;
    }
    return seen.state == TriggerObservation::State::kFailed;
  }));
  EXPECT_NE(seen.cause, "");
  EXPECT_EQ(seen.cause.find('\t'), std::string::npos);
  EXPECT_EQ(Job(id)->state, EngineState::kRunning) << "a failed savepoint stops nothing";
  const auto forgotten = engine_.jobs.ObserveTrigger(endpoint_, id, NewId(), {});
  ASSERT_TRUE(forgotten.ok());
  EXPECT_EQ(forgotten->state, TriggerObservation::State::kUnknown);

  ASSERT_TRUE(engine_.jobs.Cancel(endpoint_, id, {}).ok());
  ASSERT_TRUE(Reaches(id, EngineState::kCanceled));
  EXPECT_TRUE(engine_.jobs.Cancel(endpoint_, id, {}).ok()) << "ended already";
  const auto unknown = engine_.jobs.Cancel(endpoint_, NewId(), {});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code(), base::ErrorCode::kNotFound);
}

TEST_P(FlinkLine, FailuresSayTheirRootCause) {
  const std::string id = NewId();
  auto request =
      Request(id,
              "CREATE TABLE src (id INT) WITH ('connector' = 'datagen', 'number-of-rows' = '10');\n"
              "CREATE TABLE snk (n INT) WITH ('connector' = 'blackhole');\n"
              "INSERT INTO snk SELECT CAST(CAST(id / 0 AS STRING) AS INT) FROM src;\n");
  request.options["restart-strategy.type"] = "none";
  const auto submitted = engine_.planner.Submit(cluster_.key(), request, {});
  ASSERT_TRUE(submitted.ok()) << submitted.error().ToString();
  ASSERT_TRUE(Reaches(id, EngineState::kFailed));
  const auto exceptions = engine_.jobs.Exceptions(endpoint_, id, {});
  ASSERT_TRUE(exceptions.ok());
  ASSERT_FALSE(exceptions->empty());
  EXPECT_EQ(exceptions->front().root_cause, "ArithmeticException: / by zero");
}

TEST_P(FlinkLine, ADeadTaskManagerIsSeenAndReplaced) {
  const std::string id = NewId();
  ASSERT_TRUE(engine_.planner.Submit(cluster_.key(), Request(id, kEndless), {}).ok());
  ASSERT_TRUE(Reaches(id, EngineState::kRunning));
  const base::ProcessId killed = cluster_.Process(ProcessRole::kTaskManager);
  ASSERT_TRUE(base::Signal(killed, SIGKILL));
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(cluster_.WaitForSlots(0));
  const auto noticed =
      std::chrono::duration_cast<base::Millis>(std::chrono::steady_clock::now() - start);
  std::cout << "[ figure   ] dead TaskManager noticed after " << noticed.count() << " ms\n";
  EXPECT_LT(noticed, base::Millis(15'000));
  EXPECT_FALSE(base::IsAlive(killed));
  ASSERT_TRUE(engine_.clusters.StartProcess(cluster_.plan, ProcessRole::kTaskManager, 0).ok());
  ASSERT_TRUE(cluster_.WaitForSlots(2));
  ASSERT_TRUE(Reaches(id, EngineState::kRunning));
  EXPECT_TRUE(
      Eventually([&] { return engine_.jobs.Restarts(endpoint_, id, {}).value_or(0) >= 1; }));
  ASSERT_TRUE(engine_.jobs.Cancel(endpoint_, id, {}).ok());
  ASSERT_TRUE(Reaches(id, EngineState::kCanceled));
}

TEST_P(FlinkLine, LogsAreReadFromTheFolderAndOverRest) {
  const auto files = engine_.clusters.ListLogs(cluster_.plan);
  ASSERT_TRUE(files.ok());
  std::set<std::string> names;
  for (const auto& file : *files) {
    names.insert(file.id);
  }
  EXPECT_TRUE(names.contains("jobmanager.log"));
  EXPECT_TRUE(names.contains("taskmanager-0.log"));
  const auto head = engine_.clusters.ReadLog(cluster_.plan, "jobmanager.log", 0, 200);
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->next_offset, 200);
  EXPECT_FALSE(engine_.clusters.ReadLog(cluster_.plan, "../conf/launch.json", 0, 10).ok());

  const auto remote = engine_.jobs.ListLogs(endpoint_, {});
  ASSERT_TRUE(remote.ok()) << remote.error().ToString();
  const auto log = std::find_if(remote->begin(), remote->end(), [](const engines::LogFile& file) {
    return file.id == "jobmanager/jobmanager.log";
  });
  ASSERT_NE(log, remote->end());
  const auto piece = engine_.jobs.ReadLog(endpoint_, log->id, 100, 50, {});
  ASSERT_TRUE(piece.ok()) << piece.error().ToString();
  const auto same = engine_.clusters.ReadLog(cluster_.plan, "jobmanager.log", 100, 50);
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(piece->text, same->text);
  EXPECT_EQ(piece->next_offset, 150);
}

TEST_P(FlinkLine, WhatJobsPrintIsAmongTheLogs) {
  const std::string id = NewId();
  const auto submitted = engine_.planner.Submit(
      cluster_.key(),
      Request(id,
              "CREATE TABLE src (id BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '3',"
              "'fields.id.kind' = 'sequence', 'fields.id.start' = '41', 'fields.id.end' = '43');\n"
              "CREATE TABLE snk (id BIGINT) WITH ('connector' = 'print');\n"
              "INSERT INTO snk SELECT id FROM src;\n"),
      {});
  ASSERT_TRUE(submitted.ok()) << submitted.error().ToString();
  ASSERT_TRUE(Reaches(id, EngineState::kFinished));
  EXPECT_TRUE(Eventually([&] {
    const auto printed = engine_.clusters.ReadLog(cluster_.plan, "taskmanager-0.out", 0, 4096);
    return printed.ok() && printed->text.find("+I[43]") != std::string::npos;
  }));
}

TEST_P(FlinkLine, AKilledAgentIsReplaced) {
  ASSERT_TRUE(engine_.planner.Validate(cluster_.key(), kEndless, {}, {}).ok());
  std::set<int> killed;
  for (const auto& agent : RunningCluster::Engine().Agents()) {
    ASSERT_TRUE(base::Signal(base::Identify(agent.pid).value(), SIGKILL));
    killed.insert(agent.pid);
  }
  EXPECT_TRUE(Eventually([&] {  // the call in whose hands it died may fail, the next one may not
    return engine_.planner.Validate(cluster_.key(), kEndless, {}, {}).ok();
  }));
  for (const auto& agent : RunningCluster::Engine().Agents()) {
    EXPECT_FALSE(killed.contains(agent.pid));
  }
}

double CpuSeconds() {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

TEST_P(FlinkLine, LookingIsCheapAndStartingQuick) {
  constexpr int kLooks = 200;
  const double cpu = CpuSeconds();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kLooks; ++i) {
    ASSERT_TRUE(engine_.jobs.Observe(endpoint_, base::Millis(5'000), {}).ok());
  }
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  std::cout << "[ figure   ] observe: " << took.count() / kLooks << " ms, "
            << (CpuSeconds() - cpu) * 1e3 / kLooks << " ms CPU of ours\n";

  const auto compiled = engine_.planner.Compile(cluster_.key(), kEndless, {}, 1, {});
  ASSERT_TRUE(compiled.ok());
  std::vector<long> millis;
  for (int round = 0; round < 6; ++round) {
    const std::string id = NewId();
    auto request = Request(id, kEndless);
    request.plan = compiled->plan;
    const auto begun = std::chrono::steady_clock::now();
    ASSERT_TRUE(engine_.planner.Submit(cluster_.key(), request, {}).ok());
    ASSERT_TRUE(Reaches(id, EngineState::kRunning));
    millis.push_back(
        std::chrono::duration_cast<base::Millis>(std::chrono::steady_clock::now() - begun).count());
    ASSERT_TRUE(engine_.jobs.Cancel(endpoint_, id, {}).ok());
    ASSERT_TRUE(Reaches(id, EngineState::kCanceled));
  }
  std::cout << "[ figure   ] submit to all tasks running:";
  for (const long one : millis) {
    std::cout << ' ' << one;
  }
  std::cout << " ms\n";
  for (const auto& agent : RunningCluster::Engine().Agents()) {
    std::cout << "[ figure   ] agent " << agent.name << ": " << (agent.resident_bytes >> 20)
              << " MiB\n";
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FlinkLine);
INSTANTIATE_TEST_SUITE_P(Each, FlinkLine, testing::ValuesIn(HomesUnderTest()),
                         [](const testing::TestParamInfo<std::string>& home) {
                           std::string name = fs::path(home.param).filename().string();
                           std::replace_if(
                               name.begin(), name.end(),
                               [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

class StopClusters : public testing::Environment {
 public:
  void TearDown() override { RunningCluster::StopAll(); }
};
const auto* const kStopClusters = testing::AddGlobalTestEnvironment(new StopClusters);

}  // namespace
}  // namespace streampark::flink
