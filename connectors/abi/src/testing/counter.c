// SPDX-License-Identifier: Apache-2.0
// A connector in C11 that shares nothing with StreamPark but the header: a source `counter` of the numbers 0 … rows-1 in column `n`.
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arrow_c_data.h"
#include "streampark/connectors/abi/connector_abi.h"

#define EXPORTED __attribute__((visibility("default")))
enum { ROWS_A_BATCH = 4 };

static void free_text(struct SpText* self) {
  free(self->private_data);
  self->release = NULL;
}

static void fill_text(struct SpText* out, const char* text) {
  out->private_data = strdup(text);
  out->text.data = out->private_data;
  out->text.size = strlen(text);
  out->release = free_text;
}

static int32_t fail(struct SpText* error, const char* json) {
  fill_text(error, json);
  return SP_FAILED;
}

// Splits: one, with the next number as decimal digits.

struct one_split {
  struct SpSplit split;
  char bytes[24];
};

static void free_splits(struct SpSplits* self) {
  free(self->private_data);
  self->release = NULL;
}

static void fill_split(struct SpSplits* out, int64_t next) {
  struct one_split* one = calloc(1, sizeof *one);
  one->split.id.data = "all";
  one->split.id.size = 3;
  one->split.position.version = 1;
  one->split.position.bytes.size = (size_t)snprintf(one->bytes, sizeof one->bytes, "%" PRId64, next);
  one->split.position.bytes.data = one->bytes;
  out->splits = &one->split;
  out->n_splits = 1;
  out->private_data = one;
  out->release = free_splits;
}

struct counter {
  int64_t rows;
};

// The enumerator: `private_data` is not null once it has told its split.

static int32_t discover(struct SpSplitEnumerator* self, struct SpSplits* out, struct SpText* error) {
  (void)error;
  if (self->private_data == NULL) {
    fill_split(out, 0);
    self->private_data = self;
  }
  out->complete = 1;
  return SP_OK;
}

static void enumerator_state(struct SpSplitEnumerator* self, struct SpText* out) {
  fill_text(out, self->private_data == NULL ? "" : "told");
}

static void cancel(struct SpSplitEnumerator* self) { (void)self; }
static void release_enumerator(struct SpSplitEnumerator* self) { self->release = NULL; }

// The reader.

struct reader {
  int64_t next, rows;
  int has_split;
};

static int32_t add(struct SpSplitReader* self, const struct SpSplit* splits, size_t n, struct SpText* error) {
  struct reader* reader = self->private_data;
  char digits[24] = {0};
  if (n != 1 || splits[0].position.bytes.size >= sizeof digits) {
    return fail(error, "{\"code\": \"INVALID_REQUEST\", \"message\": \"counter has one split\"}");
  }
  memcpy(digits, splits[0].position.bytes.data, splits[0].position.bytes.size);
  reader->next = strtoll(digits, NULL, 10);
  reader->has_split = 1;
  return SP_OK;
}

static void free_array(struct ArrowArray* array) {
  free((void*)array->buffers[1]);
  free(array->buffers);
  array->release = NULL;
}

static void free_batch(struct ArrowArray* batch) {
  if (batch->children[0]->release != NULL) {
    batch->children[0]->release(batch->children[0]);
  }
  free(batch->children[0]);
  free(batch->children);
  free(batch->buffers);
  batch->release = NULL;
}

static void release_rows(struct SpRows* self) {
  if (self->batch.release != NULL) {
    self->batch.release(&self->batch);
  }
  self->release = NULL;
}

static const struct SpSlice kAll = {"all", 3};

static int32_t read_rows(struct SpSplitReader* self, int64_t patience_ms, struct SpRows* out, struct SpText* error) {
  struct reader* reader = self->private_data;
  (void)patience_ms;
  (void)error;
  out->release = release_rows;
  if (!reader->has_split) {
    return SP_OK;
  }
  int64_t length = reader->rows - reader->next;
  if (length > ROWS_A_BATCH) {
    length = ROWS_A_BATCH;
  }
  if (length > 0) {
    int64_t* numbers = malloc(sizeof *numbers * ROWS_A_BATCH);
    for (int64_t i = 0; i < length; ++i) {
      numbers[i] = reader->next + i;
    }
    struct ArrowArray* column = calloc(1, sizeof *column);
    column->length = length;
    column->n_buffers = 2;
    column->buffers = calloc(2, sizeof(void*));
    column->buffers[1] = numbers;
    column->release = free_array;
    out->batch.length = length;
    out->batch.n_buffers = 1;
    out->batch.buffers = calloc(1, sizeof(void*));
    out->batch.n_children = 1;
    out->batch.children = malloc(sizeof column);
    out->batch.children[0] = column;
    out->batch.release = free_batch;
    reader->next += length;
  }
  out->split = kAll;
  if (reader->next >= reader->rows) {
    out->ended = &kAll;
    out->n_ended = 1;
    reader->has_split = 0;
  }
  return SP_OK;
}

