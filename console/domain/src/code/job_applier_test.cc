// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/code/job_applier.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streampark::console {
namespace {

using base::Result;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Keeps jobs in a map and writes down what it was told.
class RecordingDesk final : public JobDesk {
 public:
  Result<JobViewPtr> Create(const JobDraft& draft, const Requester&,
                            std::string_view key) override {
    calls.push_back("create " + draft.name + (key.empty() ? "" : " key " + std::string(key)));
    return Put(draft, 1);
  }
  Result<JobViewPtr> Edit(std::string_view job_id, const JobDraft& draft,
                          std::optional<std::int64_t>, const Requester&) override {
    calls.push_back("edit " + std::string(job_id));
    return Put(draft, jobs.at(draft.name)->state.job.wanted + 1);
  }
  Result<JobViewPtr> Copy(std::string_view, std::string_view, std::string_view,
                          const Requester&) override {
    return Unexpected();
  }
  Result<JobViewPtr> Undelete(std::string_view, const Requester&) override { return Unexpected(); }
  base::Status Allows(std::string_view, const JobCommand& command) const override {
    return command.kind == refused ? Refusal() : base::Ok();
  }
  Result<Operation> Command(std::string_view job_id, const JobCommand& command, const Requester&,
                            std::string_view) override {
    if (command.kind == refused) {
      return Refusal().error();
    }
    calls.push_back(std::string(ToString(command.kind)) + " " + std::string(job_id) +
                    (command.savepoint ? " " + std::string(ToString(*command.savepoint)) : ""));
    Operation operation;
    operation.id = "operation-" + std::to_string(calls.size());
    return operation;
  }
  Result<Operation> Cancel(std::string_view) override {
    return base::Error(base::ErrorCode::kInternal, "not asked for");
  }
  JobViewPtr Find(std::string_view) const override { return nullptr; }
  JobViewPtr FindByName(std::string_view, std::string_view name) const override {
    const auto found = jobs.find(std::string(name));
    return found == jobs.end() ? nullptr : found->second;
  }
  Result<Revision> FindRevision(std::string_view job_id, std::optional<int>) override {
    return Revision{.job_id = std::string(job_id), .spec = specs.at(std::string(job_id))};
  }

  /// As if the job had been started with its wanted revision.
  void Run(const std::string& name) {
    JobState state = jobs.at(name)->state;
    state.job.desired = DesiredState::kRunning;
    state.job.deployed = state.job.wanted;
    state.attempt = Attempt{.id = "attempt", .submitted = true};
    jobs[name] = ViewOf(std::move(state));
  }
  void End(const std::string& name, AttemptOutcome outcome) {
    JobState state = jobs.at(name)->state;
    state.attempt->outcome = outcome;
    jobs[name] = ViewOf(std::move(state));
  }
  void Begin(const std::string& name, OperationKind kind) {
    JobState state = jobs.at(name)->state;
    state.job.desired = DesiredState::kRunning;
    state.operation = OperationMark{.id = "o", .kind = kind};
    jobs[name] = ViewOf(std::move(state));
  }

  std::map<std::string, JobViewPtr> jobs;
  std::map<std::string, JobSpec> specs;
  std::vector<std::string> calls;
  std::optional<OperationKind> refused;

