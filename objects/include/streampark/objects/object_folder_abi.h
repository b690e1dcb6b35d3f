// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/connectors/abi/connector_abi.h"

// A prefix of a bucket as a folder of objects (object_folder.h says what each call means), as a shared library that jobs and programs
// load when they are told of one. C11, by the rules of connector_abi.h, but that any thread may call. The library exports one function:
//
//   int32_t streampark_objects(uint32_t version, const struct SpObjectSettings*, struct SpObjectFolder* out, struct SpText* error);
//
// SP_OK with `out` filled, SP_FAILED with `error`, -1 when the library does not speak this version. Nothing is asked of a server yet.

#ifdef __cplusplus
extern "C" {
#endif

#define SP_OBJECTS_ABI_VERSION 1
#define SP_OBJECTS_SYMBOL "streampark_objects"

struct SpObjectSettings {
  struct SpSlice bucket;
  struct SpSlice prefix;
  struct SpSlice endpoint;  // empty: the one of the region
  struct SpSlice region;
  struct SpSlice access_key_id;
  struct SpSlice secret_access_key;
  struct SpSlice session_token;  // may be empty
  struct SpSlice ca_file;        // empty: the system's
  int32_t path_style;            // 0: the bucket is part of the host's name
  int64_t deadline_ms;           // of one request
  int64_t patience_ms;           // for trying again what may go well the next time
  int64_t lease_ms;              // a claim that nobody has renewed for so long is over
  uint64_t part_bytes;           // what is bigger is sent in such parts
};

struct SpObjectClaim {
  int32_t (*confirm)(struct SpObjectClaim*, struct SpText* error);
  int32_t (*mark)(struct SpObjectClaim*, uint64_t mark, struct SpText* error);
  // As they were when it was claimed:
  int32_t has_mark;
  uint64_t marked;
  struct SpSlice tag;
  struct SpSlice weakness;
  void (*release)(struct SpObjectClaim*);  // before the folder's
  void* private_data;
};

struct SpObjectFolder {
  int32_t (*put)(struct SpObjectFolder*, struct SpSlice name, struct SpSlice bytes,
                 struct SpText* error);
  int32_t (*put_new)(struct SpObjectFolder*, struct SpSlice name, struct SpSlice bytes,
                     struct SpText* error);
  int32_t (*put_file)(struct SpObjectFolder*, struct SpSlice name, struct SpSlice from,
                      struct SpText* error);
  int32_t (*get)(struct SpObjectFolder*, struct SpSlice name, struct SpText* out,
                 struct SpText* error);
  // Into a file, which must not be there.
  int32_t (*get_file)(struct SpObjectFolder*, struct SpSlice name, struct SpSlice to,
                      struct SpText* error);
  int32_t (*has)(struct SpObjectFolder*, struct SpSlice name, int32_t* found, struct SpText* error);
  // `out`: each name and a line feed.
  int32_t (*list)(struct SpObjectFolder*, struct SpSlice prefix, struct SpText* out,
                  struct SpText* error);
  int32_t (*remove)(struct SpObjectFolder*, const struct SpSlice* names, size_t n,
                    struct SpText* error);
  int32_t (*claim)(struct SpObjectFolder*, struct SpObjectClaim* out, struct SpText* error);
  void (*cancel)(struct SpObjectFolder*);  // this and later calls fail soon with CANCELLED
  void (*release)(struct SpObjectFolder*);
  void* private_data;
};

typedef int32_t (*SpObjectsFunction)(uint32_t version, const struct SpObjectSettings*,
                                     struct SpObjectFolder* out, struct SpText* error);

#ifdef __cplusplus
}
#endif
