// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/connectors/abi/connector_abi.h"

// Parquet as a shared library of its own, so that nothing else carries Arrow. C11, by the rules of connector_abi.h. The library
// exports one function:
//
//   int32_t streampark_parquet(uint32_t version, struct SpParquet* out);
//
// SP_OK with `out` filled, -1 when the library does not speak this version.
//
// Schemas and batches are those of arrow.h, as rows: what a file has under other types is converted to the schema that is asked for.

#ifdef __cplusplus
extern "C" {
#endif

#define SP_PARQUET_ABI_VERSION 1
#define SP_PARQUET_SYMBOL "streampark_parquet"

// A file to read. The caller fills it, whoever it is passed to takes it over, also when that fails.
struct SpParquetInput {
  int64_t size;
  // Up to `count` bytes from `offset` on; `*read` is 0 at the end alone.
  int32_t (*read_at)(struct SpParquetInput*, int64_t offset, char* to, size_t count, size_t* read,
                     struct SpText* error);
  void (*release)(struct SpParquetInput*);
  void* private_data;
};

// Where a file is written to; passed like an input.
struct SpParquetOutput {
  int32_t (*write)(struct SpParquetOutput*, struct SpSlice bytes, struct SpText* error);
  void (*release)(struct SpParquetOutput*);
  void* private_data;
};

enum { SP_PARQUET_REFUSE = 0, SP_PARQUET_CUT = 1, SP_PARQUET_NULL = 2 };

struct SpParquetReading {
  int64_t batch_rows;       // at most
  int64_t batch_bytes;      // about
  int64_t memory_bytes;     // of a file, at most
  int32_t nanoseconds;      // what is finer than a microsecond: SP_PARQUET_REFUSE or SP_PARQUET_CUT
  int32_t missing_columns;  // SP_PARQUET_REFUSE or SP_PARQUET_NULL
};

struct SpRowGroup {
  int64_t begin;  // its first byte, or that of one before it: they ascend
  int64_t rows;
};

struct SpRefusedRow {
  int64_t row;  // of the batch, which has it all the same; they ascend
  struct SpSlice reason;
};

struct SpParquetRows {
  struct ArrowArray batch;  // `release` is null at the end of what was selected; may be moved out
  const struct SpRefusedRow* refused;
  size_t n_refused;
  void (*release)(struct SpParquetRows*);
  void* private_data;
};

// For one thread at a time.
struct SpParquetReader {
  const struct SpRowGroup* groups;
  size_t n_groups;
  // Reads the groups from `first` on and before `end`, without the first `skipped` rows.
  int32_t (*select)(struct SpParquetReader*, size_t first, size_t end, int64_t skipped,
                    struct SpText* error);
  int32_t (*read)(struct SpParquetReader*, struct SpParquetRows* out, struct SpText* error);
  void (*release)(struct SpParquetReader*);
  void* private_data;
};

enum {
  SP_PARQUET_CODEC_NONE = 0,
  SP_PARQUET_CODEC_SNAPPY = 1,
  SP_PARQUET_CODEC_ZSTD = 2,
  SP_PARQUET_CODEC_GZIP = 3,
};

// For one thread at a time.
struct SpParquetWriter {
  // Takes the batch over, also when that fails. It waits in memory, encoded, for the end of its row group. `begins_group` 1: the
  // row group before it ends.
  int32_t (*write)(struct SpParquetWriter*, struct ArrowArray* batch, int32_t begins_group,
                   struct SpText* error);
  // The last call: the index.
  int32_t (*close)(struct SpParquetWriter*, struct SpText* error);
  void (*release)(struct SpParquetWriter*);
  void* private_data;
};

// For any thread.
struct SpParquet {
  // INVALID_REQUEST: it is no Parquet, or damaged; VALIDATION_FAILED: a column cannot be had as `schema` asks for it.
  int32_t (*open_reader)(struct SpParquet*, struct SpParquetInput* file,
                         const struct ArrowSchema* schema, const struct SpParquetReading* reading,
                         struct SpParquetReader* out, struct SpText* error);
  int32_t (*open_writer)(struct SpParquet*, struct SpParquetOutput* file,
                         const struct ArrowSchema* schema, int32_t codec,
                         struct SpParquetWriter* out, struct SpText* error);
  void (*release)(struct SpParquet*);
  void* private_data;
};

typedef int32_t (*SpParquetFunction)(uint32_t version, struct SpParquet* out);

#ifdef __cplusplus
}
#endif
