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
    auto splits = SplitsOf(*source);
    const auto reader = source->MakeReader(0).value();
    const std::size_t count = splits.size();
    EXPECT_TRUE(reader->Add(std::move(splits)).ok());
    return ReadToTheEnd(*reader, count);
  }
  static std::vector<Split> SplitsOf(Source& source) {
    return source.MakeEnumerator(std::nullopt).value()->Discover({}).value().splits;
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

TEST_F(PostgresSourceTest, WhatNoColumnHoldsIsADirtyRecord) {
  Sql("CREATE TABLE t (id int PRIMARY KEY, ts timestamp, tz timestamptz, d date, n numeric(10,2), "
      "ti time, a int[]);"
      "INSERT INTO t (id) VALUES (1), (8); INSERT INTO t (id, ts) VALUES (2, 'infinity'); "
      "INSERT INTO t (id, tz) VALUES (3, '-infinity'); INSERT INTO t (id, d) VALUES (4, "
      "'infinity'); "
      "INSERT INTO t (id, n) VALUES (5, 'NaN'); INSERT INTO t (id, ti) VALUES (6, '24:00'); "
      "INSERT INTO t (id, a) VALUES (7, '{{1},{2}}')");
  const auto source = Make({{"table", "t"}}, nullptr);
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(SplitsOf(*source)).ok());
  Strings rows;
  Strings dirty;
  for (bool ended = false; !ended;) {
    auto read = reader->Read(std::chrono::seconds(1)).value();
    if (read.batch) {
      connectors::testing::AddRows(*read.batch, rows);
    }
    for (const auto& record : read.dirty) {
      dirty.push_back(record.reason + " " + record.bytes.substr(0, 5));
      EXPECT_THAT(record.where, HasSubstr("the table t at postgres://postgres@"));
    }
    ended = !read.ended.empty();
  }
  EXPECT_EQ(rows.size(), 2U);
  EXPECT_THAT(
      dirty,
      ElementsAre(
          "'ts': it is infinity, which is no time; ask for it as STRING +I(2,",
          "'tz': it is -infinity, which is no time; ask for it as STRING +I(3,",
          "'d': it is infinity, which is no time; ask for it as STRING +I(4,",
          "'n': NaN is no DECIMAL(10, 2) +I(5,",
          "'ti': it is 24:00:00, which is no time of a day; ask for it as STRING +I(6,",
          "'a': it is an array of 2 dimensions, and ARRAY has one; ask for it as STRING +I(7,"));
  EXPECT_THAT(Read({{"table", "t"}}, SchemaOf("id BIGINT, ts STRING, n STRING")),
              ::testing::Contains("+I(2, 'infinity', NULL)"));
}

TEST_F(PostgresSourceTest, ColumnsAreReadAsTheyAreAskedFor) {
  Sql("CREATE TABLE t (i2 int2, i4 int4, i8 int8, f4 real, n numeric, d date, ts timestamp);"
      "INSERT INTO t VALUES (1, 2, 3, 0.5, 12.345, '2026-01-31', '2026-01-31 09:05:00')");
  EXPECT_THAT(
      Read({{"table", "t"}}, SchemaOf("ts STRING, i2 BIGINT, i4 DOUBLE, i8 DECIMAL(20, 2), f4 "
                                      "DOUBLE, n DECIMAL(38, 3), d TIMESTAMP")),
      ElementsAre("+I('2026-01-31 09:05:00', 1, 2, 3.00, 0.5, 12.345, 2026-01-31 00:00:00)"));
  EXPECT_THAT(
      Refusal({{"table", "t"}}, SchemaOf("ts BIGINT")),
      HasSubstr(
          "the column 'ts' has the type timestamp without time zone, which is not read as BIGINT"));
  EXPECT_THAT(Refusal({{"table", "t"}}, SchemaOf("i8 INT")), HasSubstr("is not read as INT"));
  EXPECT_THAT(
      Refusal({{"table", "t"}}, SchemaOf("i22 INT")),
      HasSubstr(
          "the table t has no column 'i22' [did you mean 'i2'? it has i2, i4, i8, f4, n, d, ts]"));
}

