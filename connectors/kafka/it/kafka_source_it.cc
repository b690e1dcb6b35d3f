// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/kafka.h"
#include "streampark/connectors/testing/source_contract.h"

#include "running_kafka.h"

namespace streampark::connectors::kafka {
namespace {

using connectors::testing::AddRows;
using connectors::testing::Given;
using connectors::testing::ReadToTheEnd;
using connectors::testing::SchemaOf;
using connectors::testing::Sorted;
using connectors::testing::SourceOf;
using connectors::testing::SourceRefusal;
using connectors::testing::Strings;
using it::TestRecord;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Json(int n) {
  return R"({"n":)" + std::to_string(n) + R"(,"name":"row )" + std::to_string(n) + "\"}";
}
std::string Row(int n) { return "+I(" + std::to_string(n) + ", 'row " + std::to_string(n) + "')"; }

class TopicUnderTest final : public connectors::testing::SourceUnderTest {
 public:
  explicit TopicUnderTest(Given more) : more_(std::move(more)) {
    std::vector<TestRecord> records;
    for (int n = 0; n < kRows; ++n) {
      records.push_back({.value = Json(n), .partition = n % 3});
    }
    it::WriteAborted(topic_, {{.value = Json(900)}, {.value = Json(901), .partition = 1}});
    it::Write(topic_, records);
    it::WriteAborted(topic_, {{.value = Json(902)}, {.value = Json(903), .partition = 2}});
  }

  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override { return SchemaOf("n BIGINT NOT NULL, name STRING"); }
  Given bounded() const override {
    Given given = unbounded();
    given["end"] = "latest";
    return given;
  }
  Strings rows() const override {
    Strings rows;
    for (int n = 0; n < kRows; ++n) {
      rows.push_back(Row(n));
    }
    return rows;
  }
  Given unbounded() const override {
    Given given = more_;
    given.insert({{"bootstrap.servers", it::Brokers()},
                  {"topic", topic_},
                  {"format", "json"},
                  {"batch.rows", "4"},
                  {"discovery.interval", "1s"},
                  {"properties.fetch.wait.max.ms", "10"}});
    return given;
  }
  Strings Grow() override {
    it::AddPartitions(topic_, 5);
    it::Write(topic_, {{.value = Json(100), .partition = 3},
                       {.value = Json(101), .partition = 4},
                       {.value = Json(102), .partition = 4}});
    return {Row(100), Row(101), Row(102)};
  }

 private:
  static constexpr int kRows = 50;
  const Given more_;
  const std::string topic_ = it::NewTopic(3);
  const std::unique_ptr<Connector> connector_ = MakeKafkaConnector();
};

class KafkaSourceIt : public ::testing::Test {
 protected:
  Given With(const std::string& topic, Given more = {}) const {
    more.insert({{"bootstrap.servers", it::Brokers()},
                 {"topic", topic},
                 {"format", "json"},
                 {"end", "latest"},
                 {"properties.fetch.wait.max.ms", "10"}});
    return more;
  }
  /// All rows of a bounded source, dirty records with them, in the order of partitions.
  Strings Read(const Given& given, const std::string& schema = "n BIGINT, name STRING") const {
    const auto source = SourceOf(*connector_, given, SchemaOf(schema));
    auto found = source->MakeEnumerator(std::nullopt).value()->Discover({});
    if (!found.ok()) {
      return {found.error().ToString()};
    }
    Strings rows;
    for (auto& split : found->splits) {
      const auto reader = source->MakeReader(0).value();
      EXPECT_TRUE(reader->Add({split}).ok());
      const Strings more = ReadToTheEnd(*reader, 1);
      rows.insert(rows.end(), more.begin(), more.end());
    }
    return rows;
  }
  std::string Refused(const Given& given,
                      const std::string& schema = "n BIGINT, name STRING") const {
    return SourceRefusal(*connector_, given, SchemaOf(schema));
  }

