// SPDX-License-Identifier: Apache-2.0
// The contract of adapters, and what is the native engine's own: lives of a job's processes that end otherwise than they should.
#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "streampark/base/files.h"
#include "streampark/base/json.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/engines/adapter_contract.h"
#include "streampark/native/native_engine.h"

namespace streampark::native {
namespace {

namespace fs = std::filesystem;
using engines::EngineState;
using ::testing::HasSubstr;

class NativeUnderTest final : public engines::AdapterUnderTest {
 public:
  NativeUnderTest() {
    engines::ClusterPlan plan{.cluster_id = "c", .folder = folder_.path() / "cluster"};
    plan.checkpoint_directory = "file://" + (plan.folder / "checkpoints").string();
    plan.savepoint_directory = "file://" + (plan.folder / "savepoints").string();
    plan.slots_per_task_manager = 8;
    plan.installation.engine = "NATIVE";
    SP_CHECK(engine_.engine().clusters.Prepare(plan).ok());
    cluster_ = engine_.engine().clusters.EndpointOf(plan);
  }

  engines::JobDriver& driver() override { return engine_.engine().jobs; }
  engines::Planner& planner() { return engine_.engine().planner; }
  engines::Endpoint cluster() override { return cluster_; }
  engines::Endpoint nobody() override { return {"n", {"file:///no/such/cluster"}, "NATIVE"}; }
  fs::path folder() const { return folder_.path(); }
  fs::path FolderOf(const std::string& id) const {
    return folder_.path() / "cluster" / "jobs" / id;
  }
  static engines::PlannerKey Key() { return {.installation = {}, .jars = {SP_COUNTING_JOB}}; }

  base::Status Submit(const std::string& id, Kind kind,
                      const std::optional<engines::RestorePoint>& restore) override {
    const char* does = kind == Kind::kFailing  ? "failing"
                       : kind == Kind::kFinite ? "finite"
                                               : "counting";
    // Each test counts for itself; those that go on from another share its numbers.
    if (kind == Kind::kCounting && !restore) {
      counted_ = folder_.path() / ("counted-" + id);
    }
    return SubmitWith(
        id, "app: {kind: " + std::string(does) + ", out: " + counted_.string() + "}\n", restore);
  }
  base::Status SubmitWith(const std::string& id, const std::string& script,
                          const std::optional<engines::RestorePoint>& restore) {
    engines::SubmitRequest request{.cluster = cluster_,
                                   .engine_job_id = id,
                                   .name = "counting",
                                   .script = script,
                                   .options = {{"native.checkpoint.interval", "50ms"},
                                               {"native.restart.attempts", "2"},
                                               {"native.restart.pause", "10ms"}},
                                   .restore = restore,
                                   .global_parameters = {{kLabel, id}}};
    return planner().Submit(Key(), request, {});
  }
  std::vector<std::int64_t> Counted() override {
    std::vector<std::int64_t> numbers;
    std::ifstream in(counted_);
    for (std::string line; std::getline(in, line) && !in.eof();) {
      numbers.push_back(std::stoll(line));
    }
    return numbers;
  }
  std::string forbidden_folder() override { return "file:///proc/nowhere"; }

