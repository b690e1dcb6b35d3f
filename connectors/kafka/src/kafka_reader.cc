// SPDX-License-Identifier: Apache-2.0
#include "kafka_reader.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "partition_place.h"
#include "record_rows.h"

/// One consumer, whose partitions all come out of one queue, as librdkafka's threads fetched them. A position moves when a record is given out, so what lies
/// in the queue or in `fetched_` is at no position yet.
namespace streampark::connectors::kafka {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kBatchBytes = 4U << 20U;
constexpr base::Millis kLongestWait{1'000};  // between two looks at what the client's threads found
constexpr base::Millis kPauseOfWaiting{200};

struct InHand {
  std::string id;
  PartitionPlace place;
  rd_kafka_topic_t* topic = nullptr;  // while it is read
};

class KafkaReader final : public SplitReader {
 public:
  KafkaReader(const SourcePlan& plan, std::unique_ptr<Client> client,
              std::unique_ptr<RecordRows> rows)
      : plan_(plan),
        client_(std::move(client)),
        rd_(client_->rd()),
        queue_(rd_.queue_new(client_->handle())),
        rows_(std::move(rows)) {}

  ~KafkaReader() override {
    DropFetched();
    for (InHand& split : splits_) {
      Stop(split);
    }
    for (const auto& [name, topic] : topics_) {
      rd_.topic_destroy(topic);
    }
    rd_.queue_destroy(queue_);
  }

  base::Status Add(std::vector<Split> splits) override {
    for (Split& split : splits) {
      InHand one{.id = std::move(split.id), .place = SP_TRY(PartitionPlace::From(split.position))};
      if (!one.place.ended()) {
        SP_TRY(Start(one));
      }
      splits_.push_back(std::move(one));
    }
    return base::Ok();
  }

  base::Result<Rows> Read(base::Millis patience) override {
    Rows read;
    TakeEnded(read);
    if (read.ended.empty() && next_ == fetched_.size()) {
      Fetch(patience);
      SP_TRY(next_ == fetched_.size() ? client_->PollAll() : client_->Poll());
    }
    InHand* of = nullptr;
    for (; next_ < fetched_.size() && !Full(); ++next_) {
      rd_kafka_message_t*& message = fetched_[next_];
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (of != nullptr && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
          break;  // what was read before it goes first
        }
        SP_TRY(TakeEvent(message));
        continue;
      }
      InHand* split = Find(*message);
      if (split == nullptr || split->topic == nullptr) {
        Drop(message);  // it has ended meanwhile
        continue;
      }
      if (split->place.end && message->offset >= *split->place.end) {
        split->place.next = *split->place.end;
        Drop(message);
        continue;
      }
      if (of != nullptr && split != of) {
        break;
      }
      if (auto taken = Take(*message, *split, read.dirty); !taken.ok()) {
        if (of == nullptr) {
          return std::move(taken).error();
        }
        break;  // what was read before it goes first
      }
      of = split;
      Drop(message);
    }
    if (of != nullptr) {
      read.split = of->id;
    }
    if (rows_->length() > 0) {
      read.batch = rows_->Finish();
    }
    TakeEnded(read);
    read.waiting = Waiting();
    return read;
  }

  std::vector<Split> Snapshot() const override {
    std::vector<Split> splits;
    for (const InHand& split : splits_) {
      splits.push_back({split.id, split.place.ToPosition()});
    }
    return splits;
  }

  base::Status Acknowledge(const std::vector<Split>& positions) override {
    if (plan_.group.empty() || positions.empty()) {
      return base::Ok();
    }
    PartitionList offsets(rd_);
    for (const Split& split : positions) {
      const auto place = SP_TRY(PartitionPlace::From(split.position));
      offsets.Add(place.topic, place.partition, place.next);
    }
    constexpr int kInTheBackground = 1;
    const auto error = rd_.commit(client_->handle(), offsets.get(), kInTheBackground);
    return error == RD_KAFKA_RESP_ERR_NO_ERROR
               ? base::Ok()
               : base::Status(client_->Explain(
                     error, "offsets of the group '" + plan_.group + "' were not committed"));
  }

  void WakeUp() override {
    woken_ = true;
    rd_.queue_yield(queue_);
  }

  void Recycle(std::unique_ptr<Batch> batch) override { rows_->Recycle(std::move(batch)); }

 private:
  /// By what the client heard of the partitions' ends with its last fetches; said now and then.
  std::optional<std::int64_t> Waiting() {
    const auto now = steady_clock::now();
    if (now < tell_waiting_at_) {
      return std::nullopt;
    }
    tell_waiting_at_ = now + kPauseOfWaiting;
    std::int64_t waiting = 0;
    for (const InHand& split : splits_) {
      std::int64_t first = -1;
      std::int64_t end = -1;
      if (split.topic == nullptr ||
          rd_.get_watermark_offsets(client_->handle(), split.place.topic.c_str(),
                                    split.place.partition, &first,
                                    &end) != RD_KAFKA_RESP_ERR_NO_ERROR ||
          end < 0) {
        continue;
      }
      end = split.place.end ? std::min(end, *split.place.end) : end;
      waiting += std::max<std::int64_t>(0, end - std::max(first, split.place.next));
    }
    return waiting;
  }

  bool Full() const { return rows_->length() >= plan_.batch_rows || rows_->bytes() >= kBatchBytes; }

  base::Status Start(InHand& split) {
    rd_kafka_topic_t*& topic = topics_[split.place.topic];
    if (topic == nullptr) {
      topic = rd_.topic_new(client_->handle(), split.place.topic.c_str(), nullptr);
    }
    if (topic == nullptr ||
        rd_.consume_start_queue(topic, split.place.partition, split.place.next, queue_) != 0) {
      return base::Error(base::ErrorCode::kInvalidRequest,
                         "librdkafka refuses to read the partition " + split.id);
    }
    split.topic = topic;
    return base::Ok();
  }
  void Stop(InHand& split) {
    if (split.topic != nullptr) {
      rd_.consume_stop(std::exchange(split.topic, nullptr), split.place.partition);
    }
  }

  /// Waits for one record, and takes with it what else is there.
  void Fetch(base::Millis patience) {
    DropFetched();
    const auto end = steady_clock::now() + patience;
    rd_kafka_message_t* first = nullptr;
    do {
      const auto left = std::chrono::ceil<base::Millis>(end - steady_clock::now());
      const auto wait = woken_ ? base::Millis(0) : std::clamp(left, base::Millis(0), kLongestWait);
      first = rd_.consume_queue(queue_, static_cast<int>(wait.count()));
      if (first == nullptr) {
        rd_.poll(client_->handle(), 0);
      }
    } while (first == nullptr && !woken_ && !client_->failed() && steady_clock::now() < end);
    woken_ = false;
    if (first == nullptr) {
      return;
    }
    fetched_.resize(static_cast<std::size_t>(plan_.batch_rows));
    fetched_[0] = first;
    const auto more = rd_.consume_batch_queue(queue_, 0, fetched_.data() + 1, fetched_.size() - 1);
    fetched_.resize(1 + static_cast<std::size_t>(std::max<ssize_t>(more, 0)));
  }

  void Drop(rd_kafka_message_t*& message) { rd_.message_destroy(std::exchange(message, nullptr)); }
  void DropFetched() {
    for (; next_ < fetched_.size(); ++next_) {
      Drop(fetched_[next_]);
    }
    fetched_.clear();
    next_ = 0;
  }

  /// An error of a partition, or its end for now.
  base::Status TakeEvent(rd_kafka_message_t*& message) {
    const auto error = message->err;
    InHand* split = message->rkt == nullptr ? nullptr : Find(*message);
    const std::int64_t offset = message->offset;
    const std::string text(static_cast<const char*>(message->payload), message->len);
    Drop(message);
    if (error == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      // After the last record there may be offsets that hold none: of aborted transactions, say.
      if (split != nullptr && split->place.end && offset >= *split->place.end) {
        split->place.next = *split->place.end;
      }
      return base::Ok();
    }
    ++next_;
    const std::string where = split == nullptr
                                  ? "the topics at " + plan_.brokers
                                  : split->id + " at offset " + std::to_string(split->place.next);
    base::Error told = ToError(error, text, where + " cannot be read");
    if (told.code() == base::ErrorCode::kSnapshotInvalid) {
      return std::move(told).WithHint(
          "the records were deleted before they were read: start anew from `earliest`, or from a "
          "newer savepoint");
    }
    return told;
  }

  base::Status Take(const rd_kafka_message_t& message, InHand& split,
                    std::vector<DirtyRecord>& dirty) {
    Record& record = record_;
    record.topic = split.place.topic;
    record.partition = message.partition;
    record.offset = message.offset;
    record.key = Bytes(message.key, message.key_len);
    record.value = Bytes(message.payload, message.len);
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const std::int64_t time = rd_.message_timestamp(&message, &type);
    record.timestamp_ms =
        type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? std::nullopt : std::optional(time);
    record.headers.clear();
    if (rows_->wants_headers()) {
      TakeHeaders(message);
    }
    if (auto reason = rows_->Append(record)) {
      if (auto failure = rows_->TakeFailure()) {
        return std::move(*failure);
      }
      dirty.push_back({.where = split.id + " at offset " + std::to_string(message.offset),
                       .reason = std::move(*reason),
                       .bytes = formats::CutRecord(record.value.value_or(""))});
    }
    split.place.next = message.offset + 1;
    return base::Ok();
  }

  void TakeHeaders(const rd_kafka_message_t& message) {
    rd_kafka_headers_t* headers = nullptr;
    if (rd_.message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return;
    }
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_.header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
      record_.headers.emplace_back(name, Bytes(value, size));
    }
  }

