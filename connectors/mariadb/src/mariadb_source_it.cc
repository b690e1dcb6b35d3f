// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/mariadb.h"
#include "streampark/connectors/testing/source_contract.h"

#include "testing/mariadb_server.h"

namespace streampark::connectors::mariadb {
namespace {

using connectors::testing::Given;
using connectors::testing::NumberedTexts;
using connectors::testing::ReadToTheEnd;
using connectors::testing::SchemaOf;
using connectors::testing::SourceOf;
using connectors::testing::SourceRefusal;
using connectors::testing::Strings;
using ::testing::ElementsAre;
using testing::Execute;
using ::testing::HasSubstr;
using testing::MariadbServer;

constexpr std::int64_t kRows = 47;

/// A table with the rows that NumberedTexts has.
class TableUnderTest final : public connectors::testing::SourceUnderTest {
 public:
  explicit TableUnderTest(const std::string& columns) : url_(MariadbServer::Get().NewDatabase()) {
    Execute(url_,
            {"CREATE TABLE `Orders` (" + columns + ")",
             "INSERT INTO `Orders` (n, name, price) SELECT seq, IF(seq % 5 <> 4, CONCAT('row ', "
             "seq), NULL), IF(seq % 5 <> 4, seq + 0.5, NULL) FROM seq_0_to_" +
                 std::to_string(kRows - 1)});
  }
  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override {
    return SchemaOf("n BIGINT NOT NULL, name STRING, price DOUBLE");
  }
  Given bounded() const override {
    return {{"url", url_}, {"table", "Orders"}, {"split.rows", "11"}, {"batch.rows", "3"}};
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
  const std::unique_ptr<Connector> connector_ = MakeMariadbConnector();
};

class MariadbSourceTest : public ::testing::Test {
 protected:
  std::unique_ptr<Source> Make(Given more, const SchemaPtr& schema) {
    more.insert({"url", url_});
    return SourceOf(*connector_, more, schema);
  }
  Strings Read(const Given& more, const SchemaPtr& schema, Strings* dirty = nullptr) {
    const auto source = Make(more, schema);
    const auto splits = source->MakeEnumerator(std::nullopt).value()->Discover({}).value().splits;
    const auto reader = source->MakeReader(0).value();
    EXPECT_TRUE(reader->Add(splits).ok());
    Strings rows;
    for (std::size_t ended = 0; ended < splits.size();) {
      auto read = reader->Read(std::chrono::seconds(1));
      if (!read.ok()) {
        ADD_FAILURE() << read.error().ToString();
        break;
      }
      if (read->batch) {
        connectors::testing::AddRows(*read->batch, rows);
        reader->Recycle(std::move(read->batch));
      }
      for (const auto& record : read->dirty) {
        if (dirty == nullptr) {
          ADD_FAILURE() << record.reason;
        } else {
          dirty->push_back(record.reason + " " + record.bytes.substr(0, 5));
        }
      }
      ended += read->ended.size();
    }
    return rows;
  }
  std::string Refusal(Given more, const SchemaPtr& schema) {
    more.insert({"url", url_});
    return SourceRefusal(*connector_, more, schema);
  }
  void Sql(const std::vector<std::string>& statements) { Execute(url_, statements); }

