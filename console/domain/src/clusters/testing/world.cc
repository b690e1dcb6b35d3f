// SPDX-License-Identifier: Apache-2.0
#include "clusters/testing/world.h"

#include <chrono>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace streampark::console::testing {

bool Eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// --- tenants

void FakeTenants::Add(Job job) {
  const std::lock_guard lock(mutex_);
  jobs_[job.tenant.job_id] = std::move(job);
}

bool FakeTenants::live(const std::string& job_id) const {
  const std::lock_guard lock(mutex_);
  return jobs_.at(job_id).live;
}

std::vector<ClusterTenants::Tenant> FakeTenants::LiveOn(std::string_view cluster_id) const {
  const std::lock_guard lock(mutex_);
  std::vector<Tenant> tenants;
  for (const auto& [id, job] : jobs_) {
    if (job.live && job.cluster_id == cluster_id) {
      tenants.push_back(job.tenant);
    }
  }
  return tenants;
}

std::vector<ClusterTenants::Tenant> FakeTenants::TargetedAt(std::string_view cluster_id) const {
  const std::lock_guard lock(mutex_);
  std::vector<Tenant> tenants;
  for (const auto& [id, job] : jobs_) {
    if ((job.target.empty() ? job.cluster_id : job.target) == cluster_id) {
      tenants.push_back(job.tenant);
    }
  }
  return tenants;
}

std::optional<ClusterTenants::Tenant> FakeTenants::Owner(std::string_view /*cluster_id*/,
                                                         std::string_view engine_job_id) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, job] : jobs_) {
    if (job.tenant.engine_job_id == engine_job_id) {
      return job.tenant;
    }
  }
  return std::nullopt;
}

base::Status FakeTenants::CanSuspend(std::string_view job_id) const {
  const std::lock_guard lock(mutex_);
  const Job& job = jobs_.find(job_id)->second;
  if (!job.cannot_suspend.empty()) {
    return base::Error(base::ErrorCode::kIllegalState, job.cannot_suspend);
  }
  return base::Ok();
}

base::Result<std::string> FakeTenants::Suspend(std::string_view job_id, const Requester&,
                                               std::string_view idempotency_key) {
  const std::lock_guard lock(mutex_);
  const std::string key(idempotency_key);
  if (outcomes_.contains(key)) {
    return key;
  }
  Job& job = jobs_.find(job_id)->second;
  if (!job.live) {
    return std::string();
  }
  if (job.suspend_fails.empty()) {
    job.live = false;
    outcomes_.emplace(key, base::Ok());
    if (const auto next = jobs_.find(job.followed_by); next != jobs_.end()) {
      next->second.live = true;
    }
  } else {
    outcomes_.emplace(key, base::Error(base::ErrorCode::kSavepointFailed, job.suspend_fails));
  }
  return key;
}

base::Result<std::string> FakeTenants::Resume(std::string_view job_id, const Requester&,
                                              std::string_view idempotency_key) {
  const std::lock_guard lock(mutex_);
  const std::string key(idempotency_key);
  if (outcomes_.contains(key)) {
    return key;
  }
  Job& job = jobs_.find(job_id)->second;
  if (job.live) {
    return std::string();
  }
  job.live = true;
  outcomes_.emplace(key, base::Ok());
  return key;
}

std::optional<base::Status> FakeTenants::EndOf(std::string_view operation_id) const {
  const std::lock_guard lock(mutex_);
  return outcomes_.find(operation_id)->second;
}

// --- a life

namespace {

constexpr ClusterTimings kQuick{.tick = base::Millis(20),
                                .close_tick = base::Millis(10),
                                .slowest_tick = base::Millis(40),
                                .observe_deadline = base::Millis(1000),
                                .look_again = base::Millis(5),
                                .start_deadline = base::Millis(8000),
                                .stop_grace = base::Millis(1000),
                                .suspend_deadline = base::Millis(5000),
                                .mend_tick = base::Millis(10),
                                .first_back_off = base::Millis(20),
                                .longest_back_off = base::Millis(50)};

template <typename T>
T Must(base::Result<T> result) {
  if (!result.ok()) {
    ADD_FAILURE() << result.error().ToString();
    std::abort();
  }
  return std::move(result).value();
}

}  // namespace

