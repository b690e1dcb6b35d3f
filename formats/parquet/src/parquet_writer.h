// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <parquet/arrow/writer.h>

#include "streampark/base/result.h"
#include "streampark/connectors/abi/passing.h"
#include "streampark/formats/parquet_abi.h"

namespace streampark::parquet {

enum class GroupOf : std::uint8_t { kTheRowsBefore, kItsOwn };

/// Writes one file; see SpParquetWriter.
class ParquetWriter {
 public:
  static base::Result<std::unique_ptr<ParquetWriter>> Open(
      connectors::abi::Owned<SpParquetOutput> file, const ArrowSchema& schema, std::int32_t codec);

  base::Status Write(ArrowArray* batch, GroupOf group);
  base::Status Close();

 private:
  ParquetWriter() = default;

  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<::parquet::arrow::FileWriter> writer_;
};

}  // namespace streampark::parquet