TEST_F(PostgresSourceTest, TheOrderIsTheKeysAndNotThatOfWhatItIsReadAs) {
  Sql("CREATE TABLE t (id numeric(9,1) PRIMARY KEY); INSERT INTO t SELECT n FROM "
      "generate_series(1, 30) AS g(n)");
  const auto source = Make({{"table", "t"}, {"split.rows", "7"}}, SchemaOf("id STRING"));
  Strings rows;
  for (const auto& split : SplitsOf(*source)) {
    const auto reader = source->MakeReader(0).value();
    ASSERT_TRUE(reader->Add({split}).ok());
    const Strings more = ReadToTheEnd(*reader, 1);
    EXPECT_LE(more.size(), 7U);
    rows.insert(rows.end(), more.begin(), more.end());
  }
  ASSERT_EQ(rows.size(), 30U);
  EXPECT_EQ(rows[8], "+I('9.0')");
  EXPECT_EQ(rows[9], "+I('10.0')");
}

TEST_F(PostgresSourceTest, QueriesAreReadWithAKeyAndWithout) {
  Sql("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT n, n % 3 FROM "
      "generate_series(1, 20) AS g(n)");
  const std::string query = "SELECT id * 2 AS twice, v FROM t WHERE v <> 0";
  const Strings rows = Sorted(Read({{"query", query}}, nullptr));
  EXPECT_EQ(rows.size(), 14U);
  EXPECT_EQ(
      Sorted(Read({{"query", query}, {"key", "twice"}, {"split.rows", "3"}, {"batch.rows", "2"}},
                  nullptr)),
      rows);
  EXPECT_THAT(Refusal({{"query", query}, {"key", "once"}}, nullptr),
              HasSubstr("the query has no column 'once'"));
  EXPECT_THAT(Refusal({{"query", "SELECT nothing"}}, nullptr),
              HasSubstr("column \"nothing\" does not exist"));
  EXPECT_THAT(Refusal({{"query", query}, {"table", "t"}}, nullptr),
              HasSubstr("/table: stands beside 'query'"));
  EXPECT_THAT(Refusal({{"table", "none"}}, nullptr),
              HasSubstr("NOT_FOUND: relation \"none\" does not exist"));
  Sql("INSERT INTO t VALUES (99, null)");
  EXPECT_THAT(Refusal({{"table", "t"}, {"key", "v"}}, nullptr),
              HasSubstr("/key: names 'v', which is null in some rows"));
}

TEST_F(PostgresSourceTest, AllReadersSeeOneSnapshot) {
  Sql("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 20)");
  const Given given = {{"table", "t"}, {"split.rows", "4"}};
  const auto source = Make(given, nullptr);
  const auto enumerator = source->MakeEnumerator(std::nullopt).value();
  const auto splits = enumerator->Discover({}).value().splits;
  Sql("DELETE FROM t WHERE id < 10; INSERT INTO t SELECT generate_series(30, 60)");
  Strings rows;
  for (const auto& split : splits) {
    const auto reader = source->MakeReader(0).value();
    ASSERT_TRUE(reader->Add({split}).ok());
    const Strings more = ReadToTheEnd(*reader, 1);
    rows.insert(rows.end(), more.begin(), more.end());
  }
  EXPECT_EQ(rows.size(), 20U);
  // Started again, the snapshot is gone: what is there by then.
  const auto again = Make(given, nullptr);
  const auto restored = again->MakeEnumerator(enumerator->Snapshot()).value();
  const auto reader = again->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(splits).ok());
  EXPECT_EQ(ReadToTheEnd(*reader, splits.size()).size(), 42U);
}