 private:
  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  base::SystemClock clock_;
  base::SecureRandom random_;
  NativeEngine engine_{
      {.program = SP_STREAMPARK, .version = "1", .work = folder_.path() / "work"}, clock_, random_};
  engines::Endpoint cluster_;
  fs::path counted_ = folder_.path() / "counted";
};

class NativeEngineTest : public engines::AdapterContract {
 protected:
  NativeUnderTest& native() { return static_cast<NativeUnderTest&>(*adapter_); }
  std::string SubmittedWith(const std::string& script) {
    std::string id = NewId();
    const base::Status status = native().SubmitWith(id, script, {});
    EXPECT_TRUE(status.ok()) << status.error().ToString();
    submitted_.push_back(id);
    return id;
  }
  static base::ProcessId ProcessIn(const fs::path& file) {
    base::ProcessId id;
    std::istringstream(base::ReadFile(file).value()) >> id.pid >> id.start_ticks;
    return id;
  }
  std::int64_t CompletedOf(const std::string& id) {
    return driver().Checkpoints(native().cluster(), id, {}).value().completed;
  }
};

TEST_P(NativeEngineTest, AJobThatCrashesIsStartedAgainFromItsNewestCheckpoint) {
  const fs::path mark = native().folder() / "crash";
  ASSERT_TRUE(base::WriteFileAtomically(mark, "").ok());
  const std::string out = (native().folder() / "crashing").string();
  const std::string id =
      SubmittedWith("app: {kind: counting, out: " + out + ", crash: " + mark.string() + "}\n");
  ASSERT_TRUE(Eventually([&] {
    return driver().Restarts(native().cluster(), id, {}).value() == 1 &&
           StateOf(id) == EngineState::kRunning && CompletedOf(id) > 0;
  }));
  EXPECT_FALSE(fs::exists(mark));
  const auto exceptions = driver().Exceptions(native().cluster(), id, {}).value();
  ASSERT_EQ(exceptions.size(), 1U);
  EXPECT_THAT(exceptions[0].root_cause, HasSubstr("died of SIGKILL"));
}

TEST_P(NativeEngineTest, AJobWhoseProcessesAreKilledHasFailedAndItsCheckpointsAreThere) {
  const std::string id = Running();
  ASSERT_TRUE(Eventually([&] { return CompletedOf(id) > 1; }));
  const auto supervisor = ProcessIn(native().FolderOf(id) / "run" / "process");
  ASSERT_TRUE(base::Signal(supervisor, SIGKILL));
  ASSERT_TRUE(Eventually([&] { return StateOf(id) == EngineState::kFailed; }));
  EXPECT_THAT(driver().Exceptions(native().cluster(), id, {}).value().front().root_cause,
              HasSubstr("killed from outside"));
  const auto retained = driver().RetainedCheckpoints(
      native().cluster(), (native().folder() / "cluster" / "checkpoints").string(), id);
  ASSERT_FALSE(retained.empty());
  // What counts on from there leaves none out; what came after the checkpoint is there twice.
  const auto before = adapter_->Counted();
  Running(engines::RestorePoint{.path = retained.front().path});
  ASSERT_TRUE(Eventually([&] { return adapter_->Counted().size() > 2 * before.size(); }));
  auto counted = adapter_->Counted();
  std::sort(counted.begin(), counted.end());
  counted.erase(std::unique(counted.begin(), counted.end()), counted.end());
  EXPECT_EQ(counted.back(), static_cast<std::int64_t>(counted.size()));
}

TEST_P(NativeEngineTest, AStopFromOutsideIsAFailureThatSaysSo) {
  const std::string id = Running();
  ASSERT_TRUE(base::Signal(ProcessIn(native().FolderOf(id) / "run" / "process"), SIGTERM));
  ASSERT_TRUE(Eventually([&] { return Ended(id); }));
  EXPECT_EQ(StateOf(id), EngineState::kFailed);
  EXPECT_THAT(driver().Exceptions(native().cluster(), id, {}).value().front().root_cause,
              HasSubstr("from outside"));
}

TEST_P(NativeEngineTest, AJobThatHangsIsKilledWhenItIsCancelled) {
  const std::string id = Running();
  const auto supervisor = ProcessIn(native().FolderOf(id) / "run" / "process");
  const std::string children = base::ReadFile("/proc/" + std::to_string(supervisor.pid) + "/task/" +
                                              std::to_string(supervisor.pid) + "/children")
                                   .value();
  const auto child = base::Identify(std::stoi(children)).value();
  ASSERT_TRUE(base::Signal(child, SIGSTOP));
  EXPECT_EQ(StateOf(id), EngineState::kRunning) << "its last word";
  ASSERT_TRUE(driver().Cancel(native().cluster(), id, {}).ok());
  EXPECT_EQ(StateOf(id), EngineState::kStopping);
  ASSERT_TRUE(Eventually([&] { return StateOf(id) == EngineState::kCanceled; }));
  EXPECT_FALSE(base::IsAlive(child));
}

TEST_P(NativeEngineTest, TellsGraphRatesAndLog) {
  const std::string id = Running();
  ASSERT_TRUE(Eventually([&] {
    return driver().Rates(native().cluster(), id, {}, {}).value().records_out_per_second > 0;
  }));
  const auto graph = driver().Graph(native().cluster(), id, {}).value();
  ASSERT_EQ(graph.vertices.size(), 3U);
  EXPECT_EQ(graph.vertices[0].name, "numbers");
  EXPECT_GT(graph.vertices[0].records_out, 0);
  EXPECT_EQ(graph.edges.size(), 2U);
  const auto logs = driver().ListLogs(native().cluster(), {}).value();
  ASSERT_EQ(logs.size(), 1U);
  EXPECT_THAT(logs[0].id, HasSubstr(id));
  EXPECT_TRUE(driver().ReadLog(native().cluster(), logs[0].id, 0, 100, {}).ok());
  for (const char* other : {"job-../../x-log", "job--log", "log", "../job.json"}) {
    EXPECT_EQ(driver().ReadLog(native().cluster(), other, 0, 100, {}).error().code(),
              base::ErrorCode::kNotFound)
        << other;
  }
}

TEST_P(NativeEngineTest, ALibraryThatIsNoneIsRefusedClearly) {
  const fs::path file = native().folder() / "not-a-library";
  ASSERT_TRUE(base::WriteFileAtomically(file, "#!/bin/sh\n").ok());
  engines::PlannerKey key = NativeUnderTest::Key();
  EXPECT_TRUE(native().planner().Validate(key, "app: {out: /dev/null}", {}, {}).ok());
  key.jars = {file};
  const auto none = native().planner().Validate(key, "", {}, {});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code(), base::ErrorCode::kLibraryInvalid);
  EXPECT_THAT(none.error().message(), HasSubstr("the library"));
  EXPECT_EQ(none.error().ToString().find(native().folder().string()), std::string::npos)
      << none.error().ToString();
  // A library that is no job; a configuration that is wrong.
  key.jars = {SP_COUNTER_LIBRARY};
  EXPECT_EQ(native().planner().Validate(key, "", {}, {}).error().code(),
            base::ErrorCode::kLibraryInvalid);
  const auto wrong = native().planner().Validate(
      NativeUnderTest::Key(), "app: {out: /dev/null}\nnative.parallelizm: 2\n", {}, {});
  ASSERT_FALSE(wrong.ok());
  EXPECT_THAT(wrong.error().ToString(), HasSubstr("application.yml"));
}

TEST_P(NativeEngineTest, SnapshotsAreInspectedListedAndDeleted) {
  const std::string id = Running();
  const engines::StopRequest stop{
      .engine_job_id = id, .trigger_id = NewId(), .after = engines::StopRequest::After::kStop};
  ASSERT_TRUE(driver().Trigger(native().cluster(), stop, {}).ok());
  const std::string path = Await(stop).path;
  engines::Planner& planner = native().planner();
  const auto seen = planner.InspectSnapshot({}, path, {}).value();
  EXPECT_TRUE(seen.complete) << seen.problem;
  ASSERT_FALSE(seen.operators.empty());
  const std::string folder = (native().folder() / "cluster" / "savepoints").string();
  const auto found = planner.ListSnapshots({}, folder, {}).value();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].path, path);
  EXPECT_EQ(found[0].kind, engines::SnapshotKind::kSavepoint);
  EXPECT_EQ(found[0].engine_job, id);
  EXPECT_FALSE(planner.DeleteSnapshot({}, folder, {}).ok());
  EXPECT_FALSE(planner.DeleteSnapshot({}, folder + "/../chk-1", {}).ok());
  ASSERT_TRUE(planner.DeleteSnapshot({}, path, {}).ok());
  EXPECT_FALSE(planner.InspectSnapshot({}, path, {}).value().exists);
  EXPECT_EQ(planner.TryFolder({}, folder, {}).value().outcome,
            engines::FolderTrial::Outcome::kWritable);
  EXPECT_EQ(planner.TryFolder({}, "/proc/nowhere", {}).value().outcome,
            engines::FolderTrial::Outcome::kRefused);
}

const auto kMake = [] { return std::make_shared<NativeUnderTest>(); };
INSTANTIATE_TEST_SUITE_P(Native, NativeEngineTest, testing::Values(kMake));

}  // namespace
}  // namespace streampark::native

namespace streampark::engines {
INSTANTIATE_TEST_SUITE_P(Native, AdapterContract, testing::Values([] {
                           return std::make_shared<native::NativeUnderTest>();
                         }));
}  // namespace streampark::engines
