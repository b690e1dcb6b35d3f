// SPDX-License-Identifier: Apache-2.0
#include "builtin.h"
#include "json_rows.h"
#include "json_writer.h"

namespace streampark::formats {
namespace {

class JsonDecoder final : public RowDecoder {
 public:
  JsonDecoder(const connectors::Schema& schema, JsonRules rules) : objects_(schema, rules) {}

  Refusal Decode(std::string_view message, BatchBuilder& rows) override {
    JsonCursor in(message);
    if (!objects_.ReadRow(in, rows)) {
      rows.CancelRow();
      return objects_.refusal();
    }
    if (!in.AtEnd()) {
      rows.CancelRow();
      in.Fail("has something after the object");
      return objects_.Describe(in);
    }
    rows.EndRow();
    return std::nullopt;
  }

 private:
  JsonRows objects_;
};

class JsonEncoder final : public RowEncoder {
 public:
  explicit JsonEncoder(JsonWriter writer) : writer_(std::move(writer)) {}

  Refusal Encode(const Batch& batch, std::int64_t row, std::string& out) override {
    Refusal refusal = RefuseUnlessNew(batch, row);
    if (!refusal) {
      writer_.WriteRow(batch, row, out);
    }
    return refusal;
  }

 private:
  JsonWriter writer_;
};

std::vector<OptionSpec> JsonOptions() {
  using connectors::OptionKind;
  return {
      {.name = "json.unknown-fields",
       .kind = OptionKind::kChoice,
       .text = "What becomes of a record with a field that the schema lacks.",
       .fallback = "ignore",
       .choices = {"ignore", "refuse"}},
      {.name = "json.missing-fields",
       .kind = OptionKind::kChoice,
       .text = "What becomes of a field that a record lacks. A column that is NOT NULL is refused "
               "in any case.",
       .fallback = "null",
       .choices = {"null", "refuse"}},
      {.name = "json.timestamp",
       .kind = OptionKind::kChoice,
       .text = "How timestamps are written, and what a number means that is read (in a DATE it is "
               "days). Texts are read in every case, with `T` or a space.",
       .fallback = "iso",
       .choices = TimestampFormNames()},
      {.name = "json.decimal",
       .kind = OptionKind::kChoice,
       .text = "How decimals are written; both are read.",
       .fallback = "number",
       .choices = {"number", "string"}},
  };
}

base::Result<std::unique_ptr<RowDecoder>> MakeJsonDecoder(const OptionValues& options,
                                                          const FormatSetup& setup) {
  SP_TRY(CheckFitsJson(*setup.schema, "json"));
  const JsonRules rules = {
      .unknown = options.String("json.unknown-fields") == "refuse" ? UnknownFields::kRefused
                                                                   : UnknownFields::kIgnored,
      .missing = options.String("json.missing-fields") == "refuse" ? MissingFields::kRefused
                                                                   : MissingFields::kNull,
      .timestamps = ParseTimestampForm(options.String("json.timestamp")),
  };
  return std::make_unique<JsonDecoder>(*setup.schema, rules);
}

base::Result<std::unique_ptr<RowEncoder>> MakeJsonEncoder(const OptionValues& options,
                                                          const FormatSetup& setup) {
  SP_TRY(CheckFitsJson(*setup.schema, "json"));
  return std::make_unique<JsonEncoder>(JsonWriter(
      *setup.schema, ParseTimestampForm(options.String("json.timestamp")),
      options.String("json.decimal") == "string" ? DecimalForm::kString : DecimalForm::kNumber));
}

}  // namespace

const Format kJsonFormat = {"json", JsonOptions, MakeJsonDecoder, MakeJsonEncoder};

}  // namespace streampark::formats