TEST_F(PostgresSourceTest, APollingSourceGoesOnWithWhatComesLater) {
  Sql("CREATE TABLE t (id int PRIMARY KEY, at int); INSERT INTO t VALUES (1, 5), (2, 5), (3, 7), "
      "(4, null)");
  const auto source =
      Make({{"table", "t"}, {"poll.column", "at"}, {"poll.interval", "1ms"}, {"batch.rows", "1"}},
           nullptr);
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(SplitsOf(*source)).ok());
  const auto next = [](SplitReader& from) {
    for (;;) {
      auto read = from.Read(std::chrono::seconds(1)).value();
      EXPECT_TRUE(read.ended.empty());
      if (read.batch) {
        return connectors::testing::RowsOf(*read.batch).at(0);
      }
    }
  };
  EXPECT_EQ(next(*reader), "+I(1, 5)");
  EXPECT_EQ(next(*reader), "+I(2, 5)");
  const auto position = reader->Snapshot();
  EXPECT_EQ(next(*reader), "+I(3, 7)");
  Sql("INSERT INTO t VALUES (5, 6), (6, 8)");
  EXPECT_EQ(next(*reader), "+I(6, 8)") << "5 came with a smaller value: it is missed";
  const auto other = source->MakeReader(0).value();
  ASSERT_TRUE(other->Add(position).ok());
  EXPECT_EQ(next(*other), "+I(5, 6)");
}

TEST_F(PostgresSourceTest, ErrorsAreClearAndHoldNoPassword) {
  const auto nowhere = SourceRefusal(
      *connector_, {{"url", "postgres://ann:sesame@/x?host=/nowhere"}, {"table", "t"}}, nullptr);
  EXPECT_THAT(nowhere, HasSubstr("IO_ERROR: connecting to postgres://ann@/nowhere/x: "));
  EXPECT_THAT(nowhere, ::testing::Not(HasSubstr("sesame")));
  EXPECT_THAT(SourceRefusal(*connector_, {{"url", "mariadb://h/x"}, {"table", "t"}}, nullptr),
              HasSubstr("/url: is of another kind of database: mariadb://h/x"));
  const std::string schema = PostgresServer::SchemaOf(url_);
  Sql("CREATE TABLE closed (id int); CREATE ROLE guest LOGIN; GRANT USAGE ON SCHEMA " + schema +
      " TO guest");
  const auto guest =
      SourceRefusal(*connector_,
                    {{"url", PostgresServer::Get().Url("&currentSchema=" + schema, "guest")},
                     {"table", "closed"},
                     {"key", "id"}},
                    nullptr);
  EXPECT_THAT(guest, HasSubstr("FORBIDDEN: permission denied for table closed"));
  EXPECT_THAT(guest,
              HasSubstr("GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE closed TO \"guest\""));
  Sql("DROP OWNED BY guest; DROP ROLE guest");
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
SP_SOURCE_CONTRACT(TableByText, Table("n bigint NOT NULL, name text, price float8, k text COLLATE "
                                      "\"en-x-icu\" GENERATED ALWAYS AS ('''' || "
                                      "chr(65 + (n * 7 % 60)::int) || n) STORED PRIMARY KEY"));
SP_SOURCE_CONTRACT(TableByTimestampBeforeChrist,
                   Table("n bigint NOT NULL, name text, price float8, k timestamp GENERATED ALWAYS "
                         "AS (timestamp '0001-12-20 BC' + n "
                         "* interval '1 day 0.000001 seconds') STORED PRIMARY KEY"));
SP_SOURCE_CONTRACT(TableByBytes, Table("n bigint NOT NULL, name text, price float8, k bytea "
                                       "GENERATED ALWAYS AS (decode(md5(n::text), 'hex')) STORED "
                                       "PRIMARY KEY"));
SP_SOURCE_CONTRACT(TableByNumeric,
                   Table("n bigint NOT NULL, name text, price float8, k numeric GENERATED ALWAYS "
                         "AS (n / 7.0) STORED, PRIMARY KEY (k, n)"));
