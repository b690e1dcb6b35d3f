// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "streampark/connectors/kafka.h"
#include "streampark/connectors/option_errors.h"

#include "client_keys.h"
#include "columns.h"
#include "sink_plan.h"
#include "source_plan.h"

namespace streampark::connectors {
namespace kafka {
namespace {

OptionTable MakeTable() {
  std::vector<OptionSpec> specs = {
      {.name = "bootstrap.servers",
       .text = "Brokers to begin with: `host:port,host:port`.",
       .presence = OptionSpec::Presence::kRequired},
      {.name = "topic",
       .kind = OptionKind::kList,
       .text = "The topics that are read, or the one that is written."},
      {.name = "topic.pattern",
       .text = "Instead: an extended regular expression over whole names of topics, `orders-.*`.",
       .use = OptionUse::kSource},
      {.name = "group.id",
       .text =
           "A consumer group: where its offsets are committed once a checkpoint holds them, for "
           "others to see. The job itself goes on from its checkpoint.",
       .use = OptionUse::kSource},
      {.name = "start",
       .kind = OptionKind::kChoice,
       .text =
           "Where a job without a checkpoint begins. Absent: `timestamp` or `offsets` when that is "
           "given, else `group` with a `group.id`, else `earliest`.",
       .use = OptionUse::kSource,
       .choices = {"earliest", "latest", "group", "timestamp", "offsets"}},
      {.name = "start.timestamp",
       .text = "Milliseconds since 1970, or `2026-01-31T09:05:00Z`.",
       .use = OptionUse::kSource,
       .aliases = {"start.from.timestamp"}},
      {.name = "start.offsets",
       .kind = OptionKind::kList,
       .text =
           "`PARTITION:OFFSET` items, or `TOPIC:PARTITION:OFFSET` where there are several topics.",
       .use = OptionUse::kSource,
       .aliases = {"start.from.offset"}},
      {.name = "auto.offset.reset",
       .kind = OptionKind::kChoice,
       .text =
           "Where to begin in partitions for which the group, or `start.offsets`, has no offset.",
       .fallback = "earliest",
       .use = OptionUse::kSource,
       .choices = {"earliest", "latest", "none"}},
      {.name = "end",
       .kind = OptionKind::kChoice,
       .text = "Where it ends: at what is `latest` at the start, at a time, or at offsets; absent: "
               "never.",
       .use = OptionUse::kSource,
       .choices = {"latest", "group", "timestamp", "offsets"}},
      {.name = "end.timestamp",
       .text = "As `start.timestamp`; that record itself is not read.",
       .use = OptionUse::kSource},
      {.name = "end.offsets",
       .kind = OptionKind::kList,
       .text = "As `start.offsets`; these are not read. Other partitions end at what is latest.",
       .use = OptionUse::kSource},
      {.name = "discovery.interval",
       .kind = OptionKind::kDuration,
       .text = "How often to look for new partitions and topics.",
       .fallback = "1m",
       .use = OptionUse::kSource,
       .least = 10},
      {.name = "isolation.level",
       .kind = OptionKind::kChoice,
       .text = "Whether records of open and aborted transactions are read.",
       .fallback = "read_committed",
       .use = OptionUse::kSource,
       .choices = {"read_committed", "read_uncommitted"}},
      {.name = "delivery",
       .kind = OptionKind::kChoice,
       .text =
           "With exactly-once, rows are visible when their checkpoint is complete, to those who "
           "read committed records; it needs brokers of 3.0 or newer.",
       .fallback = "exactly-once",
       .use = OptionUse::kSink,
       .choices = {"exactly-once", "at-least-once"}},
      {.name = "partitioner",
       .kind = OptionKind::kChoice,
       .text =
           "Where a row goes that names no partition: as its key says (by Java's hash), all of a "
           "subtask to one, or to each in turn.",
       .fallback = "key",
       .use = OptionUse::kSink,
       .choices = {"key", "fixed", "round-robin"}},
      {.name = "transactional.id.prefix",
       .text = "What the ids of transactions begin with, for ACLs.",
       .fallback = "streampark",
       .use = OptionUse::kSink},
      {.name = "transaction.timeout",
       .kind = OptionKind::kDuration,
       .text = "What is not committed after this time is lost: more than the time between "
               "checkpoints, and than a job may be down with one that is not committed. Brokers "
               "allow `transaction.max.timeout.ms`.",
       .fallback = "15m",
       .use = OptionUse::kSink,
       .least = 1'000,
       .most = 2'147'483'647},
      {.name = "batch.rows",
       .kind = OptionKind::kInteger,
       .text = "The most records that are read at once.",
       .fallback = "4096",
       .use = OptionUse::kSource,
       .least = 1,
       .most = 65'536},
  };
  for (OptionSpec& spec : ColumnOptions()) {
    specs.push_back(std::move(spec));
  }
  return OptionTable(std::move(specs), ClientKeyPrefixes()).With(formats::FormatOptions(""));
}

template <typename Whole>
std::optional<Whole> ParseWhole(std::string_view text) {
  Whole number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size() && number >= 0;
  return whole ? std::optional(number) : std::nullopt;
}

base::Result<std::int64_t> ReadTime(const OptionValues& options, const std::string& option) {
  const std::string& text = options.String(option);
  if (const auto millis = ParseWhole<std::int64_t>(text)) {
    return *millis;
  }
  const auto time = base::ParseTimestamp(text);
  if (!time) {
    return WrongOption(option, "'" + text + "' is no time",
                       "milliseconds since 1970, or 2026-01-31T09:05:00Z");
  }
  return time->time_since_epoch().count();
}

base::Result<std::map<PartitionId, std::int64_t>> ReadOffsets(
    const OptionValues& options, const std::string& option,
    const std::vector<std::string>& topics) {
  std::map<PartitionId, std::int64_t> offsets;
  for (const std::string& item : options.List(option)) {
    std::string_view rest = item;
    const auto take_last = [&rest] {
      const auto colon = rest.rfind(':');
      const auto last = rest.substr(colon == std::string_view::npos ? 0 : colon + 1);
      rest = colon == std::string_view::npos ? "" : rest.substr(0, colon);
      return last;
    };
    const auto offset = ParseWhole<std::int64_t>(take_last());
    const auto partition = ParseWhole<std::int32_t>(take_last());
    const std::string topic = rest.empty() && topics.size() == 1 ? topics[0] : std::string(rest);
    if (!offset || !partition || topic.empty()) {
      return WrongOption(option, "'" + item + "' is no offset of a partition",
                         topics.size() == 1 ? "PARTITION:OFFSET, as 0:182"
                                            : "TOPIC:PARTITION:OFFSET, as orders:0:182");
    }
    offsets[{topic, *partition}] = *offset;
  }
  return offsets;
}

/// `start` or `end`, with what belongs to it. Absent: nothing is said of it.
base::Result<std::optional<Bound>> ReadBound(const OptionValues& options, const std::string& option,
                                             const std::vector<std::string>& topics) {
  const std::string time = option + ".timestamp";
  const std::string offsets = option + ".offsets";
  const bool has_offsets = options.Has(offsets);
  std::string place = options.Has(option)    ? options.String(option)
                      : options.Has(time)    ? "timestamp"
                      : options.Has(offsets) ? "offsets"
                                             : "";
  Bound bound;
  if (options.Has(time)) {
    bound.timestamp_ms = SP_TRY(ReadTime(options, time));
  }
  bound.offsets = SP_TRY(ReadOffsets(options, offsets, topics));
  if (options.Has(time) != (place == "timestamp") || has_offsets != (place == "offsets")) {
    return WrongOption(
        option, "does not go with what is given beside it",
        "timestamp needs " + time + ", offsets needs " + offsets + ", and nothing else does");
  }
  if (place == "group" && !options.Has("group.id")) {
    return WrongOption(option, "there is no group.id", "name the group, or choose another place");
  }
  if (place.empty()) {
    return std::nullopt;
  }
  bound.place = place == "earliest"    ? Place::kEarliest
                : place == "latest"    ? Place::kLatest
                : place == "group"     ? Place::kGroup
                : place == "timestamp" ? Place::kTimestamp
                                       : Place::kOffsets;
  return bound;
}

class KafkaConnector final : public Connector {
 public:
  std::string_view name() const override { return "kafka"; }
  std::string_view text() const override {
    return "Topics of Kafka: JSON, CSV, bytes, Avro, Debezium.";
  }
  Capabilities capabilities() const override {
    return {.source = true,
            .sink = true,
            .replay = true,
            .changes = true,
            .upsert = true,
            .exactly_once = true};
  }
  const OptionTable& options() const override { return table_; }

  base::Result<std::unique_ptr<Source>> MakeSource(Setup setup) const override {
    if (!setup.schema) {
      return NeedsColumns("a topic");
    }
    const OptionValues& options = setup.options;
    SourcePlan plan;
    plan.brokers = options.String("bootstrap.servers");
    plan.settings = SP_TRY(ReadClientKeys(GivenClientKeys(options), Side::kSource));
    plan.settings.insert({{"bootstrap.servers", plan.brokers},
                          {"isolation.level", options.String("isolation.level")},
                          {"enable.auto.commit", "false"},
                          {"auto.offset.reset", "error"}});
    plan.topics = options.List("topic");
    plan.pattern = options.Has("topic.pattern") ? options.String("topic.pattern") : "";
    if (plan.topics.empty() == plan.pattern.empty()) {
      return WrongOption("topic", "either topics or a pattern has to be given");
    }
    if (options.Has("group.id")) {
      plan.group = options.String("group.id");
      plan.settings["group.id"] = plan.group;
    }
    const auto start = SP_TRY(ReadBound(options, "start", plan.topics));
    plan.start =
        start ? *start : Bound{.place = plan.group.empty() ? Place::kEarliest : Place::kGroup};
    const std::string& otherwise = options.String("auto.offset.reset");
    plan.start_else = otherwise == "none"     ? std::nullopt
                      : otherwise == "latest" ? std::optional(Place::kLatest)
                                              : std::optional(Place::kEarliest);
    plan.end = SP_TRY(ReadBound(options, "end", plan.topics));
    if (plan.end) {
      plan.settings["enable.partition.eof"] = "true";
    }
    plan.discovery = options.Duration("discovery.interval");
    plan.columns = SP_TRY(PlanColumns(options, setup.schema, OptionUse::kSource));
    plan.batch_rows = options.Integer("batch.rows");
    return MakeKafkaSource(std::move(plan));
  }

  base::Result<std::unique_ptr<Sink>> MakeSink(Setup setup) const override {
    if (!setup.schema) {
      return NeedsColumns("a topic");
    }
    const OptionValues& options = setup.options;
    SinkPlan plan;
    plan.brokers = options.String("bootstrap.servers");
    plan.settings = SP_TRY(ReadClientKeys(GivenClientKeys(options), Side::kSink));
    plan.settings.insert({{"bootstrap.servers", plan.brokers},
                          {"enable.idempotence", "true"},
                          {"max.in.flight.requests.per.connection", "1"},  // see ADR 18
                          {"partitioner", "murmur2_random"}});
    if (options.List("topic").size() != 1) {
      return WrongOption("topic", "a sink writes to one topic");
    }
    plan.topic = options.List("topic")[0];
    plan.columns = SP_TRY(PlanColumns(options, setup.schema, OptionUse::kSink, plan.topic));
    plan.mode =
        options.String("mode") == "upsert" ? RowRecords::Mode::kUpsert : RowRecords::Mode::kAppend;
    const std::string& partitioner = options.String("partitioner");
    plan.partitioner = partitioner == "fixed"         ? SinkPlan::Partitioner::kFixed
                       : partitioner == "round-robin" ? SinkPlan::Partitioner::kRoundRobin
                                                      : SinkPlan::Partitioner::kKey;
    plan.exactly_once = options.String("delivery") == "exactly-once";
    if (plan.exactly_once) {
      plan.wire = SP_TRY(WireSettings::From(plan.settings));
      plan.id_prefix = options.String("transactional.id.prefix");
      plan.transaction_timeout = options.Duration("transaction.timeout");
    }
    return MakeKafkaSink(std::move(plan));
  }

 private:
  const OptionTable table_ = MakeTable();
};

}  // namespace
}  // namespace kafka

std::unique_ptr<Connector> MakeKafkaConnector() {
  return std::make_unique<kafka::KafkaConnector>();
}

}  // namespace streampark::connectors
