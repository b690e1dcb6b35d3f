// SPDX-License-Identifier: Apache-2.0
#include "jobs/jobs_slice.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "streampark/base/files.h"
#include "streampark/console/jobs/jobs_module.h"
#include "streampark/http/jobs/job_routes.h"
#include "streampark/store/automation/automation_table.h"
#include "streampark/store/jobs/job_table.h"
#include "streampark/store/jobs/resource_table.h"

namespace streampark::server {
namespace {

/// Tells this console's jobs from another's on the same cluster; made once for a data folder.
base::Result<std::string> ConsoleId(const DataFolder& data, base::UlidGenerator& ids) {
  const std::filesystem::path file = data.root / "console-id";
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    const std::string known = SP_TRY(base::ReadFile(file, 64));
    if (base::IsUlid(known)) {
      return known;
    }
  }
  std::string made = ids.Next();
  SP_TRY(base::WriteFileAtomically(file, made));
  return made;
}

void WriteJobMetrics(http::MetricsWriter& writer, const console::JobBoard& board,
                     base::Timestamp now) {
  const console::JobCounts counts = board.Count(console::TeamSet::All());
  writer.Family("streampark_jobs", "gauge", "Jobs by badge");
  for (int i = 0; i < console::kBadgeCount; ++i) {
    const auto badge = static_cast<console::Badge>(i);
    writer.Sample("streampark_jobs", {{"badge", std::string(console::ToString(badge))}},
                  counts.by_badge[static_cast<std::size_t>(i)]);
  }
  // Of the job that was seen to longest ago: what falls behind shows here first.
  double oldest_look = 0;
  double oldest_detail = 0;
  for (const console::JobViewPtr& job : board.Select([](const console::JobView& view) {
         return view.state.job.desired == console::DesiredState::kRunning && view.observed_at();
       })) {
    const auto age = [&](base::Timestamp then) {
      return std::chrono::duration<double>(now - then).count();
    };
    oldest_look = std::max(oldest_look, age(*job->observed_at()));
    if (const auto looked_at = job->state.health.looked_at) {
      oldest_detail = std::max(oldest_detail, age(*looked_at));
    }
  }
  writer.Family("streampark_job_oldest_look_seconds", "gauge",
                "Since the oldest last look at a job that is to run");
  writer.Sample("streampark_job_oldest_look_seconds", {}, oldest_look);
  writer.Family("streampark_job_oldest_detail_seconds", "gauge",
                "Since the oldest last look at checkpoints and exceptions of a job that is to run");
  writer.Sample("streampark_job_oldest_detail_seconds", {}, oldest_detail);
}

void WriteStoreMetrics(http::MetricsWriter& writer, const Core& core) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(core.data.database(), error);
  writer.Family("streampark_database_bytes", "gauge", "Size of the database's file");
  writer.Sample("streampark_database_bytes", {}, error ? 0.0 : static_cast<double>(bytes));
  auto reader = core.database.Read();
  if (!reader.ok()) {
    return;
  }
  const auto open = (*reader)->SelectOne("SELECT COUNT(*) FROM journal WHERE state = 'OPEN'",
                                         [](const store::Row& row) { return row.integer(0); });
  if (open.ok() && *open) {
    writer.Family("streampark_open_intents", "gauge",
                  "Acts that were begun and whose outcome is not known yet");
    writer.Sample("streampark_open_intents", {}, static_cast<double>(**open));
  }
}

}  // namespace

OperationsBase::OperationsBase(const Core& core)
    : table_(core.database), log_(table_), journal_(table_, core.clock, core.ids, outside_) {
  log_.Listen([&events = core.events](const console::Operation& operation) {
    http::PublishOperation(operation, events);
  });
  log_.Listen([this](const console::Operation& operation) {
    if (!operation.open()) {
      const std::lock_guard lock(ended_mutex_);
      ++ended_[{std::string(console::ToString(operation.subject.kind)),
                std::string(console::ToString(operation.kind)),
                std::string(console::ToString(operation.state))}];
    }
  });
  core.metrics.Add([this](http::MetricsWriter& writer) {
    writer.Family("streampark_operations_total", "counter",
                  "Operations that have ended since the console was started");
    const std::lock_guard lock(ended_mutex_);
    for (const auto& [what, count] : ended_) {
      const auto& [subject, kind, outcome] = what;
      writer.Sample("streampark_operations_total",
                    {{"subject", subject}, {"kind", kind}, {"outcome", outcome}},
                    static_cast<double>(count));
    }
  });
}

