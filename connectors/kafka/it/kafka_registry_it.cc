// SPDX-License-Identifier: Apache-2.0
// Avro in the form of Schema Registry.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/kafka.h"
#include "streampark/connectors/testing/rows.h"

#include "registry_server.h"
#include "running_kafka.h"

namespace streampark::connectors::kafka {
namespace {

using connectors::testing::Given;
using connectors::testing::NumberedRows;
using connectors::testing::NumberedTexts;
using connectors::testing::ReadToTheEnd;
using connectors::testing::SchemaOf;
using connectors::testing::SinkOf;
using connectors::testing::SinkRefusal;
using connectors::testing::SourceOf;
using connectors::testing::Strings;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class KafkaRegistryIt : public ::testing::Test {
 protected:
  Given With(Given more) const {
    more.insert({{"bootstrap.servers", it::Brokers()},
                 {"topic", topic_},
                 {"format", "avro"},
                 {"avro.frame", "registry"},
                 {"schema.registry.url", registry_.url() + "/"}});
    return more;
  }
  std::unique_ptr<SplitReader> Reader(Source& source) const {
    auto reader = source.MakeReader(0).value();
    const auto found = source.MakeEnumerator(std::nullopt).value()->Discover({});
    EXPECT_TRUE(reader->Add(found.value().splits).ok());
    return reader;
  }

  it::RegistryServer registry_;
  const std::string topic_ = it::NewTopic(1, "avro");
  const std::unique_ptr<Connector> connector_ = MakeKafkaConnector();
};

TEST_F(KafkaRegistryIt, SchemasAreRegisteredOnceAndFoundByTheirIds) {
  const auto schema = SchemaOf("k BIGINT NOT NULL, name STRING");
  const auto sink = SinkOf(*connector_,
                           With({{"delivery", "at-least-once"},
                                 {"key.columns", "k"},
                                 {"key.format", "avro"},
                                 {"key.in.value", "false"}}),
                           schema);
  EXPECT_THAT(registry_.subjects(), ElementsAre());
  const auto writer = sink->MakeWriter({"lineage", "rows", 0}, "").value();
  EXPECT_THAT(registry_.subjects(), ElementsAre(topic_ + "-value", topic_ + "-key"));
  ASSERT_TRUE(writer->Write(*NumberedRows(schema, 0, 20)).ok());
  ASSERT_TRUE(writer->Prepare(1).ok());
  EXPECT_EQ(it::ReadCommitted(topic_)[0].value->substr(0, 5), std::string("\0\0\0\0\1", 5));
  EXPECT_EQ(it::ReadCommitted(topic_)[0].key->substr(0, 5), std::string("\0\0\0\0\2", 5));

  // The value has got a field more meanwhile.
  const int newer = registry_.Add(
      R"({"type":"record","name":"v","fields":[{"name":"more","type":"int"},{"name":"name","type":"string"}]})");
  std::string bytes("\0\0\0\0", 4);
  bytes.append(1, static_cast<char>(newer)).append("\x0e\x02x", 3);
  it::Write(topic_, {{.value = bytes, .key = it::ReadCommitted(topic_)[0].key}});
  const auto source = SourceOf(
      *connector_,
      With({{"end", "latest"}, {"key.columns", "k"}, {"key.format", "avro"}, {"batch.rows", "7"}}),
      schema);
  Strings expected = NumberedTexts(schema, 0, 20);
  expected.emplace_back("+I(0, 'x')");
  EXPECT_EQ(ReadToTheEnd(*Reader(*source), 1), expected);
  EXPECT_EQ(registry_.asked(), 3);
}

TEST_F(KafkaRegistryIt, ARegistryThatDoesNotAnswerMakesNoRecordDirty) {
  const auto schema = SchemaOf("n BIGINT NOT NULL");
  const auto sink = SinkOf(*connector_, With({{"delivery", "at-least-once"}}), schema);
  const auto writer = sink->MakeWriter({"lineage", "rows", 0}, "").value();
  ASSERT_TRUE(writer->Write(*NumberedRows(schema, 0, 5)).ok());
  ASSERT_TRUE(writer->Prepare(1).ok());

  const auto source = SourceOf(*connector_, With({{"end", "latest"}}), schema);
  const auto reader = Reader(*source);
  registry_.AnswerWith(503);
  const auto failed = reader->Read(base::Millis(60'000));
  ASSERT_FALSE(failed.ok());
  EXPECT_TRUE(failed.error().retryable());
  registry_.AnswerWith(401);
  const auto refused = reader->Read(base::Millis(60'000));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kBadCredentials);
  registry_.AnswerWith(0);
  EXPECT_EQ(ReadToTheEnd(*reader, 1), NumberedTexts(schema, 0, 5));
}

TEST_F(KafkaRegistryIt, AnIdThatNobodyKnowsIsADirtyRecord) {
  it::Write(topic_, {{.value = std::string("\0\0\0\0\x63\x02", 6)}});
  const auto source = SourceOf(*connector_, With({{"end", "latest"}}), SchemaOf("n BIGINT"));
  EXPECT_THAT(ReadToTheEnd(*Reader(*source), 1),
              ElementsAre(HasSubstr("dirty: " + topic_ + "-0 at offset 0: the schema 99: ")));
}

TEST_F(KafkaRegistryIt, TheFrameNeedsIt) {
  Given given = With({});
  given["avro.frame"] = "plain";
  EXPECT_THAT(SinkRefusal(*connector_, given, SchemaOf("n BIGINT")),
              HasSubstr("/schema.registry.url: nothing is asked of it"));
  given = With({});
  given.erase("schema.registry.url");
  EXPECT_THAT(SinkRefusal(*connector_, given, SchemaOf("n BIGINT")),
              HasSubstr("/schema.registry.url: is missing"));
}

}  // namespace
}  // namespace streampark::connectors::kafka
