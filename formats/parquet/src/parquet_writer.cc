// SPDX-License-Identifier: Apache-2.0
#include "parquet_writer.h"

#include <limits>

#include <arrow/array.h>
#include <arrow/c/bridge.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>
#include <parquet/properties.h>

#include "streampark/connectors/arrow.h"

#include "arrow_errors.h"

namespace streampark::parquet {
namespace {

using connectors::abi::Owned;

/// The caller's file as Arrow writes one.
class CallersOutput final : public arrow::io::OutputStream {
 public:
  explicit CallersOutput(Owned<SpParquetOutput> file) : file_(std::move(file)) {}

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<std::int64_t> Tell() const override { return at_; }
  arrow::Status Write(const void* bytes, std::int64_t count) override {
    auto written = connectors::abi::Ask(
        file_->write, file_.get(),
        SpSlice{static_cast<const char*>(bytes), static_cast<std::size_t>(count)});
    if (!written.ok()) {
      return ToArrow(std::move(written).error());
    }
    at_ += count;
    return arrow::Status::OK();
  }

 private:
  Owned<SpParquetOutput> file_;
  std::int64_t at_ = 0;
  bool closed_ = false;
};

arrow::Compression::type CodecOf(std::int32_t codec) {
  switch (codec) {
    case SP_PARQUET_CODEC_SNAPPY:
      return arrow::Compression::SNAPPY;
    case SP_PARQUET_CODEC_ZSTD:
      return arrow::Compression::ZSTD;
    case SP_PARQUET_CODEC_GZIP:
      return arrow::Compression::GZIP;
    default:
      return arrow::Compression::UNCOMPRESSED;
  }
}

/// A part that is NOT NULL has nulls all the same where what it is a part of is null. Arrow does not write them: they are any value then.
std::shared_ptr<arrow::ArrayData> WithoutNullsOfParts(
    const std::shared_ptr<arrow::ArrayData>& values, const arrow::Field& field) {
  auto changed = values->Copy();
  if (!field.nullable()) {
    changed->buffers[0] = nullptr;
    changed->null_count = 0;
  }
  for (std::size_t i = 0; i < changed->child_data.size(); ++i) {
    changed->child_data[i] =
        WithoutNullsOfParts(changed->child_data[i], *field.type()->field(static_cast<int>(i)));
  }
  return changed;
}

base::Status Written(const arrow::Status& status) {
  if (status.ok()) {
    return base::Ok();
  }
  return base::Error(base::ErrorCode::kInternal, "the Parquet file cannot be written")
      .WithCause(FromArrow(status).ToString());
}

}  // namespace

base::Result<std::unique_ptr<ParquetWriter>> ParquetWriter::Open(Owned<SpParquetOutput> file,
                                                                 const ArrowSchema& schema,
                                                                 std::int32_t codec) {
  auto writer = std::unique_ptr<ParquetWriter>(new ParquetWriter);
  const auto ours = SP_TRY(connectors::ImportSchema(schema, connectors::Carry::kRows));
  ArrowSchema passed{};
  connectors::ExportSchema(ours, connectors::Carry::kRows, &passed);
  // Which columns are a key is not the file's to say.
  writer->schema_ = SP_TRY(Got(arrow::ImportSchema(&passed)))->RemoveMetadata();
  constexpr int kGzipLevel = 6;  // Arrow's own is 9, which takes ten times as long
  const auto properties = ::parquet::WriterProperties::Builder()
                              .compression(CodecOf(codec))
                              ->compression_level(codec == SP_PARQUET_CODEC_GZIP
                                                      ? kGzipLevel
                                                      : arrow::util::kUseDefaultCompressionLevel)
                              ->enable_page_checksum()
                              ->enable_store_decimal_as_integer()
                              ->max_row_group_length(std::numeric_limits<std::int32_t>::max())
                              ->build();
  writer->writer_ = SP_TRY(Got(::parquet::arrow::FileWriter::Open(
      *writer->schema_, arrow::default_memory_pool(),
      std::make_shared<CallersOutput>(std::move(file)), properties,
      ::parquet::ArrowWriterProperties::Builder().build())));
  return writer;
}

base::Status ParquetWriter::Write(ArrowArray* batch, GroupOf group) {
  const auto rows = SP_TRY(Got(arrow::ImportRecordBatch(batch, schema_)));
  if (group == GroupOf::kItsOwn) {
    SP_TRY(Written(writer_->NewBufferedRowGroup()));
  }
  arrow::ArrayDataVector columns;
  for (int i = 0; i < rows->num_columns(); ++i) {
    columns.push_back(WithoutNullsOfParts(rows->column_data(i), *schema_->field(i)));
  }
  return Written(writer_->WriteRecordBatch(
      *arrow::RecordBatch::Make(schema_, rows->num_rows(), std::move(columns))));
}

base::Status ParquetWriter::Close() { return Written(writer_->Close()); }

}  // namespace streampark::parquet
