// SPDX-License-Identifier: Apache-2.0
#pragma once

// A connector as a shared library: the contract of streampark/connectors/{connector,source,sink}.h, which says what each call
// means, as C11. No C++ type, exception, allocator or clock passes here, so that library and program may be built by different
// compilers, in different languages, with different versions of StreamPark.
//
// The library exports one function:
//
//   int32_t streampark_connectors(uint32_t version, uint32_t index, struct SpConnector* out);
//
// Rules:
// - Structs with a `release` are filled by the called side into memory of the caller, who calls `release` once when done; it sets
//   itself to null. Made from each other, they may be released in any order.
// - Slices (and arrays) that are passed to a call are borrowed for that call alone. Those inside a struct with a `release`
//   live until it is released.
// - A call that returns int32_t gives 0, or SP_FAILED with `error` filled and nothing else: the error's JSON,
//   {"code": "IO_ERROR", "message": "…", "hint": "…", "cause": "…"}, with a code of StreamPark's list, which says whether trying again
//   makes sense. What is no such JSON is an INTERNAL error with that text.
// - One thread at a time calls an object. Only `wake_up` and `cancel` come from others meanwhile.
// - Text is UTF-8 without a closing NUL, unless it is a `const char*`.

#ifdef __cplusplus
#include <cstddef>
#include <cstdint>

