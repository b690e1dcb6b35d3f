// SPDX-License-Identifier: Apache-2.0
#include "kafka_committer.h"

#include <chrono>

#include "prepared_transaction.h"
#include "transaction_client.h"

/// What a coordinator's word on an id means for a transaction that was prepared under it:
///
/// | epoch     | begun      | phase                   | it is                                                            |
/// |-----------|------------|-------------------------|------------------------------------------------------------------|
/// | the same  | then       | open                    | to be committed                                                  |
/// | the same  | then       | committing              | soon committed                                                   |
/// | the same  | then       | committed               | committed                                                        |
/// | any       | later      | any                     | committed: only then its producer began another                  |
/// | all else                                         | not known here: aborted by its timeout, or committed and         |
/// |                                                  | forgotten. A record of it says which                             |
///
/// So committing again never touches what the same producer wrote later.
namespace streampark::connectors::kafka {
namespace {

using std::chrono::steady_clock;

constexpr base::Millis kPatience{60'000};
constexpr base::Millis kRecordPatience{30'000};

enum class Verdict : std::uint8_t { kToCommit, kSoon, kDone, kNotKnown };

Verdict Judge(const PreparedTransaction& prepared, const TransactionState& state) {
  using Phase = TransactionState::Phase;
  if (state.producer_id == prepared.producer_id && state.begun_ms > prepared.begun_ms) {
    return Verdict::kDone;
  }
  if (state.producer_id != prepared.producer_id || state.epoch != prepared.epoch ||
      state.begun_ms != prepared.begun_ms) {
    return Verdict::kNotKnown;
  }
  switch (state.phase) {
    case Phase::kOpen:
      return Verdict::kToCommit;
    case Phase::kCommitting:
      return Verdict::kSoon;
    case Phase::kCommitted:
      return Verdict::kDone;
    default:
      return Verdict::kNotKnown;
  }
}

class KafkaCommitter final : public Committer {
 public:
  explicit KafkaCommitter(const SinkPlan& plan) : plan_(plan), client_(plan.wire) {}

  base::Status Commit(std::span<const Committable> prepared, std::stop_token stop) override {
    std::vector<PreparedTransaction> left;
    for (const Committable& committable : prepared) {
      left.push_back(SP_TRY(PreparedTransaction::From(committable)));
    }
    const auto end = steady_clock::now() + kPatience;
    for (int tries = 0; !left.empty(); ++tries) {
      std::vector<std::string> ids;
      for (const PreparedTransaction& one : left) {
        ids.push_back(one.id);
      }
      const auto states = SP_TRY(client_.Describe(ids, stop));
      std::vector<PreparedTransaction> still;
      for (std::size_t i = 0; i < left.size(); ++i) {
        const Verdict verdict = Judge(left[i], states[i]);
        if (verdict == Verdict::kNotKnown) {
          SP_TRY(FindRecord(left[i], stop));
        } else if (verdict == Verdict::kToCommit) {
          // What it says is what the next look shows.
          SP_TRY(client_.Commit(left[i].id, left[i].producer_id, left[i].epoch, stop));
        }
        if (verdict == Verdict::kToCommit || verdict == Verdict::kSoon) {
          still.push_back(std::move(left[i]));
        }
      }
      left = std::move(still);
      if (left.empty()) {
        break;
      }
      if (steady_clock::now() > end) {
        return base::Error(base::ErrorCode::kClusterUnreachable,
                           "the transaction " + left[0].id + " is still not complete");
      }
      if (!TransactionClient::Pause(tries, stop)) {
        return base::Error(base::ErrorCode::kCancelled, "stopped while committing transactions");
      }
    }
    return base::Ok();
  }

  base::Status Recover(const WriterId& lineage, std::span<const Committable> pending,
                       std::uint64_t /*next*/, std::stop_token stop) override {
    SP_TRY(Commit(pending, stop));
    // What was pending is complete: whatever is open still, also under the same id, is in no checkpoint.
    for (const std::string& id : SP_TRY(client_.ListOpen(stop))) {
      if (IsTransactionOf(plan_.id_prefix, lineage, id)) {
        SP_TRY(client_.Abort(id, stop));
      }
    }
    return base::Ok();
  }

 private:
  /// Whether a record of the transaction can be read by whoever reads committed ones alone.
  base::Status FindRecord(const PreparedTransaction& prepared, const std::stop_token& stop) {
    Settings settings;
    for (const auto& [name, value] : plan_.settings) {
      if (name.starts_with("ssl.") || name.starts_with("sasl.") ||
          name.starts_with("enable.ssl.") || name == "security.protocol" ||
          name == "bootstrap.servers") {
        settings.insert({name, value});
      }
    }
    settings.insert({{"isolation.level", "read_committed"},
                     {"auto.offset.reset", "error"},
                     {"enable.partition.eof", "true"}});
    const auto client = SP_TRY(Client::Make(RD_KAFKA_CONSUMER, settings));
    const Librdkafka& rd = client->rd();
    rd_kafka_topic_t* topic = rd.topic_new(client->handle(), prepared.topic.c_str(), nullptr);
    rd_kafka_queue_t* queue = rd.queue_new(client->handle());
    rd.consume_start_queue(topic, prepared.partition, prepared.offset, queue);
    rd_kafka_message_t* message = nullptr;
    const auto end = steady_clock::now() + kRecordPatience;
    while (message == nullptr && !stop.stop_requested() && steady_clock::now() < end) {
      message = rd.consume_queue(queue, 100);
    }
    const auto error = message == nullptr ? RD_KAFKA_RESP_ERR__TIMED_OUT : message->err;
    const bool found = error == RD_KAFKA_RESP_ERR_NO_ERROR && message->offset == prepared.offset;
    if (message != nullptr) {
      rd.message_destroy(message);
    }
    rd.consume_stop(topic, prepared.partition);
    rd.queue_destroy(queue);
    rd.topic_destroy(topic);
    const std::string where = prepared.topic + "-" + std::to_string(prepared.partition) +
                              " at offset " + std::to_string(prepared.offset);
    if (found) {
      return base::Ok();
    }
    if (error == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
      return base::Ok();  // whether it was there or not, nobody could read it any more
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      return client->Explain(error, "it cannot be seen what became of the record " + where);
    }
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "the rows of a checkpoint are gone: the transaction with the record " +
                           where + " was aborted before it could be committed")
        .WithHint(
            "go on from an older checkpoint, and raise transaction.timeout above the longest time "
            "for which the job may be down");
  }

  const SinkPlan& plan_;
  TransactionClient client_;
};

}  // namespace

std::unique_ptr<Committer> MakeKafkaCommitter(const SinkPlan& plan) {
  return std::make_unique<KafkaCommitter>(plan);
}

}  // namespace streampark::connectors::kafka