static void reader_state(struct SpSplitReader* self, struct SpSplits* out) {
  struct reader* reader = self->private_data;
  memset(out, 0, sizeof *out);
  if (reader->has_split) {
    fill_split(out, reader->next);
  }
}

static int32_t acknowledge(struct SpSplitReader* self, const struct SpSplit* at, size_t n, struct SpText* error) {
  (void)self, (void)at, (void)n, (void)error;
  return SP_OK;
}

static void wake_up(struct SpSplitReader* self) { (void)self; }
static void release_reader(struct SpSplitReader* self) {
  free(self->private_data);
  self->release = NULL;
}

// The source.

static void release_schema(struct ArrowSchema* schema) { schema->release = NULL; }

static int32_t schema_of(struct SpSource* self, struct ArrowSchema* out, struct SpText* error) {
  static struct ArrowSchema column = {.format = "l", .name = "n", .release = release_schema};
  static struct ArrowSchema* columns[] = {&column};
  (void)self, (void)error;
  memset(out, 0, sizeof *out);
  out->format = "+s";
  out->name = "";
  out->n_children = 1;
  out->children = columns;
  out->release = release_schema;
  return SP_OK;
}

static int32_t make_enumerator(struct SpSource* self, const struct SpSlice* restored, struct SpSplitEnumerator* out, struct SpText* error) {
  (void)error;
  out->discover = discover;
  out->snapshot = enumerator_state;
  out->cancel = cancel;
  out->private_data = restored != NULL && restored->size > 0 ? self : NULL;
  out->release = release_enumerator;
  return SP_OK;
}

static int32_t make_reader(struct SpSource* self, int32_t subtask, struct SpSplitReader* out, struct SpText* error) {
  (void)subtask, (void)error;
  struct reader* reader = calloc(1, sizeof *reader);
  reader->rows = ((struct counter*)self->private_data)->rows;
  out->add = add;
  out->read = read_rows;
  out->snapshot = reader_state;
  out->acknowledge = acknowledge;
  out->wake_up = wake_up;
  out->private_data = reader;
  out->release = release_reader;
  return SP_OK;
}

static void release_source(struct SpSource* self) {
  free(self->private_data);
  self->release = NULL;
}

static int32_t make_source(struct SpConnector* self, const struct SpSetup* setup, struct SpSource* out, struct SpText* error) {
  (void)self;
  struct counter* counter = calloc(1, sizeof *counter);
  counter->rows = 10;
  for (size_t i = 0; i < setup->n_options; ++i) {
    if (strcmp(setup->options[i].name, "rows") == 0) {
      counter->rows = strtoll(setup->options[i].value, NULL, 10);
    }
  }
  if (counter->rows == 13) {
    free(counter);
    return fail(error, "thirteen rows are unlucky");
  }
  out->bounded = 1;
  out->discovery_interval_ms = -1;
  out->schema = schema_of;
  out->make_enumerator = make_enumerator;
  out->make_reader = make_reader;
  out->private_data = counter;
  out->release = release_source;
  return SP_OK;
}

static void release_connector(struct SpConnector* self) { self->release = NULL; }

EXPORTED int32_t streampark_connectors(uint32_t version, uint32_t index, struct SpConnector* out) {
  static const int64_t least = 0;
  static const struct SpOption options[] = {
      {.name = "rows", .kind = SP_OPTION_INTEGER, .use = SP_OPTION_OF_SOURCES, .text = "How many.", .fallback = "10", .least = &least}};
  if (version != SP_CONNECTOR_ABI_VERSION) {
    return -1;
  }
  if (index > 0) {
    return 0;
  }
  memset(out, 0, sizeof *out);
  out->name = "counter";
  out->text = "Counts.";
  out->capabilities = SP_IS_SOURCE | SP_REPLAYS | SP_DISCOVERS;
  out->options = options;
  out->n_options = 1;
  out->make_source = make_source;
  out->release = release_connector;
  return 1;
}
