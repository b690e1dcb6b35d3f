// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "streampark/formats/format.h"

#include "avro_schema.h"

namespace streampark::formats {

void AppendAvroLong(std::int64_t value, std::string& out);
/// Length and content.
void AppendAvroBytes(std::string_view bytes, std::string& out);

/// Rows of ours as data of an Avro schema: fields by name, of a union the first branch that takes the value.
class AvroWriter {
 public:
  /// VALIDATION_FAILED names the column that the schema has no place for, or the field that no column fills.
  static base::Result<AvroWriter> Make(AvroTypePtr type, const connectors::Schema& schema);

  Refusal WriteRow(const Batch& batch, std::int64_t row, std::string& out) const;

 private:
  AvroWriter() = default;
  static bool Write(const AvroType& type, const connectors::Column& column, std::int64_t row,
                    std::string& out);
  static bool WriteUnion(const AvroType& type, const connectors::Column& column, std::int64_t row,
                         std::string& out);
  static bool WriteElements(const AvroType& type, const connectors::Column& column,
                            std::int64_t row, std::string& out);

  AvroTypePtr type_;
  std::vector<std::size_t> columns_;  // of each field
};

}  // namespace streampark::formats
