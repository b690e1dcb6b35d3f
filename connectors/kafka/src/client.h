// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"

#include "librdkafka.h"

namespace streampark::connectors::kafka {

/// Properties of librdkafka by its own names. Checked by client_keys.h.
using Settings = std::map<std::string, std::string>;

/// What an error of a broker or of librdkafka means to us: its code decides whether it is tried again.
base::Error ToError(rd_kafka_resp_err_t error, std::string_view text, std::string_view what);

/// One connection of librdkafka to a cluster. What goes wrong in its own threads is kept until it is asked for.
class Client {
 public:
  /// Connects in the background. VALIDATION_FAILED names a property that librdkafka refuses; no value of a secret is in it.
  static base::Result<std::unique_ptr<Client>> Make(rd_kafka_type_t type, const Settings& settings);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  /// Gives up what is on its way. Does not wait for the cluster.
  ~Client();

  const Librdkafka& rd() const { return rd_; }
  rd_kafka_t* handle() const { return handle_; }

  /// Serves callbacks. Tells, again and again, what does not pass: that a message was not delivered, that signing in failed.
  base::Status Poll();
  /// The same, and once that no broker could be reached, after which librdkafka goes on trying.
  base::Status PollAll();
  /// Whether PollAll has something to tell.
  bool failed() const { return lasting_ || passing_; }
  /// What the cluster says of a topic, or of all (null), for rd().metadata_destroy. Gives up as soon as signing in has failed.
  base::Result<const struct rd_kafka_metadata*> Metadata(rd_kafka_topic_t* topic,
                                                         std::string_view what);
  struct Place {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
  };
  /// Of the first record that was delivered since this was last forgotten.
  std::optional<Place> delivered() const { return delivered_; }
  void ForgetDelivered() { delivered_.reset(); }
  /// The error of a call, with its reason where Poll knows one.
  base::Error Explain(rd_kafka_resp_err_t error, std::string_view what);
  base::Error Explain(rd_kafka_error_t* error, std::string_view what);  // which is freed

 private:
  explicit Client(const Librdkafka& rd) : rd_(rd) {}
  static void OnError(rd_kafka_t*, int error, const char* reason, void* self);
  static void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self);

  const Librdkafka& rd_;
  rd_kafka_t* handle_ = nullptr;
  std::string sign_in_hint_;  // what to look at beside the options, when signing in fails
  // Set by callbacks, which run in the thread that polls.
  std::optional<base::Error> lasting_;
  std::optional<base::Error> passing_;
  std::optional<Place> delivered_;
};

/// A list of librdkafka's; frees itself.
class PartitionList {
 public:
  explicit PartitionList(const Librdkafka& rd) : rd_(rd), list_(rd.topic_partition_list_new(8)) {}
  PartitionList(const PartitionList&) = delete;
  PartitionList& operator=(const PartitionList&) = delete;
  ~PartitionList() { rd_.topic_partition_list_destroy(list_); }

  void Add(const std::string& topic, std::int32_t partition, std::int64_t offset) {
    rd_.topic_partition_list_add(list_, topic.c_str(), partition)->offset = offset;
  }
  rd_kafka_topic_partition_list_t* get() const { return list_; }

 private:
  const Librdkafka& rd_;
  rd_kafka_topic_partition_list_t* list_;
};

}  // namespace streampark::connectors::kafka
