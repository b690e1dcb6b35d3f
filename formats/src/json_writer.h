// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "streampark/formats/format.h"

#include "json_rows.h"

namespace streampark::formats {

enum class DecimalForm : std::uint8_t { kNumber, kString };

/// A text in quotes, escaped as far as RFC 8259 wants.
void AppendJsonString(std::string_view text, std::string& out);

/// Rows of a schema as JSON objects, fields in the schema's order.
class JsonWriter {
 public:
  JsonWriter(const connectors::Schema& schema, TimestampForm timestamps, DecimalForm decimals);

  /// Values that the source did not send are left out.
  void WriteRow(const Batch& batch, std::int64_t row, std::string& out) const;

 private:
  struct Plan {
    std::string opening;  // `"name":`
    std::vector<Plan> children;
  };
  static Plan PlanOf(const connectors::Field& field);
  void WriteValue(const connectors::Column& column, std::int64_t row, const Plan& plan,
                  std::string& out) const;
  void WriteScalar(const connectors::Column& column, std::int64_t row, std::string& out) const;
  void WriteInstant(const connectors::Column& column, std::int64_t row, std::string& out) const;

  Plan root_;
  TimestampForm timestamps_;
  DecimalForm decimals_;
};

/// VALIDATION_FAILED names the column that JSON cannot hold: a map whose keys are no texts.
base::Status CheckFitsJson(const connectors::Schema& schema, std::string_view format);

/// The option's words for the forms of instants, in the order of TimestampForm.
std::vector<std::string> TimestampFormNames();
TimestampForm ParseTimestampForm(std::string_view name);

}  // namespace streampark::formats
