// SPDX-License-Identifier: Apache-2.0
#include "sql_source.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>

#include "streampark/connectors/sql/key_text.h"
#include "streampark/connectors/state_bytes.h"
#include "streampark/connectors/wake_up.h"

#include "key_ranges.h"

namespace streampark::connectors::sql {
namespace {

/// What one source's readers see together. Thread-safe.
class SharedSnapshot {
 public:
  /// Nothing when the name is empty.
  void Keep(std::unique_ptr<Session> session, std::string name) {
    if (!name.empty()) {
      const std::lock_guard lock(mutex_);
      session_ = std::move(session);
      name_ = std::move(name);
    }
  }
  /// Empty: there is none, each reads what is there.
  std::string name() const {
    const std::lock_guard lock(mutex_);
    return name_;
  }

 private:
  mutable std::mutex mutex_;
  std::unique_ptr<Session> session_;  // as long as it lives, others may use the snapshot
  std::string name_;
};

/// Rows by the values of the first column of their key.
class SqlKeyRanges final : public KeyRanges {
 public:
  explicit SqlKeyRanges(const NativeColumn& column)
      : column_(column.name), order_(column.sorting) {}

  const std::string& column() const override { return column_; }
  const std::string& order() const override { return order_; }
  base::Result<KeyRange> RangeOf(const Split& split) const override {
    auto place = SP_TRY(SplitPlace::From(split.position));
    return KeyRange{std::move(place.low), std::move(place.high)};
  }
  Split SplitOf(const KeyRange& range) const override {
    SplitPlace place;
    place.low = range.low;
    place.high = range.high;
    return {(range.low ? ">= " + *range.low : "") + (range.high ? " < " + *range.high : ""),
            place.ToPosition()};
  }

 private:
  const std::string column_;
  const std::string order_;
};

class SqlEnumerator final : public SplitEnumerator {
 public:
  SqlEnumerator(const SourcePlan& plan, SharedSnapshot& snapshot, bool told)
      : plan_(plan), snapshot_(snapshot), told_(told) {}

  base::Result<Discovery> Discover(std::stop_token stop) override {
    Discovery found{.splits = {}, .complete = !plan_.poll};
    if (told_) {
      return found;
    }
    if (plan_.poll) {
      found.splits.push_back({"rows", SplitPlace().ToPosition()});
    } else {
      auto session = SP_TRY(plan_.database->Connect());
      std::string exported = SP_TRY(session->ExportSnapshot());
      SplitPlace place;
      std::size_t number = 0;
      for (std::string& bound : SP_TRY(Bounds(*session, stop))) {
        place.high = std::move(bound);
        found.splits.push_back({std::to_string(number++), place.ToPosition()});
        place.low = std::move(place.high);
        place.high.reset();
      }
      found.splits.push_back({std::to_string(number), place.ToPosition()});
      snapshot_.Keep(std::move(session), std::move(exported));
    }
    told_ = true;
    return found;
  }

  std::string Snapshot() const override { return StateWriter().Number(told_ ? 1 : 0).Take(); }

 private:
  base::Result<Names> Bounds(Session& session, const std::stop_token& stop) const {
    const Selection& selection = plan_.selection;
    if (selection.order.empty()) {
      return Names();
    }
    if (plan_.table) {
      auto physical = SP_TRY(session.FindPhysicalOrder(*plan_.table, plan_.split_rows));
      if (physical && physical->column.name == selection.order[0].name) {
        return std::move(physical->bounds);
      }
    }
    RangeQuestion question{.from = selection.from,
                           .column = &selection.order[0],
                           .rows = plan_.split_rows,
                           .estimate = std::nullopt};
    if (plan_.table) {
      question.estimate = SP_TRY(session.EstimateRows(*plan_.table));
    }
    return FindBounds(session, plan_.database->dialect(), question, stop);
  }

