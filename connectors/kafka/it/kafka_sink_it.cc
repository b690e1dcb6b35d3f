// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/kafka.h"
#include "streampark/connectors/testing/sink_contract.h"
#include "streampark/formats/format.h"

#include "prepared_transaction.h"
#include "running_kafka.h"
#include "transaction_client.h"

namespace streampark::connectors::kafka {
namespace {

using connectors::testing::Given;
using connectors::testing::NumberedRows;
using connectors::testing::NumberedTexts;
using connectors::testing::SchemaOf;
using connectors::testing::SinkOf;
using connectors::testing::SinkRefusal;
using connectors::testing::Sorted;
using connectors::testing::SourceOf;
using connectors::testing::Strings;
using it::TestRecord;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

WireSettings Wire() { return WireSettings::From({{"bootstrap.servers", it::Brokers()}}).value(); }

/// Those of a prefix.
Strings OpenTransactions(const std::string& prefix) {
  Strings open = TransactionClient(Wire()).ListOpen({}).value();
  std::erase_if(open, [&](const std::string& id) { return !id.starts_with(prefix + "-"); });
  return open;
}

/// A topic that JSON is written to.
class TargetTopic final : public connectors::testing::SinkUnderTest {
 public:
  explicit TargetTopic(Given more) : more_(std::move(more)) {}

  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override { return SchemaOf("n BIGINT NOT NULL, name STRING"); }
  Given options() const override {
    Given given = more_;
    given.insert({{"bootstrap.servers", it::Brokers()},
                  {"topic", topic_},
                  {"format", "csv"},
                  {"transactional.id.prefix", "p-" + topic_},
                  {"properties.linger.ms", "0"}});
    return given;
  }
  Strings Visible() override {
    BatchBuilder rows(schema());
    const OptionTable table(formats::FormatOptions(""));
    const auto decoder =
        formats::MakeDecoder(table.Read({{"format", "csv"}}, OptionUse::kSource).value(),
                             {.schema = schema()})
            .value();
    for (const TestRecord& record : it::ReadCommitted(topic_)) {
      EXPECT_FALSE(decoder->Decode(record.value.value(), rows));
    }
    return connectors::testing::RowsOf(*rows.Finish());
  }
  Strings Staged() override { return OpenTransactions("p-" + topic_); }

 private:
  const Given more_;
  const std::string topic_ = it::NewTopic(3, "target");
  const std::unique_ptr<Connector> connector_ = MakeKafkaConnector();
};

class KafkaSinkIt : public ::testing::Test {
 protected:
  Given With(const std::string& topic, Given more = {}) const {
    more.insert({{"bootstrap.servers", it::Brokers()},
                 {"topic", topic},
                 {"format", "json"},
                 {"delivery", "at-least-once"},
                 {"properties.linger.ms", "0"}});
    return more;
  }
  std::unique_ptr<Sink> Make(const Given& given, const SchemaPtr& schema) const {
    return SinkOf(*connector_, given, schema);
  }
  /// Writes the rows of `build`, at least once; what is refused.
  template <typename Build>
  Strings Write(const Given& given, const std::string& schema, const Build& build,
                const WriterId& id = {"lineage", "rows", 0}) const {
    const auto columns = SchemaOf(schema);
    BatchBuilder rows(columns);
    build(rows);
    const auto sink = Make(given, columns);
    const auto writer = sink->MakeWriter(id, "").value();
    const auto dirty = writer->Write(*rows.Finish());
    EXPECT_TRUE(dirty.ok()) << dirty.error().ToString();
    const auto prepared = writer->Prepare(1);
    EXPECT_TRUE(prepared.ok()) << prepared.error().ToString();
    Strings refused;
    for (const auto& one : *dirty) {
      refused.push_back(one.reason);
    }
    return refused;
  }

