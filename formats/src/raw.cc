// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/utf8.h"

#include "builtin.h"

namespace streampark::formats {
namespace {

using connectors::TypeKind;

class RawDecoder final : public RowDecoder {
 public:
  explicit RawDecoder(TypeKind kind) : kind_(kind) {}

  Refusal Decode(std::string_view message, BatchBuilder& rows) override {
    if (kind_ == TypeKind::kString && !base::IsUtf8(message)) {
      return "is no UTF-8";
    }
    rows.column(0).AppendText(message);
    rows.EndRow();
    return std::nullopt;
  }

 protected:
  bool skips_blank_lines() const override { return false; }

 private:
  TypeKind kind_;
};

class RawEncoder final : public RowEncoder {
 public:
  Refusal Encode(const Batch& batch, std::int64_t row, std::string& out) override {
    Refusal refusal = RefuseUnlessNew(batch, row);
    if (!refusal && batch.columns[0].null(row)) {
      refusal = "null cannot be written as raw bytes";
    }
    if (!refusal) {
      out += batch.columns[0].text(row);
    }
    return refusal;
  }

  Refusal AppendToStream(const Batch& batch, std::int64_t row, std::string& out) override {
    if (!batch.columns[0].null(row) &&
        batch.columns[0].text(row).find('\n') != std::string_view::npos) {
      return "a text with a line break cannot be written as a line";
    }
    return RowEncoder::AppendToStream(batch, row, out);
  }
};

base::Result<TypeKind> KindOf(const connectors::Schema& schema) {
  if (schema.fields().size() != 1) {
    return base::Error(
        base::ErrorCode::kValidationFailed,
        "the format raw has one column, and the schema " + std::to_string(schema.fields().size()));
  }
  const auto kind = schema.fields()[0].type.kind();
  if (kind != TypeKind::kString && kind != TypeKind::kBytes) {
    return ColumnRefused(schema.fields()[0], "raw");
  }
  return kind;
}

base::Result<std::unique_ptr<RowDecoder>> MakeRawDecoder(const OptionValues& /*options*/,
                                                         const FormatSetup& setup) {
  return std::make_unique<RawDecoder>(SP_TRY(KindOf(*setup.schema)));
}

base::Result<std::unique_ptr<RowEncoder>> MakeRawEncoder(const OptionValues& /*options*/,
                                                         const FormatSetup& setup) {
  SP_TRY(KindOf(*setup.schema));
  return std::make_unique<RawEncoder>();
}

std::vector<OptionSpec> RawOptions() { return {}; }

}  // namespace

const Format kRawFormat = {"raw", RawOptions, MakeRawDecoder, MakeRawEncoder};

}  // namespace streampark::formats
