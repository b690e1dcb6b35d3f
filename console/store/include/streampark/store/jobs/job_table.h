// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/jobs/job_store.h"
#include "streampark/store/database.h"

namespace streampark::store {

/// Jobs in the database.
class JobTable : public console::JobStore {
 public:
  explicit JobTable(Database& database) : database_(database) {}

  base::Status Commit(const console::JobChanges& changes) override;
  base::Result<console::Operation> BeginOperation(const console::Operation& operation,
                                                  const console::JobChanges& changes) override;
  base::Result<std::vector<console::JobState>> LoadAll() override;
  base::Result<std::optional<console::Revision>> FindRevision(std::string_view job_id,
                                                              int number) override;
  base::Result<std::vector<console::Revision>> ListRevisions(std::string_view job_id, int limit,
                                                             int after) override;
  base::Result<std::optional<console::Release>> FindRelease(
      std::string_view job_id, std::string_view spec_digest,
      std::string_view engine_version) override;
  base::Result<std::optional<console::Release>> FindUnfinishedRelease(
      std::string_view job_id, std::string_view spec_digest,
      std::string_view engine_version) override;
  base::Result<std::vector<console::Release>> ListReleasesInMaking(std::string_view job_id,
                                                                   int revision) override;
  base::Result<std::vector<console::Release>> ListReleases(std::string_view job_id) override;
  base::Result<std::optional<console::Release>> FindRelease(std::string_view job_id,
                                                            int revision) override;
  base::Result<std::vector<int>> ReleasedRevisions(std::string_view job_id) override;
  base::Result<std::vector<int>> DeployedRevisions(std::string_view job_id) override;
  base::Result<std::optional<console::Attempt>> FindAttempt(std::string_view attempt_id) override;
  base::Result<std::optional<console::Attempt>> FindAttemptByEngineId(
      std::string_view engine_job_id) override;
  base::Result<std::vector<console::Attempt>> ListAttempts(std::string_view job_id, int limit,
                                                           int after) override;
  base::Result<console::StoredPage<console::Snapshot>> ListSnapshots(
      std::string_view job_id, int limit, std::string_view after) override;
  base::Result<std::optional<console::Snapshot>> FindSnapshot(
      std::string_view snapshot_id) override;
  base::Result<std::vector<console::Snapshot>> ListSnapshotsNamed(std::string_view part) override;
  base::Result<std::vector<console::Snapshot>> ListSnapshotsInDeletion() override;
  base::Result<std::optional<std::string>> FindCreated(std::string_view team_id,
                                                       std::string_view key,
                                                       std::string_view request_digest) override;
  base::Status PruneHistory(base::Timestamp before) override;
  base::Status KeepExceptions(std::string_view job_id,
                              const std::vector<console::JobException>& exceptions) override;
  base::Result<std::vector<console::JobException>> ListExceptions(std::string_view job_id) override;
  base::Status KeepCheckpoints(std::string_view job_id, std::string_view attempt_id,
                               std::string_view json) override;
  base::Result<std::optional<std::string>> FindCheckpoints(std::string_view attempt_id) override;

 private:
  Database& database_;
};

}  // namespace streampark::store
