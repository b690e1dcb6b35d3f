// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/batch.h"
#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/options.h"
#include "streampark/connectors/type.h"

/// Bytes to rows and rows to bytes, by the name of a format and a schema:
///
/// | format     | a message                                   | a stream                                  | kinds of rows    |
/// |------------|---------------------------------------------|-------------------------------------------|------------------|
/// | `json`     | one object                                  | an object a line; empty lines are skipped | inserts          |
/// | `csv`      | one record                                  | records, after a header if wanted         | inserts          |
/// | `raw`      | the value of the one column                 | a value a line                            | inserts          |
/// | `avro`     | one datum, also in Schema Registry's frame  | an object container file                  | inserts          |
/// | `debezium` | one envelope in JSON; empty is a tombstone  | an envelope a line                        | all of a change  |
/// | `parquet`  | none: of files alone, see file_decoder.h    | a file, only as it is written             | inserts          |
///
/// A message is what Kafka or HTTP hands over; a stream is a file. Objects here are used by one thread at a
/// time. Outside input never aborts, and never throws: what is no row is told with its reason.
namespace streampark::formats {

using connectors::Batch;
using connectors::BatchBuilder;
using connectors::OptionSpec;
using connectors::OptionValues;
using connectors::SchemaPtr;

/// Why a record is no row, or a row no record; absent when all is well.
using Refusal = std::optional<std::string>;

/// A record of a stream that is no row.
struct RefusedRecord {
  std::size_t at = 0;       // where it begins in the chunk
  std::int64_t record = 0;  // which it is in the chunk, from 0
  std::string reason;
  std::string bytes;  // cut at 64 KiB
};

/// Whether more bytes follow those of a chunk.
enum class ChunkEnd : std::uint8_t { kMoreFollows, kEndOfStream };

/// Where to stop within a chunk: the first of the two that is reached.
struct BatchLimit {
  std::int64_t rows = 4096;
  std::size_t bytes = 4U << 20U;
};

class RowDecoder {
 public:
  struct Progress {
    std::size_t consumed = 0;  // bytes; a whole number of records
    std::int64_t records = 0;  // rows and refused ones
  };

  virtual ~RowDecoder() = default;

  /// Appends the rows of one message; none of them when it is refused.
  virtual Refusal Decode(std::string_view message, BatchBuilder& rows) = 0;

  /// Reads what a stream begins with, also when reading goes on from a later place of it. How many bytes that is;
  /// absent when `bytes` do not reach.
  virtual base::Result<std::optional<std::size_t>> ReadHead(std::string_view bytes, ChunkEnd end);
  /// Appends the rows of whole records from the front of `chunk` until `rows` is at the limit. Nothing is consumed
  /// when the first record is not whole. An error is of the stream itself: it cannot be read on.
  virtual base::Result<Progress> DecodeChunk(std::string_view chunk, ChunkEnd end,
                                             const BatchLimit& limit, BatchBuilder& rows,
                                             std::vector<RefusedRecord>& refused);
  /// Whether a stream may be read from any line end on.
  virtual bool splits_at_lines() const { return true; }

 protected:
  /// For DecodeChunk's own splitting into lines.
  virtual bool skips_blank_lines() const { return true; }
};

class RowEncoder {
 public:
  virtual ~RowEncoder() = default;

  /// Appends one row as one message. Nothing is appended when it is refused.
  virtual Refusal Encode(const Batch& batch, std::int64_t row, std::string& out) = 0;

  /// A stream: its head, its rows, its tail. Bytes may be kept back until EndStream. Its error says that the stream is not whole.
  virtual void BeginStream(std::string& /*out*/) {}
  virtual Refusal AppendToStream(const Batch& batch, std::int64_t row, std::string& out);
  virtual base::Status EndStream(std::string& /*out*/) { return base::Ok(); }
  /// About how many bytes of the stream are kept back.
  virtual std::size_t kept_back() const { return 0; }
};

/// What a format may need beside its options.
struct FormatSetup {
  SchemaPtr schema;
  /// Avro in Schema Registry's frame: the schema of an id, as JSON. Absent: the schema of the options is taken.
  std::function<base::Result<std::string>(std::uint32_t id)> schema_of_id;
  /// The id of the schema that rows are written with, where no option says it; asked for when the encoder is made.
  std::function<base::Result<std::uint32_t>(const std::string& schema)> id_of_schema;
};

/// What brings and takes bytes: single messages, and perhaps streams; or whole files, which all formats can be.
enum class Carrier : std::uint8_t { kMessages, kFiles };

/// `format` and each format's own options (`csv.delimiter`), for the table of a connector. `fallback` is the
/// format when none is given; empty: it has to be given.
std::vector<OptionSpec> FormatOptions(std::string_view fallback,
                                      Carrier carrier = Carrier::kMessages);

/// By the options' `format`; a decoder only of what is no format of files alone. VALIDATION_FAILED names the column whose type the format cannot hold.
base::Result<std::unique_ptr<RowDecoder>> MakeDecoder(const OptionValues& options,
                                                      const FormatSetup& setup);
base::Result<std::unique_ptr<RowEncoder>> MakeEncoder(const OptionValues& options,
                                                      const FormatSetup& setup);

/// The first 64 KiB.
std::string CutRecord(std::string_view bytes);

}  // namespace streampark::formats
