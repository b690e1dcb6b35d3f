// SPDX-License-Identifier: Apache-2.0
#include "builtin.h"
#include "json_rows.h"
#include "json_writer.h"

/// Debezium's envelope in JSON (https://debezium.io/documentation/reference/stable/connectors/postgresql.html), at the
/// root or in `payload`:
///
/// | op    | is read as                                     | is written for |
/// |-------|------------------------------------------------|----------------|
/// | c, r  | +I after                                       | +I, +U         |
/// | u     | -U before, unless it is null, and +U after     |                |
/// | d     | -D before                                      | -D, -U         |
/// | other | refused (`t` empties the table, `m` is no row) |                |
///
/// An empty message, or a payload of null, is a tombstone: no row. A value that the database did not send comes as a
/// placeholder and is not known.
namespace streampark::formats {
namespace {

using connectors::RowKind;
using connectors::TypeKind;

/// The parts of an envelope as they stand in the text; empty: not there, or null.
struct Envelope {
  std::string_view before;
  std::string_view after;
  std::string_view op;
};

class DebeziumDecoder final : public RowDecoder {
 public:
  DebeziumDecoder(SchemaPtr schema, JsonRules rules, std::string unavailable)
      : schema_(std::move(schema)),
        objects_(*schema_, rules),
        unavailable_(std::move(unavailable)) {}

  Refusal Decode(std::string_view message, BatchBuilder& rows) override {
    JsonCursor in(message);
    if (in.AtEnd()) {
      return std::nullopt;
    }
    Envelope envelope;
    if (!ReadEnvelope(in, envelope, Level::kRoot) ||
        (!in.AtEnd() && !in.Fail("has something after the envelope"))) {
      return objects_.Describe(in);
    }
    if (envelope.op.empty()) {
      return tombstone_ ? std::nullopt : Refusal("has no op: is no envelope of Debezium");
    }
    return Append(envelope, rows);
  }

 private:
  enum class Level : std::uint8_t { kRoot, kPayload };

  bool ReadEnvelope(JsonCursor& in, Envelope& envelope, Level level) {
    if (level == Level::kRoot) {
      tombstone_ = false;
    }
    if (in.Peek() == 'n') {
      tombstone_ = true;
      return in.TakeWord("null");
    }
    if (!in.Expect('{', "is no JSON object")) {
      return false;
    }
    if (in.Take('}')) {
      return true;
    }
    do {
      std::string_view name;
      if (!in.Expect('"', "lacks a name") || !in.ReadString(scratch_, name) ||
          !in.Expect(':', "lacks ':'") || !ReadPart(in, name, envelope, level)) {
        return false;
      }
    } while (in.Take(','));
    return in.Expect('}', "lacks '}'");
  }

  bool ReadPart(JsonCursor& in, std::string_view name, Envelope& envelope, Level level) {
    if (name == "payload" && level == Level::kRoot) {
      return ReadEnvelope(in, envelope, Level::kPayload);
    }
    std::string_view* part = name == "before"  ? &envelope.before
                             : name == "after" ? &envelope.after
                             : name == "op"    ? &envelope.op
                                               : nullptr;
    const bool null = in.Peek() == 'n';
    const char* const start = in.at();
    if (!in.SkipValue()) {
      return false;
    }
    if (part != nullptr && !null) {
      *part = {start, static_cast<std::size_t>(in.at() - start)};
    }
    return true;
  }

