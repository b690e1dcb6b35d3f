// SPDX-License-Identifier: Apache-2.0
#include "parquet_reader.h"

#include <algorithm>
#include <numeric>

#include <arrow/c/bridge.h>
#include <arrow/io/interfaces.h>
#include <arrow/util/byte_size.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include "streampark/connectors/arrow.h"

#include "arrow_errors.h"

namespace streampark::parquet {
namespace {

using connectors::abi::Owned;

constexpr std::int64_t kWindow = 256 << 10;  // of a column chunk, while it is read
constexpr std::int32_t kLargestText = 64 << 20;
constexpr std::int32_t kMostItems = 4 << 20;

/// The caller's file as Arrow reads one.
class CallersInput final : public arrow::io::RandomAccessFile {
 public:
  CallersInput(Owned<SpParquetInput> file, arrow::MemoryPool* pool)
      : file_(std::move(file)), pool_(pool) {}

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<std::int64_t> Tell() const override { return at_; }
  arrow::Result<std::int64_t> GetSize() override { return file_->size; }
  arrow::Status Seek(std::int64_t position) override {
    at_ = position;
    return arrow::Status::OK();
  }

  arrow::Result<std::int64_t> Read(std::int64_t count, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const auto read, ReadAt(at_, count, out));
    at_ += read;
    return read;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t count) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(at_, count));
    at_ += buffer->size();
    return buffer;
  }
  arrow::Result<std::int64_t> ReadAt(std::int64_t offset, std::int64_t count, void* out) override {
    std::int64_t done = 0;
    while (done < count) {
      std::size_t read = 0;
      auto asked = connectors::abi::Ask(file_->read_at, file_.get(), offset + done,
                                        static_cast<char*>(out) + done,
                                        static_cast<std::size_t>(count - done), &read);
      if (!asked.ok()) {
        return ToArrow(std::move(asked).error());
      }
      if (read == 0) {
        break;
      }
      done += static_cast<std::int64_t>(read);
    }
    return done;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(std::int64_t offset,
                                                       std::int64_t count) override {
    // What a damaged index asks for is not more than there is.
    count = std::clamp<std::int64_t>(count, 0, std::max<std::int64_t>(file_->size - offset, 0));
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(count, pool_));
    ARROW_ASSIGN_OR_RAISE(const auto read, ReadAt(offset, count, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(read));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

 private:
  Owned<SpParquetInput> file_;
  arrow::MemoryPool* pool_;
  std::int64_t at_ = 0;
  bool closed_ = false;
};

/// For what Parquet's own face throws.
template <typename Work>
base::Status Guarded(Work work) {
  try {
    return work();
  } catch (const ::parquet::ParquetStatusException& thrown) {
    return FromArrow(thrown.status());
  } catch (const ::parquet::ParquetException& thrown) {
    return FromArrow(arrow::Status::IOError(thrown.what()));
  }
}

std::int64_t BeginOf(const ::parquet::ColumnChunkMetaData& chunk) {
  const std::int64_t data = chunk.data_page_offset();
  return chunk.has_dictionary_page() && chunk.dictionary_page_offset() > 0
             ? std::min(data, chunk.dictionary_page_offset())
             : data;
}

}  // namespace

base::Result<std::unique_ptr<ParquetReader>> ParquetReader::Open(Owned<SpParquetInput> file,
                                                                 const ArrowSchema& schema,
                                                                 const SpParquetReading& reading) {
  auto reader = std::unique_ptr<ParquetReader>(new ParquetReader(reading));
  SP_TRY(Guarded([&] { return reader->Begin(std::move(file), schema); }));
  return reader;
}

base::Status ParquetReader::Begin(Owned<SpParquetInput> file, const ArrowSchema& schema) {
  const std::int64_t size = file->size;
  ::parquet::ReaderProperties pages(memory_->pool());
  pages.enable_buffered_stream();
  pages.set_buffer_size(kWindow);
  pages.set_page_checksum_verification(true);
  pages.set_thrift_string_size_limit(kLargestText);
  pages.set_thrift_container_size_limit(kMostItems);

  ::parquet::ArrowReaderProperties columns(/*use_threads=*/false);
  columns.set_pre_buffer(false);  // it would read whole column chunks
  columns.set_batch_size(reading_.batch_rows);
  // Their nanoseconds would not reach beyond the year 2262.
  columns.set_coerce_int96_timestamp_unit(arrow::TimeUnit::MICRO);

  ::parquet::arrow::FileReaderBuilder builder;
  SP_TRY(
      Done(builder.Open(std::make_shared<CallersInput>(std::move(file), memory_->pool()), pages)));
  SP_TRY(Done(builder.memory_pool(memory_->pool())->properties(columns)->Build(&reader_)));
  SP_TRY(Plan(schema));
  return ListGroups(size);
}

