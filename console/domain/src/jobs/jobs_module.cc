// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/jobs/jobs_module.h"

#include <map>
#include <mutex>
#include <system_error>

#include "automation/automation.h"
#include "automation/older_attempts.h"
#include "jobs/housekeeper.h"
#include "jobs/job_details.h"
#include "jobs/job_office.h"
#include "jobs/job_operations.h"
#include "jobs/job_watch.h"
#include "jobs/restore_choice.h"
#include "jobs/snapshot_removal.h"
#include "jobs/snapshot_search.h"
#include "jobs/upgrade_checks.h"
#include "operations/operation_runner.h"

namespace streampark::console {
namespace {

constexpr base::Millis kShowAgainEvery{15'000};
constexpr int kTidyEvery = 40;  // rounds
constexpr base::Millis kEndsLately{60'000};

}  // namespace

struct JobsModule::Impl {
  explicit Impl(Parts in)
      : parts(std::move(in)),
        artifacts(parts.options.artifacts),
        dependencies(parts.options, parts.settings, parts.clock, artifacts, parts.resources),
        board(parts.clock, parts.render),
        book(parts.jobs, parts.operations.store(), parts.operations, board),
        ended_attempts(parts.clock),
        system{parts.options,
               parts.clock,
               parts.random,
               parts.ids,
               parts.jobs,
               parts.operations.store(),
               parts.operations,
               parts.journal,
               board,
               book,
               ended_attempts,
               parts.clusters,
               parts.installations,
               dependencies,
               parts.engine.jobs,
               parts.engine.planner},
        operation_turns(parts.turns(parts.options.workers)),
        care_turns(parts.turns(parts.options.details_workers)),
        automation_turns(parts.turns(1)),
        operations(system),
        runner(operations, system.operations, system.clock, *operation_turns),
        details(system, *care_turns),
        office(system, runner),
        tenants(system, office),
        automation(system, *automation_turns, parts.automation, office),
        older(system, *care_turns,
              {.is_paused = [this](const JobState& state) { return automation.IsPaused(state); },
               .decided = [this](const Decision& made) { automation.Tell(made); }}),
        watch(system, runner, details, older),
        housekeeper(system, parts.settings, artifacts, parts.resources, parts.automation) {}

  /// An attempt that was alive and is not any more is looked at once more, whoever ended it.
  void FollowAttempts(const std::string& job_id, const JobViewPtr& view) {
    JobViewPtr ended;
    bool begun = false;
    {
      const std::lock_guard lock(mutex);
      const auto known = alive.find(job_id);
      const bool live = view != nullptr && view->state.live();
      const bool same = known != alive.end() && live &&
                        known->second->state.attempt->id == view->state.attempt->id;
      if (known != alive.end() && !same) {
        ended = known->second;
        alive.erase(known);
      }
      begun = live && !same;
      if (live) {
        alive[job_id] = view;  // the newest view: only it knows whether the attempt was submitted
      }
    }
    if (ended != nullptr && ended->state.attempt->submitted) {
      details.AttemptEnded(*ended);
    }
    if (begun) {
      details.Follow(view->state.attempt->cluster_id);
    }
    if (view == nullptr) {
      details.Forget(job_id);
    }
  }

  Turns::Due Tidy(int round, const std::stop_token& stop) {
    if (round % kTidyEvery == 0) {
      housekeeper.Tidy(stop);
    }
    ShowAgain();
    return kShowAgainEvery;
  }

  /// Jobs show names of teams and clusters, which change without the job.
  void ShowAgain() {
    for (const JobViewPtr& view : board.Select([](const JobView&) { return true; })) {
      const auto shown = book.Edit(view->state.job.id, [](JobEdit&) { return base::Ok(); });
      (void)shown;  // one that has gone meanwhile needs no showing
    }
  }

  Parts parts;
  ArtifactStore artifacts;
  DependencyResolver dependencies;
  JobBoard board;
  JobBook book;
  EndedAttempts ended_attempts;
  JobSystem system;
  std::unique_ptr<Turns> operation_turns;
  std::unique_ptr<Turns> care_turns;        // what watches and tidies
  std::unique_ptr<Turns> automation_turns;  // not behind those that wait for engines
  JobOperations operations;
  OperationRunner runner;
  JobDetails details;
  JobOffice office;
  JobTenants tenants;
  Automation automation;
  OlderAttempts older;
  JobWatch watch;
  Housekeeper housekeeper;

  std::mutex mutex;
  std::map<std::string, JobViewPtr> alive;  // by job id, as its attempt began
};

JobsModule::JobsModule(Parts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {
  impl_->board.Listen([impl = impl_.get()](const std::string& job_id, const JobViewPtr& view,
                                           const std::shared_ptr<const std::string>&) {
    impl->FollowAttempts(job_id, view);
  });
  impl_->book.OnChange(
      [impl = impl_.get()](const std::string& job_id) { impl->automation.Changed(job_id); });
}

JobsModule::~JobsModule() { Stop(); }

base::Status JobsModule::Load() {
  for (const auto& folder : {impl_->parts.options.artifacts, impl_->parts.options.work}) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) {
      return base::Error(base::ErrorCode::kIoError,
                         "cannot make " + folder.string() + ": " + failed.message());
    }
  }
  SP_TRY(impl_->book.Load());
  SP_TRY(impl_->automation.Load());
  const std::lock_guard lock(impl_->mutex);
  for (const JobViewPtr& view :
       impl_->board.Select([](const JobView& one) { return one.state.live(); })) {
    impl_->alive[view->state.job.id] = view;
  }
  return base::Ok();
}

base::Status JobsModule::Start() {
  // Ends that an earlier life of the console had no time to look at.
  const base::Timestamp lately = impl_->system.clock.Now() - kEndsLately;
  for (const JobViewPtr& view : impl_->board.Select([&](const JobView& one) {
         return one.state.attempt && one.state.attempt->submitted && one.state.attempt->ended_at &&
                *one.state.attempt->ended_at > lately;
       })) {
    impl_->details.AttemptEnded(*view);
  }
  for (const JobViewPtr& view :
       impl_->board.Select([](const JobView& one) { return one.state.live(); })) {
    impl_->details.Follow(view->state.attempt->cluster_id);
  }
  SP_TRY(impl_->runner.TakeOpen(SubjectKind::kJob));
  impl_->care_turns->Begin("tidy",
                           [impl = impl_.get(), round = 0](const std::stop_token& stop) mutable {
                             return impl->Tidy(round++, stop);
                           });
  impl_->automation.Start();
  return base::Ok();
}

void JobsModule::Stop() {
  impl_->automation_turns->Stop();
  impl_->operation_turns->Stop();
  impl_->care_turns->Stop();
}

JobDesk& JobsModule::desk() { return impl_->office; }
AutomationDesk& JobsModule::automation() { return impl_->automation; }
JobBoard& JobsModule::board() { return impl_->board; }
JobStore& JobsModule::store() { return impl_->parts.jobs; }
ResourceStore& JobsModule::resources() { return impl_->parts.resources; }
OperationLog& JobsModule::operations() { return impl_->parts.operations; }
ArtifactStore& JobsModule::artifacts() { return impl_->artifacts; }
DependencyResolver& JobsModule::dependencies() { return impl_->dependencies; }
ClusterObservationSink& JobsModule::observations() { return impl_->watch; }
ClusterTenants& JobsModule::tenants() { return impl_->tenants; }
const JobsOptions& JobsModule::options() const { return impl_->parts.options; }

std::vector<std::string> JobsModule::HoldersOf(const Snapshot& snapshot) const {
  const JobViewPtr view = impl_->board.Find(snapshot.job_id);
  return view == nullptr ? std::vector<std::string>() : console::HoldersOf(snapshot, view->state);
}

base::Result<Snapshot> JobsModule::DescribeSnapshot(std::string_view job_id,
                                                    std::string_view snapshot_id,
                                                    std::optional<std::string> name,
                                                    std::optional<std::string> note) {
  Snapshot described;
  SP_TRY(impl_->book.Edit(job_id, [&](JobEdit& edit) -> base::Status {
    std::optional<Snapshot> known = SP_TRY(impl_->parts.jobs.FindSnapshot(snapshot_id));
    if (!known || known->job_id != job_id) {
      return base::Error(base::ErrorCode::kNotFound, "the job has no such snapshot");
    }
    known->name = name.value_or(known->name);
    known->note = note.value_or(known->note);
    described = *known;
    edit.changes.snapshots.push_back(*std::move(known));
    return base::Ok();
  }));
  return described;
}

base::Result<std::vector<Snapshot>> JobsModule::FindSnapshots(std::string_view job_id,
                                                              std::stop_token stop) {
  return SnapshotSearch(impl_->system).Find(job_id, std::move(stop));
}

base::Result<UpgradePlan> JobsModule::PlanUpgrade(std::string_view job_id,
                                                  const JobCommand& command, std::stop_token stop) {
  return console::PlanUpgrade(impl_->system, job_id, command, std::move(stop));
}

base::Status JobsModule::DeleteSnapshot(std::string_view job_id, std::string_view snapshot_id,
                                        std::stop_token stop) {
  return SnapshotRemoval(impl_->system)
      .Remove(job_id, snapshot_id, SnapshotRemoval::Held::kRefused, std::move(stop));
}

}  // namespace streampark::console
