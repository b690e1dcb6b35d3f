// SPDX-License-Identifier: Apache-2.0
// TLS and SASL, by librdkafka and by our own client alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "streampark/connectors/kafka.h"
#include "streampark/connectors/testing/rows.h"

#include "prepared_transaction.h"
#include "running_kafka.h"
#include "scram.h"

namespace streampark::connectors::kafka {
namespace {

using connectors::testing::Given;
using connectors::testing::NumberedRows;
using connectors::testing::ReadToTheEnd;
using connectors::testing::SchemaOf;
using connectors::testing::SinkOf;
using connectors::testing::SourceOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class KafkaSecurityIt : public ::testing::Test {
 protected:
  Given With(Given more) const {
    more.insert({{"bootstrap.servers", it::SecuredBrokers()},
                 {"topic", topic_},
                 {"format", "json"},
                 {"security.protocol", "SASL_SSL"},
                 {"ssl.ca.location", it::CertificateFile()},
                 {"properties.linger.ms", "0"}});
    return more;
  }
  Given ForReading(Given more) const {
    more = With(std::move(more));
    more["end"] = "latest";
    more.erase("properties.linger.ms");
    return more;
  }
  base::Error RefusalOfReading(Given more) const {
    const auto source = SourceOf(*connector_, ForReading(std::move(more)), schema_);
    const auto found = source->MakeEnumerator(std::nullopt).value()->Discover({});
    EXPECT_FALSE(found.ok());
    return found.ok() ? base::Error(base::ErrorCode::kInternal, "none") : found.error();
  }
  base::Error RefusalOfCommitting(Given more) const {
    const auto sink = SinkOf(*connector_, With(std::move(more)), schema_);
    const Committable one = PreparedTransaction{.id = "x", .topic = topic_}.ToCommittable(0, 1);
    const auto committed = sink->MakeCommitter().value()->Commit({&one, 1}, {});
    EXPECT_FALSE(committed.ok());
    return committed.ok() ? base::Error(base::ErrorCode::kInternal, "none") : committed.error();
  }

  const std::string topic_ = it::NewTopic(1, "secured");
  const SchemaPtr schema_ = SchemaOf("n BIGINT");
  const std::unique_ptr<Connector> connector_ = MakeKafkaConnector();
};

TEST_F(KafkaSecurityIt, RowsGoThrough) {
  const Given way = {{"sasl.mechanism", "PLAIN"},
                     {"sasl.username", "alice"},
                     {"sasl.password", it::kPasswordOfAlice}};
  const auto sink = SinkOf(*connector_, With(way), schema_);
  const auto committer = sink->MakeCommitter().value();
  const WriterId id{"lineage", "rows", 0};
  const auto recovered = committer->Recover(id, {}, 1, {});
  ASSERT_TRUE(recovered.ok()) << recovered.error().ToString();
  const auto writer = sink->MakeWriter(id, "").value();
  const auto written = writer->Write(*NumberedRows(schema_, 0, 3));
  ASSERT_TRUE(written.ok()) << written.error().ToString();
  const auto prepared = writer->Prepare(1);
  ASSERT_TRUE(prepared.ok()) << prepared.error().ToString();
  const auto committed = committer->Commit(*prepared, {});
  ASSERT_TRUE(committed.ok()) << committed.error().ToString();

  const auto source = SourceOf(*connector_, ForReading(way), schema_);
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(
      reader->Add(source->MakeEnumerator(std::nullopt).value()->Discover({}).value().splits).ok());
  EXPECT_EQ(ReadToTheEnd(*reader, 1).size(), 3U);
}

TEST_F(KafkaSecurityIt, OurClientSignsInByScramAndLibrdkafkaSaysWhenItIsTooOld) {
  const Given ways[] = {
      {{"sasl.mechanism", "SCRAM-SHA-256"},
       {"properties.sasl.jaas.config",
        std::string("org.apache.kafka.common.security.scram.ScramLoginModule required "
                    "username=\"alice\" password=\"") +
            it::kPasswordOfAlice + "\";"}},
      {{"sasl.mechanism", "SCRAM-SHA-512"},
       {"sasl.username", "alice"},
       {"sasl.password", it::kPasswordOfAlice}},
  };
  for (const Given& way : ways) {
    const auto sink = SinkOf(*connector_, With(way), schema_);
    const WriterId id{"lineage", "rows", 0};
    const auto recovered = sink->MakeCommitter().value()->Recover(id, {}, 1, {});
    EXPECT_TRUE(recovered.ok()) << recovered.error().ToString();
    const auto writer = sink->MakeWriter(id, "").value();
    const auto written = writer->Write(*NumberedRows(schema_, 0, 3));
    constexpr int kGoodAtScram = 0x020601ff;
    EXPECT_TRUE(written.ok() || rd_kafka_version() < kGoodAtScram);
    if (!written.ok()) {
      EXPECT_THAT(written.error().hint(), HasSubstr("install 2.6.1 or newer"));
    }
  }
}

TEST_F(KafkaSecurityIt, WhoeverIsRefusedIsToldSoAtOnce) {
  for (const char* mechanism : {"PLAIN", "SCRAM-SHA-256"}) {
    const Given wrong = {{"sasl.mechanism", mechanism},
                         {"sasl.username", "alice"},
                         {"sasl.password", "not-the-one"}};
    for (const auto& error : {RefusalOfReading(wrong), RefusalOfCommitting(wrong)}) {
      EXPECT_EQ(error.code(), base::ErrorCode::kBadCredentials) << error.ToString();
      EXPECT_THAT(error.ToString(), Not(HasSubstr("not-the-one")));
    }
  }
}

TEST_F(KafkaSecurityIt, ACertificateThatNobodyVouchesForIsRefused) {
  const Given unknown = {{"sasl.mechanism", "PLAIN"},
                         {"sasl.username", "alice"},
                         {"sasl.password", it::kPasswordOfAlice},
                         {"ssl.ca.location", "/etc/ssl/certs/ca-certificates.crt"}};
  for (const auto& error : {RefusalOfReading(unknown), RefusalOfCommitting(unknown)}) {
    EXPECT_EQ(error.code(), base::ErrorCode::kBadCredentials) << error.ToString();
  }
}

/// RFC 7677, section 3.
TEST(Scram, SaysWhatTheStandardsExampleSays) {
  Scram scram(Scram::Hash::kSha256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO");
  EXPECT_EQ(scram.First(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  EXPECT_EQ(scram
                .Final("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                       "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
                .value(),
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  EXPECT_TRUE(scram.Check("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").ok());
  EXPECT_FALSE(scram.Check("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").ok());
  EXPECT_FALSE(scram.Final("r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096").ok());
}

}  // namespace
}  // namespace streampark::connectors::kafka
