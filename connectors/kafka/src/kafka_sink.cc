// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "streampark/base/random.h"

#include "kafka_committer.h"
#include "prepared_transaction.h"
#include "sink_plan.h"
#include "topic_producer.h"
#include "transaction_client.h"

namespace streampark::connectors::kafka {
namespace {

/// Rows to records to a producer, whichever it is at the moment.
class RowSender {
 public:
  RowSender(const SinkPlan& plan, const WriterId& id, std::unique_ptr<RowRecords> records)
      : plan_(plan), id_(id), records_(std::move(records)) {}

  /// `sent` counts those that are on their way, also when it fails half-way.
  base::Status Send(const Batch& batch, TopicProducer& to, std::int64_t& sent,
                    std::vector<DirtyRecord>& dirty) {
    records_->Begin(batch);
    for (std::int64_t row = 0; row < batch.length; ++row) {
      formats::Refusal refusal;
      const auto record = records_->MakeRecord(row, refusal);
      if (record) {
        refusal = SP_TRY(to.Send(*record, PartitionOf(*record, to)));
        sent += refusal ? 0 : 1;
      }
      if (refusal) {
        dirty.push_back({.where = "the sink '" + id_.sink + "'",
                         .reason = std::move(*refusal),
                         .bytes = formats::CutRecord(DebugText(batch, row))});
      }
    }
    return base::Ok();
  }

 private:
  std::optional<std::int32_t> PartitionOf(const OutgoingRecord& record, const TopicProducer& to) {
    if (record.partition) {
      return record.partition;
    }
    switch (plan_.partitioner) {
      case SinkPlan::Partitioner::kKey:
        return std::nullopt;
      case SinkPlan::Partitioner::kFixed:
        return id_.subtask % to.partition_count();
      case SinkPlan::Partitioner::kRoundRobin:
        return next_++ % to.partition_count();
    }
    return std::nullopt;
  }

  const SinkPlan& plan_;
  WriterId id_;
  std::unique_ptr<RowRecords> records_;
  std::int32_t next_ = 0;
};

class AtLeastOnceWriter final : public SinkWriter {
 public:
  AtLeastOnceWriter(RowSender sender, std::unique_ptr<TopicProducer> producer)
      : sender_(std::move(sender)), producer_(std::move(producer)) {}

  base::Result<std::vector<DirtyRecord>> Write(const Batch& batch) override {
    std::vector<DirtyRecord> dirty;
    std::int64_t sent = 0;
    SP_TRY(sender_.Send(batch, *producer_, sent, dirty));
    SP_TRY(producer_->Poll());
    return dirty;
  }
  base::Result<std::vector<Committable>> Prepare(std::uint64_t /*sequence*/) override {
    SP_TRY(producer_->Flush());
    return std::vector<Committable>();
  }
  std::string Snapshot() const override { return ""; }
  /// librdkafka sends what has waited for `linger.ms` by itself.
  base::Status Flush() override { return producer_->Poll(); }

 private:
  RowSender sender_;
  const std::unique_ptr<TopicProducer> producer_;
};

/// A transaction a checkpoint, each by a producer of its own as long as it is not committed.
class TransactionalWriter final : public SinkWriter {
 public:
  TransactionalWriter(const SinkPlan& plan, WriterId id, RowSender sender)
      : plan_(plan), id_(std::move(id)), sender_(std::move(sender)), coordinators_(plan.wire) {
    base::SecureRandom random;
    token_ = base::RandomHex(random, 8);
  }
  ~TransactionalWriter() override {
    if (current_ && sent_ > 0) {
      current_->producer->Abandon();
    }
  }

  base::Result<std::vector<DirtyRecord>> Write(const Batch& batch) override {
    std::vector<DirtyRecord> dirty;
    if (batch.length == 0) {
      return dirty;
    }
    if (!current_) {
      SP_TRY(BeginTransaction());
    }
    SP_TRY(sender_.Send(batch, *current_->producer, sent_, dirty));
    SP_TRY(current_->producer->Poll());
    return dirty;
  }

  base::Status Flush() override { return current_ ? current_->producer->Poll() : base::Ok(); }

