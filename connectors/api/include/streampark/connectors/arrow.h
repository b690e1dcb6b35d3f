// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "streampark/base/result.h"
#include "streampark/connectors/batch.h"

// The two structs are Arrow's own, letter by letter: https://arrow.apache.org/docs/format/CDataInterface.html.
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

extern "C" {

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};
}

#endif  // ARROW_C_DATA_INTERFACE

/// Schemas and batches across a C boundary (a JVM, a library with a runtime of its own, another language).
///
/// | ours                       | there                                                                   |
/// |----------------------------|-------------------------------------------------------------------------|
/// | a schema, a batch          | a struct that is never null, one child a column                         |
/// | the schema's key           | metadata of its columns: `streampark.key` = their place in it, from 0   |
/// | the batch's kinds          | a last-but-one child `$kind`, int8: 0 +I, 1 -U, 2 +U, 3 -D              |
/// | what is known of each row  | a last child `$known`: a struct of booleans named as the columns        |
///
/// The last two are there only with Carry::kChanges. A batch's table does not cross.
namespace streampark::connectors {

enum class Carry : std::uint8_t { kRows, kChanges };

/// `out` is the caller's to release. Thread-safe.
void ExportSchema(const Schema& schema, Carry carry, ArrowSchema* out);

/// What `schema` describes; it stays the caller's. INVALID_REQUEST names the column whose type is not of our list.
base::Result<Schema> ImportSchema(const ArrowSchema& schema, Carry carry);

/// Hands the batch over, without a copy: it lives until `out` and what was moved out of it are released, from
/// whatever thread. ILLEGAL_STATE when it has kinds or unknown values and they are not carried.
base::Status ExportBatch(std::unique_ptr<Batch> batch, Carry carry, ArrowArray* out);

/// Takes `array` over in every case (its `release` is null then) and borrows its buffers; it is released with the last
/// of them. Bits that do not begin at a whole byte are copied. The array has to be of `schema`: INVALID_REQUEST when its
/// structure is not; what the offsets and texts hold is taken as it is.
base::Result<std::unique_ptr<Batch>> ImportBatch(ArrowArray* array, SchemaPtr schema, Carry carry);

}  // namespace streampark::connectors
