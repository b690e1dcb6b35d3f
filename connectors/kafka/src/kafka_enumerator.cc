// SPDX-License-Identifier: Apache-2.0
#include "kafka_enumerator.h"

#include <algorithm>

#include <regex.h>

#include "partition_place.h"

/// Places become numbers when a partition is told, so that a restart begins where the first start would have:
///
/// | place     | the number                                                                            |
/// |-----------|---------------------------------------------------------------------------------------|
/// | earliest  | the first offset that is still there                                                  |
/// | latest    | the last stable one: what open transactions wrote is behind it, read_committed        |
/// | group     | what the group committed, else `auto.offset.reset`                                    |
/// | timestamp | the first record of that time or later, else latest                                   |
/// | offsets   | as given, else `auto.offset.reset`                                                    |
///
/// Partitions that are found later are new, and are read from their first record on.
namespace streampark::connectors::kafka {
namespace {

constexpr int kPatienceMs = 20'000;
constexpr int kStateVersion = 1;

struct Told {
  bool begun = false;
  std::map<std::string, std::int32_t> partitions;  // how many of a topic
};

base::Result<Told> ReadState(const std::string& bytes) {
  StateReader in(bytes);
  Told told;
  const bool known = in.Number() == kStateVersion;
  told.begun = in.Number() == 1;
  while (known && !in.at_end()) {
    std::string topic(in.Text());
    told.partitions[std::move(topic)] = static_cast<std::int32_t>(in.Number());
  }
  if (!known || in.failed()) {
    return base::Error(base::ErrorCode::kSnapshotInvalid, "this is no list of topics");
  }
  return told;
}

class TopicPattern {
 public:
  static base::Result<std::unique_ptr<TopicPattern>> Make(const std::string& pattern) {
    std::unique_ptr<TopicPattern> made(new TopicPattern);
    const std::string whole = "^(" + pattern + ")$";
    if (const int error = ::regcomp(&made->regex_, whole.c_str(), REG_EXTENDED | REG_NOSUB)) {
      char text[256] = "";
      ::regerror(error, &made->regex_, text, sizeof text);
      return base::Error(base::ErrorCode::kValidationFailed, "some options are not valid")
          .WithField({"/topic.pattern", text, "write an extended regular expression: orders-.*"});
    }
    made->compiled_ = true;
    return made;
  }
  TopicPattern(const TopicPattern&) = delete;
  TopicPattern& operator=(const TopicPattern&) = delete;
  ~TopicPattern() {
    if (compiled_) {
      ::regfree(&regex_);
    }
  }
  bool Matches(const char* name) const { return ::regexec(&regex_, name, 0, nullptr, 0) == 0; }

 private:
  TopicPattern() = default;
  regex_t regex_{};
  bool compiled_ = false;
};

class KafkaEnumerator final : public SplitEnumerator {
 public:
  KafkaEnumerator(const SourcePlan& plan, Told told, std::unique_ptr<TopicPattern> pattern)
      : plan_(plan), told_(std::move(told)), pattern_(std::move(pattern)) {}

  base::Result<Discovery> Discover(std::stop_token /*stop*/) override {
    if (plan_.end && told_.begun) {
      return Discovery{.splits = {}, .complete = true};
    }
    if (!client_) {
      client_ = SP_TRY(Client::Make(RD_KAFKA_CONSUMER, plan_.settings));
    }
    std::vector<PartitionId> fresh;
    std::map<std::string, std::int32_t> found = SP_TRY(FindTopics());
    for (const auto& [topic, count] : found) {
      const auto known = told_.partitions.find(topic);
      for (auto i = known == told_.partitions.end() ? 0 : known->second; i < count; ++i) {
        fresh.emplace_back(topic, i);
      }
    }
    Discovery discovery{.splits = SP_TRY(Place(fresh)), .complete = plan_.end.has_value()};
    for (const auto& [topic, count] : found) {
      auto& known = told_.partitions[topic];
      known = std::max(known, count);
    }
    told_.begun = true;
    return discovery;
  }

  std::string Snapshot() const override {
    StateWriter out;
    out.Number(kStateVersion).Number(told_.begun ? 1 : 0);
    for (const auto& [topic, count] : told_.partitions) {
      out.Text(topic).Number(count);
    }
    return out.Take();
  }

 private:
  using Offsets = std::map<PartitionId, std::int64_t>;

  /// How many partitions each topic has.
  base::Result<std::map<std::string, std::int32_t>> FindTopics() {
    std::map<std::string, std::int32_t> found;
    if (pattern_) {
      SP_TRY(AskForTopics(nullptr, found));
    }
    for (const std::string& topic : plan_.topics) {
      const Librdkafka& rd = client_->rd();
      rd_kafka_topic_t* handle = rd.topic_new(client_->handle(), topic.c_str(), nullptr);
      const auto asked = AskForTopics(handle, found);
      rd.topic_destroy(handle);
      SP_TRY(asked);
      if (!found.contains(topic)) {
        return base::Error(base::ErrorCode::kNotFound,
                           "there is no topic '" + topic + "' at " + plan_.brokers);
      }
    }
    return found;
  }

