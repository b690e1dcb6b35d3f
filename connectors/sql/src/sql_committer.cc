// SPDX-License-Identifier: Apache-2.0
#include "sql_committer.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>
#include <vector>

#include "stage.h"

/// A commit in its steps, and what a crash after each leaves:
///
///   1 make the ledger, when there is none          nothing has happened
///   2 in one transaction, for each stage that the ledger does not have: merge it, note it, drop it
///                                                   all of the checkpoint, or nothing
///   3 drop the stages, where 2 cannot               stages that the ledger has: the next commit or Recover drops them
///
/// A stage that is gone while the ledger does not have it was taken away by somebody: an error before anything is merged.
namespace streampark::connectors::sql {
namespace {

struct Merge {
  int subtask = 0;
  std::uint64_t sequence = 0;
  PreparedStage stage;
};

class SqlCommitter final : public Committer {
 public:
  SqlCommitter(DatabasePtr database, std::string staging_schema)
      : database_(std::move(database)),
        dialect_(database_->dialect()),
        staging_schema_(std::move(staging_schema)),
        ledger_(dialect_.Quote(TableName{staging_schema_, std::string(kLedger)})) {}

  base::Status Commit(std::span<const Committable> prepared, std::stop_token stop) override {
    std::vector<Merge> merges;
    for (const Committable& one : prepared) {
      auto stage = SP_TRY(PreparedStage::From(one));
      if (!merges.empty() && merges[0].stage.job() != stage.job()) {
        return base::Error(base::ErrorCode::kSnapshotInvalid,
                           "rows of two jobs in one commit: " + merges[0].stage.stage.ToString() +
                               " and " + stage.stage.ToString());
      }
      merges.push_back({one.subtask, one.sequence, std::move(stage)});
    }
    if (merges.empty()) {
      return base::Ok();
    }
    std::ranges::sort(merges, {},
                      [](const Merge& one) { return std::pair(one.sequence, one.subtask); });
    return OrForget(MergeAlone(merges, stop));
  }

  base::Status Recover(const WriterId& lineage, std::span<const Committable> pending,
                       std::uint64_t next, std::stop_token stop) override {
    const std::string job = JobOf(lineage);
    SP_TRY(OrForget(RefuseOlder(job, next)));
    SP_TRY(Commit(pending, stop));
    return OrForget(DropAll(job));
  }

 private:
  base::Status OrForget(base::Status status) {
    if (!status.ok()) {
      session_.reset();  // it may be in the middle of a transaction, or gone
      return std::move(status).error().Annotate(database_->address());
    }
    return status;
  }

  base::Status Connect() {
    if (!session_) {
      session_ = SP_TRY(database_->Connect());
    }
    return base::Ok();
  }

  base::Result<bool> HasLedger() {
    const auto tables = SP_TRY(session_->TablesLike(staging_schema_, std::string(kLedger)));
    return std::ranges::find(tables, kLedger) != tables.end();
  }

  base::Status MakeLedger() {
    if (SP_TRY(HasLedger())) {
      return base::Ok();
    }
    const auto made = session_->Execute(
        "CREATE TABLE IF NOT EXISTS " + ledger_ +
        " (job VARCHAR(16) NOT NULL, subtask INTEGER NOT NULL, checkpoint BIGINT NOT NULL, "
        "PRIMARY KEY (job, subtask))" +
        std::string(dialect_.table_options()));
    // Another job may have made it at the same moment.
    return made.ok() || SP_TRY(HasLedger()) ? base::Ok() : made;
  }

  /// The newest checkpoint of each subtask, locked until the transaction ends.
  base::Result<std::map<int, std::uint64_t>> Committed(const std::string& job) {
    std::map<int, std::uint64_t> committed;
    for (const TextRow& row :
         SP_TRY(session_->Query("SELECT subtask, checkpoint FROM " + ledger_ +
                                " WHERE job = " + Dialect::QuoteText(job) + " ORDER BY subtask" +
                                std::string(dialect_.for_update())))) {
      const auto number = [](const std::optional<std::string>& text) {
        std::uint64_t value = 0;
        if (text) {
          std::from_chars(text->data(), text->data() + text->size(), value);
        }
        return value;
      };
      committed[static_cast<int>(number(row.at(0)))] = number(row.at(1));
    }
    return committed;
  }

  base::Status RefuseOlder(const std::string& job, std::uint64_t next) {
    SP_TRY(Connect());
    SP_TRY(session_->Lock(job));
    std::uint64_t newest = 0;
    if (SP_TRY(HasLedger())) {
      SP_TRY(session_->Execute(dialect_.Begin()));
      for (const auto& [subtask, sequence] : SP_TRY(Committed(job))) {
        newest = std::max(newest, sequence);
      }
      SP_TRY(session_->Execute("COMMIT"));
    }
    SP_TRY(session_->Unlock(job));
    if (newest < next) {
      return base::Ok();
    }
    return base::Error(base::ErrorCode::kIllegalState,
                       "the table holds rows of checkpoint " + std::to_string(newest) +
                           ", and the job goes on from checkpoint " + std::to_string(next - 1))
        .WithHint(
            "start from that checkpoint's folder explicitly, so that the rows stay and are written "
            "again; or take away the rows and DELETE FROM " +
            ledger_ + " WHERE job = " + Dialect::QuoteText(job));
  }

