// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "streampark/base/check.h"
#include "streampark/connectors/arrow.h"

#include "builtin.h"
#include "parquet_library.h"

/// Parquet, by a library of its own: parquet_abi.h says how they speak, docs/adr/0031-parquet.md why.
namespace streampark::formats {
namespace {

using namespace connectors::abi;
using connectors::Carry;
using connectors::Nullability;

constexpr std::int64_t kMostOfAFile = std::int64_t{1} << 30;
constexpr std::int64_t kRowsTogether = 4096;  // handed to the library at a time
constexpr std::size_t kBytesTogether = 1U << 20U;

/// A schema as C, for one call.
class PassedSchema {
 public:
  explicit PassedSchema(const connectors::Schema& schema) {
    connectors::ExportSchema(schema, Carry::kRows, &schema_);
  }
  PassedSchema(const PassedSchema&) = delete;
  PassedSchema& operator=(const PassedSchema&) = delete;
  ~PassedSchema() { schema_.release(&schema_); }
  const ArrowSchema* get() const { return &schema_; }

 private:
  ArrowSchema schema_{};
};

void Pass(std::unique_ptr<FileBytes> file, SpParquetInput* out) {
  out->size = file->size();
  out->read_at = [](SpParquetInput* self, std::int64_t offset, char* to, std::size_t count,
                    std::size_t* read, SpText* error) {
    return Answer(error, [&]() -> base::Status {
      *read = SP_TRY(static_cast<FileBytes*>(self->private_data)->ReadAt(offset, to, count));
      return base::Ok();
    });
  };
  Own(out, file.release());
}

class ParquetRows final : public RowGroups {
 public:
  ParquetRows(SchemaPtr schema, std::shared_ptr<ParquetLibrary> library,
              Owned<SpParquetReader> reader)
      : schema_(std::move(schema)), library_(std::move(library)), reader_(std::move(reader)) {
    for (std::size_t i = 0; i < reader_->n_groups; ++i) {
      groups_.push_back({reader_->groups[i].begin, reader_->groups[i].rows});
    }
  }

  const std::vector<Group>& groups() const override { return groups_; }

  base::Status Select(std::size_t first, std::size_t end, std::int64_t skipped) override {
    return Ask(reader_->select, reader_.get(), first, end, skipped);
  }

  base::Result<Rows> Read() override {
    Owned<SpParquetRows> read;
    SP_TRY(Ask(reader_->read, reader_.get(), read.get()));
    Rows rows;
    if (read->batch.release == nullptr) {
      return rows;
    }
    rows.batch = SP_TRY(connectors::ImportBatch(&read->batch, schema_, Carry::kRows));
    rows.count = rows.batch->length;
    if (read->n_refused > 0) {
      TakeOut({read->refused, read->n_refused}, rows);
    }
    return rows;
  }

 private:
  void TakeOut(std::span<const SpRefusedRow> refused, Rows& rows) const {
    BatchBuilder good(schema_);
    auto next = refused.begin();
    for (std::int64_t row = 0; row < rows.count; ++row) {
      if (next == refused.end() || next->row != row) {
        good.AppendFrom(*rows.batch, row);
        continue;
      }
      rows.refused.push_back(
          {row, Text(next->reason), CutRecord(connectors::DebugText(*rows.batch, row))});
      ++next;
    }
    rows.batch = good.length() > 0 ? good.Finish() : nullptr;
  }

  const SchemaPtr schema_;
  const std::shared_ptr<ParquetLibrary> library_;
  Owned<SpParquetReader> reader_;
  std::vector<Group> groups_;
};

class ParquetDecoder final : public FileDecoder {
 public:
  ParquetDecoder(SchemaPtr schema, std::shared_ptr<ParquetLibrary> library,
                 const SpParquetReading& reading)
      : schema_(std::move(schema)), library_(std::move(library)), reading_(reading) {}

  base::Result<std::unique_ptr<RowGroups>> Open(std::unique_ptr<FileBytes> file,
                                                const BatchLimit& limit) const override {
    SpParquetInput input{};
    Pass(std::move(file), &input);
    SpParquetReading reading = reading_;
    reading.batch_rows = limit.rows;
    reading.batch_bytes = static_cast<std::int64_t>(limit.bytes);
    Owned<SpParquetReader> reader;
    const PassedSchema schema(*schema_);
    SP_TRY(Ask((*library_)->open_reader, library_->get(), &input, schema.get(),
               static_cast<const SpParquetReading*>(&reading), reader.get()));
    return std::make_unique<ParquetRows>(schema_, library_, std::move(reader));
  }

