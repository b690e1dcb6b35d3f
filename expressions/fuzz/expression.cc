// SPDX-License-Identifier: Apache-2.0
// Whatever is written: an error with its place, or values for all rows.
#include "streampark/expressions/expression.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/value_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace streampark;  // NOLINT(google-build-using-namespace): a program of one file
  static const auto schema = std::make_shared<const connectors::Schema>(
      connectors::Schema::Parse("a BIGINT, b STRING, c DOUBLE, d DECIMAL(10, 2), e DATE, f "
                                "TIMESTAMP, g BOOLEAN, h BYTES, i TIME")
          .value());
  static const auto batch = [] {
    connectors::BatchBuilder rows(schema);
    rows.column(0).Append<std::int64_t>(-7);
    rows.column(1).AppendText("a'中\\%_ 1");
    rows.column(2).Append(2.5);
    rows.column(3).Append<connectors::Int128>(-125);
    rows.column(4).Append<std::int32_t>(20'000);
    rows.column(5).Append<std::int64_t>(1'700'000'000'123'456);
    rows.column(6).AppendBoolean(true);
    rows.column(7).AppendText("\xff\x00");
    rows.column(8).Append<std::int64_t>(3'600'000'000);
    rows.EndRow();
    rows.EndRow();  // of nulls
    return rows.Finish();
  }();
  auto compiled = expressions::Expression::Compile({reinterpret_cast<const char*>(bytes), size},
                                                   *schema, {.parameters = {{"p", "1"}}});
  if (!compiled.ok()) {
    if (compiled.error().message().find("at character ") != 0) {
      std::abort();
    }
    return 0;
  }
  connectors::Column column{.type = compiled->type()};
  std::vector<expressions::Failure> failures;
  compiled->Evaluate(*batch, column, failures);
  if (column.length != batch->length) {
    std::abort();
  }
  for (std::int64_t row = 0; row < column.length; ++row) {
    connectors::DebugText(column, row);
  }
  return 0;
}
