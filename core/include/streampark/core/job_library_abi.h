// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/connectors/abi/connector_abi.h"

// A job as a shared library: what a program that runs it may ask. C11, by the rules of connector_abi.h. The library
// holds its own copy of the core; the program brings configuration, connectors and time. It exports one function:
//
//   int32_t streampark_job(uint32_t version, struct SpJob* out);
//
// 1 with `out` filled, -1 when the library does not speak this version.

#ifdef __cplusplus
extern "C" {
#endif

#define SP_JOB_ABI_VERSION 2
#define SP_JOB_SYMBOL "streampark_job"

struct SpConfigValue {
  struct SpSlice key;     // dotted
  struct SpSlice value;   // as it was written, with ${…} in it
  struct SpSlice origin;  // for people: `application.yml:12`
};

// Outlives whatever is made with it.
struct SpJobSetup {
  const struct SpConfigValue* values;
  size_t n_values;
  struct SpConnector* connectors;  // stay the program's
  size_t n_connectors;
  const struct SpHost* host;
  // 1 with the value of ${secret:NAME} in `out`, 0 when there is none. Any thread. May be null.
  int32_t (*secret)(const struct SpJobSetup*, struct SpSlice name, struct SpText* out);
  const void* private_data;
};

enum { SP_STOP_WITH_SAVEPOINT = 0, SP_STOP_AND_DRAIN = 1 };

// A job in the native runtime. `run` is called once and ends when the job has; the others from any thread.
struct SpNativeRun {
  int32_t (*run)(struct SpNativeRun*, struct SpText* error);
  void (*cancel)(struct SpNativeRun*);
  // `out`: the savepoint's folder.
  int32_t (*savepoint)(struct SpNativeRun*, struct SpSlice folder, struct SpText* out,
                       struct SpText* error);
  int32_t (*stop)(struct SpNativeRun*, int32_t mode, struct SpSlice folder, struct SpText* out,
                  struct SpText* error);
  // JSON: status_json.h.
  void (*status)(struct SpNativeRun*, struct SpText* out);
  // `out`: the next rows that the operator `node` of the plan gives, a JSON array of up to `most`; waits for them up to the patience.
  int32_t (*rows)(struct SpNativeRun*, int32_t node, uint32_t most, int64_t patience_ms,
                  struct SpText* out, struct SpText* error);
  void (*release)(struct SpNativeRun*);  // once `run` has returned
  void* private_data;
};

struct SpJob {
  const char* name;  // as its author calls it; app.name goes before
  // The plan as JSON: its name, nodes and edges. Connects to nothing.
  int32_t (*describe)(struct SpJob*, const struct SpJobSetup*, struct SpText* out,
                      struct SpText* error);
  int32_t (*make_native)(struct SpJob*, const struct SpJobSetup*, struct SpNativeRun* out,
                         struct SpText* error);
  void (*release)(struct SpJob*);
  void* private_data;
};

typedef int32_t (*SpJobFunction)(uint32_t version, struct SpJob* out);

#ifdef __cplusplus
}
#endif
