// SPDX-License-Identifier: Apache-2.0
#include "jobs/job_rows.h"

#include "streampark/base/log.h"

#include "jobs/json_columns.h"

namespace streampark::store {
namespace {

using console::Attempt;
using console::Job;
using console::ObservedFact;
using console::Release;
using console::Revision;
using console::Snapshot;

std::string Select(std::string_view columns, std::string_view table, std::string_view rest) {
  return std::string("SELECT ").append(columns).append(" FROM ").append(table).append(rest);
}

/// INSERT … ON CONFLICT (id) DO UPDATE of every column but the key.
std::string Upsert(std::string_view table, std::string_view columns, std::string_view key) {
  std::string marks;
  std::string updates;
  for (std::size_t from = 0; from < columns.size();) {
    std::size_t comma = columns.find(", ", from);
    comma = comma == std::string_view::npos ? columns.size() : comma;
    const std::string column(columns.substr(from, comma - from));
    marks.append(marks.empty() ? "?" : ", ?");
    if (column != key) {
      updates.append(updates.empty() ? "" : ", ").append(column + " = excluded." + column);
    }
    from = comma + 2;
  }
  return std::string("INSERT INTO ")
      .append(table)
      .append(" (")
      .append(columns)
      .append(") VALUES (")
      .append(marks)
      .append(") ON CONFLICT (")
      .append(key)
      .append(") DO UPDATE SET ")
      .append(updates);
}

std::optional<int> OptionalInt(const Row& row, int column) {
  const auto number = row.optional_integer(column);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}
int Int(const Row& row, int column) { return static_cast<int>(row.integer(column)); }

constexpr std::string_view kJob =
    "id, team_id, name, held_name, description, tags, owner_id, owner_name, created_at, "
    "updated_at, "
    "deleted_at, edition, desired, wanted, released, deployed, last_stable, resume_snapshot_id, "
    "resume_unconfirmed, last_failure, delete_snapshots, cluster_id, version, parallelism, "
    "stateless, ran, highest_node, recovery, standing, rollback_revision, rollback_snapshot_id, "
    "engine, type";
constexpr std::string_view kObservation =
    "job_id, state, native_state, observed_at, reachability, unreachable_since, tasks";
constexpr std::string_view kRevision =
    "job_id, number, author_id, author_name, created_at, digest, message, spec";
constexpr std::string_view kRelease =
    "id, job_id, spec_digest, engine_version, revision, state, finished_at, artifacts, plan, "
    "not_compiled, operators, tables, sinks, aligned_to";
constexpr std::string_view kAttempt =
    "id, job_id, number, engine_job_id, revision, parallelism, cluster_id, restored_from, options, "
    "started_at, ended_at, outcome, message, ran, submitted, stable_at";
constexpr std::string_view kSnapshot =
    "id, job_id, attempt_id, revision, kind, format, path, triggered_at, completed_at, size_bytes, "
    "name, note, verification";

console::Reachability ParseReachability(std::string_view text) {
  for (const auto one : {console::Reachability::kReachable, console::Reachability::kUnreachable,
                         console::Reachability::kLost}) {
    if (console::ToString(one) == text) {
      return one;
    }
  }
  return console::Reachability::kUnknown;
}

}  // namespace

std::string SelectJobs(std::string_view rest) { return Select(kJob, "jobs", rest); }

Job ReadJob(const Row& row) {
  Job job;
  job.id = row.text(0);
  job.team_id = row.text(1);
  job.name = row.text(2);
  job.description = row.text(4);
  job.tags = TextsFromColumn(row.view(5));
  job.owner = {row.text(6), row.text(7)};
  job.created_at = row.time(8);
  job.updated_at = row.time(9);
  job.deleted_at = row.optional_time(10);
  job.edition = row.integer(11);
  job.desired = console::ParseDesiredState(row.view(12)).value_or(console::DesiredState::kStopped);
  job.wanted = Int(row, 13);
  job.released = OptionalInt(row, 14);
  job.deployed = OptionalInt(row, 15);
  job.last_stable = OptionalInt(row, 16);
  job.resume_snapshot_id = row.text(17);
  job.resume_unconfirmed = row.boolean(18);
  if (!row.is_null(19)) {
    job.last_failure = FailureFromColumn(row.view(19));
  }
  job.delete_snapshots = row.boolean(20);
  job.cluster_id = row.text(21);
  job.version = row.text(22);
  job.parallelism = Int(row, 23);
  job.stateless = row.boolean(24);
  job.ran = row.boolean(25);
  job.highest_node = Int(row, 26);
  job.recovery = RecoveryFromColumn(row.view(27));
  if (!row.is_null(28)) {
    job.standing = StandingFromColumn(row.view(28));
  }
  job.rollback_revision = OptionalInt(row, 29);
  job.rollback_snapshot_id = row.text(30);
  job.engine = row.text(31);
  job.type = row.text(32);
  return job;
}

base::Status WriteJob(Connection& connection, const Job& job) {
  static const std::string kSql = Upsert("jobs", kJob, "id");
  const std::optional<std::string> held = job.deleted_at ? std::nullopt : std::optional(job.name);
  SP_TRY(connection.Execute(
      kSql, job.id, job.team_id, job.name, held, job.description, TextsToColumn(job.tags),
      job.owner.id, job.owner.name, job.created_at, job.updated_at, job.deleted_at, job.edition,
      console::ToString(job.desired), job.wanted, job.released, job.deployed, job.last_stable,
      job.resume_snapshot_id, job.resume_unconfirmed,
      job.last_failure ? std::optional(FailureToColumn(*job.last_failure)) : std::nullopt,
      job.delete_snapshots, job.cluster_id, job.version, job.parallelism, job.stateless, job.ran,
      job.highest_node, RecoveryToColumn(job.recovery),
      job.standing ? std::optional(StandingToColumn(*job.standing)) : std::nullopt,
      job.rollback_revision, job.rollback_snapshot_id, job.engine, job.type));
  return base::Ok();
}

std::string SelectObservations(std::string_view rest) {
  return Select(kObservation, "job_observations", rest);
}

std::pair<std::string, ObservedFact> ReadObservation(const Row& row) {
  ObservedFact observed;
  if (!row.is_null(1)) {
    observed.state = engines::ParseEngineState(row.view(1));
  }
  observed.native_state = row.text(2);
  observed.observed_at = row.optional_time(3);
  observed.reachability = ParseReachability(row.view(4));
  observed.unreachable_since = row.optional_time(5);
  if (!row.is_null(6)) {
    observed.tasks = TasksFromColumn(row.view(6));
  }
  return {row.text(0), observed};
}

base::Status WriteObservation(Connection& connection, const std::string& job_id,
                              const ObservedFact& observed) {
  static const std::string kSql = Upsert("job_observations", kObservation, "job_id");
  SP_TRY(connection.Execute(
      kSql, job_id,
      observed.state ? std::optional(engines::ToString(*observed.state)) : std::nullopt,
      observed.native_state, observed.observed_at, console::ToString(observed.reachability),
      observed.unreachable_since,
      observed.tasks ? std::optional(TasksToColumn(*observed.tasks)) : std::nullopt));
  return base::Ok();
}

std::string SelectRevisions(std::string_view rest) {
  return Select(kRevision, "job_revisions", rest);
}

Revision ReadRevision(const Row& row) {
  Revision revision;
  revision.job_id = row.text(0);
  revision.number = Int(row, 1);
  revision.author = {row.text(2), row.text(3)};
  revision.created_at = row.time(4);
  revision.digest = row.text(5);
  revision.message = row.text(6);
  base::Result<console::JobSpec> spec = console::SpecFromText(row.view(7));
  if (spec.ok()) {
    revision.spec = std::move(*spec);
  } else {
    base::LogError(
        "a stored spec is not readable",
        {{"job", revision.job_id}, {"revision", revision.number}, {"error", spec.error()}});
  }
  return revision;
}

base::Status WriteRevision(Connection& connection, const Revision& revision) {
  SP_TRY(connection.Execute(
      "INSERT INTO job_revisions (job_id, number, author_id, author_name, created_at, digest, "
      "message, "
      "spec) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      revision.job_id, revision.number, revision.author.id, revision.author.name,
      revision.created_at, revision.digest, revision.message, console::SpecToText(revision.spec)));
  return base::Ok();
}

std::string SelectReleases(std::string_view rest) { return Select(kRelease, "job_releases", rest); }

Release ReadRelease(const Row& row) {
  Release release;
  release.job_id = row.text(1);
  release.spec_digest = row.text(2);
  release.engine_version = row.text(3);
  release.revision = Int(row, 4);
  release.state = console::ParseReleaseState(row.view(5)).value_or(Release::State::kFailed);
  release.finished_at = row.optional_time(6);
  release.artifacts = ArtifactsFromColumn(row.view(7));
  release.plan = row.text(8);
  release.not_compiled = TextsFromColumn(row.view(9));
  release.operators = OperatorsFromColumn(row.view(10));
  release.tables = TablesFromColumn(row.view(11));
  release.sinks = TextsFromColumn(row.view(12));
  release.aligned_to = row.text(13);
  return release;
}

base::Status WriteRelease(Connection& connection, const Release& release) {
  static const std::string kSql = Upsert("job_releases", kRelease, "id");
  const std::string whole =
      release.job_id + "/" + release.spec_digest + "/" + release.engine_version;
  // One that is not whole stands beside the one it is to replace.
  const std::string unfinished = whole + "/unfinished";
  const bool released = release.state == Release::State::kReleased;
  const std::string& id = released ? whole : unfinished;
  if (released) {
    SP_TRY(connection.Execute("DELETE FROM job_releases WHERE id = ?", unfinished));
  } else {
    SP_TRY(connection.Execute("DELETE FROM job_releases WHERE id = ? AND state <> 'RELEASED'",
                              whole));  // from before unfinished ones had a row of their own
  }
  SP_TRY(connection.Execute(
      kSql, id, release.job_id, release.spec_digest, release.engine_version, release.revision,
      console::ToString(release.state), release.finished_at, ArtifactsToColumn(release.artifacts),
      release.plan, TextsToColumn(release.not_compiled), OperatorsToColumn(release.operators),
      TablesToColumn(release.tables), TextsToColumn(release.sinks), release.aligned_to));
  return base::Ok();
}

std::string SelectAttempts(std::string_view rest) { return Select(kAttempt, "job_attempts", rest); }

Attempt ReadAttempt(const Row& row) {
  Attempt attempt;
  attempt.id = row.text(0);
  attempt.job_id = row.text(1);
  attempt.number = Int(row, 2);
  attempt.engine_job_id = row.text(3);
  attempt.revision = Int(row, 4);
  attempt.parallelism = Int(row, 5);
  attempt.cluster_id = row.text(6);
  attempt.restored_from = row.text(7);
  attempt.options = OptionsFromColumn(row.view(8));
  attempt.started_at = row.time(9);
  attempt.ended_at = row.optional_time(10);
  attempt.outcome =
      console::ParseAttemptOutcome(row.view(11)).value_or(console::AttemptOutcome::kLost);
  attempt.message = row.text(12);
  attempt.ran = row.boolean(13);
  attempt.submitted = row.boolean(14);
  attempt.stable_at = row.optional_time(15);
  return attempt;
}

base::Status WriteAttempt(Connection& connection, const Attempt& attempt) {
  static const std::string kSql = Upsert("job_attempts", kAttempt, "id");
  SP_TRY(connection.Execute(kSql, attempt.id, attempt.job_id, attempt.number, attempt.engine_job_id,
                            attempt.revision, attempt.parallelism, attempt.cluster_id,
                            attempt.restored_from, OptionsToColumn(attempt.options),
                            attempt.started_at, attempt.ended_at,
                            console::ToString(attempt.outcome), attempt.message, attempt.ran,
                            attempt.submitted, attempt.stable_at));
  return base::Ok();
}

std::string SelectSnapshots(std::string_view rest) {
  return Select(kSnapshot, "job_snapshots", rest);
}

Snapshot ReadSnapshot(const Row& row) {
  Snapshot snapshot;
  snapshot.id = row.text(0);
  snapshot.job_id = row.text(1);
  snapshot.attempt_id = row.text(2);
  snapshot.revision = Int(row, 3);
  snapshot.kind =
      console::ParseSnapshotKind(row.view(4)).value_or(engines::SnapshotKind::kSavepoint);
  snapshot.format =
      console::ParseSnapshotFormat(row.view(5)).value_or(engines::SnapshotFormat::kUnknown);
  snapshot.path = row.text(6);
  snapshot.triggered_at = row.time(7);
  snapshot.completed_at = row.optional_time(8);
  snapshot.size_bytes = row.optional_integer(9);
  snapshot.name = row.text(10);
  snapshot.note = row.text(11);
  snapshot.verification =
      console::ParseVerification(row.view(12)).value_or(console::Verification::kUnverified);
  return snapshot;
}

base::Status WriteSnapshot(Connection& connection, const Snapshot& snapshot) {
  static const std::string kSql = Upsert("job_snapshots", kSnapshot, "id");
  SP_TRY(connection.Execute(
      kSql, snapshot.id, snapshot.job_id, snapshot.attempt_id, snapshot.revision,
      console::ToString(snapshot.kind), console::ToString(snapshot.format), snapshot.path,
      snapshot.triggered_at, snapshot.completed_at, snapshot.size_bytes, snapshot.name,
      snapshot.note, console::ToString(snapshot.verification)));
  return base::Ok();
}

}  // namespace streampark::store
