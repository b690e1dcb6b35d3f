// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/mariadb.h"
#include "streampark/connectors/testing/sink_contract.h"
#include "streampark/connectors/value_text.h"

#include "testing/mariadb_server.h"

namespace streampark::connectors::mariadb {
namespace {

using connectors::testing::Given;
using connectors::testing::NumberedRows;
using connectors::testing::SchemaOf;
using connectors::testing::SinkOf;
using connectors::testing::Strings;
using ::testing::ElementsAre;
using testing::Execute;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MariadbServer;
using testing::RowsAt;
using testing::StagesAt;

class TargetUnderTest final : public connectors::testing::SinkUnderTest {
 public:
  explicit TargetUnderTest(Given more)
      : url_(MariadbServer::Get().NewDatabase()), more_(std::move(more)) {
    Execute(url_,
            {"CREATE TABLE `Orders` (made timestamp DEFAULT now(), n bigint PRIMARY KEY, name "
             "varchar(40) CHARACTER SET latin1, price double)"});
  }
  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override {
    return SchemaOf("n BIGINT NOT NULL, name STRING, price DOUBLE");
  }
  Given options() const override {
    Given given = more_;
    given.insert({{"url", url_}, {"table", "Orders"}});
    if (const auto staging = given.find("staging.schema"); staging != given.end()) {
      staging->second = url_.substr(url_.rfind('/') + 1) + staging->second;
    }
    return given;
  }
  Strings Visible() override {
    return RowsAt(url_,
                  "SELECT CONCAT('+I(', n, ', ', COALESCE(CONCAT('''', name, ''''), 'NULL'), ', ', "
                  "COALESCE(CAST(price AS DECIMAL(20,1)), 'NULL'), ')') FROM `Orders`");
  }
  Strings Staged() override { return StagesAt(url_); }

 private:
  const std::string url_;
  const Given more_;
  const std::unique_ptr<Connector> connector_ = MakeMariadbConnector();
};

class MariadbSinkTest : public ::testing::Test {
 protected:
  std::unique_ptr<Sink> Make(Given more, const SchemaPtr& schema) {
    more.insert({{"url", url_}, {"table", "t"}});
    return SinkOf(*connector_, more, schema);
  }
  std::unique_ptr<SinkWriter> Writer(Sink& sink) { return sink.MakeWriter(id_, "").value(); }
  void Sql(const std::vector<std::string>& statements) { Execute(url_, statements); }
  Strings Rows(const std::string& query) { return RowsAt(url_, query); }
  static Strings Dirty(const base::Result<std::vector<DirtyRecord>>& written) {
    EXPECT_TRUE(written.ok()) << written.error().ToString();
    Strings reasons;
    for (const auto& record : *written) {
      reasons.push_back(record.bytes + " " + record.reason);
    }
    return reasons;
  }
  static void Commit(Sink& sink, const std::vector<Committable>& prepared) {
    const auto committed = sink.MakeCommitter().value()->Commit(prepared, {});
    ASSERT_TRUE(committed.ok()) << committed.error().ToString();
  }

