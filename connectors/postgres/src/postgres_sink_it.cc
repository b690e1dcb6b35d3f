// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/postgres.h"
#include "streampark/connectors/testing/sink_contract.h"
#include "streampark/connectors/value_text.h"

#include "testing/postgres_server.h"

namespace streampark::connectors::postgres {
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
using testing::PostgresServer;
using testing::RowsAt;

constexpr const char* kStages =
    "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relname LIKE "
    "'streampark_stage%' AND relpersistence = 'p' AND nspname IN (current_schema(), "
    "current_schema() || '_aside')";

class TargetUnderTest final : public connectors::testing::SinkUnderTest {
 public:
  explicit TargetUnderTest(Given more)
      : url_(PostgresServer::Get().NewSchema()), more_(std::move(more)) {
    Execute(url_,
            "CREATE TABLE \"Orders\" (made timestamp DEFAULT now(), n bigint "
            "PRIMARY KEY, name varchar(40), price float8)");
  }
  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override {
    return SchemaOf("n BIGINT NOT NULL, name STRING, price DOUBLE");
  }
  Given options() const override {
    Given given = more_;
    given.insert({{"url", url_}, {"table", "Orders"}});
    if (const auto staging = given.find("staging.schema"); staging != given.end()) {
      staging->second = PostgresServer::SchemaOf(url_) + staging->second;
    }
    return given;
  }
  Strings Visible() override {
    return RowsAt(url_,
                  "SELECT '+I(' || n || ', ' || coalesce('''' || name || '''', 'NULL') || ', ' || "
                  "coalesce(price::numeric(20,1)::text, 'NULL') || ')' FROM \"Orders\"");
  }
  Strings Staged() override { return RowsAt(url_, kStages); }

 private:
  const std::string url_;
  const Given more_;
  const std::unique_ptr<Connector> connector_ = MakePostgresConnector();
};

class PostgresSinkTest : public ::testing::Test {
 protected:
  std::unique_ptr<Sink> Make(Given more, const SchemaPtr& schema) {
    more.insert({{"url", url_}, {"table", "t"}});
    return SinkOf(*connector_, more, schema);
  }
  std::unique_ptr<SinkWriter> Writer(Sink& sink) { return sink.MakeWriter(id_, "").value(); }
  void Sql(const std::string& statements) { Execute(url_, statements); }
  Strings Rows(const std::string& query) { return RowsAt(url_, query); }
  static Strings Dirty(const base::Result<std::vector<DirtyRecord>>& written) {
    EXPECT_TRUE(written.ok()) << written.error().ToString();
    Strings reasons;
    for (const auto& record : *written) {
      reasons.push_back(record.bytes + " " + record.reason);
    }
    return reasons;
  }
  static std::unique_ptr<Batch> Changes(
      const std::vector<std::tuple<RowKind, int, const char*>>& changes) {
    BatchBuilder rows(SchemaOf("id INT NOT NULL, v STRING"));
    for (const auto& [kind, id, v] : changes) {
      rows.column(0).Append<std::int32_t>(id);
      if (v != nullptr) {
        rows.column(1).AppendText(v);
      }
      rows.EndRow(kind);
    }
    return rows.Finish();
  }
  static void Commit(Sink& sink, const std::vector<Committable>& prepared) {
    const auto committed = sink.MakeCommitter().value()->Commit(prepared, {});
    ASSERT_TRUE(committed.ok()) << committed.error().ToString();
  }

