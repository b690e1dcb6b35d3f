// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "streampark/formats/file_decoder.h"
#include "streampark/formats/format.h"

namespace streampark::formats {

/// One row of the table of formats.
struct Format {
  std::string_view name;
  std::vector<OptionSpec> (*options)();
  base::Result<std::unique_ptr<RowDecoder>> (*make_decoder)(const OptionValues&,
                                                            const FormatSetup&) = nullptr;
  base::Result<std::unique_ptr<RowEncoder>> (*make_encoder)(const OptionValues&,
                                                            const FormatSetup&);
  /// In the place of a RowDecoder: a format of files alone.
  base::Result<std::unique_ptr<FileDecoder>> (*make_file_decoder)(const OptionValues&,
                                                                  const FormatSetup&) = nullptr;
};

extern const Format kJsonFormat;
extern const Format kCsvFormat;
extern const Format kRawFormat;
extern const Format kAvroFormat;
extern const Format kDebeziumFormat;
extern const Format kParquetFormat;

/// VALIDATION_FAILED: this column cannot be held.
base::Error ColumnRefused(const connectors::Field& field, std::string_view format);

/// Formats without a word for what becomes of earlier rows take new ones alone.
inline Refusal RefuseUnlessNew(const Batch& batch, std::int64_t row) {
  const auto kind = batch.kind(row);
  if (kind == connectors::RowKind::kInsert || kind == connectors::RowKind::kUpdateAfter) {
    return std::nullopt;
  }
  return "a row that takes back another cannot be written in this format";
}

}  // namespace streampark::formats
