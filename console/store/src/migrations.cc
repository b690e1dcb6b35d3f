// SPDX-License-Identifier: Apache-2.0
#include "migrations.h"

#include <algorithm>
#include <set>
#include <string>
#include <system_error>

#include "streampark/base/files.h"
#include "streampark/base/log.h"

#include "console_store_migrations.h"

namespace streampark::store {
namespace {

base::Result<bool> HasTable(Connection& connection, std::string_view name) {
  const auto found = SP_TRY(connection.SelectOne(
      "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?",
      [](const Row&) { return true; }, name));
  return found.has_value();
}

base::Result<std::set<int>> AppliedSteps(Connection& connection) {
  std::set<int> applied;
  if (SP_TRY(HasTable(connection, "schema_migrations"))) {
    SP_TRY(connection.ForEach("SELECT number FROM schema_migrations", [&](const Row& row) {
      applied.insert(static_cast<int>(row.integer(0)));
    }));
  }
  return applied;
}

base::Status RefuseNewer(const std::set<int>& applied, std::span<const Migration> known) {
  for (const int number : applied) {
    if (std::none_of(known.begin(), known.end(),
                     [&](const Migration& step) { return step.number == number; })) {
      return base::Error(base::ErrorCode::kSchemaTooNew, "the database has schema step " +
                                                             std::to_string(number) +
                                                             ", which this program does not know")
          .WithHint(
              "use the newer program that made it, or the copy in the folder 'backups' that it "
              "left");
    }
  }
  return base::Ok();
}

base::Status CopyAside(Connection& connection, const std::filesystem::path& folder, int last_step,
                       const base::Clock& clock) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return base::FileError(error.value(), "cannot make", folder);
  }
  std::string moment = base::FormatTimestamp(clock.Now());
  std::erase_if(moment, [](char c) { return c == ':' || c == '.' || c == '-'; });
  const std::filesystem::path copy =
      folder / ("streampark-step" + std::to_string(last_step) + "-" + moment + ".db");
  // What SQLite makes itself would have the mode of the process's umask; into an empty file it
  // copies as well.
  SP_TRY(base::WriteFileAtomically(copy, "", base::FileMode::kOwnerOnly));
  SP_TRY(connection.Execute("VACUUM INTO ?", copy.string()));
  base::LogInfo("database copied before a migration", {{"file", copy.string()}});
  return base::Ok();
}

base::Status Apply(Connection& connection, const Migration& step, const base::Clock& clock) {
  SP_TRY(connection.Execute("BEGIN IMMEDIATE"));
  base::Status applied = connection.ExecuteScript(step.sql);
  if (applied.ok()) {
    const auto recorded = connection.Execute(
        "INSERT INTO schema_migrations (number, name, applied_at) VALUES (?, ?, ?)", step.number,
        step.name, clock.Now());
    applied = recorded.ok() ? base::Ok() : base::Status(recorded.error());
  }
  if (applied.ok()) {
    const auto committed = connection.Execute("COMMIT");
    applied = committed.ok() ? base::Ok() : base::Status(committed.error());
  }
  if (!applied.ok()) {
    static_cast<void>(connection.ExecuteScript("ROLLBACK"));
    return std::move(applied).error().Annotate("schema step " + std::to_string(step.number) + " " +
                                               std::string(step.name));
  }
  return base::Ok();
}

}  // namespace

std::span<const Migration> KnownMigrations() { return kMigrations; }

base::Status Migrate(Connection& connection, std::span<const Migration> known,
                     const std::filesystem::path& backup_folder, const base::Clock& clock) {
  const std::set<int> applied = SP_TRY(AppliedSteps(connection));
  SP_TRY(RefuseNewer(applied, known));
  if (applied.size() == known.size()) {
    return base::Ok();
  }
  if (!applied.empty()) {
    SP_TRY(CopyAside(connection, backup_folder, *applied.rbegin(), clock));
  }
  SP_TRY(connection.ExecuteScript(
      "CREATE TABLE IF NOT EXISTS schema_migrations ("
      "number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)"));
  for (const Migration& step : known) {
    if (!applied.contains(step.number)) {
      SP_TRY(Apply(connection, step, clock));
    }
  }
  return base::Ok();
}

base::Status CheckSchema(Connection& connection, std::span<const Migration> known) {
  const std::set<int> applied = SP_TRY(AppliedSteps(connection));
  SP_TRY(RefuseNewer(applied, known));
  if (applied.size() != known.size()) {
    return base::Error(base::ErrorCode::kIllegalState, "the database is older than this program")
        .WithHint("start the console once with this program: it brings the database up to date");
  }
  return base::Ok();
}

}  // namespace streampark::store
