// SPDX-License-Identifier: Apache-2.0
#include "record_rows.h"

#include "streampark/base/utf8.h"

namespace streampark::connectors::kafka {
namespace {

SchemaPtr OrNoColumns(SchemaPtr schema) {
  return schema ? std::move(schema) : std::make_shared<const Schema>();
}

SchemaPtr ExtrasOf(const ColumnPlan& plan) {
  std::vector<Field> fields;
  for (const auto& extra : plan.extras) {
    fields.push_back(plan.schema->fields()[extra.at]);
  }
  return std::make_shared<const Schema>(std::move(fields));
}

bool IsText(const Type& type) { return type.kind() == TypeKind::kString; }

void AppendHeaders(const Record& record, ColumnBuilder& column) {
  for (const auto& [name, value] : record.headers) {
    column.child(0).AppendText(name);
    value ? column.child(1).AppendText(*value) : column.child(1).AppendNull();
  }
  column.EndList();
}

}  // namespace

RecordRows::RecordRows(const ColumnPlan& plan)
    : plan_(plan),
      registry_(plan.MakeRegistry()),
      values_(plan.value_schema),
      keys_(OrNoColumns(plan.key_schema)),
      extras_(ExtrasOf(plan)),
      key_once_(keys_.schema()) {}

base::Result<std::unique_ptr<RecordRows>> RecordRows::Make(const ColumnPlan& plan) {
  std::unique_ptr<RecordRows> rows(new RecordRows(plan));
  rows->value_decoder_ = SP_TRY(plan.make_value_decoder(rows->registry_.get()));
  if (plan.make_key_decoder) {
    rows->key_decoder_ = SP_TRY(plan.make_key_decoder(rows->registry_.get()));
  }
  return rows;
}

formats::Refusal RecordRows::ReadKey(const Record& record) {
  if (!key_decoder_) {
    return std::nullopt;
  }
  key_once_.Recycle(std::move(key_));
  formats::Refusal refusal = record.key ? key_decoder_->Decode(*record.key, key_once_)
                                        : formats::Refusal("the record has no key");
  key_ = key_once_.Finish();
  if (!refusal && key_->length != 1) {
    refusal = "has " + std::to_string(key_->length) + " rows";
  }
  return refusal ? "the key: " + *refusal : refusal;
}

formats::Refusal RecordRows::ReadValue(const Record& record) {
  if (record.value || plan_.format_has_tombstones) {
    return value_decoder_->Decode(record.value.value_or(std::string_view()), values_);
  }
  switch (plan_.tombstones) {
    case Tombstones::kRefuse:
      return "the record has no value";
    case Tombstones::kSkip:
      return std::nullopt;
    case Tombstones::kDelete:
      values_.EndRow(RowKind::kDelete);
      return std::nullopt;
  }
  return std::nullopt;
}

formats::Refusal RecordRows::CheckExtras(const Record& record) const {
  for (const auto& [what, at] : plan_.extras) {
    const Type& type = plan_.schema->fields()[at].type;
    if (what == Metadata::kKey && IsText(type) && record.key && !base::IsUtf8(*record.key)) {
      return "the key is no UTF-8";
    }
    if (what != Metadata::kHeaders) {
      continue;
    }
    for (const auto& [name, value] : record.headers) {
      if (!base::IsUtf8(name) ||
          (IsText(type.children()[1].type) && value && !base::IsUtf8(*value))) {
        return "the header '" + std::string(name) + "' is no UTF-8";
      }
    }
  }
  return std::nullopt;
}

formats::Refusal RecordRows::Append(const Record& record) {
  const auto before = values_.length();
  formats::Refusal refusal = CheckExtras(record);
  if (!refusal) {
    refusal = ReadKey(record);
  }
  if (!refusal) {
    refusal = ReadValue(record);
  }
  for (auto row = before; row < values_.length(); ++row) {
    if (key_decoder_) {
      keys_.AppendFrom(*key_, 0);
    }
    if (!plan_.extras.empty()) {
      AppendExtras(record);
    }
  }
  return refusal;
}

void RecordRows::AppendExtras(const Record& record) {
  for (std::size_t i = 0; i < plan_.extras.size(); ++i) {
    ColumnBuilder& column = extras_.column(i);
    switch (plan_.extras[i].what) {
      case Metadata::kTopic:
        column.AppendText(record.topic);
        break;
      case Metadata::kPartition:
        column.Append(record.partition);
        break;
      case Metadata::kOffset:
        column.Append(record.offset);
        break;
      case Metadata::kTimestamp:
        record.timestamp_ms ? column.Append(*record.timestamp_ms * 1000) : column.AppendNull();
        break;
      case Metadata::kHeaders:
        AppendHeaders(record, column);
        break;
      case Metadata::kKey:
        record.key ? column.AppendText(*record.key) : column.AppendNull();
        break;
    }
  }
  extras_.EndRow();
}

std::unique_ptr<Batch> RecordRows::Finish() {
  auto batch = values_.Finish();
  if (!key_decoder_ && plan_.extras.empty()) {
    return batch;
  }
  const std::size_t count = plan_.schema->fields().size();
  auto whole = std::make_unique<Batch>();
  whole->schema = plan_.schema;
  whole->length = batch->length;
  whole->kinds = std::move(batch->kinds);
  for (const Field& field : plan_.schema->fields()) {
    whole->columns.push_back(Column{.type = field.type});
  }
  if (!batch->known.empty()) {
    whole->known.resize(count);
  }
  for (std::size_t i = 0; i < plan_.value_at.size(); ++i) {
    whole->columns[plan_.value_at[i]] = std::move(batch->columns[i]);
    if (!batch->known.empty()) {
      whole->known[plan_.value_at[i]] = std::move(batch->known[i]);
    }
  }
  if (key_decoder_) {
    auto keys = keys_.Finish();
    for (std::size_t i = 0; i < plan_.key_at.size(); ++i) {
      whole->columns[plan_.key_at[i]] = std::move(keys->columns[i]);
    }
  }
  if (!plan_.extras.empty()) {
    auto extras = extras_.Finish();
    for (std::size_t i = 0; i < plan_.extras.size(); ++i) {
      whole->columns[plan_.extras[i].at] = std::move(extras->columns[i]);
    }
  }
  return whole;
}

void RecordRows::Recycle(std::unique_ptr<Batch> batch) {
  if (!key_decoder_ && plan_.extras.empty()) {
    values_.Recycle(std::move(batch));
  }
}

}  // namespace streampark::connectors::kafka