  Refusal Append(const Envelope& envelope, BatchBuilder& rows) {
    const bool created = envelope.op == "\"c\"" || envelope.op == "\"r\"";
    const bool updated = envelope.op == "\"u\"";
    if (!created && !updated && envelope.op != "\"d\"") {
      return "has the op " + std::string(envelope.op.substr(0, 100)) +
             ", which is no change of a row";
    }
    const bool wants_before = updated ? !envelope.before.empty() : !created;
    const bool wants_after = created || updated;
    if (wants_before && envelope.before.empty()) {
      return "has no row before: the table has to log it (REPLICA IDENTITY FULL)";
    }
    if (wants_after && envelope.after.empty()) {
      return "has no row after";
    }
    // What is read is checked before anything is kept, so that half a change is never a row.
    if (wants_before && wants_after) {
      if (!ReadRow(envelope.after, rows)) {
        return Refused(rows, "after");
      }
      rows.CancelRow();
    }
    if (wants_before) {
      if (!ReadRow(envelope.before, rows)) {
        return Refused(rows, "before");
      }
      rows.EndRow(updated ? RowKind::kUpdateBefore : RowKind::kDelete);
    }
    if (wants_after) {
      if (!ReadRow(envelope.after, rows)) {
        return Refused(rows, "after");
      }
      rows.EndRow(updated ? RowKind::kUpdateAfter : RowKind::kInsert);
    }
    return std::nullopt;
  }

  Refusal Refused(BatchBuilder& rows, std::string_view part) const {
    rows.CancelRow();
    return std::string(part) + ": " + objects_.refusal();
  }

  bool ReadRow(std::string_view object, BatchBuilder& rows) {
    JsonCursor in(object);
    if (!objects_.ReadRow(in, rows)) {
      return false;
    }
    for (std::size_t i = 0; i < rows.column_count(); ++i) {
      const TypeKind kind = rows.column(i).type().kind();
      const bool text = kind == TypeKind::kString || kind == TypeKind::kBytes;
      if (text && rows.column(i).last_text() == unavailable_) {
        rows.column(i).Truncate(rows.length());
        rows.AppendUnknown(i);
      }
    }
    return true;
  }

  SchemaPtr schema_;
  JsonRows objects_;
  std::string unavailable_;
  std::string scratch_;
  bool tombstone_ = false;
};

class DebeziumEncoder final : public RowEncoder {
 public:
  explicit DebeziumEncoder(JsonWriter writer) : writer_(std::move(writer)) {}

  Refusal Encode(const Batch& batch, std::int64_t row, std::string& out) override {
    const RowKind kind = batch.kind(row);
    if (kind == RowKind::kInsert || kind == RowKind::kUpdateAfter) {
      out += R"({"before":null,"after":)";
      writer_.WriteRow(batch, row, out);
      out += R"(,"op":"c"})";
    } else {
      out += R"({"before":)";
      writer_.WriteRow(batch, row, out);
      out += R"(,"after":null,"op":"d"})";
    }
    return std::nullopt;
  }

 private:
  JsonWriter writer_;
};

std::vector<OptionSpec> DebeziumOptions() {
  return {
      {.name = "debezium.timestamp",
       .kind = connectors::OptionKind::kChoice,
       .text = "What numbers mean in columns of time; texts are read in every case. In all forms "
               "but `iso` and `sql` a "
               "number in a DATE is days.",
       .fallback = "micros",
       .choices = TimestampFormNames()},
      {.name = "debezium.unavailable",
       .text = "What stands for a value that the database did not send.",
       .fallback = "__debezium_unavailable_value",
       .use = connectors::OptionUse::kSource},
  };
}

base::Result<std::unique_ptr<RowDecoder>> MakeDebeziumDecoder(const OptionValues& options,
                                                              const FormatSetup& setup) {
  SP_TRY(CheckFitsJson(*setup.schema, "debezium"));
  const JsonRules rules = {.timestamps = ParseTimestampForm(options.String("debezium.timestamp"))};
  return std::make_unique<DebeziumDecoder>(
      setup.schema, rules,
      options.Has("debezium.unavailable") ? options.String("debezium.unavailable") : "");
}

base::Result<std::unique_ptr<RowEncoder>> MakeDebeziumEncoder(const OptionValues& options,
                                                              const FormatSetup& setup) {
  SP_TRY(CheckFitsJson(*setup.schema, "debezium"));
  return std::make_unique<DebeziumEncoder>(
      JsonWriter(*setup.schema, ParseTimestampForm(options.String("debezium.timestamp")),
                 DecimalForm::kString));
}

}  // namespace

const Format kDebeziumFormat = {"debezium", DebeziumOptions, MakeDebeziumDecoder,
                                MakeDebeziumEncoder};

}  // namespace streampark::formats
