// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/connectors/abi/connector_abi.h"

// A place for keyed state outside of the memory of a job, as a shared library: ordered bytes. C11, by the rules of
// connector_abi.h. The library exports one function:
//
//   int32_t streampark_state(uint32_t version, const struct SpStateSettings*, struct SpStateBackend* out, struct SpText* error);
//
// SP_OK with `out` filled, SP_FAILED with `error`, -1 when the library does not speak this version.
//
// Changes are bytes, one change after another; lengths are LEB128:
//
// | first byte      | then                                      |
// |-----------------|-------------------------------------------|
// | 0: delete       | length, key                               |
// | 1: put          | length, key, length, value                |
// | 2: delete range | length, first key, length, the one after  |

#ifdef __cplusplus
extern "C" {
#endif

#define SP_STATE_ABI_VERSION 1
#define SP_STATE_SYMBOL "streampark_state"

struct SpStateSettings {
  uint64_t cache_bytes;         // for blocks of files; of all stores together
  uint64_t write_buffer_bytes;  // for changes that are in no file yet; of all stores together
  uint32_t stores;              // so many are open at a time
  uint32_t threads;             // that flush and compact
};

struct SpStateScan {
  // 1: the next entry, which is good until the next call; 0: the end; SP_STATE_SCAN_FAILED with `error`.
  int32_t (*next)(struct SpStateScan*, struct SpSlice* key, struct SpSlice* value,
                  struct SpText* error);
  void (*release)(struct SpStateScan*);  // before the store's
  void* private_data;
};
enum { SP_STATE_SCAN_FAILED = -1 };

// For one thread at a time.
struct SpStateStore {
  // `found` 1: the value, which is good until the next call.
  int32_t (*get)(struct SpStateStore*, struct SpSlice key, struct SpSlice* value, int32_t* found,
                 struct SpText* error);
  int32_t (*write)(struct SpStateStore*, struct SpSlice changes, struct SpText* error);
  // Entries with from <= key < until as they are now, in the order of their bytes.
  int32_t (*scan)(struct SpStateStore*, struct SpSlice from, struct SpSlice until,
                  struct SpStateScan* out, struct SpText* error);
  // Makes `folder` hold all that was written, as files that never change. Those whose names end in `.sst` are the same
  // in the next one when they have the same name; opened again, the folder is the store.
  int32_t (*capture)(struct SpStateStore*, struct SpSlice folder, struct SpText* error);
  // Values under keys with this prefix begin with the moment at which they expire (int64, milliseconds, little-endian);
  // expired ones may go at any time.
  void (*expire)(struct SpStateStore*, struct SpSlice prefix);
  void (*set_now)(struct SpStateStore*, int64_t now_ms);
  void (*release)(struct SpStateStore*);
  void* private_data;
};

struct SpStateBackend {
  // The store in `folder`, which is made when it is not there.
  int32_t (*open)(struct SpStateBackend*, struct SpSlice folder, struct SpStateStore* out,
                  struct SpText* error);
  void (*release)(struct SpStateBackend*);  // after its stores'
  void* private_data;
};

typedef int32_t (*SpStateFunction)(uint32_t version, const struct SpStateSettings*,
                                   struct SpStateBackend* out, struct SpText* error);

#ifdef __cplusplus
}
#endif