  const std::string url_ = MariadbServer::Get().NewDatabase();
  const std::unique_ptr<Connector> connector_ = MakeMariadbConnector();
};

TEST_F(MariadbSourceTest, EachTypeIsWhatItIsByNature) {
  Sql(
      {"CREATE TABLE t (i1 tinyint, u1 tinyint unsigned, i2 smallint, u2 smallint unsigned, i3 "
       "mediumint unsigned, i4 int, u4 int unsigned, "
       "i8 bigint, u8 bigint unsigned, y year, f4 float, f8 double, n decimal(10,2), wide "
       "decimal(65,3), s varchar(10) CHARACTER SET latin1, "
       "c char(3), l longtext, e enum('a','b'), se set('x','y'), j json, b1 bit(1), b9 bit(9), vb "
       "varbinary(5), bl blob, d date, ti time(6), "
       "dt datetime(6), ts timestamp(6) NULL, u uuid, ip inet6)",
       "SET time_zone = '+02:00'",
       "INSERT INTO t VALUES (-128, 255, -2, 65535, 16777215, -4, 4294967295, -8, "
       "18446744073709551615, 2026, 1.5, 2.5, -12.30, "
       "12345678901234567890123456789012345678901234567890123456789012.125, 'ü', 'c', REPEAT('long "
       "', 1000), 'b', 'x,y', '{\"a\": 1}', b'1', "
       "b'100000001', X'00ff', X'010203', '0044-03-15', '23:59:59.999999', '2026-01-31 "
       "09:05:00.000001', '2026-01-31 09:05:00', "
       "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '::1')",
       "INSERT INTO t () VALUES ()"});
  const auto source = Make({{"table", "t"}}, nullptr);
  EXPECT_EQ(
      source->schema()->ToString(),
      "(i1 TINYINT, u1 SMALLINT, i2 SMALLINT, u2 INT, i3 INT, i4 INT, u4 BIGINT, i8 BIGINT, u8 "
      "DECIMAL(20, 0), y SMALLINT, f4 FLOAT, "
      "f8 DOUBLE, n DECIMAL(10, 2), wide STRING, s STRING, c STRING, l STRING, e STRING, se "
      "STRING, j STRING, b1 BOOLEAN, b9 BYTES, "
      "vb BYTES, bl BYTES, d DATE, ti TIME, dt TIMESTAMP, ts TIMESTAMP_LTZ, u STRING, ip STRING)");
  std::string longs;
  for (int i = 0; i < 1'000; ++i) {
    longs += "long ";
  }
  EXPECT_THAT(
      Read({{"table", "t"}}, nullptr),
      ElementsAre(
          "+I(-128, 255, -2, 65535, 16777215, -4, 4294967295, -8, 18446744073709551615, 2026, 1.5, "
          "2.5, -12.30, "
          "'12345678901234567890123456789012345678901234567890123456789012.125', 'ü', 'c', '" +
              longs +
              "', 'b', 'x,y', '{\"a\": 1}', true, x'0101', x'00ff', x'010203', 0044-03-15, "
              "23:59:59.999999, "
              "2026-01-31 09:05:00.000001, 2026-01-31 07:05:00Z, "
              "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '::1')",
          ::testing::StartsWith("+I(NULL, NULL,")));
}

TEST_F(MariadbSourceTest, WhatNoColumnHoldsIsADirtyRecord) {
  Sql({"SET sql_mode = ''",
       "CREATE TABLE t (id int PRIMARY KEY, d date, dt datetime, ti time, u8 bigint unsigned, s "
       "varchar(9))",
       "INSERT INTO t (id) VALUES (1), (9)",
       "INSERT INTO t (id, d) VALUES (2, '0000-00-00'), (3, '2026-00-10')",
       "INSERT INTO t (id, dt) VALUES (4, '0000-00-00 00:00:00')",
       "INSERT INTO t (id, ti) VALUES (5, '-01:00:00'), (6, '838:59:59')",
       "INSERT INTO t (id, u8) VALUES (7, 18446744073709551615)"});
  Strings dirty;
  EXPECT_THAT(Read({{"table", "t"}},
                   SchemaOf("id BIGINT, d DATE, dt TIMESTAMP, ti TIME, u8 BIGINT"), &dirty),
              ::testing::SizeIs(2));
  EXPECT_THAT(
      dirty, ElementsAre(
                 "'d': 0000-00-00 is no day; ask for it as STRING +I(2,",
                 "'d': 2026-00-10 is no day; ask for it as STRING +I(3,",
                 "'dt': 0000-00-00 is no day; ask for it as STRING +I(4,",
                 "'ti': -01:00:00 is no time of a day; ask for it as STRING +I(5,",
                 "'ti': 838:59:59 is no time of a day; ask for it as STRING +I(6,",
                 "'u8': 18446744073709551615 is above BIGINT; ask for it as DECIMAL(20, 0) +I(7,"));
  EXPECT_THAT(Read({{"table", "t"}}, SchemaOf("id INT, d STRING, ti STRING")),
              ::testing::IsSupersetOf({"+I(3, '2026-00-10', NULL)", "+I(6, NULL, '838:59:59')"}));
  EXPECT_THAT(Refusal({{"table", "t"}}, SchemaOf("s INT")),
              HasSubstr("the column 's' has the type varchar(9)"));
  EXPECT_THAT(Refusal({{"table", "t"}}, SchemaOf("id SMALLINT")),
              HasSubstr("is not read as SMALLINT"));
  Sql({"ALTER TABLE t ADD p point"});
  EXPECT_THAT(
      Refusal({{"table", "t"}}, nullptr),
      HasSubstr("the column 'p' of the table t has the type point: places have no type here"));
}

TEST_F(MariadbSourceTest, QueriesAreReadWithAKeyAndWithout) {
  Sql({"CREATE TABLE t (id int PRIMARY KEY, v int)",
       "INSERT INTO t SELECT seq, seq % 3 FROM seq_1_to_20"});
  const std::string query = "SELECT id * 2 AS twice, v FROM t WHERE v <> 0";
  auto rows = connectors::testing::Sorted(Read({{"query", query}}, nullptr));
  EXPECT_EQ(rows.size(), 14U);
  EXPECT_EQ(
      connectors::testing::Sorted(Read(
          {{"query", query}, {"key", "twice"}, {"split.rows", "3"}, {"batch.rows", "2"}}, nullptr)),
      rows);
  EXPECT_THAT(Refusal({{"query", "SELECT nothing"}}, nullptr),
              HasSubstr("Unknown column 'nothing'"));
  EXPECT_THAT(Refusal({{"table", "none"}}, nullptr), HasSubstr("NOT_FOUND"));
}

TEST_F(MariadbSourceTest, ErrorsAreClearAndHoldNoPassword) {
  const auto nowhere = SourceRefusal(
      *connector_, {{"url", "mysql://ann:sesame@%2Fnowhere/x"}, {"table", "t"}}, nullptr);
  EXPECT_THAT(nowhere, HasSubstr("IO_ERROR: connecting to mariadb://ann@/nowhere/x: "));
  EXPECT_THAT(nowhere, ::testing::Not(HasSubstr("sesame")));
  EXPECT_THAT(
      SourceRefusal(*connector_, {{"url", url_ + "?sslmode=sometimes"}, {"table", "t"}}, nullptr),
      HasSubstr("sslmode=sometimes"));
  EXPECT_THAT(SourceRefusal(*connector_, {{"url", url_ + "?tls=1"}, {"table", "t"}}, nullptr),
              HasSubstr("parameter 'tls'"));
  Sql({"CREATE TABLE closed (id int)", "CREATE USER guest@localhost",
       "GRANT INSERT ON closed TO guest@localhost"});
  const std::string database = url_.substr(url_.rfind('/') + 1);
  const auto guest = SourceRefusal(
      *connector_, {{"url", MariadbServer::Get().Url(database, "guest")}, {"table", "closed"}},
      nullptr);
  EXPECT_THAT(guest, HasSubstr("FORBIDDEN: SELECT command denied to user 'guest'@'localhost'"));
  EXPECT_THAT(guest,
              HasSubstr("[GRANT SELECT ON `" + database + "`.`closed` TO 'guest'@'localhost']"));
  Sql({"DROP USER guest@localhost"});
}

}  // namespace
}  // namespace streampark::connectors::mariadb

namespace my = streampark::connectors::mariadb;
namespace {
auto Table(std::string columns) {
  return [=] { return std::make_unique<my::TableUnderTest>(columns); };
}
}  // namespace
SP_SOURCE_CONTRACT(TableByBigint, Table("n bigint PRIMARY KEY, name text, price double"));
SP_SOURCE_CONTRACT(
    TableByCompositeKey,
    Table("n bigint, name text, price double, part int DEFAULT (n % 7), PRIMARY KEY (part, n)"));
SP_SOURCE_CONTRACT(TableByText, Table("n bigint NOT NULL, name text, price double, k varchar(20) "
                                      "DEFAULT (CONCAT(CHAR(65 + n * 7 % 26), '''\\', n)), "
                                      "PRIMARY KEY (k)"));
SP_SOURCE_CONTRACT(TableByBytes, Table("n bigint NOT NULL, name text, price double, k binary(16) "
                                       "DEFAULT (UNHEX(MD5(n))), PRIMARY KEY (k)"));
SP_SOURCE_CONTRACT(TableByDatetime,
                   Table("n bigint NOT NULL, name text, price double, k datetime(6) DEFAULT "
                         "('2026-01-30 23:00:00.000001' + INTERVAL n * 1000001 MICROSECOND)"
                         ", PRIMARY KEY (k)"));