 private:
  static base::Status Refusal() {
    return base::Error(base::ErrorCode::kRestoreChoiceRequired, "say what to restore");
  }
  static Result<JobViewPtr> Unexpected() {
    return base::Error(base::ErrorCode::kInternal, "not asked for");
  }
  static JobViewPtr ViewOf(JobState state) {
    auto view = std::make_shared<JobView>();
    view->state = std::move(state);
    return view;
  }
  JobViewPtr Put(const JobDraft& draft, int wanted) {
    JobState state = jobs.contains(draft.name) ? jobs.at(draft.name)->state : JobState{};
    state.job.id = "id-" + draft.name;
    state.job.name = draft.name;
    state.job.team_id = draft.team_id;
    state.job.tags = draft.tags;
    state.job.description = draft.description;
    state.job.wanted = wanted;
    specs[state.job.id] = draft.spec;
    return jobs[draft.name] = ViewOf(std::move(state));
  }
};

class OneCluster final : public ClusterDirectory {
 public:
  OneCluster() {
    auto cluster = std::make_shared<Cluster>();
    cluster->id = "cluster-1";
    cluster->spec.name = "local";
    cluster->version = "1.20.5";
    cluster_ = cluster;
  }
  ClusterPtr Find(std::string_view id) const override {
    return id == cluster_->id ? cluster_ : nullptr;
  }
  ClusterPtr FindForTeam(std::string_view, std::string_view name) const override {
    return name == "local" ? cluster_ : nullptr;
  }
  std::vector<ClusterPtr> List() const override { return {cluster_}; }
  std::shared_ptr<const engines::ClusterObservation> LastObservation(
      std::string_view) const override {
    return nullptr;
  }
  void WatchClosely(std::string_view, base::Millis) override {}
  Result<engines::Options> OptionsOf(std::string_view, std::stop_token) override {
    return engines::Options{};
  }
  Result<std::vector<engines::LogFile>> ListLogs(std::string_view, std::stop_token) override {
    return std::vector<engines::LogFile>{};
  }
  Result<engines::LogPiece> ReadLog(std::string_view, std::string_view, std::optional<std::int64_t>,
                                    std::int64_t, std::stop_token) override {
    return engines::LogPiece{};
  }

 private:
  ClusterPtr cluster_;
};

class OneTeam final : public Directory {
 public:
  OneTeam() {
    team_.id = "team-1";
    team_.name = "demo";
  }
  std::optional<Team> FindTeam(std::string_view name) const override {
    return name == "demo" ? std::optional(team_) : std::nullopt;
  }
  std::optional<User> FindUser(std::string_view) const override { return std::nullopt; }
  std::vector<Team> Teams() const override { return {team_}; }
  std::string TeamName(std::string_view) const override { return team_.name; }
  std::string UserName(std::string_view id) const override { return std::string(id); }

 private:
  Team team_;
};

Caller MemberOf(const std::string& team, api::Role role) {
  auto identity = std::make_shared<Caller::Identity>();
  identity->via = CallerVia::kToken;
  identity->rights.memberships = {{team, role}};
  return Caller(std::move(identity));
}

class JobApplierTest : public ::testing::Test {
 protected:
  JobFile File(std::optional<AskedState> state = std::nullopt) {
    JobFile file;
    file.name = "delays";
    file.team = "demo";
    file.cluster = "local";
    file.spec.sql = "INSERT INTO a SELECT 1;\n";
    file.state = state;
    return file;
  }
  ApplyItem Apply(const JobFile& file) {
    auto items = applier.Apply({file}, developer, {}, "");
    EXPECT_TRUE(items.ok()) << (items.ok() ? "" : items.error().ToString());
    return items.ok() ? items->front() : ApplyItem{};
  }

