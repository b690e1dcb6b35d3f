// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/capture_test.h"

/// What rows the changes of tables are.
namespace streampark::connectors::postgres {
namespace {

using connectors::testing::Given;
using connectors::testing::ReadToTheEnd;
using connectors::testing::SchemaOf;
using connectors::testing::SourceOf;
using connectors::testing::Strings;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CaptureRowsTest : public testing::CaptureTest {};

constexpr const char* kAllKinds =
    "INSERT INTO t VALUES (1, 'a', 2); UPDATE t SET name = 'b'; UPDATE t SET id = 5; DELETE FROM t";

TEST_F(CaptureRowsTest, WithAPrimaryKeyOldRowsAreKnownByIt) {
  Sql("CREATE TABLE t (id int PRIMARY KEY, name text, n int NOT NULL)");
  Open();
  EXPECT_EQ(source().schema()->ToString(), "(id INT NOT NULL, name STRING, n INT)");
  EXPECT_EQ(source().boundedness(), Boundedness::kUnbounded);
  Sql(kAllKinds);
  EXPECT_THAT(ReadAll(), ElementsAre("+I(1, 'a', 2)", "-U(1, ?, ?)", "+U(1, 'b', 2)", "-D(1, ?, ?)",
                                     "+I(5, 'b', 2)", "-D(5, ?, ?)"));
  EXPECT_THAT(dirty, IsEmpty());
}

TEST_F(CaptureRowsTest, WithIdentityFullTheyAreKnownWhole) {
  Sql("CREATE TABLE t (id int PRIMARY KEY, name text, n int NOT NULL); ALTER TABLE t REPLICA "
      "IDENTITY FULL");
  Open();
  EXPECT_EQ(source().schema()->ToString(), "(id INT NOT NULL, name STRING, n INT NOT NULL)");
  Sql(kAllKinds);
  EXPECT_THAT(ReadAll(), ElementsAre("+I(1, 'a', 2)", "-U(1, 'a', 2)", "+U(1, 'b', 2)",
                                     "-D(1, 'b', 2)", "+I(5, 'b', 2)", "-D(5, 'b', 2)"));
  Sql("ALTER TABLE t DROP CONSTRAINT t_pkey");  // nothing is a key then but the one of the plan
  Sql(kAllKinds);
  EXPECT_THAT(ReadAll(), ElementsAre("+I(1, 'a', 2)", "-U(1, 'a', 2)", "+U(1, 'b', 2)",
                                     "-D(1, 'b', 2)", "+I(5, 'b', 2)", "-D(5, 'b', 2)"));
}

TEST_F(CaptureRowsTest, AnIndexMayBeTheIdentity) {
  Sql("CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL UNIQUE, n int); ALTER TABLE t "
      "REPLICA IDENTITY USING INDEX t_name_key");
  Open();
  EXPECT_EQ(source().schema()->ToString(), "(id INT, name STRING NOT NULL, n INT)");
  Sql(kAllKinds);
  EXPECT_THAT(ReadAll(), ElementsAre("+I(1, 'a', 2)", "-D(?, 'a', ?)", "+I(1, 'b', 2)",
                                     "-U(?, 'b', ?)", "+U(5, 'b', 2)", "-D(?, 'b', ?)"));
}

TEST_F(CaptureRowsTest, ColumnsAreReadInTheOrderThatTheyAreAskedFor) {
  Sql("CREATE TABLE t (id int PRIMARY KEY, \"Na me\" text, n int)");
  Open({}, SchemaOf("n DECIMAL(9, 2), `Na me` STRING, id BIGINT NOT NULL"));
  Sql("INSERT INTO t VALUES (1, 'a', 2); UPDATE t SET n = NULL");
  EXPECT_THAT(ReadAll(), ElementsAre("+I(2.00, 'a', 1)", "-U(?, ?, 1)", "+U(NULL, 'a', 1)"));
}

constexpr const char* kTypes =
    "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN cents AS numeric(12,2); CREATE "
    "DOMAIN "
    "prices AS cents CHECK (value > 0); CREATE TYPE pair AS (x int, y text);"
    "CREATE TABLE t (id int PRIMARY KEY, b bool, i2 int2, i4 int4, i8 int8, o oid, f4 real, f8 "
    "float8, n numeric(10,2), free numeric, wide numeric(40,3), less numeric(5,-2), s text, v "
    "varchar(10), c char(3), nm name, "
    "by bytea, d date, ti time, ts timestamp(6), tz timestamptz, u uuid, j json, jb jsonb, m mood, "
    "ba bool[], ia int4[], ta text[], na numeric(6,2)[], da date[], tza timestamptz[], bya "
    "bytea[], "
    "fa float8[], ua uuid[], ma mood[], iv interval, bi bit(5), ip inet, ci cidr, r int4range, mo "
    "money, x xml, dom prices, p pair, ttz timetz, pt point, ch \"char\", lsn pg_lsn, ts_v "
    "tsvector)";

constexpr const char* kValues =
    "INSERT INTO t (id) VALUES (0);"
    "INSERT INTO t VALUES (1, true, -2, 3, -4, 5, 1.1, 2.5e-300, -12.30, 'NaN', "
    "1234567890123456789012345678901234567.125, 12345, E'ü''\\\\\\n', 'v', 'c', 'nm', "
    "'\\x00ff', '0044-03-15 BC', '23:59:59.999999', '2026-01-31 09:05:00.000001', '2026-01-31 "
    "09:05:00+02', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '{\"a\": 1}', '{\"b\":2}', 'happy', "
    "'{t,f,NULL}', '{1,NULL,3}', E'{a,\"b,c\",\"say \\\\\"x\\\\\" \\\\\\\\\",\"NULL\",\"\",NULL}', "
    "'{1.25,NULL}', '{0044-03-15 BC,12026-01-31}', '{2026-01-31 09:05:00+02}', "
    "E'{\"\\\\\\\\x00ff\"}', '{NaN,-Infinity,0.1}', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}', "
    "'{sad,NULL}', '1 year 2 days', B'10110', '10.0.0.1', '10.0.0.0/8', '[1,5)', 12.5, '<a/>', "
    "7.5, '(1,\"a b\")', '09:05:00+02', '(1,2.5)', 'x', '16/B374D848', 'a cat');"
    "INSERT INTO t (id, b, f4, f8, n, free, d, ts, tz, ip, ia, ta, o) VALUES (2, false, 'NaN', "
    "'-Infinity', 0, 'Infinity', '12026-01-31', '0001-01-01 00:00:00 BC', '4713-01-01 BC', "
    "'2001:db8::1', '{}', '[0:1]={a,b}', 4294967295);"
    "INSERT INTO t (id, ts) VALUES (10, 'infinity'); INSERT INTO t (id, tz) VALUES (11, "
    "'-infinity'); INSERT INTO t (id, d) VALUES (12, 'infinity'); INSERT INTO t (id, n) VALUES "
    "(13, "
    "'NaN'); INSERT INTO t (id, ti) VALUES (14, '24:00'); INSERT INTO t (id, ia) VALUES (15, "
    "'{{1},{2}}'); INSERT INTO t (id, ts) VALUES (16, '294276-12-31'); INSERT INTO t (id, d) "
    "VALUES "
    "(17, '5874897-12-31'); INSERT INTO t (id, da) VALUES (18, '{infinity}')";

/// What the source of tables gives.
Strings TableRows(const Connector& connector, const std::string& url, const SchemaPtr& schema,
                  Strings& dirty) {
  const auto source = SourceOf(connector, {{"url", url}, {"table", "t"}}, schema);
  auto splits = source->MakeEnumerator(std::nullopt).value()->Discover({}).value().splits;
  const auto reader = source->MakeReader(0).value();
  EXPECT_TRUE(reader->Add(splits).ok());
  Strings rows;
  for (bool ended = false; !ended;) {
    auto read = reader->Read(std::chrono::seconds(10)).value();
    if (read.batch) {
      connectors::testing::AddRows(*read.batch, rows);
    }
    for (const auto& record : read.dirty) {
      dirty.push_back(record.reason);
    }
    ended = !read.ended.empty();
  }
  return rows;
}

class CaptureTypesTest : public CaptureRowsTest {
 protected:
  void ExpectLikeTheTable(const SchemaPtr& schema) {
    Strings refused;
    const Strings rows = TableRows(connector(), url(), schema, refused);
    const Strings changes = ReadAll();
    EXPECT_EQ(changes, rows);
    for (std::string& record : dirty) {
      record = record.substr(0, record.find(" | "));
    }
    EXPECT_EQ(dirty, refused);
    EXPECT_EQ(rows.size() + refused.size(), 12U);
  }
};

TEST_F(CaptureTypesTest, ByNatureAreThoseOfTheTable) {
  Sql(kTypes);
  Open();
  const auto table = SourceOf(connector(), {{"url", url()}, {"table", "t"}}, nullptr);
  EXPECT_EQ(source().schema()->ToString(), table->schema()->ToString());
  Sql(kValues);
  ExpectLikeTheTable(nullptr);
  EXPECT_EQ(dirty.size(), 8U);
}

TEST_F(CaptureTypesTest, AskedForAsTextAreThoseOfTheTable) {
  Sql(kTypes);
  std::string all;
  const auto table = SourceOf(connector(), {{"url", url()}, {"table", "t"}}, nullptr);
  for (const auto& field : table->schema()->fields()) {
    all += (all.empty() ? "" : ", ") + field.name + " STRING";
  }
  const auto schema = SchemaOf(all);
  Open({}, schema);
  Sql(kValues);
  ExpectLikeTheTable(schema);
  EXPECT_THAT(dirty, IsEmpty());
}

TEST_F(CaptureTypesTest, AskedForAsOthersAreThoseOfTheTable) {
  Sql(kTypes);
  const auto schema = SchemaOf(
      "id DECIMAL(9, 0), i2 INT, i4 BIGINT, i8 DECIMAL(20, 2), f4 DOUBLE, n DECIMAL(38, 3), free "
      "DECIMAL(3, 1), d TIMESTAMP, dom DECIMAL(5, 1)");
  Open({}, schema);
  Sql(kValues);
  Sql("DELETE FROM t WHERE id = 17");  // a select of it fails as a whole
  Strings refused;
  const Strings rows = TableRows(connector(), url(), schema, refused);
  Strings changes = ReadAll();
  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(changes.back(), "-D(17, ?, ?, ?, ?, ?, ?, ?, ?)");
  changes.pop_back();
  EXPECT_EQ(changes, rows);
  ASSERT_EQ(dirty.size(), refused.size() + 1);
  EXPECT_THAT(dirty.back(), HasSubstr("too far in the future"));
  EXPECT_THAT(Refusal({}, SchemaOf("ts BIGINT")),
              HasSubstr("the column 'ts' has the type timestamp(6) without time zone, which is "
                        "not read as BIGINT"));
}

TEST_F(CaptureTypesTest, TheServersCastsToTextAreItsOutputFunctionsButForThoseThatAreKnown) {
  // What TextDecoder::AppendText undoes, what is never cast, and what has the same text in both ways.
  EXPECT_EQ(testing::RowsAt(url(),
                            "SELECT castsource::regtype FROM pg_cast WHERE casttarget = "
                            "'text'::regtype AND castmethod = 'f' AND castsource::regtype::text <> "
                            "'pg_node_tree' ORDER BY castsource"),
            (Strings{"boolean", "\"char\"", "name", "cidr", "inet", "character"}));
}

TEST_F(CaptureRowsTest, LargeValuesThatAnUpdateLeftAloneAreNotKnown) {
  Sql("CREATE TABLE t (id int PRIMARY KEY, n int, doc text); ALTER TABLE t ALTER doc SET STORAGE "
      "EXTERNAL");
  Open();
  Sql("INSERT INTO t VALUES (1, 1, repeat('x', 9000)); UPDATE t SET n = 2; UPDATE t SET doc = 'y'");
  const std::string doc = "'" + std::string(9000, 'x') + "'";
  EXPECT_THAT(ReadAll(), ElementsAre("+I(1, 1, " + doc + ")", "-U(1, ?, ?)", "+U(1, 2, ?)",
                                     "-U(1, ?, ?)", "+U(1, 2, 'y')"));
  Sql("ALTER TABLE t REPLICA IDENTITY FULL; UPDATE t SET doc = repeat('x', 9000); UPDATE t SET n = "
      "3; UPDATE t SET id = 2");
  EXPECT_THAT(ReadAll(), ElementsAre("-U(1, 2, 'y')", "+U(1, 2, " + doc + ")",
                                     "-U(1, 2, " + doc + ")", "+U(1, 3, " + doc + ")",
                                     "-D(1, 3, " + doc + ")", "+I(2, 3, " + doc + ")"));
}

TEST_F(CaptureRowsTest, ALargeKeyIsKnownWhenItDidNotChange) {
  Sql("CREATE TABLE t (k text PRIMARY KEY, n int); ALTER TABLE t ALTER k SET STORAGE EXTERNAL");
  Open();
  Sql("INSERT INTO t SELECT string_agg(md5(i::text), ''), 1 FROM generate_series(1, 80) AS g(i); "
      "UPDATE t SET n = 2; DELETE FROM t");
  const Strings rows = ReadAll();
  ASSERT_EQ(rows.size(), 4U);
  const std::string key = rows[0].substr(3, 2562);
  EXPECT_THAT(rows, ElementsAre("+I(" + key + ", 1)", "-U(" + key + ", ?)", "+U(" + key + ", 2)",
                                "-D(" + key + ", ?)"));
}

TEST_F(CaptureRowsTest, WhatCannotBeReadIsADirtyRecordAndNoHalfOfAnUpdate) {
  Sql("CREATE TABLE t (id int PRIMARY KEY, ts timestamp); ALTER TABLE t REPLICA IDENTITY FULL");
  Open();
  Sql("INSERT INTO t VALUES (1, '2026-01-31'), (2, '2026-01-31'); UPDATE t SET ts = 'infinity' "
      "WHERE id = 2; UPDATE t SET ts = '2026-02-01' WHERE id = 2; DELETE FROM t WHERE id = 1");
  EXPECT_THAT(ReadAll(), ElementsAre("+I(1, 2026-01-31 00:00:00)", "+I(2, 2026-01-31 00:00:00)",
                                     "-D(1, 2026-01-31 00:00:00)"));
  EXPECT_THAT(dirty,
              ElementsAre("'ts': it is infinity, which is no time; ask for it as STRING | +U('2', "
                          "'infinity')",
                          "'ts': it is infinity, which is no time; ask for it as STRING | -U('2', "
                          "'infinity')"));
}

TEST_F(CaptureRowsTest, ATruncationIsSaid) {
  Sql("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE other (id int PRIMARY KEY)");
  Open();
  Sql("INSERT INTO t VALUES (1); TRUNCATE other; TRUNCATE t, other; INSERT INTO t VALUES (2)");
  EXPECT_THAT(ReadAll(), ElementsAre("+I(1)", "+I(2)"));
  EXPECT_THAT(dirty, ElementsAre("the table was emptied by TRUNCATE, and no row says that all are "
                                 "gone: whoever keeps its rows has to let them go | TRUNCATE " +
                                 name() + ".t"));
}

TEST_F(CaptureRowsTest, WhatSurroundsAChangeIsInColumns) {
  Sql("CREATE TABLE t (id int PRIMARY KEY, n int)");
  const auto schema = SchemaOf(
      "place STRING NOT NULL, id INT, op STRING, at TIMESTAMP_LTZ NOT NULL, of STRING, number "
      "BIGINT");
  Open({{"metadata.lsn", "place"},
        {"metadata.op", "op"},
        {"metadata.time", "at"},
        {"metadata.table", "of"}},
       SchemaOf("place STRING NOT NULL, id INT, op STRING, at TIMESTAMP_LTZ NOT NULL, of STRING"));
  Sql("SET TimeZone TO 'UTC'; INSERT INTO t VALUES (1, 1)");
  Sql("UPDATE t SET n = 2");
  const Strings rows = ReadAll();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_THAT(rows[0],
              ::testing::MatchesRegex("\\+I\\('[0-9A-F]+/[0-9A-F]+', 1, '\\+I', 20[0-9 :.-]+Z, '" +
                                      name() + ".t'\\)"));
  EXPECT_THAT(rows[2], HasSubstr(", 1, '+U', 20"));
  EXPECT_EQ(rows[1].substr(4, 10), rows[2].substr(4, 10)) << "of one transaction";
  Open({{"metadata.lsn", "place"}});
  EXPECT_EQ(source().schema()->ToString(), "(id INT NOT NULL, n INT, place BIGINT NOT NULL)");
  EXPECT_THAT(Refusal({{"metadata.op", "id"}}, SchemaOf("id INT")),
              HasSubstr("/metadata.op: the column 'id' is INT"));
  EXPECT_THAT(Refusal({{"metadata.lsn", "none"}}, SchemaOf("id INT")),
              HasSubstr("/metadata.lsn: there is no column 'none'"));
}

TEST_F(CaptureRowsTest, SeveralTablesComeInTheOrderOfTheLog) {
  Sql("CREATE TABLE a (id int PRIMARY KEY, x text); CREATE TABLE b (id int PRIMARY KEY, x text); "
      "CREATE TABLE c (id int PRIMARY KEY, y int)");
  Open({{"tables", "a, b"}});
  Sql("BEGIN; INSERT INTO a VALUES (1, 'a'), (2, 'a'); INSERT INTO b VALUES (1, 'b'); INSERT INTO "
      "c "
      "VALUES (1, 1); INSERT INTO a VALUES (3, 'a'); COMMIT; UPDATE b SET x = 'c'");
  Strings rows;
  while (rows.size() < 6) {
    auto read = reader().Read(std::chrono::seconds(10)).value();
    if (read.batch) {
      ASSERT_NE(read.batch->table, nullptr);
      EXPECT_EQ(read.batch->table->schema, name());
      for (const auto& row : connectors::testing::RowsOf(*read.batch)) {
        rows.push_back(read.batch->table->table + row);
      }
      reader().Recycle(std::move(read.batch));
    }
  }
  EXPECT_THAT(rows, ElementsAre("a+I(1, 'a')", "a+I(2, 'a')", "b+I(1, 'b')", "a+I(3, 'a')",
                                "b-U(1, ?)", "b+U(1, 'c')"));
  Sql("ALTER PUBLICATION " + name() + " ADD TABLE c");
  EXPECT_THAT(Refusal({{"tables", "a, c"}}), HasSubstr("have not the same columns"));
  EXPECT_THAT(Refusal({{"tables", "a, c"}}, SchemaOf("id INT, x STRING")),
              HasSubstr("the log of the table " + name() + ".c has no column 'x'"));
  EXPECT_THAT(Refusal({{"tables", "a, b"}, {"table", "a"}}),
              HasSubstr("/tables: stands beside 'table'"));
}

TEST_F(CaptureRowsTest, APartitionedTableIsOneTable) {
  Sql("CREATE TABLE t (id int PRIMARY KEY, n int) PARTITION BY RANGE (id); CREATE TABLE low "
      "PARTITION OF t FOR VALUES FROM (0) TO (10); CREATE TABLE high PARTITION OF t FOR VALUES "
      "FROM "
      "(10) TO (20)");
  Open();
  Sql("INSERT INTO t VALUES (1, 1), (11, 1); UPDATE t SET id = 12 WHERE id = 1; DELETE FROM t "
      "WHERE "
      "id = 11");
  EXPECT_THAT(ReadAll(),
              ElementsAre("+I(1, 1)", "+I(11, 1)", "-D(1, ?)", "+I(12, 1)", "-D(11, ?)"));
}

TEST_F(CaptureRowsTest, ColumnsThatComeAndGo) {
  Sql("CREATE TABLE t (id int PRIMARY KEY, a int, b int)");
  const auto schema = SchemaOf("id BIGINT NOT NULL, a BIGINT, b BIGINT");
  Open({}, schema);
  Sql("INSERT INTO t VALUES (1, 1, 1); ALTER TABLE t ADD c text DEFAULT 'x'; INSERT INTO t VALUES "
      "(2, 2, 2, 'c'); ALTER TABLE t ALTER a TYPE bigint; INSERT INTO t VALUES (3, 3, 3, 'c'); "
      "ALTER TABLE t RENAME TO u; INSERT INTO u VALUES (4, 4, 4, 'c'); ALTER TABLE u RENAME TO t");
  EXPECT_THAT(ReadAll(), ElementsAre("+I(1, 1, 1)", "+I(2, 2, 2)", "+I(3, 3, 3)", "+I(4, 4, 4)"));
  const auto places = Places();
  Sql("ALTER TABLE t ALTER b TYPE text USING b::text; INSERT INTO t VALUES (5, 5, 'five', 'c')");
  EXPECT_THAT(NextError(), HasSubstr("the table " + name() +
                                     ".t has changed in the log: the column 'b' has the "
                                     "type text, which is not read as BIGINT"));
  Sql("ALTER TABLE t ALTER b TYPE int USING 6; INSERT INTO t VALUES (6, 6, 6, 'c')");
  GoOn(places, {}, SchemaOf("id BIGINT NOT NULL, b INT"));
  EXPECT_THAT(NextError(), HasSubstr("the column 'b' has the type text"));
  Sql("ALTER TABLE t DROP a; INSERT INTO t VALUES (7, 7, 'c')");
  GoOn(places, {}, SchemaOf("id BIGINT NOT NULL, c STRING"));
  EXPECT_THAT(ReadAll(), ElementsAre("+I(5, 'c')", "+I(6, 'c')", "+I(7, 'c')"));
}

TEST_F(CaptureRowsTest, AColumnThatGoesEndsTheReading) {
  Sql("CREATE TABLE t (id int PRIMARY KEY, a int)");
  Open();
  Sql("INSERT INTO t VALUES (1, 1); ALTER TABLE t DROP a; INSERT INTO t VALUES (2)");
  EXPECT_THAT(NextError(), HasSubstr("ILLEGAL_STATE"));
  EXPECT_THAT(NextError(), HasSubstr("has changed in the log: it has no column 'a' any more"));
}

TEST_F(CaptureRowsTest, RowsFromBeforeAColumnCameDoNotKnowIt) {
  Sql("CREATE TABLE t (id int PRIMARY KEY)");
  Open();
  const auto places = Places();
  Sql("INSERT INTO t VALUES (1); ALTER TABLE t ADD a int DEFAULT 7; INSERT INTO t VALUES (2)");
  GoOn(places, {}, SchemaOf("id INT NOT NULL, a INT"));
  EXPECT_THAT(ReadAll(), ElementsAre("+I(1, ?)", "+I(2, 7)"));
  GoOn(places, {}, SchemaOf("id INT NOT NULL, a INT NOT NULL"));
  EXPECT_THAT(NextError(), HasSubstr("it has no column 'a' yet, which is asked for as NOT NULL"));
}

}  // namespace
}  // namespace streampark::connectors::postgres