  base::Status AskForTopics(rd_kafka_topic_t* one, std::map<std::string, std::int32_t>& found) {
    const Librdkafka& rd = client_->rd();
    const struct rd_kafka_metadata* answer =
        SP_TRY(client_->Metadata(one, "the topics at " + plan_.brokers + " cannot be listed"));
    base::Status asked = base::Ok();
    for (int i = 0; i < answer->topic_cnt; ++i) {
      const auto& topic = answer->topics[i];
      const bool wanted = one != nullptr || (!std::string_view(topic.topic).starts_with("__") &&
                                             pattern_->Matches(topic.topic));
      if (!wanted || topic.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
        continue;
      }
      if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        asked = client_->Explain(topic.err, std::string("the topic '") + topic.topic + "' at " +
                                                plan_.brokers + " cannot be read");
        continue;
      }
      found[topic.topic] = topic.partition_cnt;
    }
    rd.metadata_destroy(answer);
    return asked;
  }

  base::Result<std::vector<Split>> Place(const std::vector<PartitionId>& fresh) {
    Offsets starts;
    if (!told_.begun) {
      starts = SP_TRY(Resolve(plan_.start, fresh, plan_.start_else));
    } else {
      // Whoever asks for what is new from now on asks for all of a new partition.
      Bound later{.place = kafka::Place::kEarliest};
      if (plan_.start.place == kafka::Place::kTimestamp) {
        later = plan_.start;
      }
      starts = SP_TRY(Resolve(later, fresh, std::nullopt));
    }
    Offsets ends;
    if (plan_.end) {
      ends = SP_TRY(Resolve(*plan_.end, fresh, kafka::Place::kLatest));
    }
    std::vector<Split> splits;
    for (const PartitionId& id : fresh) {
      PartitionPlace place{.topic = id.first, .partition = id.second, .next = starts[id]};
      if (plan_.end) {
        place.end = ends[id];
      }
      splits.push_back({place.id(), place.ToPosition()});
    }
    return splits;
  }

  base::Result<Offsets> Resolve(const Bound& bound, const std::vector<PartitionId>& partitions,
                                std::optional<kafka::Place> otherwise) {
    Offsets offsets;
    switch (bound.place) {
      case kafka::Place::kEarliest:
      case kafka::Place::kLatest:
        for (const PartitionId& id : partitions) {
          offsets[id] = SP_TRY(Edge(id, bound.place));
        }
        return offsets;
      case kafka::Place::kOffsets:
        offsets = bound.offsets;
        break;
      case kafka::Place::kGroup:
        offsets = SP_TRY(Committed(partitions));
        break;
      case kafka::Place::kTimestamp:
        offsets = SP_TRY(AtTime(partitions, bound.timestamp_ms));
        otherwise = kafka::Place::kLatest;
        break;
    }
    for (const PartitionId& id : partitions) {
      if (offsets.contains(id)) {
        continue;
      }
      if (!otherwise) {
        return base::Error(base::ErrorCode::kNotFound,
                           "nothing says where to begin in the partition " + id.first + "-" +
                               std::to_string(id.second))
            .WithHint("auto.offset.reset = earliest or latest says so for such partitions");
      }
      offsets[id] = SP_TRY(Edge(id, *otherwise));
    }
    return offsets;
  }

  base::Result<std::int64_t> Edge(const PartitionId& id, kafka::Place place) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto error = client_->rd().query_watermark_offsets(client_->handle(), id.first.c_str(),
                                                             id.second, &low, &high, kPatienceMs);
    if (error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) {
      // It was told of a moment ago: librdkafka does not know its leader yet.
      return base::Error(
          base::ErrorCode::kClusterUnreachable,
          "the partition " + id.first + "-" + std::to_string(id.second) + " has no leader yet");
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return client_->Explain(
          error, "the offsets of " + id.first + "-" + std::to_string(id.second) + " cannot be had");
    }
    return place == kafka::Place::kEarliest ? low : high;
  }

  base::Result<Offsets> Committed(const std::vector<PartitionId>& partitions) {
    PartitionList list(client_->rd());
    for (const auto& [topic, partition] : partitions) {
      list.Add(topic, partition, RD_KAFKA_OFFSET_INVALID);
    }
    const auto error = client_->rd().committed(client_->handle(), list.get(), kPatienceMs);
    return Answers(error, list, "the offsets of the group '" + plan_.group + "' cannot be had");
  }

  base::Result<Offsets> AtTime(const std::vector<PartitionId>& partitions, std::int64_t time) {
    PartitionList list(client_->rd());
    for (const auto& [topic, partition] : partitions) {
      list.Add(topic, partition, time);
    }
    const auto error = client_->rd().offsets_for_times(client_->handle(), list.get(), kPatienceMs);
    return Answers(error, list, "the offsets of a time cannot be had");
  }

  /// Those of the list that are known.
  base::Result<Offsets> Answers(rd_kafka_resp_err_t error, const PartitionList& list,
                                const std::string& what) {
    Offsets offsets;
    for (int i = 0; i < list.get()->cnt && error == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
      const auto& one = list.get()->elems[i];
      error = one.err;
      if (one.offset >= 0) {
        offsets[{one.topic, one.partition}] = one.offset;
      }
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return client_->Explain(error, what);
    }
    return offsets;
  }

  const SourcePlan& plan_;
  Told told_;
  std::unique_ptr<TopicPattern> pattern_;
  std::unique_ptr<Client> client_;
};

}  // namespace

base::Result<std::unique_ptr<SplitEnumerator>> MakeKafkaEnumerator(
    const SourcePlan& plan, std::optional<std::string> restored) {
  Told told;
  if (restored) {
    told = SP_TRY(ReadState(*restored));
  }
  std::unique_ptr<TopicPattern> pattern;
  if (!plan.pattern.empty()) {
    pattern = SP_TRY(TopicPattern::Make(plan.pattern));
  }
  return std::make_unique<KafkaEnumerator>(plan, std::move(told), std::move(pattern));
}

}  // namespace streampark::connectors::kafka