struct JobsSlice::Parts {
  Parts(const Core& core_in, OperationsBase& operations_in, console::ClusterService& clusters_in,
        console::InstallationService& installations_in, engines::Engine engine_in,
        console::JobsOptions options)
      : core(core_in),
        clusters(clusters_in),
        installations(installations_in),
        engine(engine_in),
        job_table(core_in.database),
        resource_table(core_in.database),
        automation_table(core_in.database),
        module({.options = std::move(options),
                .clock = core_in.clock,
                .turns = console::TurnsOnThreads(core_in.clock),
                .random = core_in.random,
                .ids = core_in.ids,
                .jobs = job_table,
                .resources = resource_table,
                .operations = operations_in.log(),
                .journal = operations_in.journal(),
                .automation = automation_table,
                .settings = core_in.settings,
                .clusters = clusters_in,
                .installations = installations_in,
                .engine = engine,
                .render = [this](const console::JobView& view) {
                  return http::ShowJob(view, core.directory, clusters);
                }}) {}

  const Core& core;
  console::ClusterService& clusters;
  console::InstallationService& installations;
  const engines::Engine engine;
  store::JobTable job_table;
  store::ResourceTable resource_table;
  store::AutomationTable automation_table;
  console::JobsModule module;
};

JobsSlice::JobsSlice(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
JobsSlice::~JobsSlice() { Stop(); }

base::Result<std::unique_ptr<JobsSlice>> JobsSlice::Make(
    const Core& core, OperationsBase& operations, console::ClusterService& clusters,
    console::InstallationService& installations, engines::Engine engine) {
  console::JobsOptions options;
  options.console_id = SP_TRY(ConsoleId(core.data, core.ids));
  options.artifacts = core.data.artifacts();
  options.work = core.data.spool() / "dependencies";
  options.result_folders = {core.data.results()};
  auto parts = std::make_unique<Parts>(core, operations, clusters, installations, engine,
                                       std::move(options));
  SP_TRY(parts->module.Load());
  http::PublishJobEvents(parts->module, core.events);
  core.metrics.Add([&core, board = &parts->module.board()](http::MetricsWriter& writer) {
    WriteJobMetrics(writer, *board, core.clock.Now());
    WriteStoreMetrics(writer, core);
  });
  Parts& wired = *parts;
  core.belongings.CountJobs([&wired](std::string_view team_id) {
    const auto teams = console::TeamSet::Of({std::string(team_id)});
    return static_cast<std::size_t>(wired.module.board().Count(teams).total);
  });
  core.belongings.Add("deleted jobs", [&wired](std::string_view team_id) {
    return wired.module.board()
        .Select([&](const console::JobView& view) { return view.state.job.team_id == team_id; })
        .size();
  });
  core.belongings.Add("resources", [&wired](std::string_view team_id) -> std::size_t {
    const auto resources =
        wired.resource_table.List(std::vector<std::string>{std::string(team_id)});
    // What cannot be counted is not known to be none.
    return resources.ok() ? resources->size() : 1;
  });
  return std::unique_ptr<JobsSlice>(new JobsSlice(std::move(parts)));
}

console::JobDesk& JobsSlice::desk() { return parts_->module.desk(); }
console::ClusterTenants& JobsSlice::tenants() { return parts_->module.tenants(); }
console::ClusterObservationSink& JobsSlice::observations() { return parts_->module.observations(); }

void JobsSlice::Bind(http::Router& router) {
  http::BindJobRoutes(
      router, {.jobs = parts_->module,
               .clusters = parts_->clusters,
               .installations = parts_->installations,
               .directory = parts_->core.directory,
               .engine = parts_->engine,
               .clock = parts_->core.clock,
               .ids = parts_->core.ids,
               .cancel_elsewhere = [parts = parts_.get()](const console::Operation& operation) {
                 return operation.subject.kind == console::SubjectKind::kCluster
                            ? parts->clusters.Cancel(operation.id)
                            : parts->installations.Cancel(operation.id);
               }});
}

base::Status JobsSlice::Start() { return parts_->module.Start(); }
void JobsSlice::Stop() { parts_->module.Stop(); }

}  // namespace streampark::server