  RecordingDesk desk;
  OneCluster clusters;
  Caller developer = MemberOf("team-1", api::Role::kDeveloper);
  OneTeam directory;
  JobApplier applier{desk, clusters, directory};
};

TEST_F(JobApplierTest, CreatesWithoutStarting) {
  EXPECT_EQ(Apply(File()).action, ApplyAction::kCreate);
  EXPECT_THAT(desk.calls, ElementsAre("create delays"));
}

TEST_F(JobApplierTest, CreatesAndStartsWhenAsked) {
  const ApplyItem item = Apply(File(AskedState::kRunning));
  EXPECT_EQ(item.action, ApplyAction::kCreate);
  EXPECT_EQ(item.operation_id, "operation-2");
  EXPECT_THAT(desk.calls, ElementsAre("create delays", "START id-delays"));
}

TEST_F(JobApplierTest, TheSameFileAgainDoesNothing) {
  Apply(File(AskedState::kRunning));
  desk.Run("delays");
  desk.calls.clear();
  const ApplyItem item = Apply(File(AskedState::kRunning));
  EXPECT_EQ(item.action, ApplyAction::kNone);
  EXPECT_THAT(item.changes, IsEmpty());
  EXPECT_THAT(desk.calls, IsEmpty());
}

TEST_F(JobApplierTest, AnEditWithoutStateLeavesWhatRunsAlone) {
  Apply(File(AskedState::kRunning));
  desk.Run("delays");
  desk.calls.clear();
  JobFile file = File();
  file.spec.options["table.exec.mini-batch.enabled"] = "true";
  const ApplyItem item = Apply(file);
  EXPECT_EQ(item.action, ApplyAction::kEdit);
  ASSERT_EQ(item.changes.size(), 1U);
  EXPECT_EQ(item.changes[0].path, "options.table.exec.mini-batch.enabled");
  EXPECT_EQ(item.changes[0].before, std::nullopt);
  EXPECT_EQ(item.changes[0].after, "true");
  EXPECT_THAT(desk.calls, ElementsAre("edit id-delays"));
}

TEST_F(JobApplierTest, AChangedSpecOfARunningJobIsAnUpgrade) {
  Apply(File(AskedState::kRunning));
  desk.Run("delays");
  desk.calls.clear();
  JobFile file = File(AskedState::kRunning);
  file.spec.parallelism = 4;
  EXPECT_EQ(Apply(file).action, ApplyAction::kUpgrade);
  EXPECT_THAT(desk.calls, ElementsAre("edit id-delays", "UPGRADE id-delays"));
}

TEST_F(JobApplierTest, AnEarlierEditIsDeployedByTheNextApplyThatWantsItRunning) {
  Apply(File(AskedState::kRunning));
  desk.Run("delays");
  JobFile file = File();
  file.spec.parallelism = 4;
  Apply(file);
  desk.calls.clear();
  file.state = AskedState::kRunning;
  EXPECT_EQ(Apply(file).action, ApplyAction::kUpgrade);
  EXPECT_THAT(desk.calls, ElementsAre("UPGRADE id-delays"));
}

TEST_F(JobApplierTest, ADescriptionIsNoReasonToRestart) {
  Apply(File(AskedState::kRunning));
  desk.Run("delays");
  desk.calls.clear();
  JobFile file = File(AskedState::kRunning);
  file.description = "for people";
  EXPECT_EQ(Apply(file).action, ApplyAction::kEdit);
  EXPECT_THAT(desk.calls, ElementsAre("edit id-delays"));
}

TEST_F(JobApplierTest, SuspendsAndStops) {
  Apply(File(AskedState::kRunning));
  desk.Run("delays");
  desk.calls.clear();
  EXPECT_EQ(Apply(File(AskedState::kSuspended)).action, ApplyAction::kSuspend);
  EXPECT_EQ(Apply(File(AskedState::kStopped)).action, ApplyAction::kStop);
  EXPECT_THAT(desk.calls, ElementsAre("STOP id-delays YES", "STOP id-delays NO"));
}

TEST_F(JobApplierTest, AJobThatIsNotAliveIsStartedWhateverWasWanted) {
  Apply(File(AskedState::kRunning));
  desk.Run("delays");
  for (const AttemptOutcome outcome : {AttemptOutcome::kFailed, AttemptOutcome::kLost}) {
    desk.End("delays", outcome);
    desk.calls.clear();
    EXPECT_EQ(Apply(File(AskedState::kRunning)).action, ApplyAction::kStart);
    EXPECT_THAT(desk.calls, ElementsAre("START id-delays"));
    EXPECT_EQ(Apply(File(AskedState::kStopped)).action, ApplyAction::kNone);
  }
  JobFile changed = File(AskedState::kRunning);
  changed.spec.parallelism = 3;
  EXPECT_EQ(Apply(changed).action, ApplyAction::kStart);
}

TEST_F(JobApplierTest, AJobThatHasFinishedIsRunAgainOnlyWhenItChanged) {
  Apply(File(AskedState::kRunning));
  desk.Run("delays");
  desk.End("delays", AttemptOutcome::kFinished);
  EXPECT_EQ(Apply(File(AskedState::kRunning)).action, ApplyAction::kNone);
  JobFile changed = File(AskedState::kRunning);
  changed.spec.parallelism = 3;
  EXPECT_EQ(Apply(changed).action, ApplyAction::kStart);
}

TEST_F(JobApplierTest, AStartUnderWayIsNotBegunTwice) {
  Apply(File());
  desk.Begin("delays", OperationKind::kStart);
  EXPECT_EQ(Apply(File(AskedState::kRunning)).action, ApplyAction::kNone);
}

TEST_F(JobApplierTest, EachDocumentHasItsOwnError) {
  Apply(File(AskedState::kRunning));
  desk.Run("delays");
  desk.End("delays", AttemptOutcome::kStopped);
  desk.refused = OperationKind::kStart;
  JobFile second = File();
  second.name = "other";
  const std::vector<JobFile> files = {File(AskedState::kRunning), second};
  const auto planned = applier.Plan(files, developer);
  ASSERT_TRUE(planned.ok());
  ASSERT_TRUE(planned->front().error.has_value());
  EXPECT_EQ(planned->front().error->code(), base::ErrorCode::kRestoreChoiceRequired);
  const auto applied = applier.Apply(files, developer, {}, "");
  ASSERT_TRUE(applied.ok());
  EXPECT_EQ(applied->front().error->code(), base::ErrorCode::kRestoreChoiceRequired);
  EXPECT_EQ(applied->back().action, ApplyAction::kCreate);
  EXPECT_FALSE(applied->back().error.has_value());
}

TEST_F(JobApplierTest, AVersionThatIsNotTheTargetsIsRefusedBeforeAnything) {
  JobFile second = File();
  second.name = "other";
  second.spec.version = "1.19";
  const auto items = applier.Apply({File(), second}, developer, {}, "");
  ASSERT_FALSE(items.ok());
  EXPECT_EQ(items.error().code(), base::ErrorCode::kVersionMismatch);
  EXPECT_THAT(desk.calls, IsEmpty());
}

TEST_F(JobApplierTest, WhatNothingHeedsIsSaid) {
  JobFile file = File();
  file.unheeded = {"upgrade.rollback"};
  EXPECT_EQ(Apply(file).warnings.size(), 1U);
}

TEST_F(JobApplierTest, PlanChangesNothing) {
  const auto items =
      applier.Plan({File(AskedState::kRunning)}, MemberOf("team-1", api::Role::kViewer));
  ASSERT_TRUE(items.ok());
  EXPECT_EQ(items->front().action, ApplyAction::kCreate);
  EXPECT_THAT(desk.calls, IsEmpty());
}

TEST_F(JobApplierTest, ChecksEveryDocumentBeforeTheFirstIsApplied) {
  JobFile second = File();
  second.name = "other";
  second.cluster = "nowhere";
  const auto items = applier.Apply({File(), second}, developer, {}, "");
  ASSERT_FALSE(items.ok());
  EXPECT_EQ(items.error().code(), base::ErrorCode::kNotFound);
  EXPECT_THAT(desk.calls, IsEmpty());
}

TEST_F(JobApplierTest, ATeamOfOthersDoesNotExistAndAViewerMayNotApply) {
  const auto stranger = applier.Apply({File()}, MemberOf("team-2", api::Role::kAdmin), {}, "");
  ASSERT_FALSE(stranger.ok());
  EXPECT_EQ(stranger.error().code(), base::ErrorCode::kNotFound);
  const auto viewer = applier.Apply({File()}, MemberOf("team-1", api::Role::kViewer), {}, "");
  ASSERT_FALSE(viewer.ok());
  EXPECT_EQ(viewer.error().code(), base::ErrorCode::kForbidden);
  EXPECT_THAT(desk.calls, IsEmpty());
}

TEST_F(JobApplierTest, EachDocumentHasAnIdempotencyKeyOfItsOwn) {
  JobFile second = File();
  second.name = "other";
  ASSERT_TRUE(applier.Apply({File(), second}, developer, {}, "k").ok());
  EXPECT_THAT(desk.calls, ElementsAre("create delays key k/0", "create other key k/1"));
}

}  // namespace
}  // namespace streampark::console
