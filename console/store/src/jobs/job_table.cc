// SPDX-License-Identifier: Apache-2.0
#include "streampark/store/jobs/job_table.h"

#include <unordered_map>

#include "streampark/base/digest.h"

#include "automation/automation_rows.h"
#include "jobs/job_rows.h"
#include "jobs/operation_rows.h"

namespace streampark::store {
namespace {

using console::Attempt;
using console::JobChanges;
using console::JobException;
using console::JobState;
using console::Release;
using console::Revision;
using console::Snapshot;

constexpr std::size_t kAttemptMarks = 5;
constexpr int kExceptionsKept = 50;
constexpr int kOperationsKept = 50;  // of each subject, however old

base::Status Purge(Connection& connection, const std::string& job_id) {
  SP_TRY(
      connection.Execute("DELETE FROM journal WHERE operation_id IN (SELECT id FROM operations "
                         "WHERE subject_kind = 'JOB' "
                         "AND subject_id = ?) OR operation_id = ?",
                         job_id, job_id));
  SP_TRY(connection.Execute("DELETE FROM operations WHERE subject_kind = 'JOB' AND subject_id = ?",
                            job_id));
  for (const char* table :
       {"job_observations", "job_revisions", "job_releases", "job_attempts", "job_snapshots",
        "job_exceptions", "job_checkpoints", "job_creations", "decisions", "attentions"}) {
    SP_TRY(connection.Execute(std::string("DELETE FROM ") + table + " WHERE job_id = ?", job_id));
  }
  SP_TRY(connection.Execute("DELETE FROM automation_pauses WHERE scope = 'JOB' AND subject_id = ?",
                            job_id));
  SP_TRY(connection.Execute("DELETE FROM jobs WHERE id = ?", job_id));
  return base::Ok();
}

base::Status Write(Connection& connection, const JobChanges& changes) {
  for (const console::Job& job : changes.jobs) {
    SP_TRY(WriteJob(connection, job));
  }
  for (const Revision& revision : changes.revisions) {
    SP_TRY(WriteRevision(connection, revision));
  }
  for (const Release& release : changes.releases) {
    SP_TRY(WriteRelease(connection, release));
  }
  for (const Attempt& attempt : changes.attempts) {
    SP_TRY(WriteAttempt(connection, attempt));
  }
  for (const Snapshot& snapshot : changes.snapshots) {
    SP_TRY(WriteSnapshot(connection, snapshot));
  }
  for (const std::string& id : changes.removed_snapshots) {
    SP_TRY(connection.Execute("DELETE FROM job_snapshots WHERE id = ?", id));
  }
  for (const console::Operation& operation : changes.operations) {
    SP_TRY(SaveOperation(connection, operation));
  }
  for (const auto& [job_id, observed] : changes.observed) {
    SP_TRY(WriteObservation(connection, job_id, observed));
  }
  for (const console::Decision& decision : changes.decisions) {
    SP_TRY(WriteDecision(connection, decision));
  }
  for (const console::JobCreation& creation : changes.creations) {
    SP_TRY(connection.Execute(
        "INSERT INTO job_creations (team_id, idempotency_key, request_digest, job_id) VALUES (?, "
        "?, ?, ?)",
        creation.team_id, creation.key, creation.request_digest, creation.job_id));
  }
  for (const std::string& job_id : changes.purged_jobs) {
    SP_TRY(Purge(connection, job_id));
  }
  return base::Ok();
}

base::Error NamedJobTaken(base::Error error, const JobChanges& changes) {
  if (error.code() != base::ErrorCode::kNameTaken || changes.jobs.empty()) {
    return error;
  }
  return base::Error(base::ErrorCode::kNameTaken,
                     "the team has a job named \"" + changes.jobs.front().name + "\" already")
      .WithField({"/name", "is taken", ""});
}

}  // namespace

base::Status JobTable::Commit(const JobChanges& changes) {
  if (changes.empty()) {
    return base::Ok();
  }
  Transaction transaction = SP_TRY(database_.Begin());
  if (base::Status written = Write(*transaction, changes); !written.ok()) {
    return NamedJobTaken(std::move(written).error(), changes);
  }
  return transaction.Commit();
}

base::Result<console::Operation> JobTable::BeginOperation(const console::Operation& operation,
                                                          const JobChanges& changes) {
  Transaction transaction = SP_TRY(database_.Begin());
  console::Operation begun = SP_TRY(store::BeginOperation(*transaction, operation));
  if (begun.id == operation.id) {
    SP_TRY(Write(*transaction, changes));
    SP_TRY(transaction.Commit());
  }
  return begun;
}

base::Result<std::vector<JobState>> JobTable::LoadAll() {
  Reader reader = SP_TRY(database_.Read());
  std::vector<JobState> states;
  std::unordered_map<std::string, std::size_t> places;
  SP_TRY(reader->ForEach(SelectJobs(" ORDER BY id"), [&](const Row& row) {
    JobState state;
    state.job = ReadJob(row);
    places.emplace(state.job.id, states.size());
    states.push_back(std::move(state));
  }));
  SP_TRY(reader->ForEach(SelectObservations(""), [&](const Row& row) {
    auto [job_id, observed] = ReadObservation(row);
    if (const auto place = places.find(job_id); place != places.end()) {
      states[place->second].observed = std::move(observed);
    }
  }));
  // Only the marks of older attempts stay in memory, so only those are read of them.
  SP_TRY(reader->ForEach(
      "SELECT job_id, id, outcome FROM job_attempts ORDER BY job_id, number DESC",
      [&](const Row& row) {
        const auto place = places.find(row.text(0));
        if (place == places.end() || states[place->second].attempts.size() >= kAttemptMarks) {
          return;
        }
        states[place->second].attempts.push_back(
            {row.text(1),
             console::ParseAttemptOutcome(row.view(2)).value_or(console::AttemptOutcome::kLost)});
      }));
  SP_TRY(reader->ForEach(
      SelectAttempts(" a WHERE number = (SELECT MAX(number) FROM job_attempts b WHERE b.job_id = "
                     "a.job_id)"),
      [&](const Row& row) {
        Attempt attempt = ReadAttempt(row);
        if (const auto place = places.find(attempt.job_id); place != places.end()) {
          states[place->second].attempt = std::move(attempt);
        }
      }));
  return states;
}

base::Result<std::optional<Revision>> JobTable::FindRevision(std::string_view job_id, int number) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(SelectRevisions(" WHERE job_id = ? AND number = ?"), ReadRevision,
                           job_id, number);
}

