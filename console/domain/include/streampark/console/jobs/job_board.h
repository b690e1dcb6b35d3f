// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/console/caller.h"
#include "streampark/console/jobs/badge.h"
#include "streampark/console/jobs/job.h"

namespace streampark::console {

enum class JobOrder { kName, kBadge, kStartedAt, kUpdatedAt, kDuration, kOwner };

struct JobQuery {
  TeamSet teams = TeamSet::All();
  std::string text;  // part of name, description, tag, owner or id; any case
  std::vector<Badge> badges;
  std::vector<std::string> tags;
  std::string cluster_id;
  std::string owner;
  std::string version;  // a line or a version
  bool deleted = false;
  JobOrder order = JobOrder::kName;
  bool descending = false;
  int limit = 50;
  std::string cursor;
};

struct JobCounts {
  int total = 0;
  std::array<int, kBadgeCount> by_badge{};
};

/// One job at one moment; never changes, but for the time of the last look that found it so.
struct JobView {
  JobState state;
  BadgeVerdict badge;
  base::Timestamp badge_since;
  /// Milliseconds since 1970 of the last look; 0: none since the state was put here.
  mutable std::atomic<std::int64_t> looked_at = 0;

  std::optional<base::Timestamp> observed_at() const;
};
using JobViewPtr = std::shared_ptr<const JobView>;

/// A page of the list as the API shows it. Shared: never changes.
struct JobPageText {
  std::string body;  // JobPage as JSON
};
using JobPagePtr = std::shared_ptr<const JobPageText>;

/// All jobs in memory, ready to be shown: each one's JSON is made once a change, whole pages are
/// kept until something on the board changes. Thread-safe; reading takes a shared lock and no
/// database.
class JobBoard {
 public:
  struct Shown {
    std::string json;     // JobSummary of the API
    std::string version;  // of the engine that it runs on: for the filter
  };
  /// Shows a job. Called outside the board's lock, from any thread.
  using Render = std::function<Shown(const JobView&)>;
  /// Hears of every change, in order, outside the lock: the job's view and its JSON; a null view
  /// when it left the board.
  using Listener = std::function<void(const std::string& job_id, const JobViewPtr& view,
                                      const std::shared_ptr<const std::string>& json)>;

  JobBoard(const base::Clock& clock, Render render);
  ~JobBoard();

  void Listen(Listener listener);

  /// Puts the job's new state on the board; one thread at a time a job. Where nothing of it shows,
  /// nobody is told.
  void Put(JobState state);
  void PutAll(std::vector<JobState> states);
  void Remove(std::string_view job_id);
  /// A look that found the job as it was: only its age is new.
  void Touch(std::string_view job_id, base::Timestamp observed_at);

  /// Null when there is none.
  JobViewPtr Find(std::string_view job_id) const;
  /// By name among the team's that are not deleted.
  JobViewPtr FindByName(std::string_view team_id, std::string_view name) const;
  JobViewPtr FindByEngineId(std::string_view engine_job_id) const;
  /// The JobSummary JSON; null when there is none.
  std::shared_ptr<const std::string> Summary(std::string_view job_id) const;
  /// INVALID_CURSOR. A cursor stays good while jobs come and go.
  base::Result<JobPagePtr> List(const JobQuery& query) const;
  /// Deleted jobs don't count.
  JobCounts Count(const TeamSet& teams) const;
  /// What is wrong, worst first.
  std::vector<JobViewPtr> Attention(const TeamSet& teams, int limit) const;
  std::vector<JobViewPtr> Search(const TeamSet& teams, std::string_view text, int limit) const;
  /// Jobs whose newest attempt lives on the cluster.
  std::vector<JobViewPtr> LiveOn(std::string_view cluster_id) const;
  /// Every job for which `wanted` is true; called under the lock.
  std::vector<JobViewPtr> Select(const std::function<bool(const JobView&)>& wanted) const;
  std::size_t size() const;
  std::uint64_t version() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace streampark::console
