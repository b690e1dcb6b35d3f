// SPDX-License-Identifier: Apache-2.0
#include "jobs/testing/job_world.h"

#include <gtest/gtest.h>

namespace streampark::store::testing {
namespace {

/// The parts of an engine that jobs never ask.
struct NoInstallationDriver final : engines::InstallationDriver {
  base::Result<Inspection> Inspect(const std::filesystem::path&, std::stop_token) override {
    return base::Error(base::ErrorCode::kInternal, "not asked");
  }
  base::Result<std::vector<std::string>> ListAvailable(std::stop_token) override {
    return std::vector<std::string>();
  }
  base::Status Fetch(const std::string&, const std::filesystem::path&, const engines::Progress&,
                     std::stop_token) override {
    return base::Ok();
  }
};
struct NoClusterDriver final : engines::ClusterDriver {
  base::Result<engines::ClusterCheck> Check(const engines::ClusterPlan&, std::stop_token) override {
    return engines::ClusterCheck();
  }
  base::Status Prepare(engines::ClusterPlan&) override { return base::Ok(); }
  base::Result<base::ProcessId> StartProcess(const engines::ClusterPlan&, engines::ProcessRole,
                                             int) override {
    return base::ProcessId();
  }
  std::vector<engines::ClusterProcess> FindProcesses(const std::string&) override { return {}; }
  engines::Endpoint EndpointOf(const engines::ClusterPlan&) override { return {}; }
  base::Result<std::vector<engines::LogFile>> ListLogs(const engines::ClusterPlan&) override {
    return std::vector<engines::LogFile>();
  }
  base::Result<engines::LogPiece> ReadLog(const engines::ClusterPlan&, std::string_view,
                                          std::optional<std::int64_t>, std::int64_t) override {
    return engines::LogPiece();
  }
};

const engines::Options kNoCheckpointIsAwaited = {{"execution.checkpointing.interval", "1ms"}};

NoInstallationDriver no_installations;
NoClusterDriver no_clusters;

std::unique_ptr<Database> Opened(const std::filesystem::path& folder, std::string vfs,
                                 const base::Clock& clock) {
  auto database = Database::Open(folder / "streampark.db", {.vfs = std::move(vfs)}, clock);
  SP_CHECK(database.ok());
  return std::move(database).value();
}

}  // namespace

JobLife::JobLife(const std::filesystem::path& folder, VirtualTime& time, FakeEngine& engine,
                 const LifeParts& parts)
    : time_(time),
      random_(time.Draw(UINT32_MAX)),
      clusters_(parts.cluster_options),
      driver_(parts.driver ? parts.driver(engine) : std::make_unique<FakeDriver>(engine)),
      database_(Opened(folder, parts.vfs, time_)),
      operation_table_(parts.operations ? parts.operations(*database_)
                                        : std::make_unique<OperationTable>(*database_)),
      job_table_(parts.jobs ? parts.jobs(*database_) : std::make_unique<JobTable>(*database_)),
      resource_table_(*database_),
      automation_table_(*database_),
      log_(*operation_table_),
      outside_(parts.probe),
      journal_(*operation_table_, time_, ids_, outside_) {
  if (parts.listener) {
    log_.Listen(parts.listener);
  }
  console::JobsOptions options;
  options.console_id = "console";
  options.artifacts = folder / "artifacts";
  options.work = folder / "work";
  options.workers = 2;
  options.automation = parts.automation;
  const engines::Engine adapters{no_installations, no_clusters, *driver_, *driver_};
  module_ = std::make_unique<console::JobsModule>(console::JobsModule::Parts{
      .options = options,
      .clock = time_,
      .turns = parts.turns ? parts.turns : time_.turns(),
      .random = random_,
      .ids = ids_,
      .jobs = *job_table_,
      .resources = resource_table_,
      .operations = log_,
      .journal = journal_,
      .automation = automation_table_,
      .settings = settings_,
      .clusters = clusters_,
      .installations = installations_,
      .engine = adapters,
      .render = [](const console::JobView& view) {
        return console::JobBoard::Shown{
            std::string("{\"badge\":\"") + std::string(ToString(view.badge.badge)) + "\"}",
            "1.20.5"};
      }});
  SP_CHECK(module_->Load().ok());
  SP_CHECK(module_->Start().ok());
}

JobLife::~JobLife() { module_->Stop(); }

void JobLife::Observe(FakeEngine& engine) {
  module_->observations().OnObservation(*clusters_.Find("cluster"), engine.Observation());
}

std::string JobLife::CreateJob(std::string name,
                               const std::function<void(console::JobSpec&)>& change) {
  console::JobDraft draft;
  draft.name = std::move(name);
  draft.team_id = "team";
  draft.spec.cluster_id = "cluster";
  draft.spec.sql = "INSERT INTO b SELECT * FROM a";
  draft.spec.options = kNoCheckpointIsAwaited;
  draft.spec.stable_after = base::Millis(0);
  if (change) {
    change(draft.spec);
  }
  const auto created = module_->desk().Create(draft, {"u", "user"});
  EXPECT_TRUE(created.ok()) << created.error().ToString();
  return (*created)->state.job.id;
}

int JobLife::Edit(const std::string& job_id, std::string sql, std::string cluster,
                  const std::function<void(console::JobSpec&)>& change) {
  console::JobDraft draft;
  draft.name = State(job_id).job.name;
  draft.team_id = "team";
  draft.spec.cluster_id = std::move(cluster);
  draft.spec.sql = std::move(sql);
  draft.spec.options = kNoCheckpointIsAwaited;
  draft.spec.stable_after = base::Millis(0);
  if (change) {
    change(draft.spec);
  }
  const auto edited = module_->desk().Edit(job_id, draft, std::nullopt, {"u", "user"});
  EXPECT_TRUE(edited.ok()) << edited.error().ToString();
  return (*edited)->state.job.wanted;
}

console::Operation JobLife::Command(const std::string& job_id, std::string_view command) {
  const auto parsed = console::CommandFromText(command);
  EXPECT_TRUE(parsed.ok());
  const auto begun = module_->desk().Command(job_id, *parsed, {"u", "user"});
  EXPECT_TRUE(begun.ok()) << begun.error().ToString();
  return begun.ok() ? *begun : console::Operation();
}

console::Operation JobLife::Await(const std::string& operation_id) {
  const base::Status ended =
      module_->tenants().Await(operation_id, std::chrono::minutes(10), std::stop_token());
  (void)ended;
  const auto found = operation_table_->Find(operation_id);
  EXPECT_TRUE(found.ok() && found->has_value());
  EXPECT_FALSE((*found)->open()) << "the operation did not end";
  return **found;
}

void JobLife::RunUntil(const std::function<bool()>& so) {
  EXPECT_TRUE(time_.RunUntil(so, std::chrono::minutes(10)));
}

console::Operation JobLife::Run(const std::string& job_id, std::string_view command) {
  return Await(Command(job_id, command).id);
}

console::JobState JobLife::State(const std::string& job_id) {
  return module_->board().Find(job_id)->state;
}

}  // namespace streampark::store::testing