base::Result<std::vector<Revision>> JobTable::ListRevisions(std::string_view job_id, int limit,
                                                            int after) {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      SelectRevisions(" WHERE job_id = ? AND (? = 0 OR number < ?) ORDER BY number DESC LIMIT ?"),
      ReadRevision, job_id, after, after, limit);
}

base::Result<std::optional<Release>> JobTable::FindRelease(std::string_view job_id,
                                                           std::string_view spec_digest,
                                                           std::string_view engine_version) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(
      SelectReleases(" WHERE job_id = ? AND spec_digest = ? AND engine_version = ? "
                     "ORDER BY state = 'RELEASED' DESC LIMIT 1"),
      ReadRelease, job_id, spec_digest, engine_version);
}

base::Result<std::optional<Release>> JobTable::FindUnfinishedRelease(
    std::string_view job_id, std::string_view spec_digest, std::string_view engine_version) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(SelectReleases(" WHERE job_id = ? AND spec_digest = ? AND "
                                          "engine_version = ? AND state <> 'RELEASED'"),
                           ReadRelease, job_id, spec_digest, engine_version);
}

base::Result<std::vector<Release>> JobTable::ListReleasesInMaking(std::string_view job_id,
                                                                  int revision) {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      SelectReleases(" WHERE job_id = ? AND revision = ? AND state = 'RELEASING'"), ReadRelease,
      job_id, revision);
}

base::Result<std::vector<Release>> JobTable::ListReleases(std::string_view job_id) {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      SelectReleases(" WHERE job_id = ? AND state = 'RELEASED' ORDER BY finished_at DESC"),
      ReadRelease, job_id);
}