  static std::optional<std::string_view> Bytes(const void* bytes, std::size_t size) {
    return bytes == nullptr
               ? std::nullopt
               : std::optional(std::string_view(static_cast<const char*>(bytes), size));
  }

  /// Records come in runs of one partition.
  InHand* Find(const rd_kafka_message_t& message) {
    const auto is_of = [&](const InHand& split) {
      return split.place.partition == message.partition &&
             (split.topic == message.rkt || split.place.topic == rd_.topic_name(message.rkt));
    };
    if (last_ < splits_.size() && is_of(splits_[last_])) {
      return &splits_[last_];
    }
    const auto found = std::ranges::find_if(splits_, is_of);
    last_ = static_cast<std::size_t>(found - splits_.begin());
    return found == splits_.end() ? nullptr : &*found;
  }

  void TakeEnded(Rows& read) {
    for (InHand& split : splits_) {
      if (split.place.ended()) {
        Stop(split);
        read.ended.push_back(split.id);
      }
    }
    std::erase_if(splits_, [](const InHand& split) { return split.place.ended(); });
  }

  const SourcePlan& plan_;
  const std::unique_ptr<Client> client_;
  const Librdkafka& rd_;
  rd_kafka_queue_t* const queue_;
  const std::unique_ptr<RecordRows> rows_;
  std::map<std::string, rd_kafka_topic_t*> topics_;
  std::vector<InHand> splits_;
  std::size_t last_ = 0;
  std::vector<rd_kafka_message_t*> fetched_;
  std::size_t next_ = 0;  // those before it are given out
  Record record_;
  steady_clock::time_point tell_waiting_at_;
  std::atomic<bool> woken_ = false;
};

}  // namespace

base::Result<std::unique_ptr<SplitReader>> MakeKafkaReader(const SourcePlan& plan) {
  auto rows = SP_TRY(RecordRows::Make(plan.columns));
  auto client = SP_TRY(Client::Make(RD_KAFKA_CONSUMER, plan.settings));
  return std::make_unique<KafkaReader>(plan, std::move(client), std::move(rows));
}

}  // namespace streampark::connectors::kafka