 private:
  const SchemaPtr schema_;
  const std::shared_ptr<ParquetLibrary> library_;
  const SpParquetReading reading_;
};

/// Why values of the column cannot be written, of those that NOT NULL says of.
Refusal NullRefusal(const connectors::Field& field, const connectors::Column& column,
                    std::int64_t row, const std::string& path) {
  if (column.null(row)) {
    return field.nullability == Nullability::kRequired
               ? Refusal("'" + path + "' is null, and NOT NULL")
               : std::nullopt;
  }
  const auto& parts = field.type.children();
  connectors::Column::Range range{row, row + 1};
  if (!column.offsets.empty() && !parts.empty()) {
    range = column.range(row);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (auto at = range.begin; at < range.end; ++at) {
      if (auto refusal =
              NullRefusal(parts[i], column.children[i], at, path + "." + parts[i].name)) {
        return refusal;
      }
    }
  }
  return std::nullopt;
}

/// Whether NOT NULL stands anywhere in the type or its parts.
bool MayRefuseNull(const connectors::Field& field) {
  bool may = field.nullability == Nullability::kRequired;
  for (const connectors::Field& part : field.type.children()) {
    may = may || MayRefuseNull(part);
  }
  return may;
}

/// What the library writes is kept here until the next call takes it.
class ParquetEncoder final : public RowEncoder {
 public:
  ParquetEncoder(SchemaPtr schema, std::shared_ptr<ParquetLibrary> library, std::int32_t codec,
                 std::size_t group_bytes)
      : library_(std::move(library)),
        codec_(codec),
        group_limit_(group_bytes),
        rows_(std::move(schema)) {
    for (std::size_t i = 0; i < rows_.column_count(); ++i) {
      if (MayRefuseNull(rows_.schema()->fields()[i])) {
        checked_.push_back(i);
      }
    }
  }

  Refusal Encode(const Batch& /*batch*/, std::int64_t /*row*/, std::string& /*out*/) override {
    return "Parquet is a format of whole files";
  }

  void BeginStream(std::string& out) override {
    rows_.Truncate(0);
    group_bytes_ = 0;
    written_.clear();
    writer_.emplace();
    SpParquetOutput output{};
    output.private_data = &written_;
    output.write = [](SpParquetOutput* self, SpSlice bytes, SpText* error) {
      return Answer(error, [&] {
        static_cast<std::string*>(self->private_data)->append(View(bytes));
        return base::Ok();
      });
    };
    output.release = [](SpParquetOutput* self) { self->release = nullptr; };
    const PassedSchema schema(*rows_.schema());
    failed_ = Ask((*library_)->open_writer, library_->get(), &output, schema.get(), codec_,
                  writer_->get());
    TakeWritten(out);
  }

  Refusal AppendToStream(const Batch& batch, std::int64_t row, std::string& out) override {
    if (Refusal refusal = RefuseUnlessNew(batch, row)) {
      return refusal;
    }
    for (const std::size_t i : checked_) {
      const connectors::Field& field = rows_.schema()->fields()[i];
      if (Refusal refusal = NullRefusal(field, batch.columns[i], row, field.name)) {
        return refusal;
      }
    }
    for (std::size_t i = 0; i < batch.columns.size(); ++i) {
      rows_.column(i).AppendFrom(batch.columns[i], row);
    }
    rows_.EndRow();
    if (rows_.length() >= kRowsTogether || rows_.bytes() >= kBytesTogether ||
        kept_back() >= group_limit_) {
      WriteRows();
      TakeWritten(out);
    }
    return std::nullopt;
  }

  base::Status EndStream(std::string& out) override {
    WriteRows();
    if (failed_.ok()) {
      failed_ = Ask((*writer_)->close, writer_->get());
    }
    TakeWritten(out);
    writer_.reset();
    return failed_;
  }

  std::size_t kept_back() const override { return group_bytes_ + rows_.bytes(); }

