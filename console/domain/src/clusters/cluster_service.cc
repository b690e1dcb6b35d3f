// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/clusters/cluster_service.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <system_error>
#include <utility>

#include "streampark/base/log.h"

#include "clusters/cluster_commands.h"
#include "clusters/cluster_operations.h"
#include "clusters/cluster_plan.h"
#include "clusters/cluster_registry.h"
#include "clusters/cluster_runtime.h"
#include "clusters/cluster_start.h"
#include "clusters/cluster_stop.h"
#include "clusters/cluster_watch.h"
#include "clusters/process_keeper.h"
#include "clusters/process_table.h"
#include "operations/operation_runner.h"

namespace streampark::console {
namespace {

/// Turns of operations that may be under way at once, and looks at clusters: one that hangs keeps a
/// thread for as long as a look may take.
constexpr int kWorkers = 8;
constexpr int kWatchers = 16;
constexpr base::Millis kOptionsKeptFor{60'000};

base::Error NoSuchCluster() {
  return base::Error(base::ErrorCode::kNotFound, "there is no such cluster");
}

class Clusters final : public ClusterService {
 public:
  explicit Clusters(Parts parts)
      : parts_(std::move(parts)),
        planner_(parts_.installations, parts_.engine.clusters, parts_.folder),
        registry_(planner_, parts_.installations, parts_.engine.jobs, parts_.clock,
                  parts_.listener),
        runtime_{parts_.store, registry_, planner_, parts_.engine, parts_.clock},
        processes_(parts_.store, registry_, planner_, parts_.engine.clusters, parts_.outside,
                   parts_.clock),
        operation_turns_(parts_.turns(kWorkers)),
        watch_turns_(parts_.turns(kWatchers)),
        keeper_turns_(parts_.turns(1)),
        watch_(runtime_, processes_, parts_.outside, *watch_turns_, parts_.timings),
        start_(runtime_, processes_, watch_, parts_.journal, parts_.timings),
        stop_(runtime_, processes_, watch_, parts_.journal, parts_.timings),
        keeper_(runtime_, processes_, parts_.outside, parts_.timings),
        carried_(runtime_, parts_.operations, watch_, start_, stop_),
        runner_(carried_, parts_.operations.store(), parts_.clock, *operation_turns_) {}

  ~Clusters() override { Stop(); }

  base::Status LoadAll() {
    for (ProcessRecord& process : SP_TRY(parts_.store.LoadProcesses())) {
      recorded_[process.cluster_id].push_back(std::move(process));
    }
    for (ClusterRecord& record : SP_TRY(parts_.store.LoadClusters())) {
      std::vector<ManagedProcess> processes;
      for (const ProcessRecord& process : recorded_[record.id]) {
        processes.push_back(processes_.LookedAt(process));
      }
      registry_.Add({.record = std::move(record), .processes = std::move(processes)});
    }
    return base::Ok();
  }

  void Attach(ClusterTenants& tenants, ClusterObservationSink& sink) override {
    tenants_ = &tenants;
    watch_.Attach(tenants, sink);
    stop_.Attach(tenants);
  }

  base::Status Start() override {
    for (const ClusterPtr& cluster : registry_.List()) {
      if (cluster->spec.kind == ClusterKind::kMachine) {
        // Its folder may have been lost, or be for another user than before.
        if (const base::Status made = Furnish(*registry_.Record(cluster->id)); !made.ok()) {
          base::LogError("a cluster's folder cannot be made",
                         {{"cluster", cluster->id}, {"error", made.error()}});
        }
      }
      if (cluster->managed()) {
        SP_TRY(processes_.Recover(*registry_.Record(cluster->id), recorded_[cluster->id]));
      }
    }
    for (const ClusterPtr& cluster : registry_.List()) {
      watch_.Add(cluster->id);
    }
    // Before the keeper, which leaves clusters alone that have an operation.
    for (const Operation& open :
         SP_TRY(parts_.operations.store().ListOpen(SubjectKind::kCluster))) {
      Take(open);
    }
    keeper_turns_->Begin("mend", [this](const std::stop_token&) -> Turns::Due {
      keeper_.Tick();
      return parts_.timings.mend_tick;
    });
    return base::Ok();
  }

  void Stop() override {
    keeper_turns_->Stop();
    operation_turns_->Stop();
    watch_turns_->Stop();
  }

  // ---------------------------------------------------------------- directory

  ClusterPtr Find(std::string_view cluster_id) const override { return registry_.Find(cluster_id); }

  ClusterPtr FindForTeam(std::string_view team_id, std::string_view id_or_name) const override {
    ClusterPtr shared;
    for (const ClusterPtr& cluster : registry_.List()) {
      if (!cluster->VisibleTo(team_id)) {
        continue;
      }
      if (cluster->id == id_or_name) {
        return cluster;
      }
      if (cluster->spec.name == id_or_name) {
        if (!cluster->shared()) {
          return cluster;
        }
        shared = cluster;
      }
    }
    return shared;
  }

  std::vector<ClusterPtr> List() const override { return registry_.List(); }

  std::shared_ptr<const engines::ClusterObservation> LastObservation(
      std::string_view cluster_id) const override {
    return registry_.Observation(cluster_id);
  }

  void WatchClosely(std::string_view cluster_id, base::Millis duration) override {
    watch_.Hurry(cluster_id, duration);
  }

  base::Result<engines::Options> OptionsOf(std::string_view cluster_id,
                                           std::stop_token stop) override {
    const base::SteadyTime now = parts_.clock.SteadyNow();
    {
      const std::lock_guard lock(options_mutex_);
      const auto found = options_.find(cluster_id);
      if (found != options_.end() && now < found->second.until) {
        return found->second.options;
      }
    }
    const engines::Endpoint endpoint = SP_TRY(EndpointOf(cluster_id));
    engines::Options options = SP_TRY(parts_.outside.Pass(
        "CLUSTER_OPTIONS", [&] { return parts_.engine.jobs.ClusterOptions(endpoint, stop); }));
    const std::lock_guard lock(options_mutex_);
    options_[std::string(cluster_id)] = {options, now + kOptionsKeptFor};
    return options;
  }

  base::Result<std::vector<engines::LogFile>> ListLogs(std::string_view cluster_id,
                                                       std::stop_token stop) override {
    const auto record = registry_.Record(cluster_id);
    if (!record) {
      return NoSuchCluster();
    }
    if (record->spec.kind == ClusterKind::kStandalone) {
      return parts_.engine.clusters.ListLogs(Sketch(*record));
    }
    return parts_.engine.jobs.ListLogs(planner_.EndpointOf(*record), stop);
  }

  base::Result<engines::LogPiece> ReadLog(std::string_view cluster_id, std::string_view log_id,
                                          std::optional<std::int64_t> offset, std::int64_t bytes,
                                          std::stop_token stop) override {
    const auto record = registry_.Record(cluster_id);
    if (!record) {
      return NoSuchCluster();
    }
    if (record->spec.kind == ClusterKind::kStandalone) {
      return parts_.engine.clusters.ReadLog(Sketch(*record), log_id, offset, bytes);
    }
    return parts_.engine.jobs.ReadLog(planner_.EndpointOf(*record), log_id, offset, bytes, stop);
  }

  // ---------------------------------------------------------------- specs

  base::Result<ClusterPtr> Create(ClusterSpec spec, std::stop_token stop) override {
    ClusterRecord record{.id = parts_.ids.Next(), .created_at = parts_.clock.Now()};
    record.spec = SP_TRY(Accepted(record, std::move(spec), stop));
    if (record.spec.kind != ClusterKind::kStandalone) {
      record.desired = ClusterDesired::kRunning;
    }
    const std::lock_guard lock(commands_);
    if (record.spec.kind == ClusterKind::kMachine) {
      SP_TRY(Furnish(record));
    }
    SP_TRY(parts_.store.Insert(record));
    ClusterPtr cluster = registry_.Add({.record = record});
    watch_.Add(record.id);
    return cluster;
  }

  base::Result<ClusterPtr> Edit(std::string_view cluster_id, ClusterSpec spec,
                                std::int64_t expected, std::stop_token stop) override {
    const auto before = registry_.Record(cluster_id);
    if (!before) {
      return NoSuchCluster();
    }
    if (before->edition != expected) {
      return base::Error(base::ErrorCode::kStaleEdit, "the cluster was changed since you read it")
          .WithHint("read it again and put your change on top");
    }
    if (spec.kind != before->spec.kind || spec.engine != before->spec.engine) {
      return base::Error(base::ErrorCode::kIllegalState, "a cluster keeps its engine and its kind")
          .WithHint("create another cluster");
    }
    // The engine is asked only about what it is told: renaming a cluster must not need a fit
    // installation.
    if (RunsDifferently(before->spec, spec)) {
      spec = SP_TRY(Accepted(*before, std::move(spec), stop));
    } else {
      spec = SP_TRY(CheckedClusterSpec(std::move(spec)));
    }
    if (spec.team_id != before->spec.team_id && !spec.team_id.empty() && tenants_ != nullptr) {
      for (const auto& job : tenants_->TargetedAt(cluster_id)) {
        if (job.team_id != spec.team_id) {
          return base::Error(base::ErrorCode::kInUse,
                             "jobs of other teams target the cluster: " + job.name)
              .WithRelatedId(job.job_id);
        }
      }
    }
    SP_TRY(CheckStillReached(*before, spec));
    const std::lock_guard lock(commands_);
    SP_TRY(parts_.store.UpdateSpec(cluster_id, spec, expected));
    ClusterPtr cluster = registry_.Apply(cluster_id, [&](ClusterEntry& entry) {
      if (entry.record.spec.kind == ClusterKind::kRemote &&
          entry.record.spec.addresses != spec.addresses) {
        entry.observation = nullptr;
        entry.reachability = Reachability::kUnknown;
      }
      entry.record.spec = spec;
      entry.record.edition = expected + 1;
    });
    if (spec.kind == ClusterKind::kMachine) {
      SP_TRY(Furnish(*registry_.Record(cluster_id)));
    }
    ForgetOptions(cluster_id);
    watch_.Hurry(cluster_id, base::Millis(0));
    return cluster;
  }

  base::Status Delete(std::string_view cluster_id) override {
    const auto record = registry_.Record(cluster_id);
    if (!record) {
      return NoSuchCluster();
    }
    {
      const std::lock_guard lock(commands_);
      const auto claim = processes_.Claim(cluster_id);  // the keeper starts nothing meanwhile
      const auto entry = registry_.Entry(cluster_id);
      if (!entry) {
        return NoSuchCluster();
      }
      SP_TRY(CheckDeletable(*entry));
      SP_TRY(parts_.store.Delete(cluster_id));
      registry_.Remove(cluster_id);
    }
    watch_.Remove(cluster_id);
    ForgetOptions(cluster_id);
    if (record->spec.kind != ClusterKind::kRemote) {
      ClearFolder(cluster_id);
    }
    return base::Ok();
  }

  base::Result<ClusterSpecVerdict> Check(ClusterSpec spec, std::stop_token stop) override {
    auto checked = CheckedClusterSpec(std::move(spec));
    if (!checked.ok()) {
      ClusterSpecVerdict verdict;
      for (const base::FieldError& field : checked.error().fields()) {
        verdict.errors.push_back({field.pointer, "", field.message, field.hint});
      }
      return verdict;
    }
    if (checked->kind == ClusterKind::kRemote) {
      return ClusterSpecVerdict{};
    }
    return planner_.Check({.id = "check"}, *checked, stop);
  }

  // ---------------------------------------------------------------- commands

  base::Result<Operation> Command(std::string_view cluster_id, const ClusterCommand& command,
                                  const Requester& requester,
                                  std::string_view idempotency_key) override {
    const auto entry = registry_.Entry(cluster_id);
    if (!entry) {
      return NoSuchCluster();
    }
    Operation operation = NewClusterOperation(entry->record, command, requester, idempotency_key);
    operation.id = parts_.ids.Next();
    operation.requested_at = parts_.clock.Now();
    if (!idempotency_key.empty()) {
      // A repeat answers what the first one did, also when the state has moved on since.
      const auto first =
          SP_TRY(parts_.operations.store().FindByKey(operation.subject, idempotency_key));
      if (first) {
        return parts_.operations.Begin(operation);
      }
    }
    SP_TRY(CheckCommand(*entry, command));
    if (command.kind != OperationKind::kStart) {
      SP_TRY(stop_.CheckJobs(std::string(cluster_id), command.jobs, {}));
    }
    const std::lock_guard lock(commands_);
    if (!registry_.Find(cluster_id)) {
      return NoSuchCluster();
    }
    const Operation begun = SP_TRY(parts_.operations.Begin(operation));
    if (begun.id == operation.id) {
      Take(begun);
    }
    return begun;
  }

  base::Result<Operation> Cancel(std::string_view operation_id) override {
    return runner_.Cancel(operation_id);
  }

  base::Result<std::vector<engines::TaskManagerObservation>> ListTaskManagers(
      std::string_view cluster_id, std::stop_token stop) override {
    const ClusterPtr cluster = registry_.Find(cluster_id);
    if (cluster && cluster->managed() && cluster->state == ClusterState::kStopped) {
      return std::vector<engines::TaskManagerObservation>();
    }
    const engines::Endpoint endpoint = SP_TRY(EndpointOf(cluster_id));
    return parts_.outside.Pass("LIST_TASK_MANAGERS",
                               [&] { return parts_.engine.jobs.ListTaskManagers(endpoint, stop); });
  }

  base::Result<std::vector<ClusterJob>> ListJobs(std::string_view cluster_id) const override {
    const ClusterPtr cluster = registry_.Find(cluster_id);
    if (!cluster) {
      return NoSuchCluster();
    }
    std::vector<ClusterJob> jobs;
    const auto seen = registry_.Observation(cluster_id);
    const bool gone = cluster->managed() && cluster->endpoint.addresses.empty();
    if (!seen || gone) {
      return jobs;
    }
    for (const engines::JobObservation& job : seen->jobs) {
      jobs.push_back({.observed = job,
                      .owner = tenants_ == nullptr
                                   ? std::nullopt
                                   : tenants_->Owner(cluster_id, job.engine_job_id)});
    }
    return jobs;
  }

  void InstallationChanged(std::string_view /*installation_id*/) override { registry_.Recompute(); }

 private:
  engines::ClusterPlan Sketch(const ClusterRecord& record) const {
    return planner_.SketchOf(record, record.started_spec.value_or(record.spec));
  }

  base::Result<engines::Endpoint> EndpointOf(std::string_view cluster_id) const {
    const auto record = registry_.Record(cluster_id);
    if (!record) {
      return NoSuchCluster();
    }
    engines::Endpoint endpoint = planner_.EndpointOf(*record);
    if (endpoint.addresses.empty()) {
      return base::Error(base::ErrorCode::kClusterUnreachable, "the cluster was not started yet");
    }
    return endpoint;
  }

  base::Result<ClusterSpec> Accepted(const ClusterRecord& record, ClusterSpec spec,
                                     std::stop_token stop) const {
    spec = SP_TRY(CheckedClusterSpec(std::move(spec)));
    if (!spec.installation_id.empty() && !parts_.installations.Find(spec.installation_id)) {
      return base::Error(base::ErrorCode::kValidationFailed, "there is no such engine version")
          .WithField({"/installationId", "there is no such engine version",
                      "choose one of the installations"});
    }
    if (spec.kind != ClusterKind::kRemote) {
      const InstallationPtr installation = InstallationFor(parts_.installations, spec);
      // One that is still being fetched cannot be asked; the start asks it.
      if (!installation || installation->state != InstallationState::kFetching) {
        const ClusterSpecVerdict verdict = SP_TRY(planner_.Check(record, spec, stop));
        if (!verdict.errors.empty()) {
          return RefusalOf(verdict);
        }
      }
    }
    return spec;
  }

  /// Jobs that run are looked for where the cluster is said to be: at none of its known places any
  /// more they would seem lost.
  base::Status CheckStillReached(const ClusterRecord& before, const ClusterSpec& spec) const {
    const auto& known = before.spec.addresses;
    const bool keeps_one = std::any_of(known.begin(), known.end(), [&](const std::string& address) {
      return std::find(spec.addresses.begin(), spec.addresses.end(), address) !=
             spec.addresses.end();
    });
    if (spec.kind != ClusterKind::kRemote || known.empty() || keeps_one || tenants_ == nullptr) {
      return base::Ok();
    }
    const auto jobs = tenants_->LiveOn(before.id);
    if (jobs.empty()) {
      return base::Ok();
    }
    return base::Error(base::ErrorCode::kInUse,
                       "jobs run at the addresses that the cluster has: " + jobs.front().name +
                           (jobs.size() > 1 ? ", …" : ""))
        .WithHint("keep one of the addresses beside the new ones, or stop the jobs first")
        .WithRelatedId(jobs.front().job_id);
  }

  base::Status CheckDeletable(const ClusterEntry& entry) const {
    if (entry.operation) {
      return base::Error(base::ErrorCode::kOperationInFlight, "an operation is under way")
          .WithRelatedId(entry.operation->id);
    }
    if (entry.AnyAlive()) {
      return base::Error(base::ErrorCode::kInUse, "the cluster runs").WithHint("stop it first");
    }
    if (tenants_ == nullptr) {
      return base::Ok();
    }
    // A job may have moved to another cluster on paper while its life goes on here.
    const auto living = tenants_->LiveOn(entry.record.id);
    if (!living.empty()) {
      return base::Error(base::ErrorCode::kInUse, "a job runs on it: " + living.front().name +
                                                      (living.size() > 1 ? ", …" : ""))
          .WithHint("stop it first")
          .WithRelatedId(living.front().job_id);
    }
    const auto jobs = tenants_->TargetedAt(entry.record.id);
    if (!jobs.empty()) {
      return base::Error(base::ErrorCode::kInUse,
                         std::to_string(jobs.size()) +
                             (jobs.size() == 1 ? " job targets" : " jobs target") +
                             " it: " + jobs.front().name + (jobs.size() > 1 ? ", …" : ""))
          .WithHint("move or delete them first")
          .WithRelatedId(jobs.front().job_id);
    }
    return base::Ok();
  }

  /// Everything but the jobs' snapshots: those may be wanted after the cluster.
  void ClearFolder(std::string_view cluster_id) const {
    const std::filesystem::path folder = planner_.FolderOf(cluster_id);
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      const std::string name = entry.path().filename();
      const bool snapshots = name == "checkpoints" || name == "savepoints";
      if (!snapshots || std::filesystem::is_empty(entry.path(), error)) {
        std::filesystem::remove_all(entry.path(), error);
      }
    }
    std::filesystem::remove(folder, error);  // fails, rightly, when snapshots are left
  }

  /// Makes the folder that a cluster of this machine is, and its jobs live in.
  base::Status Furnish(const ClusterRecord& record) const {
    engines::ClusterPlan plan = Sketch(record);
    return parts_.engine.clusters.Prepare(plan);
  }

  void ForgetOptions(std::string_view cluster_id) {
    const std::lock_guard lock(options_mutex_);
    if (const auto found = options_.find(cluster_id); found != options_.end()) {
      options_.erase(found);
    }
  }

  void Take(const Operation& operation) {
    ForgetOptions(operation.subject.id);
    watch_.Hurry(operation.subject.id, parts_.timings.start_deadline);
    carried_.Put(operation);
    runner_.Take(operation);
  }

  const Parts parts_;
  ClusterTenants* tenants_ = nullptr;
  ClusterPlanner planner_;
  ClusterRegistry registry_;
  ClusterRuntime runtime_;
  ProcessTable processes_;
  std::unique_ptr<Turns> operation_turns_, watch_turns_;
  std::unique_ptr<Turns> keeper_turns_;  // not behind those that wait for clusters
  ClusterWatch watch_;
  ClusterStart start_;
  ClusterStop stop_;
  ProcessKeeper keeper_;
  ClusterOperations carried_;
  OperationRunner runner_;
  std::map<std::string, std::vector<ProcessRecord>> recorded_;  // as the last life left them

  std::mutex commands_;  // creates, edits, deletes and begins, one at a time
  struct KeptOptions {
    engines::Options options;
    base::SteadyTime until;
  };
  std::mutex options_mutex_;
  std::map<std::string, KeptOptions, std::less<>> options_;
};

}  // namespace

base::Result<std::unique_ptr<ClusterService>> ClusterService::Load(Parts parts) {
  auto clusters = std::make_unique<Clusters>(std::move(parts));
  SP_TRY(clusters->LoadAll());
  return std::unique_ptr<ClusterService>(std::move(clusters));
}

}  // namespace streampark::console
