// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/testing/mortal_work.h"

#include "moving_tables.h"
#include "testing/mariadb_server.h"
#include "testing/postgres_server.h"

/// Indexes, counters and foreign keys of targets that the pump makes.
namespace streampark::pump {
namespace {

namespace fs = std::filesystem;
using connectors::mariadb::testing::MariadbServer;
using connectors::postgres::testing::PostgresServer;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace mariadb = connectors::mariadb::testing;
namespace postgres = connectors::postgres::testing;

class StructureTest : public ::testing::Test, public testing::MovingTables {
 protected:
  std::string Yaml(const std::string& to, const std::string& more = "",
                   const std::string& behind = "") const {
    return "pump:\n  source: {connector: postgres, url: '" + url_ + "', tables: ['" + schema_ +
           ".*']}\n  sink: {" + to + ", create: true" + more + "}\n" + behind;
  }
  std::string Postgres() const {
    return "connector: postgres, url: '" + url_ + "', schema: " + aside_;
  }
  static std::string Mariadb(const std::string& url) {
    return "connector: mariadb, url: '" + url + "'";
  }
  void Do(const std::string& statements) const { postgres::Execute(url_, statements); }
  std::vector<std::string> Rows(const std::string& query) const {
    return postgres::RowsAt(url_, query);
  }
  std::string In(const std::string& table) const { return schema_ + "." + table; }
  std::string To(const std::string& table) const { return aside_ + "." + table; }
  /// Two tables that refer to each other, and one to itself.
  void MakeShop() const {
    Do("CREATE TABLE " + In("customer") +
       " (id int GENERATED ALWAYS AS IDENTITY (INCREMENT BY 10) PRIMARY KEY, mail text, parent "
       "int, "
       "last_order bigint); CREATE TABLE " +
       In("orders") +
       " (id bigserial PRIMARY KEY, no text, customer int, at timestamp); INSERT INTO " +
       In("customer") +
       " (mail, parent, last_order) SELECT 'm' || i, 10 * i - 9, i FROM "
       "generate_series(1, 50) AS i; INSERT INTO " +
       In("orders") +
       " (no, customer) SELECT 'n' || i, 10 * i - 9 FROM generate_series(1, 50) AS i; "
       "ALTER TABLE " +
       In("customer") +
       " ADD CONSTRAINT customer_mail_key UNIQUE (mail), ADD CONSTRAINT "
       "customer_parent_fkey FOREIGN KEY (parent) REFERENCES " +
       In("customer") + ", ADD CONSTRAINT customer_last_fkey FOREIGN KEY (last_order) REFERENCES " +
       In("orders") + " DEFERRABLE INITIALLY DEFERRED; ALTER TABLE " + In("orders") +
       " ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer) REFERENCES " + In("customer") +
       " ON DELETE CASCADE; CREATE INDEX orders_at_idx ON " + In("orders") +
       " (at DESC NULLS LAST) WHERE no <> ''; CREATE UNIQUE INDEX orders_no_idx ON " +
       In("orders") + " (no, customer)");
  }
  /// What a schema has, without the schema's name.
  std::vector<std::string> StructureOf(const std::string& schema) const {
    return Rows(
        "SELECT replace(pg_get_indexdef(i.indexrelid), '" + schema +
        ".', '') FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace "
        "= '" +
        schema +
        "'::regnamespace AND c.relname <> 'streampark_splits' UNION ALL SELECT conname || "
        "replace(pg_get_constraintdef(oid), '" +
        schema + ".', '') FROM pg_constraint WHERE connamespace = '" + schema +
        "'::regnamespace AND contype IN ('f', 'u') ORDER BY 1");
  }

