// SPDX-License-Identifier: Apache-2.0
#include "sql_sink.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "sql_committer.h"
#include "target_table.h"

namespace streampark::connectors::sql {
namespace {

/// Where a batch's rows go at once, and what follows in the same transaction:
///
/// | delivery      | mode   | into                | then             |
/// |---------------|--------|---------------------|------------------|
/// | exactly once  | both   | a stage of the epoch | nothing; Commit merges |
/// | at least once | append | the target          | nothing          |
/// | at least once | upsert | a temporary stage   | merged, emptied  |
class SqlWriter final : public SinkWriter {
 public:
  SqlWriter(const SinkPlan& plan, WriterId id)
      : plan_(plan), dialect_(plan.database->dialect()), id_(std::move(id)) {
    merge_.target = plan_.target;
    merge_.mode = plan_.mode;
    merge_.key = plan_.mode == WriteMode::kUpsert ? plan_.key : Names();
    for (const Field& field : plan_.schema->fields()) {
      merge_.columns.push_back(field.name);
    }
    for (const std::string& name : merge_.key) {
      key_columns_.push_back(static_cast<std::size_t>(plan_.schema->Find(name)));
    }
  }

  base::Result<std::vector<DirtyRecord>> Write(const Batch& batch) override {
    std::vector<DirtyRecord> dirty;
    if (batch.length == 0) {
      return dirty;
    }
    if (auto written = WriteRows(batch, dirty); !written.ok()) {
      return std::move(written).error().Annotate(Where());
    }
    return dirty;
  }

  base::Result<std::vector<Committable>> Prepare(std::uint64_t sequence) override {
    std::vector<Committable> prepared;
    if (plan_.delivery != Delivery::kExactlyOnce || merge_.stage.table.empty()) {
      return prepared;
    }
    if (auto ended = EndStage(sequence, prepared); !ended.ok()) {
      return std::move(ended).error().Annotate(Where());
    }
    return prepared;
  }

  std::string Snapshot() const override { return ""; }

 private:
  std::string Where() const {
    return "the sink '" + id_.sink + "' at " + plan_.database->address();
  }

  base::Status Connect() {
    if (!session_) {
      session_ = SP_TRY(plan_.database->Connect());
      columns_ = SP_TRY(FindTarget(*session_, plan_));
    }
    if (plan_.delivery != Delivery::kExactlyOnce && plan_.mode == WriteMode::kAppend) {
      if (!loader_) {
        loader_ = SP_TRY(session_->Load(
            {.table = dialect_.Quote(plan_.target), .columns = columns_}, plan_.schema));
      }
      return base::Ok();
    }
    if (merge_.stage.table.empty()) {
      TableName stage{"", NewStage(id_)};
      if (plan_.delivery == Delivery::kExactlyOnce) {
        stage.schema = plan_.staging_schema;
        const std::string job = JobOf(id_);
        SP_TRY(session_->Lock(job));
        SP_TRY(session_->Execute("CREATE TABLE " + dialect_.Quote(stage) + " (" +
                                 StageColumns(dialect_, columns_) + ")" +
                                 std::string(dialect_.table_options())));
        SP_TRY(session_->Unlock(job));
      } else {
        SP_TRY(session_->Execute(
            dialect_.CreateTemporary(dialect_.Quote(stage), StageColumns(dialect_, columns_))));
      }
      loader_ = SP_TRY(session_->Load(
          {.table = dialect_.Quote(stage), .columns = columns_, .kind = LoadTarget::Kind::kStage},
          plan_.schema));
      merge_.stage = std::move(stage);
      stage_rows_ = 0;
    }
    return base::Ok();
  }

  base::Status WriteRows(const Batch& batch, std::vector<DirtyRecord>& dirty) {
    SP_TRY(Connect());
    loader_->Clear();
    taken_.clear();
    for (std::int64_t row = 0; row < batch.length; ++row) {
      auto refusal = Refusal(batch, row);
      if (!refusal) {
        refusal = loader_->Append(batch, row, next_number_);
      }
      if (refusal) {
        AddDirty(batch, row, std::move(*refusal), dirty);
      } else {
        taken_.push_back(row);
        ++next_number_;
      }
    }
    if (loader_->rows() == 0) {
      return base::Ok();
    }
    const std::string begin =
        plan_.delivery == Delivery::kExactlyOnce ? dialect_.BeginLoading() : dialect_.Begin();
    SP_TRY(session_->Execute(begin));
    auto stored = Store(0, loader_->rows());
    if (!stored.ok() && stored.error().code() == base::ErrorCode::kValidationFailed) {
      // Once more, with a way back to before each row that may be the bad one.
      SP_TRY(session_->Execute("ROLLBACK"));
      SP_TRY(session_->Execute(begin));
      stored = StoreWithoutBad(0, loader_->rows(), batch, dirty);
    }
    SP_TRY(std::move(stored));
    return session_->Execute("COMMIT");
  }