  base::Status MergeAlone(const std::vector<Merge>& merges, const std::stop_token& stop) {
    const std::string job = merges[0].stage.job();
    SP_TRY(Connect());
    SP_TRY(session_->Lock(job));
    SP_TRY(MakeLedger());
    SP_TRY(MergeAll(merges, stop));
    return session_->Unlock(job);
  }

  base::Status MergeAll(const std::vector<Merge>& merges, const std::stop_token& stop) {
    const auto there =
        SP_TRY(session_->TablesLike(staging_schema_, StagePrefix(merges[0].stage.job())));
    SP_TRY(session_->Execute(dialect_.Begin()));
    auto committed = SP_TRY(Committed(merges[0].stage.job()));
    std::vector<const Merge*> missing;
    for (const Merge& merge : merges) {
      const auto known = committed.find(merge.subtask);
      if (known != committed.end() && known->second >= merge.sequence) {
        continue;
      }
      if (std::ranges::find(there, merge.stage.stage.table) == there.end()) {
        return base::Error(base::ErrorCode::kSnapshotInvalid,
                           "the rows of checkpoint " + std::to_string(merge.sequence) +
                               " are gone: there is no table " + merge.stage.stage.ToString())
            .WithHint("put the table back, or start from an older checkpoint");
      }
      missing.push_back(&merge);
    }
    for (const Merge* merge : missing) {
      if (stop.stop_requested()) {
        return base::Error(base::ErrorCode::kCancelled, "stopped while merging rows");
      }
      for (const std::string& statement : MergeStatements(dialect_, merge->stage)) {
        auto done = session_->Execute(statement);
        if (!done.ok()) {
          return MergeFailed(std::move(done).error(), *merge);
        }
      }
      SP_TRY(Note(*merge, committed.contains(merge->subtask)));
      committed[merge->subtask] = merge->sequence;
      if (dialect_.drops_in_transactions()) {
        SP_TRY(Drop(merge->stage.stage));
      }
    }
    SP_TRY(session_->Execute("COMMIT"));
    for (const Merge& merge : merges) {
      if (std::ranges::find(there, merge.stage.stage.table) != there.end()) {
        SP_TRY(Drop(merge.stage.stage));
      }
    }
    return base::Ok();
  }

  static base::Error MergeFailed(base::Error error, const Merge& merge) {
    const bool of_values = error.code() == base::ErrorCode::kValidationFailed;
    auto annotated = std::move(error).Annotate("merging the rows of checkpoint " +
                                               std::to_string(merge.sequence) + " into " +
                                               merge.stage.target.ToString());
    return of_values && annotated.hint().empty()
               ? std::move(annotated).WithHint(
                     "the rows wait in " + merge.stage.stage.ToString() +
                     ": mend them there, or the target, and start the job again; with 'delivery: "
                     "at-least-once' such rows are found one by one")
               : annotated;
  }

  base::Status Note(const Merge& merge, bool known) {
    const std::string sequence = std::to_string(merge.sequence);
    const std::string subtask = std::to_string(merge.subtask);
    const std::string job = Dialect::QuoteText(merge.stage.job());
    return session_->Execute(known ? "UPDATE " + ledger_ + " SET checkpoint = " + sequence +
                                         " WHERE job = " + job + " AND subtask = " + subtask
                                   : "INSERT INTO " + ledger_ +
                                         " (job, subtask, checkpoint) VALUES (" + job + ", " +
                                         subtask + ", " + sequence + ")");
  }

  base::Status Drop(const TableName& stage) {
    return session_->Execute("DROP TABLE IF EXISTS " + dialect_.Quote(stage));
  }

  base::Status DropAll(const std::string& job) {
    SP_TRY(Connect());
    SP_TRY(session_->Lock(job));
    for (const std::string& name :
         SP_TRY(session_->TablesLike(staging_schema_, StagePrefix(job)))) {
      SP_TRY(Drop({staging_schema_, name}));
    }
    return session_->Unlock(job);
  }

  const DatabasePtr database_;
  const Dialect& dialect_;
  const std::string staging_schema_;
  const std::string ledger_;
  std::unique_ptr<Session> session_;
};

}  // namespace

std::unique_ptr<Committer> MakeSqlCommitter(DatabasePtr database, std::string staging_schema) {
  return std::make_unique<SqlCommitter>(std::move(database), std::move(staging_schema));
}

}  // namespace streampark::connectors::sql
