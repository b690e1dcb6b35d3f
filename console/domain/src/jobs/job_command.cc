// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/jobs/job_command.h"

#include "jobs/json_reader.h"

namespace streampark::console {
namespace {

constexpr OperationKind kCommands[] = {OperationKind::kRelease,  OperationKind::kStart,
                                       OperationKind::kStop,     OperationKind::kSavepoint,
                                       OperationKind::kRestart,  OperationKind::kDelete,
                                       OperationKind::kUpgrade,  OperationKind::kRescale,
                                       OperationKind::kRollback, OperationKind::kAdopt};

/// Which members a kind takes, by column.
///
///               savepoint format name/note restore parallelism options revision snapshots mode
///   RELEASE         -        -       -        -         -         -        x        -      -
///   START           -        -       -        x         x         x        x        -      -
///   STOP            x        x       x        -         -         -        -        -      -
///   SAVEPOINT       -        x       x        -         -         -        -        -      -
///   RESTART         x        x       x        x         x         x        x        -      -
///   DELETE          -        -       -        -         -         -        -        x      -
///   UPGRADE         -        x       x        x         x         x        x        -      x
///   RESCALE         -        -       x        -         x         -        -        -      -
///   ROLLBACK        -        -       x        x         x         x        x        -      -
///
/// ADOPT takes and needs engineJobId, which no other takes; STOP NO and DELETE take abandon.
struct Takes {
  bool savepoint, format, note, restore, parallelism, options, revision, snapshots, mode,
      engine_job;
};

Takes TakenBy(OperationKind kind) {
  switch (kind) {
    case OperationKind::kRelease:
      return {.revision = true};
    case OperationKind::kStart:
      return {.restore = true, .parallelism = true, .options = true, .revision = true};
    case OperationKind::kStop:
      return {.savepoint = true, .format = true, .note = true};
    case OperationKind::kSavepoint:
      return {.format = true, .note = true};
    case OperationKind::kRestart:
      return {.savepoint = true,
              .format = true,
              .note = true,
              .restore = true,
              .parallelism = true,
              .options = true,
              .revision = true};
    case OperationKind::kUpgrade:
      return {.format = true,
              .note = true,
              .restore = true,
              .parallelism = true,
              .options = true,
              .revision = true,
              .mode = true};
    case OperationKind::kRescale:
      return {.note = true, .parallelism = true};
    case OperationKind::kRollback:
      return {
          .note = true, .restore = true, .parallelism = true, .options = true, .revision = true};
    case OperationKind::kDelete:
      return {.snapshots = true};
    case OperationKind::kAdopt:
      return {.engine_job = true};
    default:
      return {};
  }
}

base::Result<Restore> RestoreFromJson(const json::value& value) {
  JsonReader reader(value, "/restore");
  Restore restore;
  reader.Require("from");
  if (const auto from = reader.Word("from", {"LATEST", "SNAPSHOT", "PATH", "NOTHING"})) {
    restore.from = static_cast<Restore::From>(*from);
  }
  restore.snapshot_id = reader.Text("snapshotId", 64).value_or("");
  restore.path = reader.Text("path", 4096).value_or("");
  if (reader.Word("mode", {"NO_CLAIM", "CLAIM"}) == std::size_t{1}) {
    restore.mode = engines::ClaimMode::kClaim;
  }
  restore.allow_non_restored = reader.Bool("allowNonRestored").value_or(false);
  if (restore.from == Restore::From::kSnapshot && restore.snapshot_id.empty()) {
    reader.Fail("snapshotId", "is needed for SNAPSHOT");
  }
  if (restore.from == Restore::From::kPath && restore.path.empty()) {
    reader.Fail("path", "is needed for PATH");
  }
  SP_TRY(reader.Finish());
  return restore;
}

/// A restart or upgrade with a savepoint goes on from that one, so it has no other choice; and
/// nothing is stopped for a snapshot that may turn out to be needed.
void CheckRestoreOfRestart(const JobCommand& command, JsonReader& reader) {
  const auto refuse = [&](const char* pointer, const std::string& message, const char* hint) {
    reader.Adopt(base::Error(base::ErrorCode::kValidationFailed, message)
                     .WithField({pointer, message, hint}));
  };
  const bool latest = command.restore->from == Restore::From::kLatest;
  if (command.kind == OperationKind::kRestart && command.savepoint != SavepointChoice::kNo &&
      !latest) {
    refuse("/restore/from", "a restart with a savepoint goes on from that savepoint",
           "LATEST, or savepoint NO");
  }
  if (command.kind == OperationKind::kUpgrade && !latest) {
    refuse("/restore/from", "an upgrade goes on where the job is stopped for it",
           "LATEST; or stop the job, then start it with your choice; or ROLLBACK");
  }
  const bool renews = command.kind == OperationKind::kRestart || IsRenewal(command.kind);
  if (renews && command.restore->mode == engines::ClaimMode::kClaim) {
    refuse("/restore/mode", "CLAIM means nothing for " + std::string(ToString(command.kind)),
           "stop the job, then start it with CLAIM");
  }
}

}  // namespace

base::Result<JobCommand> CommandFromJson(const json::value& value) {
  JsonReader reader(value, "");
  JobCommand command;
  reader.Require("kind");
  const auto kind = reader.Word("kind", {"RELEASE", "START", "STOP", "SAVEPOINT", "RESTART",
                                         "DELETE", "UPGRADE", "RESCALE", "ROLLBACK", "ADOPT"});
  if (kind) {
    command.kind = kCommands[*kind];
  }
  const Takes takes = TakenBy(command.kind);
  const auto refuse = [&](std::string_view name, bool taken, bool given) {
    if (kind && given && !taken) {
      reader.Fail(name, "means nothing for " + std::string(ToString(command.kind)));
    }
  };

  if (const auto choice = reader.Word("savepoint", {"YES", "NO", "DRAIN"})) {
    command.savepoint = static_cast<SavepointChoice>(*choice);
  }
  refuse("savepoint", takes.savepoint, command.savepoint.has_value());
  if (kind && command.kind == OperationKind::kRestart &&
      command.savepoint == SavepointChoice::kDrain) {
    reader.Fail("savepoint", "a drained job has ended for good: a restart cannot go on from there",
                "stop it with DRAIN, then start it with what it shall restore");
  }
  if (kind && command.kind == OperationKind::kStop && !command.savepoint) {
    reader.Fail("savepoint", "is needed for STOP", "YES, NO or DRAIN");
  }
  if (command.kind == OperationKind::kRestart && !command.savepoint) {
    command.savepoint = SavepointChoice::kYes;
  }
  const auto format = reader.Word("format", {"CANONICAL", "NATIVE"});
  if (format) {
    command.format = static_cast<engines::SnapshotFormat>(*format);
  }
  refuse("format", takes.format, format.has_value());
  const auto name = reader.Text("name", 200);
  const auto note = reader.Text("note", 2000);
  command.name = name.value_or("");
  command.note = note.value_or("");
  refuse("name", takes.note, name.has_value());
  refuse("note", takes.note, note.has_value());
  if (const json::value* restore = reader.Object("restore")) {
    refuse("restore", takes.restore, true);
    base::Result<Restore> read = RestoreFromJson(*restore);
    if (read.ok()) {
      command.restore = std::move(*read);
      CheckRestoreOfRestart(command, reader);
    } else {
      reader.Adopt(read.error());
    }
  }
  if (const auto parallelism = reader.Integer("parallelism", 1, 32768)) {
    command.parallelism = static_cast<int>(*parallelism);
  }
  refuse("parallelism", takes.parallelism, command.parallelism.has_value());
  if (kind && command.kind == OperationKind::kRescale && !command.parallelism) {
    reader.Fail("parallelism", "is needed for RESCALE");
  }
  for (auto& [key, text] : reader.TextMap("options")) {
    command.options[key] = std::move(text);
  }
  refuse("options", takes.options, !command.options.empty());
  if (const auto revision = reader.Integer("revision", 1, 1'000'000'000)) {
    command.revision = static_cast<int>(*revision);
  }
  refuse("revision", takes.revision, command.revision.has_value());
  if (const auto mode = reader.Word("mode", {"SAVEPOINT", "LAST_STATE"})) {
    command.mode = static_cast<UpgradeMode>(*mode);
  }
  refuse("mode", takes.mode, command.mode.has_value());
  const auto snapshots = reader.Word("snapshots", {"KEEP", "DELETE"});
  command.delete_snapshots = snapshots == std::size_t{1};
  refuse("snapshots", takes.snapshots, snapshots.has_value());
  command.abandon = reader.Bool("abandon").value_or(false);
  refuse("abandon",
         command.kind == OperationKind::kDelete ||
             (command.kind == OperationKind::kStop && command.savepoint == SavepointChoice::kNo),
         command.abandon);
  const auto engine_job = reader.Text("engineJobId", 64);
  command.engine_job_id = engine_job.value_or("");
  refuse("engineJobId", takes.engine_job, engine_job.has_value());
  if (takes.engine_job && command.engine_job_id.empty()) {
    reader.Fail("engineJobId", "is needed for ADOPT");
  }
  SP_TRY(reader.Finish());
  return command;
}

json::object CommandToJson(const JobCommand& command) {
  const Takes takes = TakenBy(command.kind);
  json::object out{{"kind", ToString(command.kind)}};
  if (command.savepoint) {
    out["savepoint"] = ToString(*command.savepoint);
  }
  if (takes.format) {
    out["format"] = ToString(command.format);
  }
  if (takes.note) {
    if (!command.name.empty()) {
      out["name"] = command.name;
    }
    if (!command.note.empty()) {
      out["note"] = command.note;
    }
  }
  if (command.restore) {
    json::object restore{{"from", ToString(command.restore->from)}};
    if (!command.restore->snapshot_id.empty()) {
      restore["snapshotId"] = command.restore->snapshot_id;
    }
    if (!command.restore->path.empty()) {
      restore["path"] = command.restore->path;
    }
    restore["mode"] = command.restore->mode == engines::ClaimMode::kClaim ? "CLAIM" : "NO_CLAIM";
    restore["allowNonRestored"] = command.restore->allow_non_restored;
    out["restore"] = std::move(restore);
  }
  if (command.parallelism) {
    out["parallelism"] = *command.parallelism;
  }
  if (!command.options.empty()) {
    json::object options;
    for (const auto& [key, value] : command.options) {
      options[key] = value;
    }
    out["options"] = std::move(options);
  }
  if (command.revision) {
    out["revision"] = *command.revision;
  }
  if (command.abandon) {
    out["abandon"] = true;
  }
  if (takes.engine_job) {
    out["engineJobId"] = command.engine_job_id;
  }
  if (command.mode) {
    out["mode"] = ToString(*command.mode);
  }
  if (takes.snapshots) {
    out["snapshots"] = command.delete_snapshots ? "DELETE" : "KEEP";
  }
  return out;
}

base::Result<JobCommand> CommandFromText(std::string_view text) {
  return CommandFromJson(SP_TRY(json::Parse(text)));
}

}  // namespace streampark::console
