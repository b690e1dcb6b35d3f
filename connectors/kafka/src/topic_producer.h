// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sink_plan.h"

namespace streampark::connectors::kafka {

/// Sends records to one topic, all of them or an error.
class TopicProducer {
 public:
  /// NOT_FOUND when there is no such topic. `id` makes it one of transactions; the others of that id are fenced off.
  static base::Result<std::unique_ptr<TopicProducer>> Make(const SinkPlan& plan,
                                                           const std::optional<std::string>& id);
  ~TopicProducer();

  /// Takes the record, and waits while too many are on their way. Why it cannot be one of this topic, for good.
  base::Result<formats::Refusal> Send(const OutgoingRecord& record,
                                      std::optional<std::int32_t> partition);
  /// What has gone wrong meanwhile with what was sent.
  base::Status Poll() { return client_->Poll(); }
  /// All that was sent is at the brokers.
  base::Status Flush();
  std::int32_t partition_count() const { return partition_count_; }

  /// Of transactions: their states are librdkafka's.
  base::Status BeginTransaction();
  /// After somebody has committed the transaction from outside, by EndTxn.
  base::Status TakeAsCommitted();
  /// Undoes what is open, within a moment, or leaves it to time out.
  void Abandon();
  /// One of the records that were delivered since BeginTransaction.
  std::optional<Client::Place> delivered() const { return client_->delivered(); }

 private:
  TopicProducer(const SinkPlan& plan, std::unique_ptr<Client> client)
      : plan_(plan), client_(std::move(client)), rd_(client_->rd()) {}
  base::Status FindTopic();

  const SinkPlan& plan_;
  const std::unique_ptr<Client> client_;
  const Librdkafka& rd_;
  rd_kafka_topic_t* topic_ = nullptr;
  std::int32_t partition_count_ = 0;
};

}  // namespace streampark::connectors::kafka