  const WriterId id_ = {"01ABC", "daily sums", 3};
  const std::string url_ = MariadbServer::Get().NewDatabase();
  const std::unique_ptr<Connector> connector_ = MakeMariadbConnector();
};

TEST_F(MariadbSinkTest, ChangesAreAppliedByTheirKey) {
  const auto schema = SchemaOf("id INT NOT NULL, v STRING");
  for (const char* delivery : {"exactly-once", "at-least-once"}) {
    Sql({"DROP TABLE IF EXISTS t",
         "CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL, other int DEFAULT 7)",
         "INSERT INTO t (id, v) VALUES (1, 'old'), (2, 'old'), (3, 'old')"});
    const auto sink = Make({{"mode", "upsert"}, {"key", "id"}, {"delivery", delivery}}, schema);
    const auto writer = sink->MakeWriter({"lineage", delivery, 0}, "").value();
    BatchBuilder rows(schema);
    const auto add = [&](RowKind kind, int id, const char* v) {
      rows.column(0).Append<std::int32_t>(id);
      if (v != nullptr) {
        rows.column(1).AppendText(v);
      }
      rows.EndRow(kind);
    };
    add(RowKind::kUpdateBefore, 1, "old");
    add(RowKind::kUpdateAfter, 1, "new");
    add(RowKind::kDelete, 2, nullptr);
    add(RowKind::kInsert, 5, "a");
    add(RowKind::kDelete, 5, nullptr);
    add(RowKind::kInsert, 6, "a");
    add(RowKind::kUpdateAfter, 6, "b");
    add(RowKind::kUpdateBefore, 3, "old");  // its key became 4
    add(RowKind::kUpdateAfter, 4, "moved");
    add(RowKind::kInsert, 9, nullptr);
    EXPECT_THAT(Dirty(writer->Write(*rows.Finish())),
                ElementsAre("+I(9, NULL) 'v' is null, and the table's column is NOT NULL"));
    const auto prepared = writer->Prepare(1).value();
    if (!prepared.empty()) {
      Commit(*sink, prepared);
    }
    EXPECT_THAT(Rows("SELECT * FROM t ORDER BY id"), ElementsAre("1|new|7", "4|moved|7", "6|b|7"))
        << delivery;
  }
}

TEST_F(MariadbSinkTest, WhatTheColumnsCannotHoldIsADirtyRecordAndNothingElse) {
  Sql(
      {"CREATE TABLE t (small smallint, short varchar(3) CHARACTER SET latin1, price decimal(5,2), "
       "at datetime(3), e enum('a', 'b'), f float)"});
  const auto schema = SchemaOf(
      "small BIGINT, short STRING, price DECIMAL(20, 4), at TIMESTAMP, e STRING, f DOUBLE");
  const auto sink = Make({}, schema);
  const auto writer = Writer(*sink);
  BatchBuilder rows(schema);
  const auto row = [&](std::int64_t small, std::string_view text, std::int64_t price,
                       std::int64_t at, std::string_view e, double f) {
    rows.column(0).Append<std::int64_t>(small);
    rows.column(1).AppendText(text);
    rows.column(2).Append<Int128>(price);
    rows.column(3).Append<std::int64_t>(at);
    rows.column(4).AppendText(e);
    rows.column(5).Append<double>(f);
    rows.EndRow();
  };
  row(1, "üüü", 9'999'900, 1'000, "a", 1.5);
  row(40'000, "a", 100, 0, "a", 0);
  row(2, "abcd", 0, 0, "a", 0);
  row(3, "a   ", 0, 0, "a", 0);  // the server would cut the spaces
  row(4, "漢", 0, 0, "a", 0);    // and write '?'
  row(5, "a", 123, 0, "a", 0);
  row(6, "a", 10'000'000, 0, "a", 0);
  row(7, "a", 0, 1, "a", 0);
  row(8, "a", 0, 0, "c", 0);
  row(9, "a", 0, 0, "a", 0.1);
  row(10, "a", 0, 0, "a", std::numeric_limits<double>::infinity());
  row(11, "a\\'\"", 0, -62'200'000'000'000'000, "b", 0.25);
  row(12, "a", 0, -62'000'000'000'000'000, "b", 0.25);
  EXPECT_THAT(Dirty(writer->Write(*rows.Finish())),
              ElementsAre(HasSubstr("0.0123 has more than 2 digits after the point"),
                          HasSubstr("has more than 3 digits of a second"),
                          HasSubstr("it has more digits than float holds"),
                          HasSubstr("it is no finite number"),
                          HasSubstr("is not within the years 0000 and 9999"),
                          HasSubstr("Out of range value for column 'small'"),
                          HasSubstr("Data too long for column 'short'"),
                          HasSubstr("Data truncated for column 'short'"),
                          HasSubstr("Incorrect string value"),
                          HasSubstr("Out of range value for column 'price'"),
                          HasSubstr("Data truncated for column 'e'")));
  Commit(*sink, writer->Prepare(1).value());
  EXPECT_THAT(Rows("SELECT small, short, price, at, e, f FROM t"),
              ElementsAre("1|üüü|999.99|1970-01-01 00:00:00.001|a|1.5",
                          "12|a|0.00|0005-04-19 09:46:40.000|b|0.25"));
}

TEST_F(MariadbSinkTest, RowsThatTheServerRefusesAreFoundOneByOne) {
  const auto schema = SchemaOf("n BIGINT NOT NULL, name STRING");
  for (const char* mode : {"append", "upsert"}) {
    Sql({"DROP TABLE IF EXISTS t",
         "CREATE TABLE t (n bigint PRIMARY KEY, name text, CONSTRAINT good CHECK (n NOT IN (3, 17, "
         "18, 99)))"});
    const auto sink = Make({{"delivery", "at-least-once"}, {"mode", mode}, {"key", "n"}}, schema);
    const auto writer = Writer(*sink);
    EXPECT_THAT(Dirty(writer->Write(*NumberedRows(schema, 0, 100))),
                ElementsAre(HasSubstr("+I(3, 'row 3') CONSTRAINT `good` failed"),
                            HasSubstr("+I(17, 'row 17')"), HasSubstr("+I(18, 'row 18')"),
                            HasSubstr("+I(99, NULL)")));
    EXPECT_THAT(Rows("SELECT COUNT(*), SUM(n) FROM t"), ElementsAre("96|4813"));
    EXPECT_THAT(Dirty(writer->Write(*NumberedRows(schema, 100, 10))), IsEmpty());
    EXPECT_THAT(Rows("SELECT COUNT(*) FROM t"), ElementsAre("106"));
  }
}

TEST_F(MariadbSinkTest, TablesAreMadeWhenThatIsAskedFor) {
  const auto schema = SchemaOf(
      "i1 TINYINT, i2 SMALLINT, i4 INT NOT NULL, i8 BIGINT, f4 FLOAT, f8 DOUBLE, n DECIMAL(38, "
      "10), s STRING, by BYTES, "
      "d DATE, ti TIME, ts TIMESTAMP, tz TIMESTAMP_LTZ");
  const auto sink = Make({{"create", "true"}, {"key", "i4"}}, schema);
  const auto writer = Writer(*sink);
  BatchBuilder rows(schema);
  for (int i = 0; i < 2; ++i) {
    rows.column(0).Append<std::int8_t>(-128);
    rows.column(1).Append<std::int16_t>(-32'768);
    rows.column(2).Append<std::int32_t>(i);
    rows.column(3).Append<std::int64_t>(std::numeric_limits<std::int64_t>::min());
    rows.column(4).Append<float>(1.1F);
    rows.column(5).Append<double>(1.1e300);
    rows.column(6).Append<Int128>(-(PowerOfTen(38) - 1));
    rows.column(7).AppendText("a\tü\\'漢\U0001F600");
    rows.column(8).AppendText(std::string_view("\0\xff'", 3));
    rows.column(9).Append<std::int32_t>(-700'000);
    rows.column(10).Append<std::int64_t>(86'399'999'999);
    rows.column(11).Append<std::int64_t>(253'402'300'799'999'999);
    rows.column(12).Append<std::int64_t>(1'000'001);
    rows.EndRow();
  }
  const auto batch = rows.Finish();
  EXPECT_THAT(Dirty(writer->Write(*batch)), IsEmpty());
  Commit(*sink, writer->Prepare(1).value());
  const auto source =
      connectors::testing::SourceOf(*connector_, {{"url", url_}, {"table", "t"}}, nullptr);
  EXPECT_EQ(*source->schema(), *schema);
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(
      reader->Add(source->MakeEnumerator(std::nullopt).value()->Discover({}).value().splits).ok());
  EXPECT_EQ(connectors::testing::ReadToTheEnd(*reader, 1), connectors::testing::RowsOf(*batch))
      << "all comes back as it went";
}

TEST_F(MariadbSinkTest, WhatDoesNotFitTogetherIsSaidBeforeRowsAreSent) {
  Sql({"CREATE TABLE t (n bigint, name text)", "CREATE TABLE old (n bigint) ENGINE = MyISAM"});
  const auto refusal = [&](const Given& more, const char* columns) {
    const auto schema = SchemaOf(columns);
    const auto sink = Make(more, schema);
    const auto written = Writer(*sink)->Write(*NumberedRows(schema, 0, 1));
    return written.ok() ? "" : written.error().ToString();
  };
  EXPECT_THAT(refusal({}, "n STRING"),
              HasSubstr("the column 'n' of the type bigint(20) does not take STRING"));
  EXPECT_THAT(refusal({{"mode", "upsert"}, {"key", "n"}}, "n BIGINT"),
              HasSubstr("ALTER TABLE `t` ADD PRIMARY KEY (`n`)"));
  EXPECT_THAT(refusal({{"table", "old"}}, "n BIGINT"),
              HasSubstr("ALTER TABLE `old` ENGINE = InnoDB"));
}

TEST_F(MariadbSinkTest, ManyBytesAreSentInSeveralStatements) {
  Sql({"CREATE TABLE t (n int, v longblob)"});
  const auto schema = SchemaOf("n INT, v BYTES");
  const auto sink = Make({}, schema);
  const auto writer = Writer(*sink);
  BatchBuilder rows(schema);
  const std::string large(3U << 20U, 'x');
  for (int i = 0; i < 12; ++i) {  // 36 MiB, and the server takes 16
    rows.column(0).Append<std::int32_t>(i);
    rows.column(1).AppendText(large);
    rows.EndRow();
  }
  rows.column(0).Append<std::int32_t>(99);
  rows.column(1).AppendText(std::string(17U << 20U, 'x'));
  rows.EndRow();
  EXPECT_THAT(Dirty(writer->Write(*rows.Finish())), ElementsAre(HasSubstr("max_allowed_packet")));
  Commit(*sink, writer->Prepare(1).value());
  EXPECT_THAT(Rows("SELECT COUNT(*), SUM(LENGTH(v)) FROM t"), ElementsAre("12|37748736"));
}

}  // namespace
}  // namespace streampark::connectors::mariadb

namespace my = streampark::connectors::mariadb;
namespace {
auto Target(my::Given more) {
  return [=] { return std::make_unique<my::TargetUnderTest>(more); };
}
}  // namespace
SP_EXACTLY_ONCE_CONTRACT(Append, Target({}));
SP_SINK_CONTRACT(Upsert, Target({{"mode", "upsert"}, {"key", "n"}, {"staging.schema", "_aside"}}));
SP_SINK_CONTRACT(AtLeastOnceAppend, Target({{"delivery", "at-least-once"}}));
SP_SINK_CONTRACT(AtLeastOnceUpsert,
                 Target({{"semantic", "AT_LEAST_ONCE"}, {"mode", "upsert"}, {"key", "n"}}));