  const SourcePlan& plan_;
  SharedSnapshot& snapshot_;
  bool told_;
};

/// Reads its splits one after another, over one session.
class SqlReader final : public SplitReader {
 public:
  SqlReader(const SourcePlan& plan, const SharedSnapshot& snapshot)
      : plan_(plan), snapshot_(snapshot), rows_(WithHidden(plan)) {}

  base::Status Add(std::vector<Split> splits) override {
    std::vector<InHand> added;
    for (Split& split : splits) {
      auto place = SP_TRY(SplitPlace::From(split.position));
      added.push_back({std::move(split.id), std::move(place)});
    }
    splits_.insert(splits_.end(), std::make_move_iterator(added.begin()),
                   std::make_move_iterator(added.end()));
    return base::Ok();
  }

  base::Result<Rows> Read(base::Millis patience) override {
    Rows read;
    if (splits_.empty()) {
      wake_up_.WaitFor(patience);
      return read;
    }
    if (next_look_ && !stream_) {
      const auto left = std::chrono::ceil<base::Millis>(*next_look_ - plan_.clock->SteadyNow());
      if (left > base::Millis(0)) {
        wake_up_.WaitFor(std::min(patience, left));
        return read;
      }
    }
    if (auto done = ReadOn(patience, read); !done.ok()) {
      // What was decoded is at no position: whoever tries again gets it again.
      rows_.Recycle(rows_.Finish());
      stream_.reset();
      session_.reset();
      return std::move(done).error().Annotate(plan_.what);
    }
    return read;
  }

  std::vector<Split> Snapshot() const override {
    std::vector<Split> splits;
    for (const InHand& split : splits_) {
      splits.push_back({split.id, split.place.ToPosition()});
    }
    return splits;
  }
  base::Status Acknowledge(const std::vector<Split>& /*positions*/) override { return base::Ok(); }
  void WakeUp() override { wake_up_.Ring(); }

  void Recycle(std::unique_ptr<Batch> batch) override {
    if (batch == nullptr || batch->schema != plan_.schema) {
      return;
    }
    if (plan_.hidden.empty()) {
      rows_.Recycle(std::move(batch));
      return;
    }
    if (spare_.empty()) {
      return;
    }
    // Back to how the builder made it.
    batch->schema = rows_.schema();
    for (Column& column : spare_.back()) {
      batch->columns.push_back(std::move(column));
    }
    spare_.pop_back();
    rows_.Recycle(std::move(batch));
  }

 private:
  struct InHand {
    std::string id;
    SplitPlace place;
  };

  static SchemaPtr WithHidden(const SourcePlan& plan) {
    if (plan.hidden.empty()) {
      return plan.schema;
    }
    std::vector<Field> fields = plan.schema->fields();
    fields.insert(fields.end(), plan.hidden.begin(), plan.hidden.end());
    return std::make_shared<const Schema>(std::move(fields));
  }

  base::Status Open(const SplitPlace& place) {
    if (!session_) {
      session_ = SP_TRY(plan_.database->Connect());
    }
    SP_TRY(session_->BeginReading(snapshot_.name()));
    stream_ = SP_TRY(session_->Stream(
        SP_TRY(SelectFrom(plan_.database->dialect(), plan_.selection, place)), rows_.schema()));
    return base::Ok();
  }

  base::Status ReadOn(base::Millis patience, Rows& read) {
    InHand& split = splits_.front();
    if (!stream_) {
      SP_TRY(Open(split.place));
    }
    refused_.clear();
    const auto progress = SP_TRY(stream_->Read(plan_.batch_rows, patience, rows_, refused_));
    read.split = split.id;
    for (auto& one : refused_) {
      one.text.resize(std::min(one.text.size(), kMostShown));
      read.dirty.push_back(
          {.where = plan_.what, .reason = std::move(one.reason), .bytes = std::move(one.text)});
    }
    if (!plan_.resumes_splits()) {
      split.place.rows += rows_.length() + static_cast<std::int64_t>(read.dirty.size());
    }
    if (rows_.length() > 0) {
      read.batch = rows_.Finish();
      TakeHidden(*read.batch, split.place);
    }
    if (progress == RowStream::Progress::kEnded) {
      stream_.reset();
      SP_TRY(session_->EndReading());
      if (plan_.poll) {
        next_look_ = plan_.clock->SteadyNow() + *plan_.poll;
      } else {
        read.ended.push_back(std::move(split.id));
        splits_.pop_front();
      }
    }
    return base::Ok();
  }

