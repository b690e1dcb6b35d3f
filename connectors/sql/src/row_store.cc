// SPDX-License-Identifier: Apache-2.0
#include "row_store.h"

#include <algorithm>
#include <utility>

namespace streampark::connectors::sql {

RowStore::RowStore(const SinkPlan& plan, std::string sink) : plan_(plan), sink_(std::move(sink)) {
  if (WritesByKey(plan_.mode)) {
    for (const std::string& name : plan_.key) {
      key_columns_.push_back(static_cast<std::size_t>(plan_.schema->Find(name)));
    }
  }
}

void RowStore::Use(Session& session, Loader& loader, const std::vector<NativeColumn>& columns) {
  session_ = &session;
  loader_ = &loader;
  columns_ = columns;
}

base::Result<std::size_t> RowStore::Write(const Batch& batch, const Try& around, const Then& then,
                                          std::vector<DirtyRecord>& dirty) {
  loader_->Clear();
  taken_.clear();
  stored_ = 0;
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
    return stored_;
  }
  SP_TRY(Execute(around.begin));
  auto stored = Store(0, loader_->rows(), then);
  if (!stored.ok() && stored.error().code() == base::ErrorCode::kValidationFailed) {
    // Once more, with a way back to before each row that may be the bad one.
    SP_TRY(Execute(around.again));
    stored_ = 0;
    stored = StoreWithoutBad(0, loader_->rows(), then, batch, dirty);
  }
  SP_TRY(std::move(stored));
  SP_TRY(Execute(around.end));
  return stored_;
}

base::Status RowStore::Execute(const std::vector<std::string>& statements) {
  for (const std::string& statement : statements) {
    SP_TRY(session_->Execute(statement));
  }
  return base::Ok();
}

/// What no row of this sink may be, whatever the table.
std::optional<std::string> RowStore::Refusal(const Batch& batch, std::int64_t row) const {
  const RowKind kind = batch.kind(row);
  if (plan_.mode != WriteMode::kUpsert && kind != RowKind::kInsert) {
    return "it is " + std::string(ToString(kind)) +
           ", and 'mode: " + (plan_.mode == WriteMode::kAppend ? "append" : "ignore") +
           "' takes inserts alone";
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

void RowStore::AddDirty(const Batch& batch, std::int64_t row, std::string reason,
                        std::vector<DirtyRecord>& dirty) const {
  std::string text = DebugText(batch, row);
  text.resize(std::min(text.size(), kMostShown));
  dirty.push_back(
      {.where = "the sink '" + sink_ + "'", .reason = std::move(reason), .bytes = std::move(text)});
}

base::Status RowStore::Store(std::size_t first, std::size_t last, const Then& then) {
  SP_TRY(loader_->Send(first, last));
  stored_ += last - first;
  return then ? then() : base::Ok();
}

/// Stores what it can of [first, last), halving what the server refuses until one row is left.
base::Status RowStore::StoreWithoutBad(std::size_t first, std::size_t last, const Then& then,
                                       const Batch& batch, std::vector<DirtyRecord>& dirty) {
  SP_TRY(session_->Execute("SAVEPOINT streampark_rows"));
  const auto stored_before = stored_;
  auto stored = Store(first, last, then);
  if (stored.ok()) {
    return session_->Execute("RELEASE SAVEPOINT streampark_rows");
  }
  if (stored.error().code() != base::ErrorCode::kValidationFailed) {
    return stored;
  }
  stored_ = stored_before;
  SP_TRY(session_->Execute("ROLLBACK TO SAVEPOINT streampark_rows"));
  SP_TRY(session_->Execute("RELEASE SAVEPOINT streampark_rows"));
  if (last - first == 1) {
    const base::Error& error = stored.error();
    AddDirty(batch, taken_[first],
             error.message() + (error.cause().empty() ? "" : " (" + error.cause() + ")"), dirty);
    return base::Ok();
  }
  const std::size_t middle = first + (last - first) / 2;
  SP_TRY(StoreWithoutBad(first, middle, then, batch, dirty));
  return StoreWithoutBad(middle, last, then, batch, dirty);
}

}  // namespace streampark::connectors::sql