  /// What no row of this sink may be, whatever the table.
  std::optional<std::string> Refusal(const Batch& batch, std::int64_t row) const {
    const RowKind kind = batch.kind(row);
    if (plan_.mode == WriteMode::kAppend && kind != RowKind::kInsert) {
      return "it is " + std::string(ToString(kind)) + ", and 'mode: append' takes inserts alone";
    }
    for (const std::size_t column : key_columns_) {
      if (batch.columns[column].null(row)) {
        return "its key is null in '" + plan_.schema->fields()[column].name + "'";
      }
    }
    const bool deletes = kind == RowKind::kDelete || kind == RowKind::kUpdateBefore;
    for (std::size_t i = 0; i < columns_.size() && !deletes; ++i) {
      if (!batch.is_known(i, row)) {
        return "'" + columns_[i].name + "' is not known: its source did not send it";
      }
      if (columns_[i].nullability == Nullability::kRequired && batch.columns[i].null(row)) {
        return "'" + columns_[i].name + "' is null, and the table's column is NOT NULL";
      }
    }
    return std::nullopt;
  }

  void AddDirty(const Batch& batch, std::int64_t row, std::string reason,
                std::vector<DirtyRecord>& dirty) const {
    std::string text = DebugText(batch, row);
    text.resize(std::min(text.size(), kMostShown));
    dirty.push_back({.where = "the sink '" + id_.sink + "'",
                     .reason = std::move(reason),
                     .bytes = std::move(text)});
  }

  base::Status Store(std::size_t first, std::size_t last) {
    SP_TRY(loader_->Send(first, last));
    if (plan_.delivery == Delivery::kExactlyOnce) {
      stage_rows_ += last - first;
    } else if (plan_.mode == WriteMode::kUpsert) {
      for (const std::string& statement : MergeStatements(dialect_, merge_)) {
        SP_TRY(session_->Execute(statement));
      }
      SP_TRY(session_->Execute("DELETE FROM " + dialect_.Quote(merge_.stage)));
    }
    return base::Ok();
  }

  /// Stores what it can of [first, last), halving what the server refuses until one row is left.
  base::Status StoreWithoutBad(std::size_t first, std::size_t last, const Batch& batch,
                               std::vector<DirtyRecord>& dirty) {
    SP_TRY(session_->Execute("SAVEPOINT streampark_rows"));
    const auto rows_before = stage_rows_;
    auto stored = Store(first, last);
    if (stored.ok()) {
      return session_->Execute("RELEASE SAVEPOINT streampark_rows");
    }
    if (stored.error().code() != base::ErrorCode::kValidationFailed) {
      return stored;
    }
    stage_rows_ = rows_before;
    SP_TRY(session_->Execute("ROLLBACK TO SAVEPOINT streampark_rows"));
    SP_TRY(session_->Execute("RELEASE SAVEPOINT streampark_rows"));
    if (last - first == 1) {
      const base::Error& error = stored.error();
      AddDirty(batch, taken_[first],
               error.message() + (error.cause().empty() ? "" : " (" + error.cause() + ")"), dirty);
      return base::Ok();
    }
    const std::size_t middle = first + (last - first) / 2;
    SP_TRY(StoreWithoutBad(first, middle, batch, dirty));
    return StoreWithoutBad(middle, last, batch, dirty);
  }

  base::Status EndStage(std::uint64_t sequence, std::vector<Committable>& prepared) {
    const std::string stage = dialect_.Quote(merge_.stage);
    if (stage_rows_ == 0) {  // all were refused
      SP_TRY(session_->Execute("DROP TABLE " + stage));
    } else {
      const std::string seal = dialect_.Seal(
          stage, "rows of the sink '" + id_.sink + "', checkpoint " + std::to_string(sequence) +
                     " of the job " + id_.lineage + ": dropped once they are merged");
      if (!seal.empty()) {
        SP_TRY(session_->Execute(dialect_.Begin()));
        SP_TRY(session_->Execute(seal));
        SP_TRY(session_->Execute("COMMIT"));
      }
      prepared.push_back(merge_.ToCommittable(id_.subtask, sequence));
    }
    merge_.stage = {};
    loader_.reset();
    return base::Ok();
  }

  const SinkPlan& plan_;
  const Dialect& dialect_;
  const WriterId id_;
  std::vector<std::size_t> key_columns_;
  std::unique_ptr<Session> session_;
  std::vector<NativeColumn> columns_;
  PreparedStage merge_;             // its stage is empty while there is none
  std::unique_ptr<Loader> loader_;  // goes before its session
  std::size_t stage_rows_ = 0;
  std::int64_t next_number_ = 0;     // orders rows of one key
  std::vector<std::int64_t> taken_;  // the batch's rows that the loader has
};

class SqlSink final : public Sink {
 public:
  explicit SqlSink(SinkPlan plan) : plan_(std::move(plan)) {}

  Delivery delivery() const override { return plan_.delivery; }
  base::Result<std::unique_ptr<SinkWriter>> MakeWriter(const WriterId& id,
                                                       std::string /*restored*/) override {
    return std::make_unique<SqlWriter>(plan_, id);
  }
  base::Result<std::unique_ptr<Committer>> MakeCommitter() override {
    if (plan_.delivery != Delivery::kExactlyOnce) {
      return std::unique_ptr<Committer>();
    }
    return MakeSqlCommitter(plan_.database, plan_.staging_schema);
  }

 private:
  const SinkPlan plan_;
};

}  // namespace

std::unique_ptr<Sink> MakeSqlSink(SinkPlan plan) {
  return std::make_unique<SqlSink>(std::move(plan));
}

}  // namespace streampark::connectors::sql
