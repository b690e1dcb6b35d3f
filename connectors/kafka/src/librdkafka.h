// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include "streampark/base/result.h"

namespace streampark::connectors::kafka {

// clang-format off
#define SP_LIBRDKAFKA_FUNCTIONS(X) \
  X(abort_transaction, rd_kafka_abort_transaction) \
  X(begin_transaction, rd_kafka_begin_transaction) \
  X(commit, rd_kafka_commit) \
  X(commit_transaction, rd_kafka_commit_transaction) \
  X(committed, rd_kafka_committed) \
  X(conf_destroy, rd_kafka_conf_destroy) \
  X(conf_new, rd_kafka_conf_new) \
  X(conf_set, rd_kafka_conf_set) \
  X(conf_set_dr_msg_cb, rd_kafka_conf_set_dr_msg_cb) \
  X(conf_set_error_cb, rd_kafka_conf_set_error_cb) \
  X(conf_set_log_cb, rd_kafka_conf_set_log_cb) \
  X(conf_set_opaque, rd_kafka_conf_set_opaque) \
  X(consume_batch_queue, rd_kafka_consume_batch_queue) \
  X(consume_queue, rd_kafka_consume_queue) \
  X(consume_start_queue, rd_kafka_consume_start_queue) \
  X(consume_stop, rd_kafka_consume_stop) \
  X(destroy, rd_kafka_destroy) \
  X(err2str, rd_kafka_err2str) \
  X(error_code, rd_kafka_error_code) \
  X(error_destroy, rd_kafka_error_destroy) \
  X(error_is_fatal, rd_kafka_error_is_fatal) \
  X(error_string, rd_kafka_error_string) \
  X(flush, rd_kafka_flush) \
  X(get_watermark_offsets, rd_kafka_get_watermark_offsets) \
  X(header_add, rd_kafka_header_add) \
  X(header_get_all, rd_kafka_header_get_all) \
  X(headers_destroy, rd_kafka_headers_destroy) \
  X(headers_new, rd_kafka_headers_new) \
  X(init_transactions, rd_kafka_init_transactions) \
  X(message_destroy, rd_kafka_message_destroy) \
  X(message_headers, rd_kafka_message_headers) \
  X(message_timestamp, rd_kafka_message_timestamp) \
  X(metadata, rd_kafka_metadata) \
  X(metadata_destroy, rd_kafka_metadata_destroy) \
  X(create, rd_kafka_new) \
  X(offsets_for_times, rd_kafka_offsets_for_times) \
  X(outq_len, rd_kafka_outq_len) \
  X(poll, rd_kafka_poll) \
  X(produceva, rd_kafka_produceva) \
  X(purge, rd_kafka_purge) \
  X(query_watermark_offsets, rd_kafka_query_watermark_offsets) \
  X(queue_destroy, rd_kafka_queue_destroy) \
  X(queue_new, rd_kafka_queue_new) \
  X(queue_yield, rd_kafka_queue_yield) \
  X(topic_destroy, rd_kafka_topic_destroy) \
  X(topic_name, rd_kafka_topic_name) \
  X(topic_new, rd_kafka_topic_new) \
  X(topic_partition_list_add, rd_kafka_topic_partition_list_add) \
  X(topic_partition_list_destroy, rd_kafka_topic_partition_list_destroy) \
  X(topic_partition_list_new, rd_kafka_topic_partition_list_new) \
  X(version, rd_kafka_version) \
  X(version_str, rd_kafka_version_str)
// clang-format on

/// The functions of librdkafka that are used here. The library is no part of the program: a console never loads it, and a
/// machine without it runs every other connector (ADR 18).
struct Librdkafka {
#define SP_LIBRDKAFKA_MEMBER(name, function) decltype(&::function) name = nullptr;
  SP_LIBRDKAFKA_FUNCTIONS(SP_LIBRDKAFKA_MEMBER)
#undef SP_LIBRDKAFKA_MEMBER
};

/// Loaded at the first call, and never unloaded. NOT_FOUND says what to install. Thread-safe.
base::Result<const Librdkafka*> LoadLibrdkafka();

}  // namespace streampark::connectors::kafka
