// SPDX-License-Identifier: Apache-2.0
#include "columns.h"

#include <utility>

#include "streampark/connectors/option_errors.h"

#include "key_template.h"

namespace streampark::connectors::redis {
namespace {

constexpr std::array<std::string_view, 4> kTypeNames = {"stream", "hash", "string", "list"};

bool Holds(Metadata what, TypeKind kind) {
  switch (what) {
    case Metadata::kKey:
      return kind == TypeKind::kString || kind == TypeKind::kBytes;
    case Metadata::kId:
      return kind == TypeKind::kString;
    case Metadata::kTimestamp:
      return kind == TypeKind::kTimestampTz || kind == TypeKind::kTimestamp;
    case Metadata::kIndex:
      return kind == TypeKind::kInt64;
  }
  return false;
}

std::string_view TypeOf(Metadata what) {
  switch (what) {
    case Metadata::kKey:
      return "STRING or BYTES";
    case Metadata::kId:
      return "STRING";
    case Metadata::kTimestamp:
      return "TIMESTAMP_LTZ or TIMESTAMP";
    case Metadata::kIndex:
      return "BIGINT";
  }
  return "";
}

bool Has(KeyType type, Metadata what) {
  return what == Metadata::kKey ||
         (what == Metadata::kIndex ? type == KeyType::kList : type == KeyType::kStream);
}

base::Status TakeMetadata(const OptionValues& options, KeyType type, ColumnPlan& plan,
                          std::vector<bool>& taken) {
  for (std::size_t i = 0; i < kMetadataNames.size(); ++i) {
    const std::string option = "metadata." + std::string(kMetadataNames[i]);
    if (!options.Has(option)) {
      continue;
    }
    const auto what = static_cast<Metadata>(i);
    const int at = plan.schema->Find(options.String(option));
    if (at < 0) {
      return WrongOption(option, "there is no column '" + options.String(option) + "'");
    }
    const auto place = static_cast<std::size_t>(at);
    const Field& field = plan.schema->fields()[place];
    if (!Has(type, what)) {
      return WrongOption(option, "a " + std::string(ToString(type)) + " has none");
    }
    if (!Holds(what, field.type.kind())) {
      return WrongOption(option,
                         "the column '" + field.name + "' is of type " + field.type.ToString(),
                         "it has to be " + std::string(TypeOf(what)));
    }
    if (taken[place]) {
      return WrongOption(option, "the column '" + field.name + "' is named twice");
    }
    taken[place] = true;
    plan.extras.push_back({what, place});
  }
  return base::Ok();
}

}  // namespace

std::string_view ToString(KeyType type) { return kTypeNames[static_cast<std::size_t>(type)]; }

KeyType KeyTypeOf(std::string_view name) {
  for (std::size_t i = 0; i < kTypeNames.size(); ++i) {
    if (kTypeNames[i] == name) {
      return static_cast<KeyType>(i);
    }
  }
  return KeyType::kStream;
}

base::Result<ColumnPlan> PlanColumns(const OptionValues& options, SchemaPtr schema, KeyType type,
                                     OptionUse use, const std::vector<std::size_t>& left_out) {
  ColumnPlan plan;
  plan.schema = std::move(schema);
  std::vector<bool> taken(plan.schema->fields().size());
  if (use == OptionUse::kSource) {
    SP_TRY(TakeMetadata(options, type, plan, taken));
    plan.missing_is_null = options.String("fields.missing") == "null";
  }
  for (const std::size_t at : left_out) {
    taken[at] = true;
  }
  std::vector<Field> fields;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (!taken[i]) {
      plan.value_at.push_back(i);
      fields.push_back(plan.schema->fields()[i]);
    }
  }
  if (fields.empty()) {
    return WrongOption("type", "no column is left for the value");
  }
  plan.value_schema = std::make_shared<const Schema>(std::move(fields));
  const bool has_field = options.Has("value.field");
  if (has_field && type != KeyType::kStream) {
    return WrongOption("value.field", "a " + std::string(ToString(type)) + " has no such field",
                       "it is for streams");
  }
  plan.as_fields = type == KeyType::kHash || (type == KeyType::kStream && !has_field);
  plan.value_field = has_field ? options.String("value.field") : "";
  if (plan.as_fields) {
    for (const Field& field : plan.value_schema->fields()) {
      if (!HasText(field.type)) {
        return WrongOption("type",
                           "the column '" + field.name + "' of type " + field.type.ToString() +
                               " cannot be a field of a " + std::string(ToString(type)),
                           type == KeyType::kStream
                               ? "value.field names a field for the whole row, in a format"
                               : "leave it out, or write strings in a format");
      }
    }
    return plan;
  }
  if (use == OptionUse::kSource) {
    plan.make_decoder = [options, value = plan.value_schema] {
      return formats::MakeDecoder(options, {.schema = value});
    };
    SP_TRY(plan.make_decoder());
  } else {
    plan.make_encoder = [options, value = plan.value_schema] {
      return formats::MakeEncoder(options, {.schema = value});
    };
    SP_TRY(plan.make_encoder());
  }
  return plan;
}

}  // namespace streampark::connectors::redis
