// SPDX-License-Identifier: Apache-2.0
#include "columns.h"

#include <algorithm>

#include "streampark/connectors/option_errors.h"

namespace streampark::connectors::kafka {
namespace {

bool Holds(Metadata what, const Type& type) {
  const TypeKind kind = type.kind();
  switch (what) {
    case Metadata::kTopic:
      return kind == TypeKind::kString;
    case Metadata::kPartition:
      return kind == TypeKind::kInt32;
    case Metadata::kOffset:
      return kind == TypeKind::kInt64;
    case Metadata::kTimestamp:
      return kind == TypeKind::kTimestampTz || kind == TypeKind::kTimestamp;
    case Metadata::kKey:
      return kind == TypeKind::kBytes || kind == TypeKind::kString;
    case Metadata::kHeaders:
      return kind == TypeKind::kMap && type.children()[0].type.kind() == TypeKind::kString &&
             (type.children()[1].type.kind() == TypeKind::kString ||
              type.children()[1].type.kind() == TypeKind::kBytes);
  }
  return false;
}

std::string_view TypeOf(Metadata what) {
  switch (what) {
    case Metadata::kTopic:
      return "STRING";
    case Metadata::kPartition:
      return "INT";
    case Metadata::kOffset:
      return "BIGINT";
    case Metadata::kTimestamp:
      return "TIMESTAMP_LTZ or TIMESTAMP";
    case Metadata::kKey:
      return "BYTES or STRING";
    case Metadata::kHeaders:
      return "MAP<STRING, BYTES> or MAP<STRING, STRING>";
  }
  return "";
}

SchemaPtr Part(const Schema& schema, const std::vector<std::size_t>& places) {
  std::vector<Field> fields;
  for (const std::size_t at : places) {
    fields.push_back(schema.fields()[at]);
  }
  return std::make_shared<const Schema>(std::move(fields));
}

/// The same options with another format.
base::Result<OptionValues> WithFormat(const OptionValues& options, const std::string& format,
                                      OptionUse use) {
  const OptionTable table(formats::FormatOptions(""));
  std::map<std::string, std::string> given{{"format", format}};
  for (const OptionSpec& spec : table.specs()) {
    const auto found = options.given().find(spec.name);
    // A schema that is named is the value's.
    if (spec.name != "format" && !spec.name.starts_with("avro.schema") &&
        found != options.given().end()) {
      given.insert(*found);
    }
  }
  return table.Read(given, use);
}

ColumnPlan::Make<formats::RowDecoder> DecoderOf(const OptionValues& options,
                                                const SchemaPtr& schema) {
  return [options, schema](SchemaRegistry* registry) {
    formats::FormatSetup setup{.schema = schema};
    if (registry != nullptr) {
      setup.schema_of_id = [registry](std::uint32_t id) { return registry->SchemaOf(id); };
    }
    return formats::MakeDecoder(options, setup);
  };
}

ColumnPlan::Make<formats::RowEncoder> EncoderOf(const OptionValues& options,
                                                const SchemaPtr& schema,
                                                const std::string& subject) {
  const bool registered = options.Has("avro.frame") && options.String("avro.frame") == "registry" &&
                          !options.Has("avro.schema-id");
  return [=](SchemaRegistry* registry) -> base::Result<std::unique_ptr<formats::RowEncoder>> {
    formats::FormatSetup setup{.schema = schema};
    if (registered && registry != nullptr) {
      setup.id_of_schema = [=](const std::string& text) {
        return registry->Register(subject, text);
      };
    } else if (registered) {
      setup.id_of_schema = [](const std::string&) { return base::Result<std::uint32_t>(0U); };
    }
    return formats::MakeEncoder(options, setup);
  };
}

base::Status TakeRegistry(const OptionValues& options, OptionUse use, ColumnPlan& plan) {
  const bool framed = options.String("avro.frame") == "registry";
  if (options.Has("schema.registry.url")) {
    if (!framed) {
      return WrongOption("schema.registry.url", "nothing is asked of it",
                         "avro.frame = registry makes format = avro use it");
    }
    const auto of = [&options](const char* name) {
      return options.Has(name) ? options.String(name) : std::string();
    };
    plan.registry = SchemaRegistry::Place{.url = of("schema.registry.url"),
                                          .user = of("schema.registry.user"),
                                          .password = of("schema.registry.password"),
                                          .ca_file = of("schema.registry.ca.location")};
    while (plan.registry->url.ends_with('/')) {
      plan.registry->url.pop_back();
    }
  } else if (use == OptionUse::kSink && framed && !options.Has("avro.schema-id") &&
             (options.String("format") == "avro" || options.String("key.format") == "avro")) {
    return WrongOption("schema.registry.url", "is missing",
                       "the registry gives the id of the schema; or say it by avro.schema-id");
  }
  return base::Ok();
}

base::Status TakeMetadata(const OptionValues& options, ColumnPlan& plan, std::vector<bool>& taken) {
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
    if (!Holds(what, field.type)) {
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

std::optional<std::size_t> ColumnPlan::extra(Metadata what) const {
  for (const Extra& one : extras) {
    if (one.what == what) {
      return one.at;
    }
  }
  return std::nullopt;
}

base::Result<ColumnPlan> PlanColumns(const OptionValues& options, SchemaPtr schema, OptionUse use,
                                     const std::string& topic) {
  ColumnPlan plan;
  plan.schema = std::move(schema);
  std::vector<bool> taken(plan.schema->fields().size());
  SP_TRY(TakeMetadata(options, plan, taken));
  SP_TRY(TakeRegistry(options, use, plan));

  const bool upsert = use == OptionUse::kSink && options.String("mode") == "upsert";
  const bool given = !options.List("key.columns").empty();
  const auto& keys = given || !upsert ? options.List("key.columns") : plan.schema->key();
  const bool in_value = use == OptionUse::kSink && options.Boolean("key.in.value");
  for (const std::string& name : keys) {
    const int at = plan.schema->Find(name);
    if (at < 0 || taken[static_cast<std::size_t>(at)]) {
      return WrongOption("key.columns", at < 0 ? "there is no column '" + name + "'"
                                               : "the column '" + name + "' is named twice");
    }
    taken[static_cast<std::size_t>(at)] = true;
    plan.key_at.push_back(static_cast<std::size_t>(at));
  }
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const bool key = std::ranges::find(plan.key_at, i) != plan.key_at.end();
    if (!taken[i] || (key && in_value)) {
      plan.value_at.push_back(i);
    }
  }
  if (plan.value_at.empty()) {
    return WrongOption("key.columns", "no column is left for the value of a record");
  }
  plan.value_schema = Part(*plan.schema, plan.value_at);
  plan.format_has_tombstones = options.String("format") == "debezium";
  if (use == OptionUse::kSource) {
    plan.make_value_decoder = DecoderOf(options, plan.value_schema);
    SP_TRY(plan.make_value_decoder(nullptr));
    const std::string& tombstones = options.String("tombstones");
    plan.tombstones = tombstones == "delete" ? Tombstones::kDelete
                      : tombstones == "skip" ? Tombstones::kSkip
                                             : Tombstones::kRefuse;
  } else {
    plan.make_value_encoder = EncoderOf(options, plan.value_schema, topic + "-value");
    SP_TRY(plan.make_value_encoder(nullptr));
  }
  if (plan.key_at.empty()) {
    if (plan.tombstones == Tombstones::kDelete) {
      return WrongOption("tombstones", "a deletion needs a key",
                         "name the key's columns by key.columns");
    }
    if (upsert) {
      return WrongOption("mode", "rows that replace others need a key",
                         "name the key's columns by key.columns");
    }
    return plan;
  }
  plan.key_schema = Part(*plan.schema, plan.key_at);
  const auto key_options = SP_TRY(WithFormat(options, options.String("key.format"), use));
  if (use == OptionUse::kSource) {
    plan.make_key_decoder = DecoderOf(key_options, plan.key_schema);
    SP_TRY(plan.make_key_decoder(nullptr));
    for (const Field& field : plan.value_schema->fields()) {
      if (plan.tombstones == Tombstones::kDelete && field.nullability == Nullability::kRequired) {
        return WrongOption("tombstones",
                           "a deletion has no value for the column '" + field.name + "'",
                           "let it be null");
      }
    }
  } else {
    plan.make_key_encoder = EncoderOf(key_options, plan.key_schema, topic + "-key");
    SP_TRY(plan.make_key_encoder(nullptr));
  }
  return plan;
}

std::vector<OptionSpec> ColumnOptions() {
  return {
      {.name = "key.columns",
       .kind = OptionKind::kList,
       .text =
           "The columns that make a record's key. A sink that upserts takes the table's key when "
           "none are named."},
      {.name = "key.format",
       .kind = OptionKind::kChoice,
       .text = "How the key is written as bytes; its options are those of `format`.",
       .fallback = "json",
       .choices = {"json", "csv", "raw", "avro"}},
      {.name = "key.in.value",
       .kind = OptionKind::kBoolean,
       .text = "Whether the key's columns are written into the value, too.",
       .fallback = "true",
       .use = OptionUse::kSink},
      {.name = "metadata.topic",
       .text = "The column that is given the topic.",
       .use = OptionUse::kSource},
      {.name = "metadata.partition",
       .text = "The column with the partition: it is given a record's, and says where a row goes."},
      {.name = "metadata.offset",
       .text = "The column that is given the offset.",
       .use = OptionUse::kSource},
      {.name = "metadata.timestamp",
       .text = "The column with the record's time; a null is written as now."},
      {.name = "metadata.headers", .text = "The column with the headers, a map of texts or bytes."},
      {.name = "metadata.key",
       .text = "The column that is given the key as it is.",
       .use = OptionUse::kSource},
      {.name = "schema.registry.url",
       .text =
           "The server that knows the schemas of `avro.frame = registry`: read by their ids, and "
           "registered as `TOPIC-value` and `TOPIC-key`.",
       .aliases = {"avro-confluent.url"}},
      {.name = "schema.registry.user", .text = "Who we are to it."},
      {.name = "schema.registry.password",
       .kind = OptionKind::kSecret,
       .text = "The user's password."},
      {.name = "schema.registry.ca.location",
       .text = "A file of certificates that are trusted besides the system's."},
      {.name = "tombstones",
       .kind = OptionKind::kChoice,
       .text =
           "What becomes of a record without a value: it is a dirty record, it is skipped, or it "
           "deletes the row of its key. The format debezium has a rule of its own.",
       .fallback = "refuse",
       .use = OptionUse::kSource,
       .choices = {"refuse", "skip", "delete"}},
      {.name = "mode",
       .kind = OptionKind::kChoice,
       .text = "Whether each row is a record, or the newest state of its key: a deletion is then a "
               "record without a value.",
       .fallback = "append",
       .use = OptionUse::kSink,
       .choices = {"append", "upsert"}},
  };
}

}  // namespace streampark::connectors::kafka
