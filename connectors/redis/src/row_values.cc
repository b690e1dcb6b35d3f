// SPDX-License-Identifier: Apache-2.0
#include "row_values.h"

#include <algorithm>

#include "streampark/connectors/batch_view.h"

namespace streampark::connectors::redis {
namespace {

constexpr std::size_t kMostOfAValue = 512U << 20U;  // the server's own limit

}  // namespace

base::Result<std::unique_ptr<RowValues>> RowValues::Make(const SinkPlan& plan) {
  std::unique_ptr<RowValues> rows(new RowValues(plan));
  if (plan.columns.make_encoder) {
    rows->encoder_ = SP_TRY(plan.columns.make_encoder());
  }
  return rows;
}

void RowValues::Begin(const Batch& batch) {
  batch_ = &batch;
  if (encoder_) {
    values_ = ViewOf(batch, plan_.columns.value_schema, plan_.columns.value_at);
  }
  last_.clear();
  if (plan_.by_key() && std::ranges::count(batch.kinds, RowKind::kUpdateBefore) > 0) {
    for (std::int64_t row = 0; row < batch.length; ++row) {
      key_.clear();
      if (!plan_.key.Append(batch, row, key_)) {
        last_[key_] = row;
      }
    }
  }
}

const OutgoingRow* RowValues::MakeRow(std::int64_t row, formats::Refusal& refusal) {
  const RowKind kind = batch_->kind(row);
  made_.words.clear();
  made_.nulls.clear();
  key_.clear();
  refusal.reset();
  if (!plan_.by_key() && kind != RowKind::kInsert) {
    refusal = "it is " + std::string(connectors::ToString(kind)) + ", and a " +
              std::string(ToString(plan_.type)) + " takes inserts alone";
    return nullptr;
  }
  refusal = plan_.key.Append(*batch_, row, key_);
  if (refusal) {
    return nullptr;
  }
  made_.key = key_;
  made_.what = kind == RowKind::kDelete || kind == RowKind::kUpdateBefore
                   ? OutgoingRow::What::kDelete
                   : OutgoingRow::What::kWrite;
  if (kind == RowKind::kUpdateBefore && last_.at(key_) > row) {
    return nullptr;  // what follows replaces it
  }
  if (made_.what == OutgoingRow::What::kWrite) {
    refusal = plan_.columns.as_fields ? AddFields(row) : AddValue(row);
  }
  return refusal ? nullptr : &made_;
}

formats::Refusal RowValues::AddFields(std::int64_t row) {
  texts_.clear();
  pieces_.clear();
  const auto& fields = plan_.columns.value_schema->fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t at = plan_.columns.value_at[i];
    const Column& column = batch_->columns[at];
    if (!batch_->is_known(at, row)) {
      if (plan_.type == KeyType::kHash) {
        continue;  // the field stays as it is
      }
      return "'" + fields[i].name + "' is not known: its source did not send it";
    }
    if (column.null(row)) {
      if (plan_.type == KeyType::kHash) {
        made_.nulls.push_back(fields[i].name);
      }
      continue;
    }
    const std::size_t begin = texts_.size();
    AppendValue(column, row, texts_);
    pieces_.push_back({begin, texts_.size()});
    made_.words.push_back(fields[i].name);
  }
  if (texts_.size() > kMostOfAValue) {
    return "it has more than 512 MiB";
  }
  if (made_.words.empty() && plan_.type == KeyType::kStream) {
    return "all of it is null, and an entry has at least one field";
  }
  // The texts stand still now: names and values in turn.
  const std::size_t count = made_.words.size();
  made_.words.resize(2 * count);
  for (std::size_t i = count; i-- > 0;) {
    made_.words[2 * i] = made_.words[i];
    made_.words[2 * i + 1] =
        std::string_view(texts_).substr(pieces_[i].begin, pieces_[i].end - pieces_[i].begin);
  }
  return std::nullopt;
}

formats::Refusal RowValues::AddValue(std::int64_t row) {
  for (std::size_t i = 0; i < plan_.columns.value_at.size(); ++i) {
    if (!batch_->is_known(plan_.columns.value_at[i], row)) {
      return "'" + plan_.columns.value_schema->fields()[i].name +
             "' is not known: its source did not send it";
    }
  }
  texts_.clear();
  if (auto refusal = encoder_->Encode(values_, row, texts_)) {
    return refusal;
  }
  if (texts_.size() > kMostOfAValue) {
    return "it has more than 512 MiB";
  }
  if (plan_.type == KeyType::kStream) {
    made_.words.push_back(plan_.columns.value_field);
  }
  made_.words.push_back(texts_);
  return std::nullopt;
}

}  // namespace streampark::connectors::redis