base::Status ParquetReader::Plan(const ArrowSchema& schema) {
  const auto wanted = SP_TRY(connectors::ImportSchema(schema, connectors::Carry::kRows));
  ArrowSchema passed{};
  connectors::ExportSchema(wanted, connectors::Carry::kRows, &passed);
  target_ = SP_TRY(Got(arrow::ImportSchema(&passed)))->RemoveMetadata();
  const Choices choices{
      .nanoseconds =
          reading_.nanoseconds == SP_PARQUET_CUT ? Nanoseconds::kCut : Nanoseconds::kRefused,
      .missing = reading_.missing_columns == SP_PARQUET_NULL ? Missing::kNull : Missing::kRefused};
  const auto& fields = reader_->manifest().schema_fields;
  for (std::size_t i = 0; i < wanted.fields().size(); ++i) {
    columns_.push_back(SP_TRY(ColumnPlan::Make(fields, wanted.fields()[i],
                                               *target_->field(static_cast<int>(i)), "", choices)));
    columns_.back().AddLeaves(leaves_);
  }
  return base::Ok();
}

base::Status ParquetReader::ListGroups(std::int64_t file_size) {
  const auto metadata = reader_->parquet_reader()->metadata();
  for (int i = 0; i < metadata->num_row_groups(); ++i) {
    const auto group = metadata->RowGroup(i);
    SpRowGroup listed{.begin = file_size, .rows = group->num_rows()};
    for (int column = 0; column < group->num_columns(); ++column) {
      listed.begin = std::min(listed.begin, BeginOf(*group->ColumnChunk(column)));
    }
    if (listed.rows < 0 || listed.begin < 0 || listed.begin >= file_size) {
      return BadFile("is damaged: its row group " + std::to_string(i + 1) + " begins at byte " +
                     std::to_string(listed.begin) + " and has " + std::to_string(listed.rows) +
                     " rows");
    }
    if (!groups_.empty()) {  // whatever order they were written in
      listed.begin = std::max(listed.begin, groups_.back().begin);
    }
    groups_.push_back(listed);
  }
  return base::Ok();
}

std::int64_t ParquetReader::RowsOfABatch(std::int64_t bytes, std::int64_t rows) const {
  const std::int64_t each = std::max<std::int64_t>(bytes / std::max<std::int64_t>(rows, 1), 1);
  return std::clamp<std::int64_t>(reading_.batch_bytes / each, 1, reading_.batch_rows);
}

base::Status ParquetReader::Select(std::size_t first, std::size_t end, std::int64_t skipped) {
  return Guarded([&]() -> base::Status {
    const auto metadata = reader_->parquet_reader()->metadata();
    std::vector<int> selected(end - first);
    std::iota(selected.begin(), selected.end(), static_cast<int>(first));
    std::int64_t rows_of_a_batch = reading_.batch_rows;
    std::int64_t rows = 0;
    for (const int i : selected) {
      const auto group = metadata->RowGroup(i);
      std::int64_t bytes = 0;
      for (const int leaf : leaves_) {
        bytes += std::max<std::int64_t>(group->ColumnChunk(leaf)->total_uncompressed_size(), 0);
      }
      rows += group->num_rows();
      rows_of_a_batch = std::min(rows_of_a_batch, RowsOfABatch(bytes, group->num_rows()));
    }
    reader_->set_batch_size(rows_of_a_batch);
    batches_ = SP_TRY(Got(reader_->GetRecordBatchReader(selected, leaves_)));
    skipped_ = skipped;
    left_ = rows - skipped;
    return base::Ok();
  });
}

base::Result<ParquetReader::Rows> ParquetReader::Read() {
  Rows rows;
  SP_TRY(Guarded([&]() -> base::Status {
    while (left_ > 0 && rows.batch == nullptr) {
      std::shared_ptr<arrow::RecordBatch> batch;
      SP_TRY(Done(batches_->ReadNext(&batch)));
      if (batch == nullptr) {
        return BadFile("is damaged: it lacks " + std::to_string(left_) +
                       " of the rows that its index says");
      }
      SP_TRY(Done(batch->Validate()));
      const std::int64_t cut = std::min(skipped_, batch->num_rows());
      skipped_ -= cut;
      if (cut == batch->num_rows()) {
        continue;
      }
      // Repeated values may be much larger than what the index says of them.
      const auto bytes = arrow::util::TotalBufferSize(*batch);
      reader_->set_batch_size(
          std::min(RowsOfABatch(bytes, batch->num_rows()), 2 * reader_->properties().batch_size()));
      rows = SP_TRY(Convert(*batch->Slice(cut)));
      left_ -= rows.batch->num_rows();
      if (left_ < 0) {
        return BadFile("is damaged: it has more rows than its index says");
      }
    }
    return base::Ok();
  }));
  return rows;
}

base::Result<ParquetReader::Rows> ParquetReader::Convert(const arrow::RecordBatch& batch) {
  Rows rows;
  arrow::ArrayVector arrays;
  for (const ColumnPlan& column : columns_) {
    arrays.push_back(
        SP_TRY(Got(column.Convert(column.missing() ? nullptr : batch.GetColumnByName(column.name()),
                                  batch.num_rows(), memory_->pool(), rows.refused))));
  }
  rows.batch = arrow::RecordBatch::Make(target_, batch.num_rows(), std::move(arrays));
  return rows;
}

}  // namespace streampark::parquet
