// SPDX-License-Identifier: Apache-2.0
#include "jobs/testing/job_world.h"

#include <algorithm>

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

constexpr console::ClusterTimings kTimings{.tick = base::Millis(2000),
                                           .close_tick = base::Millis(500),
                                           .start_deadline = base::Millis(60'000),
                                           .mend_tick = base::Millis(1000)};

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

ManagedClusters::ManagedClusters(const std::filesystem::path& folder, FakeMachine& machine,
                                 Database& database, console::OperationLog& log,
                                 console::Journal& journal, const console::Outside& outside,
                                 VirtualTime& time, const console::TurnsFactory& turns,
                                 base::UlidGenerator& ids, engines::JobDriver& jobs,
                                 engines::Planner& planner,
                                 std::unique_ptr<console::FleetStore> fleet_rows)
    : cluster_store(database),
      installation_store(database),
      fleet_store(std::move(fleet_rows), outside),
      driver(machine),
      engine{driver, driver, jobs, planner} {
  installations = console::InstallationService::Load({.store = installation_store,
                                                      .operations = log,
                                                      .journal = journal,
                                                      .engine = engine,
                                                      .clock = time,
                                                      .turns = turns,
                                                      .ids = ids,
                                                      .listener = listener,
                                                      .folder = folder / "installations"})
                      .value();
  clusters = console::ClusterService::Load({.store = cluster_store,
                                            .operations = log,
                                            .journal = journal,
                                            .outside = outside,
                                            .installations = *installations,
                                            .engine = engine,
                                            .clock = time,
                                            .turns = turns,
                                            .ids = ids,
                                            .listener = listener,
                                            .folder = folder / "clusters",
                                            .timings = kTimings})
                 .value();
  fleet = console::FleetService::Make({.store = fleet_store,
                                       .clusters = *clusters,
                                       .operations = log.store(),
                                       .clock = time,
                                       .turns = turns,
                                       .ids = ids,
                                       .look_again_after = base::Millis(1000)});
  installations->Attach([](std::string_view) { return std::vector<std::string>{"the cluster"}; },
                        [this](std::string_view id) { clusters->InstallationChanged(id); });
}

std::string ManagedClusters::Cluster(const engines::Options& options) {
  if (const auto known = clusters->List(); !known.empty()) {
    return (*std::min_element(known.begin(), known.end(),
                              [](const auto& a, const auto& b) { return a->id < b->id; }))
        ->id;
  }
  console::ClusterSpec spec;
  spec.name = "cluster";
  spec.installation_id = installations->Register("/usr", {}).value()->id;
  spec.task_managers = 2;
  spec.slots_per_task_manager = 2;
  spec.checkpoint_directory = "file:///checkpoints";
  spec.savepoint_directory = "file:///savepoints";
  spec.options = options;
  return clusters->Create(spec, {}).value()->id;
}

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
  const console::TurnsFactory turns = parts.turns ? parts.turns : time_.turns();
  if (parts.machine != nullptr) {
    managed_ = std::make_unique<ManagedClusters>(
        folder, *parts.machine, *database_, log_, journal_, outside_, time_, turns, ids_, *driver_,
        *driver_,
        parts.fleet ? parts.fleet(*database_) : std::make_unique<SqlFleetStore>(*database_));
    cluster_id_ = managed_->Cluster(parts.cluster_options);
  }
  const engines::Engine adapters{no_installations, no_clusters, *driver_, *driver_};
  module_ = std::make_unique<console::JobsModule>(console::JobsModule::Parts{
      .options = options,
      .clock = time_,
      .turns = turns,
      .random = random_,
      .ids = ids_,
      .jobs = *job_table_,
      .resources = resource_table_,
      .operations = log_,
      .journal = journal_,
      .automation = automation_table_,
      .settings = settings_,
      .clusters =
          managed_ ? static_cast<console::ClusterDirectory&>(*managed_->clusters) : clusters_,
      .installations = managed_
                           ? static_cast<console::InstallationDirectory&>(*managed_->installations)
                           : installations_,
      .engine = adapters,
      .render = [](const console::JobView& view) {
        return console::JobBoard::Shown{
            std::string("{\"badge\":\"") + std::string(ToString(view.badge.badge)) + "\"}",
            "1.20.5"};
      }});
  SP_CHECK(module_->Load().ok());
  if (managed_) {
    managed_->clusters->Attach(module_->tenants(), module_->observations());
    managed_->fleet->Attach(module_->tenants());
  }
  SP_CHECK(module_->Start().ok());
  if (managed_) {
    SP_CHECK(managed_->installations->Start().ok());
    SP_CHECK(managed_->clusters->Start().ok());
    SP_CHECK(managed_->fleet->Start().ok());
  }
}

JobLife::~JobLife() {
  if (managed_) {
    managed_->fleet->Stop();
    managed_->clusters->Stop();
    managed_->installations->Stop();
  }
  module_->Stop();
}

void JobLife::Observe(FakeEngine& engine) {
  module_->observations().OnObservation(*clusters_.Find("cluster"), engine.Observation());
}

std::string JobLife::CreateJob(std::string name,
                               const std::function<void(console::JobSpec&)>& change) {
  console::JobDraft draft;
  draft.name = std::move(name);
  draft.team_id = "team";
  draft.spec.cluster_id = cluster_id_;
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
  draft.spec.cluster_id = cluster.empty() ? cluster_id_ : std::move(cluster);
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
  static_cast<void>(
      time_.RunUntil([&] { return module_->tenants().EndOf(operation_id).has_value(); },
                     std::chrono::minutes(10)));
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