base::Result<std::optional<Release>> JobTable::FindRelease(std::string_view job_id, int revision) {
  Reader reader = SP_TRY(database_.Read());
  // A release belongs to the digest: a later revision with the same spec has it too.
  return reader->SelectOne(
      SelectReleases(
          " WHERE job_id = ? AND (revision = ? OR spec_digest = (SELECT digest FROM "
          "job_revisions r WHERE r.job_id = job_releases.job_id AND r.number = ?)) ORDER BY "
          "state = 'RELEASED' DESC, finished_at DESC LIMIT 1"),
      ReadRelease, job_id, revision, revision);
}

base::Result<std::vector<int>> JobTable::ReleasedRevisions(std::string_view job_id) {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      "SELECT DISTINCT r.number FROM job_revisions r JOIN job_releases l ON l.job_id = r.job_id "
      "AND "
      "l.spec_digest = r.digest WHERE r.job_id = ? AND l.state = 'RELEASED' ORDER BY r.number",
      [](const Row& row) { return static_cast<int>(row.integer(0)); }, job_id);
}

base::Result<std::vector<int>> JobTable::DeployedRevisions(std::string_view job_id) {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      "SELECT DISTINCT revision FROM job_attempts WHERE job_id = ? AND submitted = 1 ORDER BY "
      "revision",
      [](const Row& row) { return static_cast<int>(row.integer(0)); }, job_id);
}

base::Result<std::optional<Attempt>> JobTable::FindAttempt(std::string_view attempt_id) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(SelectAttempts(" WHERE id = ?"), ReadAttempt, attempt_id);
}

base::Result<std::optional<Attempt>> JobTable::FindAttemptByEngineId(
    std::string_view engine_job_id) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(SelectAttempts(" WHERE engine_job_id = ?"), ReadAttempt, engine_job_id);
}

base::Result<std::vector<Attempt>> JobTable::ListAttempts(std::string_view job_id, int limit,
                                                          int after) {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      SelectAttempts(" WHERE job_id = ? AND (? = 0 OR number < ?) ORDER BY number DESC LIMIT ?"),
      ReadAttempt, job_id, after, after, limit);
}

base::Result<console::StoredPage<Snapshot>> JobTable::ListSnapshots(std::string_view job_id,
                                                                    int limit,
                                                                    std::string_view after) {
  Reader reader = SP_TRY(database_.Read());
  const std::optional<std::int64_t> from = SP_TRY(reader->SelectOne(
      "SELECT triggered_at FROM job_snapshots WHERE id = ?",
      [](const Row& row) { return row.integer(0); }, after));
  const std::int64_t asked = limit == 0 ? 1'000'000 : limit;
  console::StoredPage<Snapshot> page;
  page.items = SP_TRY(reader->Select(
      SelectSnapshots(
          " WHERE job_id = ? AND (? = 0 OR triggered_at < ? OR (triggered_at = ? AND id < "
          "?)) ORDER BY triggered_at DESC, id DESC LIMIT ?"),
      ReadSnapshot, job_id, from.has_value(), from.value_or(0), from.value_or(0), after,
      asked + 1));
  if (page.items.size() > static_cast<std::size_t>(asked)) {
    page.items.pop_back();
    page.next_after = page.items.back().id;
  }
  return page;
}

base::Result<std::optional<Snapshot>> JobTable::FindSnapshot(std::string_view snapshot_id) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(SelectSnapshots(" WHERE id = ?"), ReadSnapshot, snapshot_id);
}

base::Result<std::vector<Snapshot>> JobTable::ListSnapshotsNamed(std::string_view part) {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(SelectSnapshots(" WHERE instr(path, ?) > 0 ORDER BY id"), ReadSnapshot,
                        part);
}

base::Result<std::vector<Snapshot>> JobTable::ListSnapshotsInDeletion() {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      SelectSnapshots(" WHERE id IN (SELECT s.id FROM journal j JOIN job_snapshots s ON s.job_id = "
                      "j.operation_id AND s.path = j.act_key WHERE j.verb = 'DELETE_SNAPSHOT' AND "
                      "j.state IN ('OPEN', 'DONE')) ORDER BY id"),
      ReadSnapshot);
}

