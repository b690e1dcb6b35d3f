// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/postgres.h"
#include "streampark/connectors/testing/source_contract.h"

#include "testing/postgres_server.h"

namespace streampark::connectors::postgres {
namespace {

using connectors::testing::Given;
using connectors::testing::NumberedTexts;
using connectors::testing::ReadToTheEnd;
using connectors::testing::SchemaOf;
using connectors::testing::Sorted;
using connectors::testing::SourceOf;
using connectors::testing::SourceRefusal;
using connectors::testing::Strings;
using ::testing::ElementsAre;
using testing::Execute;
using ::testing::HasSubstr;
using testing::PostgresServer;

constexpr std::int64_t kRows = 47;

/// A table with the rows that NumberedTexts has.
class TableUnderTest final : public connectors::testing::SourceUnderTest {
 public:
  TableUnderTest(const std::string& columns, std::string filler, Given more)
      : url_(PostgresServer::Get().NewSchema()), more_(std::move(more)) {
    Execute(url_, "CREATE TABLE \"Orders\" (" + columns + ", filler text)");
    Execute(url_,
            "INSERT INTO \"Orders\" (n, name, price, filler) SELECT n, CASE WHEN n % 5 <> 4 THEN "
            "'row ' || n END, CASE "
            "WHEN n % 5 <> 4 THEN n + 0.5 END, " +
                filler + " FROM generate_series(0, " + std::to_string(kRows - 1) +
                ") AS g(n) ORDER BY -n");
  }
  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override {
    return SchemaOf("n BIGINT NOT NULL, name STRING, price DOUBLE");
  }
  Given bounded() const override {
    Given given = more_;
    given.insert(
        {{"url", url_}, {"table", "\"Orders\""}, {"split.rows", "11"}, {"batch.rows", "3"}});
    return given;
  }
  Strings rows() const override { return NumberedTexts(schema(), 0, kRows); }
  Given unbounded() const override {
    Given given = bounded();
    given["poll.column"] = "n";
    return given;
  }
  Strings Grow() override { return {}; }

 private:
  const std::string url_;
  const Given more_;
  const std::unique_ptr<Connector> connector_ = MakePostgresConnector();
};

class PostgresSourceTest : public ::testing::Test {
 protected:
  Strings Read(const Given& more, const SchemaPtr& schema) {
    const auto source = Make(more, schema);
    auto splits = source->MakeEnumerator(std::nullopt).value()->Discover({}).value().splits;
    const auto reader = source->MakeReader(0).value();
    const std::size_t count = splits.size();
    EXPECT_TRUE(reader->Add(std::move(splits)).ok());
    return ReadToTheEnd(*reader, count);
  }
  std::unique_ptr<Source> Make(Given more, const SchemaPtr& schema) {
    more.insert({"url", url_});
    return SourceOf(*connector_, more, schema);
  }
  std::string Refusal(Given more, const SchemaPtr& schema) {
    more.insert({"url", url_});
    return SourceRefusal(*connector_, more, schema);
  }
  void Sql(const std::string& statements) { Execute(url_, statements); }

  const std::string url_ = PostgresServer::Get().NewSchema();
  const std::unique_ptr<Connector> connector_ = MakePostgresConnector();
};

TEST_F(PostgresSourceTest, EachTypeIsWhatItIsByNature) {
  Sql("CREATE TYPE mood AS ENUM ('sad', 'happy');"
      "CREATE TABLE t (b bool, i2 int2, i4 int4, i8 int8, f4 real, f8 float8, n numeric(10,2), "
      "free numeric, wide numeric(40,3), "
      "s text, v varchar(10), c char(3), by bytea, d date, ti time, ts timestamp(6), tz "
      "timestamptz, u uuid, j json, jb jsonb, m mood, "
      "ia int4[], ta text[], na numeric(6,2)[], iv interval, bi bit(5), ip inet, r int4range, mo "
      "money, x xml);"
      "INSERT INTO t VALUES (true, -2, 3, 4, 1.5, 2.5, -12.30, 'NaN', "
      "1234567890123456789012345678901234567.125, 'ü', 'v', 'c', '\\x00ff', "
      "'0044-03-15 BC', '23:59:59.999999', '2026-01-31 09:05:00.000001', '2026-01-31 09:05:00+02', "
      "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', "
      "'{\"a\": 1}', '{\"b\":2}', 'happy', '{1,NULL,3}', '{a,\"b,c\"}', '{1.25,NULL}', '1 year 2 "
      "days', B'10110', '10.0.0.1/8', '[1,5)', 12.5, "
      "'<a/>');"
      "INSERT INTO t DEFAULT VALUES");
  const auto source = Make({{"table", "t"}}, nullptr);
  EXPECT_EQ(source->schema()->ToString(),
            "(b BOOLEAN, i2 SMALLINT, i4 INT, i8 BIGINT, f4 FLOAT, f8 DOUBLE, n DECIMAL(10, 2), "
            "free STRING, wide STRING, s STRING, "
            "v STRING, c STRING, by BYTES, d DATE, ti TIME, ts TIMESTAMP, tz TIMESTAMP_LTZ, u "
            "STRING, j STRING, jb STRING, m STRING, "
            "ia ARRAY<INT>, ta ARRAY<STRING>, na ARRAY<DECIMAL(6, 2)>, iv STRING, bi STRING, ip "
            "STRING, r STRING, mo STRING, x STRING)");
  EXPECT_THAT(
      Read({{"table", "t"}}, nullptr),
      ElementsAre(
          "+I(true, -2, 3, 4, 1.5, 2.5, -12.30, 'NaN', "
          "'1234567890123456789012345678901234567.125', 'ü', 'v', 'c  ', "
          "x'00ff', -0043-03-15, 23:59:59.999999, 2026-01-31 09:05:00.000001, 2026-01-31 "
          "07:05:00Z, "
          "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{\"a\": 1}', '{\"b\": 2}', 'happy', [1, NULL, "
          "3], ['a', 'b,c'], "
          "[1.25, NULL], '1 year 2 days', '10110', '10.0.0.1/8', '[1,5)', '$12.50', '<a/>')",
          ::testing::StartsWith("+I(NULL, NULL,")));
}

}  // namespace
}  // namespace streampark::connectors::postgres

namespace pg = streampark::connectors::postgres;
namespace {
auto Table(std::string columns, std::string filler = "NULL", pg::Given more = {}) {
  return [=] { return std::make_unique<pg::TableUnderTest>(columns, filler, more); };
}
}  // namespace
SP_SOURCE_CONTRACT(TableByBigint, Table("n bigint PRIMARY KEY, name text, price float8"));
SP_SOURCE_CONTRACT(TableByCompositeKey,
                   Table("n bigint, name text, price float8, part int GENERATED ALWAYS AS (n % 7) "
                         "STORED, PRIMARY KEY (part, n)"));
SP_SOURCE_CONTRACT(TableByUuid, Table("n bigint NOT NULL, name text, price float8, id uuid PRIMARY "
                                      "KEY DEFAULT gen_random_uuid()"));
SP_SOURCE_CONTRACT(TableWithoutKey,
                   Table("n bigint NOT NULL, name text, price float8", "repeat('x', 1500)"));