  const std::unique_ptr<Connector> connector_ = MakeKafkaConnector();
};

TEST_F(KafkaSourceIt, BeginsAndEndsWhereItIsTold) {
  const std::string topic = it::NewTopic(2);
  it::Write(topic, {{.value = Json(0), .timestamp_ms = 1'000},
                    {.value = Json(1), .timestamp_ms = 2'000},
                    {.value = Json(2), .timestamp_ms = 3'000},
                    {.value = Json(3), .partition = 1, .timestamp_ms = 2'500}});
  EXPECT_THAT(Read(With(topic)), ElementsAre(Row(0), Row(1), Row(2), Row(3)));
  EXPECT_THAT(Read(With(topic, {{"start", "latest"}})), ElementsAre());
  EXPECT_THAT(Read(With(topic, {{"start.timestamp", "2000"}})),
              ElementsAre(Row(1), Row(2), Row(3)));
  EXPECT_THAT(Read(With(topic, {{"start.from.timestamp", "1970-01-01T00:00:02.501Z"}})),
              ElementsAre(Row(2)));
  EXPECT_THAT(Read(With(topic, {{"start.offsets", "0:2"}})), ElementsAre(Row(2), Row(3)));
  EXPECT_THAT(
      Read(With(topic, {{"start.offsets", topic + ":0:2"}, {"auto.offset.reset", "latest"}})),
      ElementsAre(Row(2)));
  EXPECT_THAT(Read(With(topic, {{"start.offsets", "0:2"}, {"auto.offset.reset", "none"}})),
              ElementsAre(HasSubstr("NOT_FOUND: nothing says where to begin in the partition " +
                                    topic + "-1")));
  EXPECT_THAT(Read(With(topic, {{"end", "timestamp"}, {"end.timestamp", "2500"}})),
              ElementsAre(Row(0), Row(1)));
  EXPECT_THAT(Read(With(topic, {{"end", "offsets"}, {"end.offsets", "0:1"}})),
              ElementsAre(Row(0), Row(3)));
}

TEST_F(KafkaSourceIt, CommitsTheOffsetsOfItsGroupAndBeginsThere) {
  const std::string topic = it::NewTopic(1);
  it::Write(topic, {{.value = Json(0)}, {.value = Json(1)}, {.value = Json(2)}});
  const Given given = With(topic, {{"group.id", "group-" + topic}, {"batch.rows", "2"}});
  const auto source = SourceOf(*connector_, given, SchemaOf("n BIGINT, name STRING"));
  const auto enumerator = source->MakeEnumerator(std::nullopt).value();
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(enumerator->Discover({}).value().splits).ok());
  std::unique_ptr<Batch> batch;
  ASSERT_TRUE(it::Eventually([&] {
    batch = std::move(reader->Read(base::Millis(1'000)).value().batch);
    return batch != nullptr;
  }));
  const auto read = batch->length;
  ASSERT_LT(read, 3);
  EXPECT_EQ(it::GroupOffset("group-" + topic, topic, 0), std::nullopt);
  ASSERT_TRUE(reader->Acknowledge(reader->Snapshot()).ok());
  EXPECT_TRUE(it::Eventually([&] { return it::GroupOffset("group-" + topic, topic, 0) == read; }));
  EXPECT_EQ(Read(given).size(), static_cast<std::size_t>(3 - read));
  EXPECT_EQ(Read(With(topic, {{"group.id", "group-" + topic}, {"start", "earliest"}})).size(), 3U);
}

TEST_F(KafkaSourceIt, GivesKeysAndWhatSurroundsARecord) {
  const std::string topic = it::NewTopic(2);
  it::Write(topic, {{.value = R"({"name":"x"})",
                     .key = R"({"n":7})",
                     .partition = 1,
                     .timestamp_ms = 1'500,
                     .headers = {{"a", "1"}, {"a", "2"}}}});
  EXPECT_THAT(Read(With(topic, {{"key.columns", "n"},
                                {"metadata.topic", "t"},
                                {"metadata.partition", "p"},
                                {"metadata.offset", "o"},
                                {"metadata.timestamp", "at"},
                                {"metadata.headers", "h"},
                                {"metadata.key", "k"}}),
                   "h MAP<STRING, STRING>, n BIGINT, t STRING, p INT, name STRING, o BIGINT, at "
                   "TIMESTAMP_LTZ, k STRING"),
              ElementsAre("+I({'a': '1', 'a': '2'}, 7, '" + topic +
                          "', 1, 'x', 0, 1970-01-01 00:00:01.5Z, '{\"n\":7}')"));
}

TEST_F(KafkaSourceIt, ReadsDeletionsByTheirKeys) {
  const std::string topic = it::NewTopic(1);
  it::Write(topic, {{.value = R"({"name":"x"})", .key = "7"}, {.value = std::nullopt, .key = "7"}});
  const Given given = {{"key.columns", "n"}, {"key.format", "csv"}};
  const auto with = [&](const std::string& tombstones) {
    Given all = given;
    all["tombstones"] = tombstones;
    return Read(With(topic, all));
  };
  EXPECT_THAT(with("delete"), ElementsAre("+I(7, 'x')", "-D(7, NULL)"));
  EXPECT_THAT(with("skip"), ElementsAre("+I(7, 'x')"));
  EXPECT_THAT(
      with("refuse"),
      ElementsAre("dirty: " + topic + "-0 at offset 1: the record has no value", "+I(7, 'x')"));
}

TEST_F(KafkaSourceIt, RecordsThatAreNoRowsAreDirty) {
  const std::string topic = it::NewTopic(1);
  it::Write(topic, {{.value = Json(0)}, {.value = "nonsense"}, {.value = Json(2)}});
  const Strings rows = Read(With(topic));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_THAT(rows[0], HasSubstr("dirty: " + topic + "-0 at offset 1: "));
  EXPECT_EQ(rows[1], Row(0));
  EXPECT_EQ(rows[2], Row(2));
}

TEST_F(KafkaSourceIt, TopicsAreFoundByPattern) {
  const std::string prefix = it::NewTopicName("found");
  const std::string one = it::NewTopic(1, prefix + "-a");
  const std::string other = it::NewTopic(1, prefix + "-b");
  it::Write(one, {{.value = Json(0)}});
  it::Write(other, {{.value = Json(1)}});
  Given given = With("", {{"topic.pattern", prefix + "-[ab].*"}});
  given.erase("topic");
  EXPECT_THAT(Sorted(Read(given)), ElementsAre(Row(0), Row(1)));
  given["topic.pattern"] = prefix;
  EXPECT_THAT(Read(given), ElementsAre());
  given["topic.pattern"] = "(";
  const auto source = SourceOf(*connector_, given, SchemaOf("n BIGINT"));
  EXPECT_THAT(source->MakeEnumerator(std::nullopt).error().ToString(),
              HasSubstr("/topic.pattern: "));
}

TEST_F(KafkaSourceIt, RecordsThatAreGoneAreAnError) {
  const std::string topic = it::NewTopic(1);
  it::Write(topic, {{.value = Json(0)}, {.value = Json(1)}, {.value = Json(2)}});
  const auto source = SourceOf(*connector_, With(topic), SchemaOf("n BIGINT"));
  const auto splits = source->MakeEnumerator(std::nullopt).value()->Discover({}).value().splits;
  it::DeleteRecords(topic, 0, 2);
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(splits).ok());
  auto read = reader->Read(base::Millis(60'000));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), base::ErrorCode::kSnapshotInvalid);
  EXPECT_THAT(read.error().ToString(), HasSubstr(topic + "-0 at offset 0 cannot be read"));
}

TEST_F(KafkaSourceIt, TellsHowManyRecordsWait) {
  const std::string topic = it::NewTopic(2);
  std::vector<TestRecord> records;
  for (int n = 0; n < 40; ++n) {
    records.push_back({.value = Json(n), .partition = n % 2});
  }
  it::Write(topic, records);
  const auto source =
      SourceOf(*connector_, With(topic, {{"batch.rows", "4"}}), SchemaOf("n BIGINT"));
  const auto splits = source->MakeEnumerator(std::nullopt).value()->Discover({}).value().splits;
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(splits).ok());
  std::vector<std::int64_t> waiting;
  std::int64_t rows = 0;
  while (waiting.empty() || waiting.back() > 0) {
    const auto read = reader->Read(base::Millis(100));
    ASSERT_TRUE(read.ok()) << read.error().ToString();
    rows += read->batch != nullptr ? read->batch->length : 0;
    if (read->waiting && rows > 0) {
      waiting.push_back(*read->waiting);
      EXPECT_LE(*read->waiting, 40 - rows);
    }
  }
  EXPECT_EQ(rows, 40);
  EXPECT_THAT(waiting, ::testing::WhenSortedBy(std::greater<>(), waiting));
}

TEST_F(KafkaSourceIt, WhatIsNotThereIsNamed) {
  EXPECT_THAT(Read(With("no-such-topic")),
              ElementsAre("NOT_FOUND: there is no topic 'no-such-topic' at " + it::Brokers()));
}

TEST_F(KafkaSourceIt, OptionsThatDoNotGoTogetherAreRefused) {
  const std::pair<Given, const char*> cases[] = {
      {{{"start", "timestamp"}}, "/start: does not go with"},
      {{{"start", "earliest"}, {"start.offsets", "0:1"}}, "/start: does not go with"},
      {{{"start.offsets", "0"}}, "/start.offsets: '0' is no offset of a partition"},
      {{{"start.timestamp", "soon"}}, "/start.timestamp: 'soon' is no time"},
      {{{"start", "group"}}, "/start: there is no group.id"},
      {{{"topic.pattern", "x"}}, "/topic: either topics or a pattern"},
      {{{"key.columns", "m"}}, "/key.columns: there is no column 'm'"},
      {{{"tombstones", "delete"}}, "/tombstones: a deletion needs a key"},
      {{{"metadata.offset", "name"}}, "/metadata.offset: the column 'name' is of type STRING"},
      {{{"properties.fetch.min.byte", "1"}}, "/fetch.min.byte: no client of Kafka has"},
      {{{"ssl.truststore.location", "x.jks"}}, "'ssl.truststore.location' cannot be set"},
  };
  for (const auto& [more, expected] : cases) {
    EXPECT_THAT(Refused(With("t", more)), HasSubstr(expected));
  }
}

auto Topic(Given options) {
  return [=] { return std::make_unique<TopicUnderTest>(options); };
}

}  // namespace
}  // namespace streampark::connectors::kafka

SP_SOURCE_CONTRACT(Topic, streampark::connectors::kafka::Topic({}));
SP_SOURCE_CONTRACT(TopicOfAGroup, streampark::connectors::kafka::Topic({{"group.id", "readers"}}));
