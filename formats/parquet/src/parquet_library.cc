// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include <arrow/c/bridge.h>
#include <arrow/util/utf8.h>

#include "streampark/connectors/abi/passing.h"
#include "streampark/formats/parquet_abi.h"

#include "arrow_errors.h"
#include "parquet_reader.h"
#include "parquet_writer.h"

/// The C face of parquet_abi.h over Arrow.
namespace streampark::parquet {
namespace {

using namespace connectors::abi;

template <typename Struct>
Owned<Struct> TakeOver(Struct* passed) {
  Owned<Struct> taken(*passed);
  passed->release = nullptr;
  return taken;
}

/// A batch that was exported, and the memory that it lies in.
struct KeptBatch {
  std::shared_ptr<FileMemory> memory;
  ArrowArray array{};
};

base::Status Export(const arrow::RecordBatch& batch, std::shared_ptr<FileMemory> memory,
                    ArrowArray* out) {
  auto kept = std::make_unique<KeptBatch>();
  kept->memory = std::move(memory);
  SP_TRY(Done(arrow::ExportRecordBatch(batch, &kept->array)));
  *out = kept->array;
  out->private_data = kept.release();
  out->release = [](ArrowArray* self) {
    const std::unique_ptr<KeptBatch> owned(static_cast<KeptBatch*>(self->private_data));
    owned->array.release(&owned->array);
    self->release = nullptr;
  };
  return base::Ok();
}

struct RefusedRows {
  RefusedValues refused;
  std::vector<SpRefusedRow> passed;
};

base::Status FillRows(ParquetReader& reader, SpParquetRows* out) {
  auto rows = SP_TRY(reader.Read());
  auto owned = std::make_unique<RefusedRows>();
  out->batch = ArrowArray{};
  if (rows.batch != nullptr) {
    SP_TRY(Export(*rows.batch, reader.memory(), &out->batch));
  }
  owned->refused = std::move(rows.refused);
  for (const RefusedValue& value : owned->refused) {
    owned->passed.push_back({value.at, Slice(value.reason)});
  }
  out->refused = owned->passed.data();
  out->n_refused = owned->passed.size();
  out->private_data = owned.release();
  out->release = [](SpParquetRows* self) {
    if (self->batch.release != nullptr) {
      self->batch.release(&self->batch);
    }
    delete static_cast<RefusedRows*>(self->private_data);
    self->release = nullptr;
  };
  return base::Ok();
}

ParquetReader& ReaderOf(SpParquetReader* self) {
  return *static_cast<ParquetReader*>(self->private_data);
}

void FillReader(std::unique_ptr<ParquetReader> reader, SpParquetReader* out) {
  out->groups = reader->groups().data();
  out->n_groups = reader->groups().size();
  out->select = [](SpParquetReader* self, std::size_t first, std::size_t end, std::int64_t skipped,
                   SpText* error) {
    return Answer(error, [&] { return ReaderOf(self).Select(first, end, skipped); });
  };
  out->read = [](SpParquetReader* self, SpParquetRows* rows, SpText* error) {
    return Answer(error, [&] { return FillRows(ReaderOf(self), rows); });
  };
  Own(out, reader.release());
}

ParquetWriter& WriterOf(SpParquetWriter* self) {
  return *static_cast<ParquetWriter*>(self->private_data);
}

void FillWriter(std::unique_ptr<ParquetWriter> writer, SpParquetWriter* out) {
  out->write = [](SpParquetWriter* self, ArrowArray* batch, std::int32_t begins_group,
                  SpText* error) {
    return Answer(error, [&] {
      return WriterOf(self).Write(batch,
                                  begins_group == 1 ? GroupOf::kItsOwn : GroupOf::kTheRowsBefore);
    });
  };
  out->close = [](SpParquetWriter* self, SpText* error) {
    return Answer(error, [&] { return WriterOf(self).Close(); });
  };
  Own(out, writer.release());
}

}  // namespace
}  // namespace streampark::parquet

extern "C" __attribute__((visibility("default"))) std::int32_t streampark_parquet(
    std::uint32_t version, SpParquet* out) {
  using namespace streampark;
  using namespace streampark::parquet;
  if (version != SP_PARQUET_ABI_VERSION) {
    return -1;
  }
  arrow::util::InitializeUTF8();
  out->open_reader = [](SpParquet*, SpParquetInput* file, const ArrowSchema* schema,
                        const SpParquetReading* reading, SpParquetReader* reader, SpText* failed) {
    return Answer(failed, [&]() -> base::Status {
      FillReader(SP_TRY(ParquetReader::Open(TakeOver(file), *schema, *reading)), reader);
      return base::Ok();
    });
  };
  out->open_writer = [](SpParquet*, SpParquetOutput* file, const ArrowSchema* schema,
                        std::int32_t codec, SpParquetWriter* writer, SpText* failed) {
    return Answer(failed, [&]() -> base::Status {
      FillWriter(SP_TRY(ParquetWriter::Open(TakeOver(file), *schema, codec)), writer);
      return base::Ok();
    });
  };
  out->private_data = nullptr;
  out->release = [](SpParquet* self) { self->release = nullptr; };
  return SP_OK;
}