  const std::string url_ = PostgresServer::Get().NewSchema();
  const std::string schema_ = PostgresServer::SchemaOf(url_);
  const std::string aside_ = schema_ + "_aside";
};

TEST_F(StructureTest, BetweenDatabasesOfOneKindAllIsThereAgain) {
  MakeShop();
  const std::string shown = DryRun(Yaml(Postgres())).value();
  EXPECT_THAT(shown, AllOf(HasSubstr("when all rows are there:"),
                           HasSubstr("ADD CONSTRAINT \"customer_mail_key\" UNIQUE (mail)"),
                           HasSubstr("ADD GENERATED ALWAYS AS IDENTITY")));
  EXPECT_THAT(StructureOf(aside_), IsEmpty());
  const auto moved = Pump(Yaml(Postgres(), "", "  split: {parallelism: 2}\n"));
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  EXPECT_EQ(StructureOf(aside_), StructureOf(schema_));
  EXPECT_THAT(Rows("INSERT INTO " + To("customer") + " (mail) VALUES ('new') RETURNING id"),
              ElementsAre("501"));
  EXPECT_THAT(Rows("INSERT INTO " + To("orders") + " (no) VALUES ('new') RETURNING id"),
              ElementsAre("51"));
  EXPECT_THAT(Rows("SELECT attidentity FROM pg_attribute WHERE attname = 'id' AND attrelid = '" +
                   To("customer") + "'::regclass"),
              ElementsAre("a"));
}

TEST_F(StructureTest, WithoutIndexesNoneIsMade) {
  MakeShop();
  const auto moved = Pump(Yaml(Postgres(), ", indexes: false"));
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  EXPECT_THAT(Rows("SELECT count(*) FROM pg_index WHERE NOT indisprimary AND indrelid = '" +
                   To("orders") + "'::regclass"),
              ElementsAre("0"));
}

TEST_F(StructureTest, WhatCannotBeMadeIsNamed) {
  MakeShop();
  const std::string some = "pump:\n  source: {connector: postgres, url: '" + url_ +
                           "', tables: " + In("orders") + "}\n  sink: {" + Postgres() +
                           ", create: true}\n  transforms: [{tables: " + In("orders") +
                           ", rename: {at: since}, drop: no}]\n";
  EXPECT_THAT(
      DryRun(some).value(),
      AllOf(HasSubstr("left out: the foreign key orders_customer_fkey: it refers to " +
                      In("customer") + ", which this job does not move"),
            HasSubstr("left out: the index orders_no_idx: its column no is not written as it is"),
            HasSubstr("left out: the index orders_at_idx: it is of a part of the rows alone, and "
                      "columns of the table have other names")));
  const auto moved = Pump(some);
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
}

TEST_F(StructureTest, AUniqueIndexThatRowsBreakIsNamedAndRowsStay) {
  MakeShop();
  // Both halves into one target: each is unique in itself.
  Do("CREATE TABLE " + In("half_1") + " (id int primary key, mail text UNIQUE); CREATE TABLE " +
     In("half_2") + " (id int primary key, mail text UNIQUE); INSERT INTO " + In("half_1") +
     " VALUES (1, 'a'), (2, 'b'); INSERT INTO " + In("half_2") + " VALUES (3, 'b'), (4, 'c')");
  const std::string yaml =
      Yaml(Postgres(), "", "  transforms: [{tables: '" + schema_ + ".half_*', route: whole}]\n");
  const auto refused = Pump(yaml);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().ToString(),
              AllOf(HasSubstr("whole_mail_key"), HasSubstr("all rows are at the target")));
  EXPECT_THAT(Rows("SELECT count(*) FROM " + To("whole")), ElementsAre("4"));
  Do("UPDATE " + To("whole") + " SET mail = 'd' WHERE id = 3");
  const auto moved = Pump(yaml);  // the same job: it goes on
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  EXPECT_EQ(written(), 0);
  EXPECT_THAT(Rows("SELECT count(*) FROM pg_constraint WHERE contype = 'u' AND conrelid = '" +
                   To("whole") + "'::regclass"),
              ElementsAre("1"));
}

TEST_F(StructureTest, KilledAtAnyMomentAllIsThere) {
  MakeShop();
  const std::string yaml = Yaml(Postgres(), "", "  split: {parallelism: 2}\n");
  connectors::testing::KillAtRandomMoments(
      {.prepare = [&] { Do("DROP SCHEMA " + aside_ + " CASCADE; CREATE SCHEMA " + aside_); },
       .run =
           [&](const fs::path& checkpoint, connectors::testing::Fate& /*fate*/) {
             return testing::MovingTables().Pump(yaml, {}, checkpoint.string() + ".state");
           },
       .check =
           [&](const std::string& when) {
             EXPECT_EQ(StructureOf(aside_), StructureOf(schema_)) << when;
             EXPECT_THAT(Rows("SELECT count(*) FROM " + To("orders")), ElementsAre("50")) << when;
           }},
      6);
}

TEST_F(StructureTest, ToMariadbAndFromThereToAnother) {
  MakeShop();
  const std::string there = MariadbServer::Get().NewDatabase();
  const std::string shown = DryRun(Yaml(Mariadb(there))).value();
  EXPECT_THAT(shown, AllOf(HasSubstr("left out: the index orders_at_idx"),
                           HasSubstr("DEFERRABLE INITIALLY DEFERRED")));
  auto moved = Pump(Yaml(Mariadb(there)));
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  mariadb::Execute(there, {"INSERT INTO customer (mail) VALUES ('new')"});
  EXPECT_THAT(mariadb::RowsAt(there, "SELECT max(id) FROM customer"), ElementsAre("501"));
  const std::string keys =
      "SELECT TABLE_NAME, REFERENCED_TABLE_NAME, DELETE_RULE FROM "
      "information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()";
  EXPECT_THAT(mariadb::RowsAt(there, keys).size(), 3U);
  const std::string other = MariadbServer::Get().NewDatabase();
  moved = Pump("name: again\npump:\n  source: {connector: mariadb, url: '" + there +
               "', tables: '*'}\n  sink: {" + Mariadb(other) + ", create: true}\n");
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  EXPECT_THAT(mariadb::RowsAt(other, keys),
              ::testing::UnorderedElementsAreArray(mariadb::RowsAt(there, keys)));
  const std::string indexes =
      "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART, COLLATION FROM "
      "information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME NOT LIKE "
      "'streampark%' ORDER BY 1, 2, SEQ_IN_INDEX";
  EXPECT_EQ(mariadb::RowsAt(other, indexes), mariadb::RowsAt(there, indexes));
}

TEST_F(StructureTest, ToSqliteAndBack) {
  MakeShop();
  const fs::path file = folder() / "shop.db";
  ASSERT_TRUE(std::ofstream(file).good());
  const std::string sqlite = "connector: sqlite, url: 'sqlite:" + file.string() + "'";
  const std::string shown = DryRun(Yaml(sqlite)).value();
  EXPECT_THAT(shown, AllOf(HasSubstr("PRIMARY KEY AUTOINCREMENT"),
                           HasSubstr("FOREIGN KEY (\"customer\") REFERENCES \"customer\"")));
  auto moved = Pump(Yaml(sqlite));
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  moved = Pump("name: back\npump:\n  source: {" + sqlite + ", tables: '*'}\n  sink: {" +
               Postgres() + ", create: true}\n");
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  EXPECT_THAT(Rows("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = '" +
                   aside_ + "'::regnamespace"),
              ElementsAre("3"));
  EXPECT_THAT(Rows("INSERT INTO " + To("orders") + " (no) VALUES ('new') RETURNING id"),
              ElementsAre("51"));
}

}  // namespace
}  // namespace streampark::pump