  base::Result<std::vector<Committable>> Prepare(std::uint64_t sequence) override {
    std::vector<Committable> committables;
    if (sent_ == 0) {
      return committables;  // what was begun has nothing in it, and is still good
    }
    SP_TRY(current_->producer->Flush());
    const auto states = SP_TRY(coordinators_.Describe({&current_->transaction.id, 1}, {}));
    const auto place = current_->producer->delivered();
    if (states[0].phase != TransactionState::Phase::kOpen || !place) {
      return base::Error(base::ErrorCode::kEngineError,
                         "the transaction of checkpoint " + std::to_string(sequence) +
                             " was ended by the cluster before it was prepared")
          .WithHint("checkpoints have to be taken more often than transaction.timeout");
    }
    PreparedTransaction& transaction = current_->transaction;
    transaction.producer_id = states[0].producer_id;
    transaction.epoch = states[0].epoch;
    transaction.begun_ms = states[0].begun_ms;
    transaction.topic = plan_.topic;
    transaction.partition = place->partition;
    transaction.offset = place->offset;
    committables.push_back(transaction.ToCommittable(id_.subtask, sequence));
    prepared_.push_back(std::exchange(current_, nullptr));
    sent_ = 0;
    return committables;
  }

  std::string Snapshot() const override { return ""; }

 private:
  struct Pooled {
    std::unique_ptr<TopicProducer> producer;
    PreparedTransaction transaction;
  };

  base::Status BeginTransaction() {
    SP_TRY(TakeBack());
    std::unique_ptr<Pooled> next;
    if (!free_.empty()) {
      next = std::move(free_.back());
      free_.pop_back();
    } else {
      next = std::make_unique<Pooled>();
      next->transaction.id = TransactionalId(plan_.id_prefix, id_, token_, made_++);
      next->producer = SP_TRY(TopicProducer::Make(plan_, next->transaction.id));
    }
    SP_TRY(next->producer->BeginTransaction());
    current_ = std::move(next);
    return base::Ok();
  }

  /// Producers whose transactions were committed meanwhile are free again.
  base::Status TakeBack() {
    std::vector<std::string> ids;
    for (const auto& one : prepared_) {
      ids.push_back(one->transaction.id);
    }
    const auto states = SP_TRY(coordinators_.Describe(ids, {}));
    for (std::size_t i = 0; i < states.size(); ++i) {
      using Phase = TransactionState::Phase;
      const PreparedTransaction& transaction = prepared_[i]->transaction;
      const bool same =
          states[i].producer_id == transaction.producer_id && states[i].epoch == transaction.epoch;
      if (same && (states[i].phase == Phase::kOpen || states[i].phase == Phase::kCommitting)) {
        continue;
      }
      // One that was aborted, by whomever, is of no use to us; what that means is the committer's to say.
      if (same && states[i].phase == Phase::kCommitted &&
          prepared_[i]->producer->TakeAsCommitted().ok()) {
        free_.push_back(std::move(prepared_[i]));
      }
      prepared_[i].reset();
    }
    std::erase(prepared_, nullptr);
    return base::Ok();
  }

  const SinkPlan& plan_;
  const WriterId id_;
  RowSender sender_;
  TransactionClient coordinators_;
  std::string token_;  // of this writer's ids: new with each writer, so that they are no other's
  std::int64_t made_ = 0;
  std::unique_ptr<Pooled> current_;  // its transaction is open
  std::int64_t sent_ = 0;            // in it
  std::vector<std::unique_ptr<Pooled>> prepared_;
  std::vector<std::unique_ptr<Pooled>> free_;
};

class KafkaSink final : public Sink {
 public:
  explicit KafkaSink(SinkPlan plan) : plan_(std::move(plan)) {}

  Delivery delivery() const override {
    return plan_.exactly_once                        ? Delivery::kExactlyOnce
           : plan_.mode == RowRecords::Mode::kUpsert ? Delivery::kUpsert
                                                     : Delivery::kAtLeastOnce;
  }
  base::Result<std::unique_ptr<SinkWriter>> MakeWriter(const WriterId& id,
                                                       std::string /*restored*/) override {
    RowSender sender(plan_, id, SP_TRY(RowRecords::Make(plan_.columns, plan_.mode)));
    if (plan_.exactly_once) {
      return std::make_unique<TransactionalWriter>(plan_, id, std::move(sender));
    }
    auto producer = SP_TRY(TopicProducer::Make(plan_, std::nullopt));
    return std::make_unique<AtLeastOnceWriter>(std::move(sender), std::move(producer));
  }
  base::Result<std::unique_ptr<Committer>> MakeCommitter() override {
    return plan_.exactly_once ? MakeKafkaCommitter(plan_) : nullptr;
  }

 private:
  const SinkPlan plan_;
};

}  // namespace

std::unique_ptr<Sink> MakeKafkaSink(SinkPlan plan) {
  return std::make_unique<KafkaSink>(std::move(plan));
}

}  // namespace streampark::connectors::kafka