  /// The place after the batch's last row; and the batch as its readers know it.
  void TakeHidden(Batch& batch, SplitPlace& place) {
    const std::size_t visible = plan_.schema->fields().size();
    if (plan_.hidden.empty()) {
      return;
    }
    place.after.clear();
    for (std::size_t i = visible; i < batch.columns.size(); ++i) {
      place.after.push_back(KeyText(batch.columns[i], batch.length - 1));
    }
    std::vector<Column>& kept = spare_.emplace_back();
    kept.insert(kept.end(),
                std::make_move_iterator(batch.columns.begin() + static_cast<long>(visible)),
                std::make_move_iterator(batch.columns.end()));
    batch.columns.erase(batch.columns.begin() + static_cast<long>(visible), batch.columns.end());
    batch.schema = plan_.schema;
    if (!batch.known.empty()) {
      batch.known.resize(visible);
    }
    if (spare_.size() > kMostSpare) {
      spare_.pop_front();
    }
  }

  static constexpr std::size_t kMostSpare = 4;

  const SourcePlan& plan_;
  const SharedSnapshot& snapshot_;
  std::deque<InHand> splits_;
  BatchBuilder rows_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<RowStream> stream_;  // of the first split; goes before its session
  std::vector<RowStream::Refused> refused_;
  std::deque<std::vector<Column>> spare_;  // the hidden columns of batches that are out
  std::optional<base::SteadyTime> next_look_;
  WakeUpCall wake_up_;
};

class SqlSource final : public Source, public ComparableSource {
 public:
  explicit SqlSource(SourcePlan plan) : plan_(std::move(plan)) {
    const auto& order = plan_.selection.order;
    if (!plan_.poll && !order.empty() && !order[0].sorting.empty() &&
        order[0].nullability == Nullability::kRequired) {
      ranges_.emplace(order[0]);
    }
  }

  SchemaPtr schema() const override { return plan_.schema; }
  Boundedness boundedness() const override {
    return plan_.poll ? Boundedness::kUnbounded : Boundedness::kBounded;
  }
  base::Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      std::optional<std::string> restored) override {
    StateReader in(restored ? std::string_view(*restored) : std::string_view("0 "));
    const std::int64_t told = in.Number();
    if (!in.done() || told < 0 || told > 1) {
      return base::Error(base::ErrorCode::kSnapshotInvalid,
                         "this does not say whether a table was parted");
    }
    return std::make_unique<SqlEnumerator>(plan_, snapshot_, told == 1);
  }
  base::Result<std::unique_ptr<SplitReader>> MakeReader(int /*subtask*/) override {
    return std::make_unique<SqlReader>(plan_, snapshot_);
  }
  const KeyRanges* key_ranges() const override { return ranges_ ? &*ranges_ : nullptr; }
  const std::vector<TextKind>& texts() const override { return plan_.texts; }
  base::Status HoldSnapshot() override {
    auto session = SP_TRY(plan_.database->Connect());
    std::string exported = SP_TRY(session->ExportSnapshot());
    snapshot_.Keep(std::move(session), std::move(exported));
    return base::Ok();
  }

 private:
  const SourcePlan plan_;
  SharedSnapshot snapshot_;
  std::optional<SqlKeyRanges> ranges_;
};

}  // namespace

std::unique_ptr<Source> MakeSqlSource(SourcePlan plan) {
  return std::make_unique<SqlSource>(std::move(plan));
}

}  // namespace streampark::connectors::sql
