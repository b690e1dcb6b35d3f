// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/automation/decision.h"
#include "streampark/console/jobs/job.h"
#include "streampark/console/operations/operation_store.h"

namespace streampark::console {

/// Which job a creation under an idempotency key made.
struct JobCreation {
  std::string team_id;
  std::string key;
  std::string request_digest;
  std::string job_id;
};

/// What is written together or not at all.
struct JobChanges {
  std::vector<Job> jobs;  // inserted or replaced by id
  std::vector<Revision> revisions;
  std::vector<Release> releases;
  std::vector<Attempt> attempts;
  std::vector<Snapshot> snapshots;
  std::vector<std::string> removed_snapshots;                  // ids
  std::vector<Operation> operations;                           // as OperationStore::Save
  std::vector<std::pair<std::string, ObservedFact>> observed;  // by job id
  std::vector<std::string> purged_jobs;  // ids: with everything that belongs to them
  std::vector<JobCreation> creations;
  std::vector<Decision> decisions;  // new ones
  bool empty() const;
};

/// An exception of an attempt, kept after its end.
struct JobException {
  std::string attempt_id;
  engines::ExceptionObservation exception;
};

template <typename Item>
struct StoredPage {
  std::vector<Item> items;
  std::string next_after;  // empty: that was all
};

/// Jobs on disk. What Commit has written is durable when it returns. Thread-safe.
class JobStore {
 public:
  virtual ~JobStore() = default;

  /// NAME_TAKEN when another job of the team that is not deleted has the name.
  virtual base::Status Commit(const JobChanges& changes) = 0;
  /// Begins an operation (as OperationStore::Begin) together with `changes`.
  virtual base::Result<Operation> BeginOperation(const Operation& operation,
                                                 const JobChanges& changes) = 0;

  /// Every job with its newest attempts and last observation; operations in flight come from
  /// OperationStore::ListOpen.
  virtual base::Result<std::vector<JobState>> LoadAll() = 0;
  virtual base::Result<std::optional<Revision>> FindRevision(std::string_view job_id,
                                                             int number) = 0;
  /// Newest first; `after`: below this number (0: from the newest).
  virtual base::Result<std::vector<Revision>> ListRevisions(std::string_view job_id, int limit,
                                                            int after) = 0;
  /// Of that spec on that engine version: the released one, else the unfinished one; absent when it
  /// was never begun.
  virtual base::Result<std::optional<Release>> FindRelease(std::string_view job_id,
                                                           std::string_view spec_digest,
                                                           std::string_view engine_version) = 0;
  /// The one that is being made, or failed, beside a released one or alone.
  virtual base::Result<std::optional<Release>> FindUnfinishedRelease(
      std::string_view job_id, std::string_view spec_digest, std::string_view engine_version) = 0;
  /// RELEASING ones of a revision.
  virtual base::Result<std::vector<Release>> ListReleasesInMaking(std::string_view job_id,
                                                                  int revision) = 0;
  /// Released ones of all revisions and versions, newest first.
  virtual base::Result<std::vector<Release>> ListReleases(std::string_view job_id) = 0;
  /// The newest one of a revision; a released one before others.
  virtual base::Result<std::optional<Release>> FindRelease(std::string_view job_id,
                                                           int revision) = 0;
  virtual base::Result<std::vector<int>> ReleasedRevisions(std::string_view job_id) = 0;
  /// Numbers of revisions that an attempt ran.
  virtual base::Result<std::vector<int>> DeployedRevisions(std::string_view job_id) = 0;
  virtual base::Result<std::optional<Attempt>> FindAttempt(std::string_view attempt_id) = 0;
  virtual base::Result<std::optional<Attempt>> FindAttemptByEngineId(
      std::string_view engine_job_id) = 0;
  /// Newest first; `after`: an attempt number (0: from the newest).
  virtual base::Result<std::vector<Attempt>> ListAttempts(std::string_view job_id, int limit,
                                                          int after) = 0;
  /// By trigger time, newest first; `limit` 0: all.
  virtual base::Result<StoredPage<Snapshot>> ListSnapshots(std::string_view job_id, int limit,
                                                           std::string_view after) = 0;
  virtual base::Result<std::optional<Snapshot>> FindSnapshot(std::string_view snapshot_id) = 0;
  /// Of all jobs: those whose path holds `part`.
  virtual base::Result<std::vector<Snapshot>> ListSnapshotsNamed(std::string_view part) = 0;
  /// Those whose deletion was begun and whose row is still there; see snapshot_removal.h.
  virtual base::Result<std::vector<Snapshot>> ListSnapshotsInDeletion() = 0;
  /// The job that was made under this idempotency key in the team; absent when none was.
  virtual base::Result<std::optional<std::string>> FindCreated(std::string_view team_id,
                                                               std::string_view key,
                                                               std::string_view request_digest) = 0;

  /// Forgets operations that ended before, with their journal; of each subject (also of clusters
  /// and installations) the newest 50 stay, and so does every open intent.
  virtual base::Status PruneHistory(base::Timestamp before) = 0;

  /// Adds those that are new; keeps the newest 50 of a job.
  virtual base::Status KeepExceptions(std::string_view job_id,
                                      const std::vector<JobException>& exceptions) = 0;
  virtual base::Result<std::vector<JobException>> ListExceptions(std::string_view job_id) = 0;
  /// The last statistics of an attempt, as JSON; for showing after its end.
  virtual base::Status KeepCheckpoints(std::string_view job_id, std::string_view attempt_id,
                                       std::string_view json) = 0;
  virtual base::Result<std::optional<std::string>> FindCheckpoints(std::string_view attempt_id) = 0;
};

/// A named jar of a team.
enum class ResourceKind { kJar, kLibrary };
std::string_view ToString(ResourceKind kind);  // LIBRARY

struct Resource {
  std::string id;
  std::string team_id;
  std::string name;
  std::string file_name;
  std::string digest;
  std::int64_t size_bytes = 0;
  std::vector<std::string> factories;  // identifiers of service entries found inside
  base::Timestamp created_at;
  Person created_by;
  ResourceKind kind = ResourceKind::kJar;
};

/// Resources and resolved dependencies on disk. Thread-safe.
class ResourceStore {
 public:
  virtual ~ResourceStore() = default;
  /// Inserts, or replaces the one of the same team and name (keeping its id).
  virtual base::Result<Resource> Put(const Resource& resource) = 0;
  virtual base::Result<std::optional<Resource>> Find(std::string_view resource_id) = 0;
  virtual base::Result<std::optional<Resource>> FindByName(std::string_view team_id,
                                                           std::string_view name) = 0;
  /// Of these teams; of all when absent. By name.
  virtual base::Result<std::vector<Resource>> List(
      const std::optional<std::vector<std::string>>& teams) = 0;
  virtual base::Status Remove(std::string_view resource_id) = 0;
  /// Names of jobs whose wanted or deployed revision names the resource.
  virtual base::Result<std::vector<std::string>> UsedBy(const Resource& resource) = 0;

  /// What a set of coordinates resolved to; absent when never resolved.
  virtual base::Result<std::optional<std::vector<ReleaseArtifact>>> FindResolution(
      std::string_view key) = 0;
  virtual base::Status KeepResolution(std::string_view key,
                                      const std::vector<ReleaseArtifact>& artifacts,
                                      base::Timestamp at) = 0;
  /// Forgets what was resolved before; releases keep what they have.
  virtual base::Status PruneResolutions(base::Timestamp before) = 0;
  /// Digests that a release, a resource or a resolution refers to.
  virtual base::Result<std::vector<std::string>> ReferencedDigests() = 0;
};

}  // namespace streampark::console
