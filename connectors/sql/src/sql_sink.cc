// SPDX-License-Identifier: Apache-2.0
#include "sql_sink.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "row_store.h"
#include "split_notes.h"
#include "sql_committer.h"
#include "target_table.h"

namespace streampark::connectors::sql {
namespace {

/// Where a batch's rows go at once, and what follows in the same transaction:
///
/// | delivery      | mode   | into                | then             |
/// |---------------|--------|---------------------|------------------|
/// | exactly once  | all    | a stage of the epoch | nothing; Commit merges |
/// | at least once | append | the target          | nothing          |
/// | at least once | by key | a temporary stage   | merged, emptied  |
class SqlWriter final : public SinkWriter {
 public:
  SqlWriter(const SinkPlan& plan, WriterId id)
      : plan_(plan), dialect_(plan.database->dialect()), id_(std::move(id)), rows_(plan, id_.sink) {
    merge_.target = plan_.target;
    merge_.mode = plan_.mode;
    merge_.key = WritesByKey(plan_.mode) ? plan_.key : Names();
    for (const Field& field : plan_.schema->fields()) {
      merge_.columns.push_back(field.name);
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
        rows_.Use(*session_, *loader_, columns_);
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
      rows_.Use(*session_, *loader_, columns_);
      merge_.stage = std::move(stage);
      stage_rows_ = 0;
    }
    return base::Ok();
  }

  base::Status WriteRows(const Batch& batch, std::vector<DirtyRecord>& dirty) {
    SP_TRY(Connect());
    const std::string begin =
        plan_.delivery == Delivery::kExactlyOnce ? dialect_.BeginLoading() : dialect_.Begin();
    stage_rows_ += SP_TRY(rows_.Write(
        batch, {.begin = {begin}, .again = {"ROLLBACK", begin}, .end = {"COMMIT"}},
        [this] { return Merge(); }, dirty));
    return base::Ok();
  }

  /// What follows rows of at-least-once upserts.
  base::Status Merge() {
    if (plan_.delivery == Delivery::kExactlyOnce || !WritesByKey(plan_.mode)) {
      return base::Ok();
    }
    for (const std::string& statement : MergeStatements(dialect_, merge_)) {
      SP_TRY(session_->Execute(statement));
    }
    return session_->Execute("DELETE FROM " + dialect_.Quote(merge_.stage));
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
  std::unique_ptr<Session> session_;
  std::vector<NativeColumn> columns_;
  PreparedStage merge_;             // its stage is empty while there is none
  std::unique_ptr<Loader> loader_;  // goes before its session
  RowStore rows_;
  std::size_t stage_rows_ = 0;
};

class SqlSink final : public Sink {
 public:
  explicit SqlSink(SinkPlan plan) : plan_(std::move(plan)) {}

  Delivery delivery() const override { return plan_.delivery; }
  base::Result<std::unique_ptr<SinkWriter>> MakeWriter(const WriterId& id,
                                                       std::string /*restored*/) override {
    if (plan_.before == SinkPlan::Before::kEmptied) {
      return base::Error(base::ErrorCode::kValidationFailed,
                         "'mode: overwrite' is for pump jobs: a stream has no beginning at which "
                         "the table could be emptied");
    }
    return std::make_unique<SqlWriter>(plan_, id);
  }
  base::Result<std::unique_ptr<Committer>> MakeCommitter() override {
    if (plan_.delivery != Delivery::kExactlyOnce) {
      return std::unique_ptr<Committer>();
    }
    return MakeSqlCommitter(plan_.database, plan_.staging_schema);
  }
  base::Result<std::unique_ptr<SplitLedger>> MakeSplitLedger(const SplitOwner& owner) override {
    return MakeSqlSplitLedger(plan_, owner);
  }
  base::Result<std::unique_ptr<SplitWriter>> MakeSplitWriter(const SplitOwner& owner) override {
    return MakeSqlSplitWriter(plan_, owner);
  }

 private:
  const SinkPlan plan_;
};

}  // namespace

std::unique_ptr<Sink> MakeSqlSink(SinkPlan plan) {
  return std::make_unique<SqlSink>(std::move(plan));
}

}  // namespace streampark::connectors::sql