ConsoleLife::ConsoleLife(std::shared_ptr<Disk> disk, Machine& machine, FakeTenants& tenants,
                         std::filesystem::path folder, Outside::Probe probe)
    : cluster_store(disk, life),
      installation_store(disk, life),
      operation_store(disk, life),
      fleet_store(disk, life),
      drivers(machine, life, clock),
      engine(drivers.engine()),
      log(operation_store),
      outside(std::move(probe)),
      journal(operation_store, clock, ids, outside) {
  installations = Must(InstallationService::Load({.store = installation_store,
                                                  .operations = log,
                                                  .journal = journal,
                                                  .engine = engine,
                                                  .clock = clock,
                                                  .turns = TurnsOnThreads(clock),
                                                  .ids = ids,
                                                  .listener = listener,
                                                  .folder = folder / "installations"}));
  clusters = Must(ClusterService::Load({.store = cluster_store,
                                        .operations = log,
                                        .journal = journal,
                                        .outside = outside,
                                        .installations = *installations,
                                        .engine = engine,
                                        .clock = clock,
                                        .turns = TurnsOnThreads(clock),
                                        .ids = ids,
                                        .listener = listener,
                                        .folder = folder / "clusters",
                                        .timings = kQuick}));
  fleet = FleetService::Make({.store = fleet_store,
                              .clusters = *clusters,
                              .operations = operation_store,
                              .clock = clock,
                              .turns = TurnsOnThreads(clock),
                              .ids = ids,
                              .job_deadline = base::Millis(5000),
                              .cluster_deadline = base::Millis(8000),
                              .look_again_after = base::Millis(5)});
  installations->Attach(
      [this](std::string_view id) {
        std::vector<std::string> users;
        for (const ClusterPtr& cluster : clusters->List()) {
          if (cluster->spec.installation_id == id) {
            users.push_back(cluster->id);
          }
        }
        return users;
      },
      [this](std::string_view id) { clusters->InstallationChanged(id); });
  clusters->Attach(tenants, tenants);
  fleet->Attach(tenants);
}

ConsoleLife::~ConsoleLife() {
  fleet->Stop();
  clusters->Stop();
  installations->Stop();
}

void ConsoleLife::Start() {
  ASSERT_TRUE(installations->Start().ok());
  ASSERT_TRUE(clusters->Start().ok());
  ASSERT_TRUE(fleet->Start().ok());
}

Operation ConsoleLife::Await(const std::string& operation_id) {
  std::optional<Operation> seen;
  EXPECT_TRUE(Eventually([&] {
    seen = Must(operation_store.Find(operation_id));
    return seen && !seen->open();
  })) << operation_id
      << " does not end";
  return *seen;
}

Operation ConsoleLife::Run(const std::string& cluster_id, const ClusterCommand& command) {
  return Await(Must(clusters->Command(cluster_id, command, kTester, "")).id);
}

ClusterPtr ConsoleLife::AwaitState(const std::string& cluster_id, ClusterState state) {
  EXPECT_TRUE(Eventually([&] { return clusters->Find(cluster_id)->state == state; }))
      << "is " << ToString(clusters->Find(cluster_id)->state) << ", not " << ToString(state) << ": "
      << clusters->Find(cluster_id)->message;
  return clusters->Find(cluster_id);
}

FleetOperation ConsoleLife::AwaitFleet(const std::string& operation_id) {
  FleetOperation seen;
  EXPECT_TRUE(Eventually([&] {
    seen = Must(fleet->Find(operation_id));
    return !IsOpen(seen.state);
  })) << operation_id
      << " does not end";
  return seen;
}

std::string ConsoleLife::MakeCluster(const std::string& name,
                                     const std::function<void(ClusterSpec&)>& change) {
  const InstallationPtr installation = Must(installations->Register("/usr", {}));
  ClusterSpec spec;
  spec.name = name;
  spec.installation_id = installation->id;
  if (change) {
    change(spec);
  }
  return Must(clusters->Create(spec, {}))->id;
}

}  // namespace streampark::console::testing