  const std::unique_ptr<Connector> connector_ = MakeKafkaConnector();
};

TEST_F(KafkaSinkIt, WritesKeysHeadersTimesAndPartitions) {
  const std::string topic = it::NewTopic(3);
  const auto refused = Write(With(topic, {{"key.columns", "k"},
                                          {"key.in.value", "false"},
                                          {"metadata.partition", "p"},
                                          {"metadata.timestamp", "at"},
                                          {"metadata.headers", "h"}}),
                             "k STRING, p INT, at TIMESTAMP_LTZ, h MAP<STRING, STRING>, v INT",
                             [](BatchBuilder& rows) {
                               rows.column(0).AppendText("a");
                               rows.column(1).Append<std::int32_t>(2);
                               rows.column(2).Append<std::int64_t>(1'500'000);
                               rows.column(3).child(0).AppendText("x");
                               rows.column(3).child(1).AppendText("1");
                               rows.column(3).EndList();
                               rows.column(4).Append<std::int32_t>(7);
                               rows.EndRow();
                               rows.column(0).AppendText("b");
                               rows.column(1).Append<std::int32_t>(99);
                               rows.EndRow();
                             });
  EXPECT_THAT(refused, ElementsAre("the topic has no partition 99"));
  const auto records = it::ReadCommitted(topic);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, R"({"k":"a"})");
  EXPECT_EQ(records[0].value, R"({"v":7})");
  EXPECT_EQ(records[0].partition, 2);
  EXPECT_EQ(records[0].timestamp_ms, 1'500);
  EXPECT_THAT(records[0].headers, ElementsAre(std::pair("x", "1")));
}

TEST_F(KafkaSinkIt, UpsertsByKey) {
  const std::string topic = it::NewTopic(1);
  const Given given = With(topic, {{"mode", "upsert"}, {"key.format", "csv"}});
  EXPECT_EQ(Make(given, SchemaOf("k INT NOT NULL, v STRING, PRIMARY KEY (k)"))->delivery(),
            Delivery::kUpsert);
  Write(given, "k INT NOT NULL, v STRING, PRIMARY KEY (k)", [](BatchBuilder& rows) {
    const std::pair<RowKind, const char*> changes[] = {{RowKind::kInsert, "x"},
                                                       {RowKind::kUpdateBefore, "x"},
                                                       {RowKind::kUpdateAfter, "y"},
                                                       {RowKind::kDelete, "y"}};
    for (const auto& [kind, text] : changes) {
      rows.column(0).Append<std::int32_t>(7);
      rows.column(1).AppendText(text);
      rows.EndRow(kind);
    }
  });
  Strings seen;
  for (const TestRecord& record : it::ReadCommitted(topic)) {
    seen.push_back(record.key.value() + " " + record.value.value_or("-"));
  }
  EXPECT_THAT(seen, ElementsAre(R"(7 {"k":7,"v":"x"})", R"(7 {"k":7,"v":"y"})", "7 -"));
}

TEST_F(KafkaSinkIt, SpreadsRowsAsItIsTold) {
  const auto partitions = [&](Given more, int subtask) {
    const std::string topic = it::NewTopic(3);
    const auto build = [](BatchBuilder& rows) {
      for (std::int64_t n = 0; n < 6; ++n) {
        rows.column(0).Append(n);
        rows.EndRow();
      }
    };
    EXPECT_THAT(
        Write(With(topic, std::move(more)), "n BIGINT", build, {"lineage", "rows", subtask}),
        ElementsAre());
    std::string seen;
    std::string where;  // for whoever finds one missing
    for (const TestRecord& record : it::ReadCommitted(topic)) {
      seen += std::to_string(record.partition);
      where += " " + record.value.value_or("null") + " at " + std::to_string(record.partition) +
               "-" + std::to_string(record.offset);
    }
    EXPECT_EQ(seen.size(), 6U) << topic << ":" << where;
    return seen;
  };
  EXPECT_EQ(partitions({{"partitioner", "fixed"}}, 4), "111111");
  EXPECT_EQ(partitions({{"partitioner", "round-robin"}}, 0), "001122");
  // Java's hash of the texts 0 to 5.
  EXPECT_EQ(partitions({{"key.columns", "n"}, {"key.format", "csv"}}, 0),
            partitions({{"key.columns", "n"}, {"key.format", "csv"}}, 3));
}

// The first records come to partitions whose leader does not know of it yet: they are sent again, and must not be overtaken meanwhile.
TEST_F(KafkaSinkIt, NoRowIsLostInATopicThatWasJustMade) {
  constexpr int kPartitions = 6;
  constexpr std::int64_t kRows = 60;
  for (int topics = 0; topics < 60; ++topics) {
    const std::string topic = it::NewTopic(kPartitions);
    Write(With(topic, {{"partitioner", "round-robin"}}), "n BIGINT NOT NULL",
          [](BatchBuilder& rows) {
            for (std::int64_t n = 0; n < kRows; ++n) {
              rows.column(0).Append(n);
              rows.EndRow();
            }
          });
    std::map<int, std::string> seen;
    for (const TestRecord& record : it::ReadCommitted(topic)) {
      seen[record.partition] += record.value.value_or("null");
    }
    std::map<int, std::string> sent;
    for (std::int64_t n = 0; n < kRows; ++n) {
      sent[static_cast<int>(n % kPartitions)] += "{\"n\":" + std::to_string(n) + "}";
    }
    ASSERT_EQ(seen, sent) << topic;
  }
}

TEST_F(KafkaSinkIt, WhatTheTargetRefusesSaysWhy) {
  const auto schema = SchemaOf("n BIGINT");
  const auto missing = Make(With("no-such-topic"), schema)->MakeWriter({"lineage", "rows", 0}, "");
  EXPECT_THAT(missing.error().ToString(),
              HasSubstr("NOT_FOUND: there is no topic 'no-such-topic'"));
  const std::string topic = it::NewTopic(1);
  const auto sink =
      Make(With(topic, {{"delivery", "exactly-once"}, {"transaction.timeout", "2h"}}), schema);
  const auto writer = sink->MakeWriter({"lineage", "rows", 0}, "").value();
  const auto written = writer->Write(*NumberedRows(schema, 0, 1));
  ASSERT_FALSE(written.ok());
  EXPECT_FALSE(written.error().retryable());
  EXPECT_THAT(written.error().ToString(),
              HasSubstr("transaction.timeout is more than the brokers"));
  EXPECT_THAT(Write(With(topic, {{"properties.message.max.bytes", "1000"}}), "s STRING",
                    [](BatchBuilder& rows) {
                      rows.column(0).AppendText(std::string(2'000, 'x'));
                      rows.EndRow();
                      rows.column(0).AppendText("y");
                      rows.EndRow();
                    }),
              ElementsAre("the record is larger than message.max.bytes"));
}

TEST_F(KafkaSinkIt, OptionsThatDoNotGoTogetherAreRefused) {
  const std::pair<Given, const char*> cases[] = {
      {{{"topic", "a,b"}}, "/topic: a sink writes to one topic"},
      {{{"mode", "upsert"}}, "/mode: rows that replace others need a key"},
      {{{"key.columns", "n"}, {"key.in.value", "false"}}, "/key.columns: no column is left"},
      {{{"delivery", "exactly-once"},
        {"security.protocol", "SASL_SSL"},
        {"sasl.mechanism", "OAUTHBEARER"}},
       "/delivery: exactly-once cannot sign in by OAUTHBEARER"},
      {{{"properties.transactional.id", "x"}}, "'transactional.id' cannot be set"},
  };
  for (const auto& [more, expected] : cases) {
    EXPECT_THAT(SinkRefusal(*connector_, With("t", more), SchemaOf("n BIGINT")),
                HasSubstr(expected));
  }
}

class KafkaTransactionsIt : public KafkaSinkIt {
 protected:
  Given Exactly(Given more = {}) const {
    more.insert({{"delivery", "exactly-once"}, {"transactional.id.prefix", "p-" + topic_}});
    return With(topic_, std::move(more));
  }
  std::vector<Committable> WriteAndPrepare(SinkWriter& writer, std::int64_t first,
                                           std::uint64_t sequence) {
    EXPECT_TRUE(writer.Write(*NumberedRows(schema_, first, 10)).ok());
    auto prepared = writer.Prepare(sequence);
    EXPECT_TRUE(prepared.ok()) << prepared.error().ToString();
    return prepared.ok() ? std::move(prepared).value() : std::vector<Committable>();
  }
  std::size_t CountVisible() const { return it::ReadCommitted(topic_).size(); }

  const std::string topic_ = it::NewTopic(1);
  const SchemaPtr schema_ = SchemaOf("n BIGINT");
  const WriterId id_ = {"lineage", "rows", 0};
};

TEST_F(KafkaTransactionsIt, ProducersAreUsedAgainOnceTheirTransactionsAreCommitted) {
  const auto sink = Make(Exactly(), schema_);
  const auto writer = sink->MakeWriter(id_, "").value();
  const auto committer = sink->MakeCommitter().value();
  std::set<std::string> ids;
  std::vector<Committable> all;
  for (std::uint64_t sequence = 1; sequence <= 6; ++sequence) {
    const auto prepared = WriteAndPrepare(*writer, 0, sequence);
    ASSERT_EQ(prepared.size(), 1U);
    ids.insert(PreparedTransaction::From(prepared[0]).value().id);
    ASSERT_TRUE(committer->Commit(prepared, {}).ok());
    all.push_back(prepared[0]);
  }
  EXPECT_EQ(ids.size(), 1U);
  // Old ones again, while the same producer has a younger transaction open: that one is not touched.
  ASSERT_TRUE(writer->Write(*NumberedRows(schema_, 0, 10)).ok());
  ASSERT_TRUE(it::Eventually([&] { return !OpenTransactions("p-" + topic_).empty(); }));
  const auto again = committer->Commit(all, {});
  EXPECT_TRUE(again.ok()) << again.error().ToString();
  EXPECT_EQ(CountVisible(), 60U);
  const auto last = WriteAndPrepare(*writer, 0, 7);
  ASSERT_TRUE(committer->Commit(last, {}).ok());
  EXPECT_EQ(CountVisible(), 80U);
}

TEST_F(KafkaTransactionsIt, WhatWasAbortedForItsAgeIsNeverLostInSilence) {
  const auto sink = Make(Exactly({{"transaction.timeout", "1s"}}), schema_);
  const auto committer = sink->MakeCommitter().value();
  auto writer = sink->MakeWriter(id_, "").value();
  const auto prepared = WriteAndPrepare(*writer, 0, 1);
  ASSERT_TRUE(it::Eventually([&] { return OpenTransactions("p-" + topic_).empty(); }));
  const auto committed = committer->Commit(prepared, {});
  ASSERT_FALSE(committed.ok());
  EXPECT_EQ(committed.error().code(), base::ErrorCode::kSnapshotInvalid);
  EXPECT_THAT(committed.error().ToString(), HasSubstr("was aborted before it could be committed"));
  EXPECT_FALSE(committer->Recover(id_, prepared, 2, {}).ok());

  ASSERT_TRUE(writer->Write(*NumberedRows(schema_, 0, 10)).ok());
  ASSERT_TRUE(it::Eventually([&] { return !OpenTransactions("p-" + topic_).empty(); }));
  ASSERT_TRUE(it::Eventually([&] { return OpenTransactions("p-" + topic_).empty(); }));
  EXPECT_FALSE(writer->Prepare(2).ok());
  EXPECT_EQ(CountVisible(), 0U);
}

TEST_F(KafkaTransactionsIt, AForgottenTransactionIsKnownByItsRecords) {
  const auto sink = Make(Exactly(), schema_);
  const auto committer = sink->MakeCommitter().value();
  const auto writer = sink->MakeWriter(id_, "").value();
  const auto prepared = WriteAndPrepare(*writer, 0, 1);
  auto forgotten = PreparedTransaction::From(prepared[0]).value();
  forgotten.id = "p-forgotten";
  const Committable again = forgotten.ToCommittable(0, 1);
  EXPECT_THAT(committer->Commit({&again, 1}, {}).error().ToString(),
              HasSubstr(topic_ + "-0 at offset 0 was aborted"));
  ASSERT_TRUE(committer->Commit(prepared, {}).ok());
  const auto known = committer->Commit({&again, 1}, {});
  EXPECT_TRUE(known.ok()) << known.error().ToString();
}

TEST_F(KafkaTransactionsIt, RecoveryFencesOffAWriterThatIsStillThere) {
  const auto sink = Make(Exactly(), schema_);
  const auto writer = sink->MakeWriter(id_, "").value();
  ASSERT_TRUE(writer->Write(*NumberedRows(schema_, 0, 10)).ok());
  ASSERT_TRUE(it::Eventually([&] { return !OpenTransactions("p-" + topic_).empty(); }));
  ASSERT_TRUE(sink->MakeCommitter().value()->Recover(id_, {}, 1, {}).ok());
  const auto prepared = writer->Prepare(1);
  EXPECT_FALSE(prepared.ok());
  EXPECT_EQ(CountVisible(), 0U);
}

TEST(PreparedTransaction, IdsSayWhoseTheyAre) {
  const WriterId writer{"lineage", "a-1-b", 3};
  const std::string id = TransactionalId("pre-fix", writer, "0af1", 17);
  EXPECT_EQ(id, "pre-fix-lineage-3-0af1-17-a-1-b");
  EXPECT_TRUE(IsTransactionOf("pre-fix", writer, id));
  EXPECT_TRUE(IsTransactionOf("pre-fix", {"lineage", "a-1-b", 0}, id));
  EXPECT_FALSE(IsTransactionOf("pre-fix", {"lineage", "b", 3}, id));
  EXPECT_FALSE(IsTransactionOf("pre-fix", {"lineage", "a", 3}, id));
  EXPECT_FALSE(IsTransactionOf("pre-fix", {"l", "a-1-b", 3}, id));
  EXPECT_FALSE(IsTransactionOf("pre", {"fix", "a-1-b", 3}, id));
}

auto Target(Given options) {
  return [=] { return std::make_unique<TargetTopic>(options); };
}

}  // namespace
}  // namespace streampark::connectors::kafka

namespace kafkas = streampark::connectors::kafka;
SP_SINK_CONTRACT(TopicAtLeastOnce, kafkas::Target({{"delivery", "at-least-once"}}));
SP_EXACTLY_ONCE_CONTRACT(TopicExactlyOnce, kafkas::Target({}));