 private:
  void WriteRows() {
    const std::size_t bytes = rows_.bytes();
    auto batch = rows_.Finish();
    if (!failed_.ok() || batch->length == 0) {
      return;
    }
    const std::int32_t begins_group = group_bytes_ >= group_limit_ ? 1 : 0;
    group_bytes_ = begins_group == 1 ? bytes : group_bytes_ + bytes;
    ArrowArray passed{};
    failed_ = connectors::ExportBatch(std::move(batch), Carry::kRows, &passed);
    if (failed_.ok()) {
      failed_ = Ask((*writer_)->write, writer_->get(), &passed, begins_group);
    }
  }

  void TakeWritten(std::string& out) {
    if (out.empty()) {  // a row group is not copied
      out.swap(written_);
    } else {
      out += written_;
    }
    written_.clear();
  }

  const std::shared_ptr<ParquetLibrary> library_;
  const std::int32_t codec_;
  const std::size_t group_limit_;
  std::vector<std::size_t> checked_;  // columns with NOT NULL in them
  BatchBuilder rows_;                 // that the library does not have yet
  std::size_t group_bytes_ = 0;       // that it has, of the row group that is open
  std::string written_;
  base::Status failed_;  // what comes after it is not written
  std::optional<Owned<SpParquetWriter>> writer_;
};

std::vector<OptionSpec> ParquetOptions() {
  using connectors::OptionKind;
  using connectors::OptionUse;
  return {
      {.name = "parquet.missing-columns",
       .kind = OptionKind::kChoice,
       .text = "What becomes of a column that a file lacks. One that is NOT NULL is refused in "
               "any case.",
       .fallback = "refuse",
       .use = OptionUse::kSource,
       .choices = {"refuse", "null"}},
      {.name = "parquet.nanoseconds",
       .kind = OptionKind::kChoice,
       .text = "What becomes of a time that is finer than a microsecond: its row is dirty, or it "
               "is cut.",
       .fallback = "refuse",
       .use = OptionUse::kSource,
       .choices = {"refuse", "cut"}},
      {.name = "parquet.codec",
       .kind = OptionKind::kChoice,
       .text = "How a file's pages are compressed that is written. All codecs are read.",
       .fallback = "snappy",
       .use = OptionUse::kSink,
       .choices = {"none", "snappy", "zstd", "gzip"}},
      {.name = "parquet.row-group-size",
       .kind = OptionKind::kSize,
       .text = "A row group that has reached it, before it is encoded, is ended. It waits in "
               "memory, encoded.",
       .fallback = "64MiB",
       .use = OptionUse::kSink,
       .least = 1,
       .most = std::int64_t{1} << 30},
  };
}

base::Result<std::unique_ptr<FileDecoder>> MakeParquetDecoder(const OptionValues& options,
                                                              const FormatSetup& setup) {
  const auto is = [&](std::string_view option, std::string_view value) {
    return options.String(option) == value;
  };
  const SpParquetReading reading{
      .memory_bytes = kMostOfAFile,
      .nanoseconds = is("parquet.nanoseconds", "cut") ? SP_PARQUET_CUT : SP_PARQUET_REFUSE,
      .missing_columns =
          is("parquet.missing-columns", "null") ? SP_PARQUET_NULL : SP_PARQUET_REFUSE};
  return std::make_unique<ParquetDecoder>(setup.schema, SP_TRY(LoadParquet()), reading);
}

base::Result<std::unique_ptr<RowEncoder>> MakeParquetEncoder(const OptionValues& options,
                                                             const FormatSetup& setup) {
  const std::string& codec = options.String("parquet.codec");
  return std::make_unique<ParquetEncoder>(
      setup.schema, SP_TRY(LoadParquet()),
      codec == "none"   ? SP_PARQUET_CODEC_NONE
      : codec == "zstd" ? SP_PARQUET_CODEC_ZSTD
      : codec == "gzip" ? SP_PARQUET_CODEC_GZIP
                        : SP_PARQUET_CODEC_SNAPPY,
      static_cast<std::size_t>(options.Size("parquet.row-group-size")));
}

}  // namespace

const Format kParquetFormat = {.name = "parquet",
                               .options = ParquetOptions,
                               .make_encoder = MakeParquetEncoder,
                               .make_file_decoder = MakeParquetDecoder};

}  // namespace streampark::formats
