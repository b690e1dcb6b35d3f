// SPDX-License-Identifier: Apache-2.0
#include "entry_rows.h"

#include <limits>

#include "streampark/base/utf8.h"
#include "streampark/formats/text_values.h"

namespace streampark::connectors::redis {
namespace {

constexpr auto kMostMillis =
    static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / 1000);

SchemaPtr ExtrasOf(const ColumnPlan& plan) {
  std::vector<Field> fields;
  for (const auto& extra : plan.extras) {
    fields.push_back(plan.schema->fields()[extra.at]);
  }
  return std::make_shared<const Schema>(std::move(fields));
}

}  // namespace

EntryRows::EntryRows(const ColumnPlan& plan)
    : plan_(plan), values_(plan.value_schema), extras_(ExtrasOf(plan)) {
  for (const auto& extra : plan.extras) {
    key_is_text_ |= extra.what == Metadata::kKey &&
                    plan.schema->fields()[extra.at].type.kind() == TypeKind::kString;
    id_is_time_ |= extra.what == Metadata::kTimestamp;
  }
}

base::Result<std::unique_ptr<EntryRows>> EntryRows::Make(const ColumnPlan& plan) {
  std::unique_ptr<EntryRows> rows(new EntryRows(plan));
  if (plan.make_decoder) {
    rows->decoder_ = SP_TRY(plan.make_decoder());
  }
  return rows;
}

formats::Refusal EntryRows::Append(const Entry& entry) {
  if (key_is_text_ && !base::IsUtf8(entry.key)) {
    return "its key is no UTF-8";
  }
  if (id_is_time_ && entry.id.millis > kMostMillis) {
    return "its id is no time";
  }
  const std::int64_t before = values_.length();
  formats::Refusal refusal = plan_.as_fields ? ReadFields(*entry.fields) : ReadValue(entry);
  if (!plan_.extras.empty()) {
    for (auto row = before; row < values_.length(); ++row) {
      AppendExtras(entry);
    }
  }
  return refusal;
}

formats::Refusal EntryRows::ReadFields(const Reply& fields) {
  formats::Refusal refusal;
  for (auto at = fields.begin(); at != fields.end() && !refusal; ++at) {
    const std::string_view name = (*at).text();
    if (++at == fields.end()) {
      break;
    }
    refusal = ReadField(name, (*at).text());
  }
  const auto& wanted = values_.schema()->fields();
  for (std::size_t i = 0; i < wanted.size() && !refusal; ++i) {
    if (!values_.has(i) &&
        (!plan_.missing_is_null || wanted[i].nullability == Nullability::kRequired)) {
      refusal = "there is no field '" + wanted[i].name + "'";
    }
  }
  if (refusal) {
    values_.CancelRow();
  } else {
    values_.EndRow();
  }
  return refusal;
}

formats::Refusal EntryRows::ReadField(std::string_view name, std::string_view value) {
  const int found = values_.schema()->Find(name);
  if (found < 0) {
    return std::nullopt;
  }
  const auto at = static_cast<std::size_t>(found);
  if (values_.has(at)) {
    return "the field '" + std::string(name) + "' is there twice";
  }
  ColumnBuilder& column = values_.column(at);
  if (column.type().kind() == TypeKind::kBytes) {
    column.AppendText(value);
    return std::nullopt;
  }
  const char* const fault = formats::AppendTextValue(value, column);
  return fault == nullptr ? formats::Refusal() : "the field '" + std::string(name) + "' " + fault;
}

formats::Refusal EntryRows::ReadValue(const Entry& entry) {
  if (entry.fields == nullptr) {
    return decoder_->Decode(entry.value, values_);
  }
  for (auto at = entry.fields->begin(); at != entry.fields->end(); ++at) {
    const bool found = (*at).text() == plan_.value_field;
    if (++at == entry.fields->end()) {
      break;
    }
    if (found) {
      return decoder_->Decode((*at).text(), values_);
    }
  }
  return "there is no field '" + plan_.value_field + "'";
}

void EntryRows::AppendExtras(const Entry& entry) {
  for (std::size_t i = 0; i < plan_.extras.size(); ++i) {
    ColumnBuilder& column = extras_.column(i);
    switch (plan_.extras[i].what) {
      case Metadata::kKey:
        column.AppendText(entry.key);
        break;
      case Metadata::kId:
        column.AppendText(entry.id.ToString());
        break;
      case Metadata::kTimestamp:
        column.Append(static_cast<std::int64_t>(entry.id.millis) * 1000);
        break;
      case Metadata::kIndex:
        column.Append(entry.index);
        break;
    }
  }
  extras_.EndRow();
}

std::unique_ptr<Batch> EntryRows::Finish() {
  auto batch = values_.Finish();
  if (plan_.extras.empty()) {
    batch->schema = plan_.schema;
    return batch;
  }
  auto extras = extras_.Finish();
  auto whole = std::make_unique<Batch>();
  whole->schema = plan_.schema;
  whole->length = batch->length;
  whole->kinds = std::move(batch->kinds);
  for (const Field& field : plan_.schema->fields()) {
    whole->columns.push_back(Column{.type = field.type});
  }
  if (!batch->known.empty()) {
    whole->known.resize(plan_.schema->fields().size());
  }
  for (std::size_t i = 0; i < plan_.value_at.size(); ++i) {
    whole->columns[plan_.value_at[i]] = std::move(batch->columns[i]);
    if (!batch->known.empty()) {
      whole->known[plan_.value_at[i]] = std::move(batch->known[i]);
    }
  }
  for (std::size_t i = 0; i < plan_.extras.size(); ++i) {
    whole->columns[plan_.extras[i].at] = std::move(extras->columns[i]);
  }
  return whole;
}

void EntryRows::Recycle(std::unique_ptr<Batch> batch) {
  if (batch && plan_.extras.empty() && batch->schema == plan_.schema) {
    batch->schema = values_.schema();
    values_.Recycle(std::move(batch));
  }
}

std::string ShownFields(const Reply& fields) {
  std::string shown;
  for (const Reply one : fields) {
    shown.append(shown.empty() ? "" : " ").append(one.text());
  }
  return shown;
}

base::Result<StreamId> AppendEntry(std::string_view key, const Reply& entry, EntryRows& rows,
                                   std::vector<DirtyRecord>& dirty) {
  const auto id = entry.size() == 2 ? StreamId::Parse(entry[0].text()) : std::nullopt;
  if (!id) {
    return base::Error(base::ErrorCode::kEngineError,
                       "an entry of the stream '" + std::string(key) + "' has no id");
  }
  const Reply fields = entry[1];
  if (auto reason = rows.Append({.key = key, .id = *id, .fields = &fields})) {
    dirty.push_back({.where = std::string(key) + " at " + id->ToString(),
                     .reason = std::move(*reason),
                     .bytes = formats::CutRecord(ShownFields(fields))});
  }
  return *id;
}

}  // namespace streampark::connectors::redis
