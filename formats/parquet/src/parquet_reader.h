// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <parquet/arrow/reader.h>

#include "streampark/base/result.h"
#include "streampark/connectors/abi/passing.h"
#include "streampark/formats/parquet_abi.h"

#include "column_plan.h"

namespace streampark::parquet {

/// The memory of one file, which ends with what was read of it.
class FileMemory {
 public:
  explicit FileMemory(std::int64_t most) : capped_(&counted_, most) {}
  arrow::MemoryPool* pool() { return &capped_; }

 private:
  arrow::ProxyMemoryPool counted_{arrow::default_memory_pool()};
  arrow::CappedMemoryPool capped_;
};

/// Reads one file; see SpParquetReader.
class ParquetReader {
 public:
  struct Rows {
    std::shared_ptr<arrow::RecordBatch> batch;  // null at the end
    RefusedValues refused;
  };

  static base::Result<std::unique_ptr<ParquetReader>> Open(
      connectors::abi::Owned<SpParquetInput> file, const ArrowSchema& schema,
      const SpParquetReading& reading);

  const std::vector<SpRowGroup>& groups() const { return groups_; }
  const std::shared_ptr<FileMemory>& memory() const { return memory_; }
  base::Status Select(std::size_t first, std::size_t end, std::int64_t skipped);
  base::Result<Rows> Read();

 private:
  explicit ParquetReader(const SpParquetReading& reading)
      : reading_(reading), memory_(std::make_shared<FileMemory>(reading.memory_bytes)) {}

  base::Status Begin(connectors::abi::Owned<SpParquetInput> file, const ArrowSchema& schema);
  base::Status Plan(const ArrowSchema& schema);
  base::Status ListGroups(std::int64_t file_size);
  std::int64_t RowsOfABatch(std::int64_t bytes, std::int64_t rows) const;
  base::Result<Rows> Convert(const arrow::RecordBatch& batch);

  const SpParquetReading reading_;
  const std::shared_ptr<FileMemory> memory_;  // before what lives in it
  std::unique_ptr<::parquet::arrow::FileReader> reader_;
  std::shared_ptr<arrow::Schema> target_;
  std::vector<ColumnPlan> columns_;
  std::vector<int> leaves_;
  std::vector<SpRowGroup> groups_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;  // of what is selected
  std::int64_t skipped_ = 0;                           // still to be skipped
  std::int64_t left_ = 0;                              // still to be given
};

}  // namespace streampark::parquet