#include "streampark/connectors/arrow.h"
extern "C" {
#else
#include <stddef.h>
#include <stdint.h>
// Include a header with Arrow's C data interface before this one.
#endif

#define SP_CONNECTOR_ABI_VERSION 2
#define SP_CONNECTORS_SYMBOL "streampark_connectors"

enum { SP_OK = 0, SP_FAILED = 1 };

struct SpSlice {
  const char* data;
  size_t size;
};

struct SpText {
  struct SpSlice text;
  void (*release)(struct SpText*);
  void* private_data;
};

struct SpPosition {
  uint16_t version;
  struct SpSlice bytes;
};

struct SpSplit {
  struct SpSlice id;
  struct SpPosition position;
};

struct SpDirtyRecord {
  struct SpSlice where;
  struct SpSlice reason;
  struct SpSlice bytes;
};

// ---------------------------------------------------------------------------------------------- sources

struct SpSplits {
  const struct SpSplit* splits;
  size_t n_splits;
  int32_t complete;  // of a discovery: no more will follow
  void (*release)(struct SpSplits*);
  void* private_data;
};

struct SpRows {
  struct ArrowArray batch;  // `release` is null when nothing came; may be moved out
  struct SpSlice table[3];  // database, schema, table; all empty when the source has one table
  struct SpSlice split;
  int32_t has_watermark;
  int64_t watermark_ms;  // since the epoch
  int32_t has_waiting;
  int64_t waiting;  // records in the source, behind these
  const struct SpDirtyRecord* dirty;
  size_t n_dirty;
  const struct SpSlice* ended;
  size_t n_ended;
  void (*release)(struct SpRows*);
  void* private_data;
};

struct SpSplitEnumerator {
  int32_t (*discover)(struct SpSplitEnumerator*, struct SpSplits* out, struct SpText* error);
  void (*snapshot)(struct SpSplitEnumerator*, struct SpText* out);
  void (*cancel)(
      struct SpSplitEnumerator*);  // from any thread: this and later calls fail soon with CANCELLED
  void (*release)(struct SpSplitEnumerator*);
  void* private_data;
};

struct SpSplitReader {
  int32_t (*add)(struct SpSplitReader*, const struct SpSplit* splits, size_t n,
                 struct SpText* error);
  int32_t (*read)(struct SpSplitReader*, int64_t patience_ms, struct SpRows* out,
                  struct SpText* error);
  void (*snapshot)(struct SpSplitReader*, struct SpSplits* out);
  int32_t (*acknowledge)(struct SpSplitReader*, const struct SpSplit* positions, size_t n,
                         struct SpText* error);
  void (*wake_up)(struct SpSplitReader*);
  void (*release)(struct SpSplitReader*);
  void* private_data;
};

struct SpSource {
  int32_t bounded;
  int32_t changes;                // its batches are carried with kinds: Carry::kChanges of arrow.h
  int64_t discovery_interval_ms;  // negative: it is asked once
  int32_t (*schema)(struct SpSource*, struct ArrowSchema* out, struct SpText* error);
  // `restored` is null at a first start.
  int32_t (*make_enumerator)(struct SpSource*, const struct SpSlice* restored,
                             struct SpSplitEnumerator* out, struct SpText* error);
  int32_t (*make_reader)(struct SpSource*, int32_t subtask, struct SpSplitReader* out,
                         struct SpText* error);
  void (*release)(struct SpSource*);
  void* private_data;
};

// ------------------------------------------------------------------------------------------------ sinks

enum { SP_AT_LEAST_ONCE = 0, SP_UPSERT = 1, SP_EXACTLY_ONCE = 2 };

struct SpWriterId {
  struct SpSlice lineage;
  struct SpSlice sink;
  int32_t subtask;
};

struct SpCommittable {
  int32_t subtask;
  uint16_t version;
  uint64_t sequence;
  struct SpSlice bytes;
};

struct SpCommittables {
  const struct SpCommittable* items;
  size_t n_items;
  void (*release)(struct SpCommittables*);
  void* private_data;
};

struct SpDirtyRecords {
  const struct SpDirtyRecord* records;
  size_t n_records;
  void (*release)(struct SpDirtyRecords*);
  void* private_data;
};

struct SpSinkWriter {
  // The batch stays the caller's, and is gone after the call.
  int32_t (*write)(struct SpSinkWriter*, struct ArrowArray* batch, struct SpDirtyRecords* refused,
                   struct SpText* error);
  int32_t (*prepare)(struct SpSinkWriter*, uint64_t sequence, struct SpCommittables* out,
                     struct SpText* error);
  void (*snapshot)(struct SpSinkWriter*, struct SpText* out);
  int32_t (*flush)(struct SpSinkWriter*, struct SpText* error);
  void (*release)(struct SpSinkWriter*);
  void* private_data;
};

struct SpCommitter {
  int32_t (*commit)(struct SpCommitter*, const struct SpCommittable* prepared, size_t n,
                    struct SpText* error);
  int32_t (*recover)(struct SpCommitter*, const struct SpWriterId* lineage,
                     const struct SpCommittable* pending, size_t n, uint64_t next,
                     struct SpText* error);
  void (*cancel)(
      struct SpCommitter*);  // from any thread: this and later calls fail soon with CANCELLED
  void (*release)(struct SpCommitter*);
  void* private_data;
};

struct SpSink {
  int32_t delivery;
  int32_t changes;  // it takes batches with kinds; else it is given inserts alone
  int32_t (*make_writer)(struct SpSink*, const struct SpWriterId* id, struct SpSlice restored,
                         struct SpSinkWriter* out, struct SpText* error);
  // Null when there is nothing to commit.
  int32_t (*make_committer)(struct SpSink*, struct SpCommitter* out, struct SpText* error);
  void (*release)(struct SpSink*);
  void* private_data;
};

// ------------------------------------------------------------------------------------------- connectors

enum {
  SP_IS_SOURCE = 1,
  SP_IS_SINK = 2,
  SP_REPLAYS = 4,
  SP_GIVES_CHANGES = 8,
  SP_DISCOVERS = 16,
  SP_UPSERTS = 32,
  SP_COMMITS = 64,
};

enum {  // in the order of OptionKind
  SP_OPTION_STRING,
  SP_OPTION_SECRET,
  SP_OPTION_INTEGER,
  SP_OPTION_NUMBER,
  SP_OPTION_BOOLEAN,
  SP_OPTION_DURATION,
  SP_OPTION_SIZE,
  SP_OPTION_CHOICE,
  SP_OPTION_LIST,
};

enum { SP_OPTION_OF_BOTH, SP_OPTION_OF_SOURCES, SP_OPTION_OF_SINKS };

struct SpOption {
  const char* name;
  int32_t kind;
  int32_t use;
  const char* text;
  const char* fallback;  // null: none
  int32_t required;
  const char* const* choices;  // ends with null; null: none
  const char* const* aliases;  // the same
  const int64_t* least;        // null: no bound
  const int64_t* most;
};

struct SpOptionValue {
  const char* name;
  const char* value;
};

// What a program offers its connectors; outlives them.
struct SpHost {
  int64_t (*now_ms)(const struct SpHost*);     // since the epoch
  int64_t (*steady_ns)(const struct SpHost*);  // never goes back
  const void* private_data;
};

struct SpSetup {
  const struct SpOptionValue*
      options;  // as they were given, checked against the connector's options, without fallbacks
  size_t n_options;
  const struct ArrowSchema* schema;  // null: whatever the source has
  const struct SpHost* host;
};

struct SpConnector {
  const char* name;
  const char* text;
  uint32_t capabilities;
  const struct SpOption* options;
  size_t n_options;
  const char* const* passed_prefixes;  // ends with null
  int32_t (*make_source)(struct SpConnector*, const struct SpSetup*, struct SpSource* out,
                         struct SpText* error);
  int32_t (*make_sink)(struct SpConnector*, const struct SpSetup*, struct SpSink* out,
                       struct SpText* error);
  void (*release)(struct SpConnector*);
  void* private_data;
};

// 1 with `out` filled; 0 when there are no more; -1 when the library does not speak this version.
typedef int32_t (*SpConnectors)(uint32_t version, uint32_t index, struct SpConnector* out);

#ifdef __cplusplus
}
#endif
