// SPDX-License-Identifier: Apache-2.0
#include "topic_producer.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace streampark::connectors::kafka {
namespace {

using std::chrono::steady_clock;

constexpr int kPatienceMs = 30'000;
constexpr int kStepMs = 20;  // between two looks, each of which wakes the threads that send
constexpr int kAbandonMs = 2'000;
constexpr base::Millis kTopicAppears{5'000};  // a cluster may make it when it is asked for

Settings SettingsOf(const SinkPlan& plan, const std::optional<std::string>& id) {
  Settings settings = plan.settings;
  if (id) {
    settings["transactional.id"] = *id;
    settings["transaction.timeout.ms"] = std::to_string(plan.transaction_timeout.count());
  }
  return settings;
}

}  // namespace

base::Result<std::unique_ptr<TopicProducer>> TopicProducer::Make(
    const SinkPlan& plan, const std::optional<std::string>& id) {
  auto client = SP_TRY(Client::Make(RD_KAFKA_PRODUCER, SettingsOf(plan, id)));
  std::unique_ptr<TopicProducer> producer(new TopicProducer(plan, std::move(client)));
  // Before anything is sent: librdkafka looks for a topic that it does not know once a second.
  SP_TRY(producer->FindTopic());
  if (id) {
    if (auto* error = producer->rd_.init_transactions(producer->client_->handle(), kPatienceMs)) {
      const bool timeout =
          producer->rd_.error_code(error) == RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT;
      base::Error told = producer->client_->Explain(error, "no transaction can be begun");
      return timeout ? std::move(told).WithHint(
                           "transaction.timeout is more than the brokers allow: lower it, or raise "
                           "their transaction.max.timeout.ms")
                     : told;
    }
  }
  return producer;
}

TopicProducer::~TopicProducer() {
  if (topic_ != nullptr) {
    rd_.topic_destroy(topic_);
  }
}

base::Status TopicProducer::FindTopic() {
  topic_ = rd_.topic_new(client_->handle(), plan_.topic.c_str(), nullptr);
  if (topic_ == nullptr) {
    return base::Error(base::ErrorCode::kInvalidRequest,
                       "'" + plan_.topic + "' cannot be the name of a topic");
  }
  const auto end = steady_clock::now() + kTopicAppears;
  for (;;) {
    const struct rd_kafka_metadata* answer =
        SP_TRY(client_->Metadata(topic_, "the topic '" + plan_.topic + "' cannot be looked for"));
    const auto error = answer->topics[0].err;
    partition_count_ = answer->topics[0].partition_cnt;
    rd_.metadata_destroy(answer);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR && partition_count_ > 0) {
      return base::Ok();
    }
    const bool may_appear = error == RD_KAFKA_RESP_ERR_NO_ERROR ||
                            error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
                            error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    if (!may_appear || steady_clock::now() > end) {
      return error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
                 ? base::Error(base::ErrorCode::kNotFound,
                               "there is no topic '" + plan_.topic + "' at " + plan_.brokers)
                 : client_->Explain(error, "the topic '" + plan_.topic + "' cannot be written");
    }
    std::this_thread::sleep_for(base::Millis(kStepMs));
  }
}

base::Result<formats::Refusal> TopicProducer::Send(const OutgoingRecord& record,
                                                   std::optional<std::int32_t> partition) {
  const auto bytes = [](std::string_view text) {
    // Not null: that would be no value, where this one is empty.
    return const_cast<char*>(text.data() == nullptr ? "" : text.data());
  };
  rd_kafka_vu_t arguments[8] = {};
  std::size_t count = 0;
  const auto next = [&](rd_kafka_vtype_t type) -> auto& {
    arguments[count].vtype = type;
    return arguments[count++].u;
  };
  next(RD_KAFKA_VTYPE_RKT).rkt = topic_;
  next(RD_KAFKA_VTYPE_MSGFLAGS).i = RD_KAFKA_MSG_F_COPY;
  next(RD_KAFKA_VTYPE_PARTITION).i32 = partition.value_or(RD_KAFKA_PARTITION_UA);
  if (record.key) {
    next(RD_KAFKA_VTYPE_KEY).mem = {bytes(*record.key), record.key->size()};
  }
  if (record.value) {
    next(RD_KAFKA_VTYPE_VALUE).mem = {bytes(*record.value), record.value->size()};
  }
  if (record.timestamp_ms) {
    next(RD_KAFKA_VTYPE_TIMESTAMP).i64 = *record.timestamp_ms;
  }
  rd_kafka_headers_t* headers = nullptr;
  if (!record.headers.empty()) {
    headers = rd_.headers_new(record.headers.size());
    for (const auto& [name, value] : record.headers) {
      rd_.header_add(headers, name.data(), static_cast<ssize_t>(name.size()),
                     value ? bytes(*value) : nullptr,
                     value ? static_cast<ssize_t>(value->size()) : 0);
    }
    next(RD_KAFKA_VTYPE_HEADERS).headers = headers;
  }
  for (;;) {
    rd_kafka_error_t* error = rd_.produceva(client_->handle(), arguments, count);
    if (error == nullptr) {
      return formats::Refusal();  // the headers are the client's now
    }
    const auto code = rd_.error_code(error);
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      rd_.error_destroy(error);
      rd_.poll(client_->handle(), kStepMs);
      if (auto lasting = client_->Poll(); lasting.ok()) {
        continue;
      } else {
        if (headers != nullptr) {
          rd_.headers_destroy(headers);
        }
        return std::move(lasting).error();
      }
    }
    if (headers != nullptr) {
      rd_.headers_destroy(headers);
    }
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
      rd_.error_destroy(error);
      return formats::Refusal("the record is larger than message.max.bytes");
    }
    if (code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) {
      rd_.error_destroy(error);
      return formats::Refusal("the topic has no partition " +
                              std::to_string(partition.value_or(-1)));
    }
    return client_->Explain(error, "a row cannot be sent to the topic '" + plan_.topic + "'");
  }
}

base::Status TopicProducer::Flush() {
  do {
    rd_.flush(client_->handle(), kStepMs);
    SP_TRY(client_->Poll());
  } while (rd_.outq_len(client_->handle()) > 0);
  return base::Ok();
}

base::Status TopicProducer::BeginTransaction() {
  client_->ForgetDelivered();
  if (auto* error = rd_.begin_transaction(client_->handle())) {
    return client_->Explain(error, "no transaction can be begun");
  }
  return base::Ok();
}

base::Status TopicProducer::TakeAsCommitted() {
  if (auto* error = rd_.commit_transaction(client_->handle(), kPatienceMs)) {
    return client_->Explain(error, "a committed transaction is not seen as one");
  }
  return base::Ok();
}

void TopicProducer::Abandon() {
  if (auto* error = rd_.abort_transaction(client_->handle(), kAbandonMs)) {
    rd_.error_destroy(error);
  }
}

}  // namespace streampark::connectors::kafka
