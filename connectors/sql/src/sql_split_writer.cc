// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "row_store.h"
#include "split_notes.h"
#include "target_table.h"

namespace streampark::connectors::sql {
namespace {

/// One transaction from Begin or a Commit to the next: the note of the split is locked, rows come, the note moves on.
class SqlSplitWriter final : public SplitWriter {
 public:
  SqlSplitWriter(const SinkPlan& plan, const SplitOwner& owner)
      : plan_(plan),
        dialect_(plan.database->dialect()),
        sink_(owner.sink),
        notes_(dialect_, plan.staging_schema, owner),
        rows_(plan, owner.sink) {}

  base::Result<KeptSplit> Begin(const Split& split) override {
    auto begun = BeginHere(split);
    return begun.ok() ? std::move(begun) : Failed(std::move(begun).error());
  }

  base::Result<std::vector<DirtyRecord>> Write(const Batch& batch) override {
    std::vector<DirtyRecord> dirty;
    if (auto written = WriteHere(batch, dirty); !written.ok()) {
      return Failed(std::move(written).error());
    }
    return dirty;
  }

  base::Status Commit(const Split& split, Reached reached) override {
    if (auto committed = CommitHere(split, reached); !committed.ok()) {
      return Failed(std::move(committed).error());
    }
    return base::Ok();
  }

  void Abandon() override {
    loader_.reset();
    session_.reset();  // the server takes back what it has
  }

 private:
  /// Rows as they are copied are sent when there are so many bytes of them.
  static constexpr std::size_t kSentAtOnce = std::size_t{4} << 20U;

  base::Error Failed(base::Error error) {
    Abandon();
    return std::move(error).Annotate("the sink '" + sink_ + "' at " + plan_.database->address());
  }

  base::Status Connect() {
    if (session_) {
      return base::Ok();
    }
    session_ = SP_TRY(plan_.database->Connect());
    const auto columns = SP_TRY(FindTarget(*session_, plan_));
    LoadTarget target{.table = dialect_.Quote(plan_.target), .columns = columns};
    if (WritesByKey(plan_.mode)) {
      merge_ = {.target = plan_.target,
                .stage = {"", NewStage({.lineage = sink_, .sink = sink_, .subtask = 0})},
                .mode = plan_.mode,
                .columns = {},
                .key = plan_.key};
      for (const NativeColumn& column : columns) {
        merge_.columns.push_back(column.name);
      }
      target.table = dialect_.Quote(merge_.stage);
      target.kind = LoadTarget::Kind::kStage;
      SP_TRY(session_->Execute(
          dialect_.CreateTemporary(target.table, StageColumns(dialect_, columns))));
    }
    loader_ = SP_TRY(session_->Load(target, plan_.schema));
    rows_.Use(*session_, *loader_, columns);
    copied_bytes_ = 0;
    return base::Ok();
  }

  base::Result<KeptSplit> BeginHere(const Split& split) {
    SP_TRY(Connect());
    SP_TRY(session_->Execute(dialect_.Begin()));
    const auto noted = SP_TRY(session_->Query(notes_.SelectOne(split)));
    if (noted.empty()) {
      return base::Error(base::ErrorCode::kIllegalState,
                         notes_.table() + " knows nothing of the part '" + split.id + "'")
          .WithHint(
              "a job of the same name into the same place began after this one, or somebody "
              "deleted "
              "rows: one job may write at a time");
    }
    auto kept = SP_TRY(notes_.Read(noted[0]));
    if (kept.ended) {
      SP_TRY(session_->Execute("ROLLBACK"));
    }
    return kept;
  }

  base::Status WriteHere(const Batch& batch, std::vector<DirtyRecord>& dirty) {
    if (!AreCopiedRows(*plan_.schema)) {
      static const RowStore::Try kWithin{.begin = {"SAVEPOINT streampark_batch"},
                                         .again = {"ROLLBACK TO SAVEPOINT streampark_batch"},
                                         .end = {"RELEASE SAVEPOINT streampark_batch"}};
      SP_TRY(rows_.Write(
          batch, kWithin, [this] { return Merge(); }, dirty));
      return base::Ok();
    }
    for (std::int64_t row = 0; row < batch.length; ++row) {
      loader_->Append(batch, row, 0);
    }
    copied_bytes_ += batch.columns[0].values.size();
    return copied_bytes_ < kSentAtOnce ? base::Ok() : SendCopied();
  }

  base::Status SendCopied() {
    if (loader_->rows() > 0) {
      SP_TRY(loader_->Send(0, loader_->rows()));
    }
    loader_->Clear();
    copied_bytes_ = 0;
    return base::Ok();
  }

  /// What follows rows that are written by key.
  base::Status Merge() {
    if (!WritesByKey(plan_.mode)) {
      return base::Ok();
    }
    for (const std::string& statement : MergeStatements(dialect_, merge_)) {
      SP_TRY(session_->Execute(statement));
    }
    return session_->Execute("DELETE FROM " + dialect_.Quote(merge_.stage));
  }

  base::Status CommitHere(const Split& split, Reached reached) {
    if (AreCopiedRows(*plan_.schema)) {
      SP_TRY(SendCopied());
    }
    SP_TRY(session_->Execute(notes_.Update(split, reached)));
    SP_TRY(session_->Execute("COMMIT"));
    if (reached == Reached::kPlace) {
      SP_TRY(BeginHere(split));
    }
    return base::Ok();
  }

  const SinkPlan& plan_;
  const Dialect& dialect_;
  const std::string sink_;
  const SplitNotes notes_;
  RowStore rows_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Loader> loader_;  // goes before its session
  PreparedStage merge_;             // of a mode that writes by key
  std::size_t copied_bytes_ = 0;
};

}  // namespace

std::unique_ptr<SplitWriter> MakeSqlSplitWriter(const SinkPlan& plan, const SplitOwner& owner) {
  return std::make_unique<SqlSplitWriter>(plan, owner);
}

}  // namespace streampark::connectors::sql
