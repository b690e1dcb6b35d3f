// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/clusters/cluster_tenants.h"
#include "streampark/console/jobs/job_desk.h"

#include "jobs/job_system.h"
#include "operations/operation_runner.h"

namespace streampark::console {

/// The desk of the running console.
class JobOffice final : public JobDesk {
 public:
  JobOffice(const JobSystem& system, OperationRunner& runner) : system_(system), runner_(runner) {}

  base::Result<JobViewPtr> Create(const JobDraft& draft, const Requester& author,
                                  std::string_view idempotency_key) override;
  base::Result<JobViewPtr> Edit(std::string_view job_id, const JobDraft& draft,
                                std::optional<std::int64_t> edition,
                                const Requester& author) override;
  base::Result<JobViewPtr> Copy(std::string_view job_id, std::string_view name,
                                std::string_view team_id, const Requester& author) override;
  base::Result<JobViewPtr> Undelete(std::string_view job_id, const Requester& author) override;
  base::Status Allows(std::string_view job_id, const JobCommand& command) const override;
  base::Result<Operation> Command(std::string_view job_id, const JobCommand& command,
                                  const Requester& requester,
                                  std::string_view idempotency_key) override;
  base::Result<Operation> Cancel(std::string_view operation_id) override;
  JobViewPtr Find(std::string_view job_id) const override;
  JobViewPtr FindByName(std::string_view team_id, std::string_view name) const override;
  base::Result<Revision> FindRevision(std::string_view job_id, std::optional<int> number) override;

 private:
  base::Status CheckTarget(const JobSpec& spec, std::string_view team_id) const;
  static base::Status AdmitRenewal(const JobState& state, const JobCommand& command);
  /// Whether the command makes sense for the job as it is; also tells the operation that it takes
  /// over from.
  base::Result<std::string> Admit(const JobState& state, const JobCommand& command,
                                  Requester::Via via) const;

  const JobSystem& system_;
  OperationRunner& runner_;
};

/// What clusters and the fleet ask of the jobs on them.
class JobTenants final : public ClusterTenants {
 public:
  JobTenants(const JobSystem& system, JobDesk& desk) : system_(system), desk_(desk) {}

  std::vector<Tenant> LiveOn(std::string_view cluster_id) const override;
  std::vector<Tenant> TargetedAt(std::string_view cluster_id) const override;
  std::optional<Tenant> Owner(std::string_view cluster_id,
                              std::string_view engine_job_id) const override;
  base::Status CanSuspend(std::string_view job_id) const override;
  base::Result<std::string> Suspend(std::string_view job_id, const Requester& requester,
                                    std::string_view idempotency_key) override;
  base::Result<std::string> Resume(std::string_view job_id, const Requester& requester,
                                   std::string_view idempotency_key) override;
  std::optional<base::Status> EndOf(std::string_view operation_id) const override;

 private:
  /// The operation that was begun under the key; empty when none was.
  base::Result<std::string> Answered(std::string_view job_id,
                                     std::string_view idempotency_key) const;

  const JobSystem& system_;
  JobDesk& desk_;
};

}  // namespace streampark::console
