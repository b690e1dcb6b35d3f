// SPDX-License-Identifier: Apache-2.0
#include "row_records.h"

#include <algorithm>

#include "streampark/connectors/batch_view.h"

namespace streampark::connectors::kafka {

base::Result<std::unique_ptr<RowRecords>> RowRecords::Make(const ColumnPlan& plan, Mode mode) {
  std::unique_ptr<RowRecords> records(new RowRecords(plan, mode));
  const auto registry = plan.MakeRegistry();
  records->value_encoder_ = SP_TRY(plan.make_value_encoder(registry.get()));
  if (plan.make_key_encoder) {
    records->key_encoder_ = SP_TRY(plan.make_key_encoder(registry.get()));
  }
  return records;
}

void RowRecords::Begin(const Batch& batch) {
  batch_ = &batch;
  values_ = ViewOf(batch, plan_.value_schema, plan_.value_at);
  if (mode_ == Mode::kAppend) {
    values_.kinds = batch.kinds;
  }
  if (!batch.known.empty()) {
    values_.known.clear();
    for (const std::size_t at : plan_.value_at) {
      values_.known.push_back(ViewOf(batch.known[at]));
    }
  }
  if (key_encoder_) {
    keys_ = ViewOf(batch, plan_.key_schema, plan_.key_at);
  }
  last_.clear();
  if (mode_ == Mode::kUpsert && std::ranges::count(batch.kinds, RowKind::kUpdateBefore) > 0) {
    for (std::int64_t row = 0; row < batch.length; ++row) {
      key_bytes_.clear();
      if (!key_encoder_->Encode(keys_, row, key_bytes_)) {
        last_[key_bytes_] = row;
      }
    }
  }
}

std::optional<OutgoingRecord> RowRecords::MakeRecord(std::int64_t row, formats::Refusal& refusal) {
  const RowKind kind = batch_->kind(row);
  const bool deletes =
      mode_ == Mode::kUpsert && (kind == RowKind::kDelete || kind == RowKind::kUpdateBefore);
  OutgoingRecord record;
  if (key_encoder_) {
    key_bytes_.clear();
    refusal = key_encoder_->Encode(keys_, row, key_bytes_);
    record.key = key_bytes_;
  }
  if (!refusal && deletes && kind == RowKind::kUpdateBefore) {
    const auto last = last_.find(key_bytes_);
    if (last != last_.end() && last->second > row) {
      return std::nullopt;  // what follows replaces it
    }
  }
  if (!refusal && !deletes) {
    for (std::size_t i = 0; i < values_.known.size() && mode_ == Mode::kUpsert; ++i) {
      if (!values_.is_known(i, row)) {
        refusal = "the value of '" + plan_.value_schema->fields()[i].name +
                  "' is not known, and the record would take the place of one that has it";
        return std::nullopt;
      }
    }
    value_bytes_.clear();
    refusal = value_encoder_->Encode(values_, row, value_bytes_);
    record.value = value_bytes_;
  }
  if (!refusal) {
    refusal = AddExtras(row, record);
  }
  return refusal ? std::nullopt : std::optional(std::move(record));
}

formats::Refusal RowRecords::AddExtras(std::int64_t row, OutgoingRecord& record) const {
  for (const auto& [what, at] : plan_.extras) {
    const Column& column = batch_->columns[at];
    if (column.null(row)) {
      continue;
    }
    if (what == Metadata::kPartition) {
      record.partition = column.value<std::int32_t>(row);
      if (*record.partition < 0) {
        return "there is no partition " + std::to_string(*record.partition);
      }
    } else if (what == Metadata::kTimestamp) {
      const auto micros = column.value<std::int64_t>(row);
      if (micros < 0) {
        return "a record cannot be older than 1970";
      }
      record.timestamp_ms = micros / 1000;
    } else if (what == Metadata::kHeaders) {
      const auto [begin, end] = column.range(row);
      for (auto i = begin; i < end; ++i) {
        const Column& values = column.children[1];
        record.headers.emplace_back(column.children[0].text(i),
                                    values.null(i) ? std::nullopt : std::optional(values.text(i)));
      }
    }
  }
  return std::nullopt;
}

}  // namespace streampark::connectors::kafka