base::Result<std::optional<std::string>> JobTable::FindCreated(std::string_view team_id,
                                                               std::string_view key,
                                                               std::string_view request_digest) {
  Reader reader = SP_TRY(database_.Read());
  const auto found = SP_TRY(reader->SelectOne(
      "SELECT job_id, request_digest FROM job_creations WHERE team_id = ? AND idempotency_key = ?",
      [](const Row& row) { return std::pair(row.text(0), row.text(1)); }, team_id, key));
  if (!found) {
    return std::optional<std::string>();
  }
  if (found->second != request_digest) {
    return base::Error(base::ErrorCode::kIdempotencyMismatch,
                       "the key was used for creating another job")
        .WithRelatedId(found->first);
  }
  return std::optional(found->first);
}

base::Status JobTable::PruneHistory(base::Timestamp before) {
  Transaction transaction = SP_TRY(database_.Begin());
  SP_TRY(transaction->Execute(
      "DELETE FROM operations WHERE open_slot IS NULL AND finished_at < ? AND id NOT IN (SELECT id "
      "FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY subject_kind, subject_id ORDER BY id DESC) "
      "AS place FROM operations) WHERE place <= ?)",
      before, kOperationsKept));
  SP_TRY(transaction->Execute(
      "DELETE FROM journal WHERE state <> 'OPEN' AND closed_at < ? AND operation_id NOT IN (SELECT "
      "id FROM operations)",
      before));
  return transaction.Commit();
}

base::Status JobTable::KeepExceptions(std::string_view job_id,
                                      const std::vector<JobException>& exceptions) {
  if (exceptions.empty()) {
    return base::Ok();
  }
  Transaction transaction = SP_TRY(database_.Begin());
  for (const JobException& kept : exceptions) {
    const engines::ExceptionObservation& seen = kept.exception;
    const std::string id = base::Sha256Hex(
        kept.attempt_id + "\n" + std::to_string(seen.at.time_since_epoch().count()) + "\n" +
        seen.task + "\n" + seen.location + "\n" + seen.root_cause);
    SP_TRY(transaction->Execute(
        "INSERT INTO job_exceptions (id, job_id, attempt_id, at, task, location, root_cause, "
        "trace) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET trace = excluded.trace",
        id, job_id, kept.attempt_id, seen.at, seen.task, seen.location, seen.root_cause,
        seen.trace));
  }
  SP_TRY(transaction->Execute(
      "DELETE FROM job_exceptions WHERE job_id = ? AND at < (SELECT MIN(at) FROM (SELECT at FROM "
      "job_exceptions WHERE job_id = ? ORDER BY at DESC LIMIT ?) newest)",
      job_id, job_id, kExceptionsKept));
  return transaction.Commit();
}

base::Result<std::vector<JobException>> JobTable::ListExceptions(std::string_view job_id) {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      "SELECT attempt_id, at, task, location, root_cause, trace FROM job_exceptions WHERE job_id = "
      "? "
      "ORDER BY at DESC",
      [](const Row& row) {
        return JobException{row.text(0),
                            {row.time(1), row.text(2), row.text(3), row.text(4), row.text(5)}};
      },
      job_id);
}

base::Status JobTable::KeepCheckpoints(std::string_view job_id, std::string_view attempt_id,
                                       std::string_view json) {
  SP_TRY(database_.Execute(
      "INSERT INTO job_checkpoints (attempt_id, job_id, statistics) VALUES (?, ?, ?) ON CONFLICT "
      "(attempt_id) DO UPDATE SET statistics = excluded.statistics",
      attempt_id, job_id, json));
  return base::Ok();
}

base::Result<std::optional<std::string>> JobTable::FindCheckpoints(std::string_view attempt_id) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(
      "SELECT statistics FROM job_checkpoints WHERE attempt_id = ?",
      [](const Row& row) { return row.text(0); }, attempt_id);
}

}  // namespace streampark::store