  const WriterId id_ = {"01ABC", "daily sums", 3};
  const std::string url_ = PostgresServer::Get().NewSchema();
  const std::unique_ptr<Connector> connector_ = MakePostgresConnector();
};

TEST_F(PostgresSinkTest, ChangesAreAppliedByTheirKey) {
  for (const char* delivery : {"exactly-once", "at-least-once"}) {
    Sql("DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL, other int "
        "DEFAULT 7); "
        "INSERT INTO t VALUES (1, 'old'), (2, 'old'), (3, 'old')");
    const auto sink = Make({{"mode", "upsert"}, {"key", "id"}, {"delivery", delivery}},
                           SchemaOf("id INT NOT NULL, v STRING"));
    const auto writer = sink->MakeWriter({"lineage", delivery, 0}, "").value();
    EXPECT_THAT(
        Dirty(writer->Write(*Changes({{RowKind::kUpdateBefore, 1, "old"},
                                      {RowKind::kUpdateAfter, 1, "new"},
                                      {RowKind::kDelete, 2, nullptr},
                                      {RowKind::kInsert, 5, "a"},
                                      {RowKind::kDelete, 5, nullptr},
                                      {RowKind::kInsert, 6, "a"},
                                      {RowKind::kUpdateAfter, 6, "b"},
                                      {RowKind::kUpdateBefore, 3, "old"},  // its key became 4
                                      {RowKind::kUpdateAfter, 4, "moved"},
                                      {RowKind::kInsert, 9, nullptr}}))),
        ElementsAre("+I(9, NULL) 'v' is null, and the table's column is NOT NULL"));
    EXPECT_THAT(Dirty(writer->Write(*Changes({{RowKind::kUpdateAfter, 6, "c"}}))), IsEmpty());
    const auto prepared = writer->Prepare(1).value();
    if (!prepared.empty()) {
      Commit(*sink, prepared);
    }
    EXPECT_THAT(Rows("SELECT * FROM t ORDER BY id"), ElementsAre("1|new|7", "4|moved|7", "6|c|7"))
        << delivery;
  }
}

TEST_F(PostgresSinkTest, WhatTheColumnsCannotHoldIsADirtyRecord) {
  Sql("CREATE TABLE t (small int2, short varchar(3), price numeric(5,2), at timestamp(3), id "
      "uuid)");
  const auto schema =
      SchemaOf("small BIGINT, short STRING, price DECIMAL(20, 4), at TIMESTAMP, id STRING");
  const auto sink = Make({}, schema);
  const auto writer = Writer(*sink);
  BatchBuilder rows(schema);
  const auto row = [&](std::int64_t small, std::string_view text, std::int64_t price,
                       std::int64_t at, std::string_view id) {
    rows.column(0).Append<std::int64_t>(small);
    rows.column(1).AppendText(text);
    rows.column(2).Append<Int128>(price);
    rows.column(3).Append<std::int64_t>(at);
    rows.column(4).AppendText(id);
    rows.EndRow();
  };
  const std::string_view uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
  row(1, "üüü", 9'999'900, 1'000, uuid);
  row(40'000, "a", 100, 0, uuid);
  row(1, "abcd", 0, 0, uuid);
  row(1, std::string_view("a\0b", 3), 0, 0, uuid);
  row(1, "a", 123, 0, uuid);
  row(1, "a", 10'000'000, 0, uuid);
  row(1, "a", 0, 1, uuid);
  row(1, "a", 0, 0, "a0eebc99");
  const auto refused = writer->Write(*rows.Finish()).value();
  Strings reasons;
  for (const auto& record : refused) {
    reasons.push_back(record.reason);
  }
  EXPECT_THAT(
      reasons,
      ElementsAre(
          "'small' of the type smallint: 40000 is not within -32768 and 32767",
          "'short' of the type character varying(3): it has 4 characters, and the column takes 3",
          "'short' of the type character varying(3): it holds a zero byte, which PostgreSQL's "
          "texts cannot",
          "'price' of the type numeric(5,2): 0.0123 has more than 2 digits after the point",
          "'price' of the type numeric(5,2): 1000.0000 has more than 3 digits before the point",
          "'at' of the type timestamp(3) without time zone: it has more than 3 digits of a second",
          "'id' of the type uuid: 'a0eebc99' is no uuid"));
  Commit(*sink, writer->Prepare(1).value());
  EXPECT_THAT(
      Rows("SELECT * FROM t"),
      ElementsAre("1|üüü|999.99|1970-01-01 00:00:00.001|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"));
}

TEST_F(PostgresSinkTest, RowsThatTheServerRefusesAreFoundOneByOne) {
  const auto schema = SchemaOf("n BIGINT NOT NULL, name STRING");
  for (const char* mode : {"append", "upsert"}) {
    Sql("DROP TABLE IF EXISTS t; CREATE TABLE t (n bigint PRIMARY KEY CHECK (n NOT IN (3, 17, 18, "
        "99)), name text)");
    const auto sink = Make({{"delivery", "at-least-once"}, {"mode", mode}, {"key", "n"}}, schema);
    const auto writer = Writer(*sink);
    EXPECT_THAT(Dirty(writer->Write(*NumberedRows(schema, 0, 100))),
                ElementsAre(HasSubstr("+I(3, 'row 3') new row for relation \"t\" violates check "
                                      "constraint \"t_n_check\""),
                            HasSubstr("+I(17, 'row 17')"), HasSubstr("+I(18, 'row 18')"),
                            HasSubstr("+I(99, NULL)")));
    EXPECT_THAT(Rows("SELECT count(*), sum(n) FROM t"), ElementsAre("96|4813"));
    EXPECT_THAT(Dirty(writer->Write(*NumberedRows(schema, 100, 10))), IsEmpty());
    EXPECT_THAT(Rows("SELECT count(*) FROM t"), ElementsAre("106"));
  }
}

TEST_F(PostgresSinkTest, EnumsAndJsonAreCheckedByTheServer) {
  Sql("CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TABLE t (m mood, j jsonb)");
  const auto schema = SchemaOf("m STRING, j STRING");
  const auto sink = Make({}, schema);
  const auto writer = Writer(*sink);
  BatchBuilder rows(schema);
  const std::pair<const char*, const char*> values[] = {
      {"happy", R"({"a": 1})"}, {"angry", "1"}, {"sad", "{"}, {"sad", "[]"}};
  for (const auto& [mood, json] : values) {
    rows.column(0).AppendText(mood);
    rows.column(1).AppendText(json);
    rows.EndRow();
  }
  EXPECT_THAT(Dirty(writer->Write(*rows.Finish())),
              ElementsAre(HasSubstr("invalid input value for enum mood: \"angry\""),
                          HasSubstr("invalid input syntax for type json")));
  Commit(*sink, writer->Prepare(1).value());
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre(R"(happy|{"a": 1})", "sad|[]"));
}

TEST_F(PostgresSinkTest, WhatOnlyTheMergeSeesFailsTheCommitWithAWayOut) {
  Sql("CREATE TABLE t (n bigint PRIMARY KEY, name text); INSERT INTO t VALUES (5, 'there')");
  const auto schema = SchemaOf("n BIGINT NOT NULL, name STRING");
  const auto sink = Make({}, schema);
  const auto writer = Writer(*sink);
  EXPECT_THAT(Dirty(writer->Write(*NumberedRows(schema, 0, 10))), IsEmpty());
  const auto prepared = writer->Prepare(1).value();
  const auto committed = sink->MakeCommitter().value()->Commit(prepared, {});
  ASSERT_FALSE(committed.ok());
  EXPECT_EQ(committed.error().code(), base::ErrorCode::kValidationFailed);
  EXPECT_THAT(committed.error().ToString(), HasSubstr("merging the rows of checkpoint 1 into t"));
  EXPECT_THAT(committed.error().ToString(), HasSubstr("'mode: upsert' replaces them"));
  EXPECT_THAT(Rows("SELECT count(*) FROM t"), ElementsAre("1"));
  Sql("DELETE FROM t");
  ASSERT_TRUE(sink->MakeCommitter().value()->Recover(id_, prepared, 2, {}).ok());
  EXPECT_THAT(Rows("SELECT count(*) FROM t"), ElementsAre("10"));
}

TEST_F(PostgresSinkTest, TablesAreMadeWhenThatIsAskedFor) {
  const auto schema = SchemaOf(
      "b BOOLEAN, i1 SMALLINT, i2 SMALLINT, i4 INT NOT NULL, i8 BIGINT, f4 FLOAT, f8 DOUBLE, n "
      "DECIMAL(38, 10), s STRING, by BYTES, "
      "d DATE, ti TIME, ts TIMESTAMP, tz TIMESTAMP_LTZ, l ARRAY<STRING>");
  const auto sink = Make({{"create", "true"}, {"key", "i4"}}, schema);
  const auto writer = Writer(*sink);
  BatchBuilder rows(schema);
  for (int i = 0; i < 2; ++i) {
    rows.column(0).AppendBoolean(true);
    rows.column(1).Append<std::int16_t>(-128);
    rows.column(2).Append<std::int16_t>(-32'768);
    rows.column(3).Append<std::int32_t>(i);
    rows.column(4).Append<std::int64_t>(std::numeric_limits<std::int64_t>::min());
    rows.column(5).Append<float>(1.1F);
    rows.column(6).Append<double>(1.1);
    rows.column(7).Append<Int128>(-(PowerOfTen(38) - 1));
    rows.column(8).AppendText("a\tü\\");
    rows.column(9).AppendText(std::string_view("\0\xff", 2));
    rows.column(10).Append<std::int32_t>(-800'000);
    rows.column(11).Append<std::int64_t>(86'399'999'999);
    rows.column(12).Append<std::int64_t>(-62'200'000'000'000'001);
    rows.column(13).Append<std::int64_t>(1);
    rows.column(14).child(0).AppendText("x");
    rows.column(14).child(0).AppendNull();
    rows.column(14).EndList();
    rows.EndRow();
  }
  const auto batch = rows.Finish();
  EXPECT_THAT(Dirty(writer->Write(*batch)), IsEmpty());
  Commit(*sink, writer->Prepare(1).value());
  EXPECT_THAT(
      Rows("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 't'::regclass"),
      ElementsAre("PRIMARY KEY (i4)"));
  const auto source =
      connectors::testing::SourceOf(*connector_, {{"url", url_}, {"table", "t"}}, nullptr);
  EXPECT_EQ(*source->schema(), *schema);
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(
      reader->Add(source->MakeEnumerator(std::nullopt).value()->Discover({}).value().splits).ok());
  EXPECT_EQ(connectors::testing::ReadToTheEnd(*reader, 1), connectors::testing::RowsOf(*batch))
      << "all comes back as it went";
}

TEST_F(PostgresSinkTest, WhatDoesNotFitTogetherIsSaidBeforeRowsAreSent) {
  Sql("CREATE TABLE t (n bigint, name text, at interval)");
  const auto refusal = [&](const Given& more, const char* columns) {
    const auto schema = SchemaOf(columns);
    const auto sink = Make(more, schema);
    const auto written = Writer(*sink)->Write(*NumberedRows(schema, 0, 1));
    return written.ok() ? "" : written.error().ToString();
  };
  EXPECT_THAT(
      refusal({}, "n BIGINT, nome STRING"),
      HasSubstr("the table t has no column 'nome' [did you mean 'name'? it has n, name, at]"));
  EXPECT_THAT(refusal({}, "at BIGINT"),
              HasSubstr("the column 'at' of the type interval does not take BIGINT"));
  EXPECT_THAT(refusal({{"mode", "upsert"}, {"key", "n"}}, "n BIGINT, name STRING"),
              HasSubstr("ALTER TABLE \"t\" ADD PRIMARY KEY (\"n\")"));
  EXPECT_THAT(refusal({{"table", "none"}}, "n BIGINT"), HasSubstr("NOT_FOUND"));
}

TEST_F(PostgresSinkTest, AnOlderCheckpointOfTheSameLineageIsRefused) {
  Sql("CREATE TABLE t (n bigint, name text)");
  const auto schema = SchemaOf("n BIGINT NOT NULL, name STRING");
  const auto sink = Make({}, schema);
  const auto writer = Writer(*sink);
  std::vector<std::vector<Committable>> prepared;
  for (std::uint64_t sequence = 1; sequence < 3; ++sequence) {
    EXPECT_THAT(Dirty(writer->Write(*NumberedRows(schema, 0, 10))), IsEmpty());
    prepared.push_back(writer->Prepare(sequence).value());
    Commit(*sink, prepared.back());
  }
  const auto recovered = sink->MakeCommitter().value()->Recover(id_, prepared[0], 2, {});
  ASSERT_FALSE(recovered.ok());
  EXPECT_THAT(recovered.error().ToString(),
              HasSubstr("holds rows of checkpoint 2, and the job goes on from checkpoint 1"));
  EXPECT_THAT(Rows("SELECT count(*) FROM t"), ElementsAre("20"));
}

TEST_F(PostgresSinkTest, AStageThatSomebodyDroppedIsMissed) {
  Sql("CREATE TABLE t (n bigint, name text)");
  const auto schema = SchemaOf("n BIGINT NOT NULL, name STRING");
  const auto sink = Make({}, schema);
  const auto writer = Writer(*sink);
  EXPECT_THAT(Dirty(writer->Write(*NumberedRows(schema, 0, 10))), IsEmpty());
  const auto prepared = writer->Prepare(1).value();
  const auto stages = Rows(kStages);
  ASSERT_EQ(stages.size(), 1U);
  EXPECT_THAT(Rows("SELECT obj_description('" + stages[0] + "'::regclass)"),
              ElementsAre("rows of the sink 'daily sums', checkpoint 1 of the job 01ABC: dropped "
                          "once they are merged"));
  Sql("DROP TABLE " + stages[0]);
  const auto committed = sink->MakeCommitter().value()->Commit(prepared, {});
  ASSERT_FALSE(committed.ok());
  EXPECT_THAT(committed.error().ToString(), HasSubstr("the rows of checkpoint 1 are gone"));
}

TEST_F(PostgresSinkTest, AWriterThatWasGivenUpWritesNothingMore) {
  Sql("CREATE TABLE t (n bigint, name text)");
  const auto schema = SchemaOf("n BIGINT NOT NULL, name STRING");
  const auto sink = Make({}, schema);
  const auto writer = Writer(*sink);
  EXPECT_THAT(Dirty(writer->Write(*NumberedRows(schema, 0, 10))), IsEmpty());
  ASSERT_TRUE(sink->MakeCommitter().value()->Recover(id_, {}, 1, {}).ok());
  EXPECT_FALSE(writer->Write(*NumberedRows(schema, 10, 10)).ok());
  EXPECT_THAT(Rows(kStages), IsEmpty());
}

}  // namespace
}  // namespace streampark::connectors::postgres

namespace pg = streampark::connectors::postgres;
namespace {
auto Target(pg::Given more) {
  return [=] { return std::make_unique<pg::TargetUnderTest>(more); };
}
}  // namespace
SP_EXACTLY_ONCE_CONTRACT(Append, Target({}));
SP_EXACTLY_ONCE_CONTRACT(Upsert,
                         Target({{"mode", "upsert"}, {"key", "n"}, {"staging.schema", "_aside"}}));
SP_SINK_CONTRACT(AtLeastOnceAppend, Target({{"delivery", "at-least-once"}}));
SP_SINK_CONTRACT(AtLeastOnceUpsert,
                 Target({{"semantic", "AT_LEAST_ONCE"}, {"mode", "upsert"}, {"key", "n"}}));
