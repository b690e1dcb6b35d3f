// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log_place.h"
#include "testing/capture_test.h"

/// Places, slots and what stands in the way of reading them.
namespace streampark::connectors::postgres {
namespace {

using namespace std::chrono_literals;
using connectors::testing::Given;
using connectors::testing::SchemaOf;
using connectors::testing::Strings;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::PostgresServer;

class CaptureSourceTest : public testing::CaptureTest {
 protected:
  void MakeTable() { Sql("CREATE TABLE t (id int PRIMARY KEY, name text)"); }
  void Insert(int first, int last) {
    Sql("INSERT INTO t SELECT n, 'row ' || n FROM generate_series(" + std::to_string(first) + ", " +
        std::to_string(last) + ") AS g(n)");
  }
  static Strings Inserted(int first, int last) {
    Strings rows;
    for (int n = first; n <= last; ++n) {
      rows.push_back("+I(" + std::to_string(n) + ", 'row " + std::to_string(n) + "')");
    }
    return rows;
  }
  Lsn Confirmed() const {
    return Lsn::Parse(Ask("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = "
                          "'" +
                          name() + "'"))
        .value();
  }
  /// What the server has been told is taken by it in its own time.
  void WaitUntilConfirmed(Lsn place) const {
    while (Confirmed() < place) {
    }
  }
  Lsn Behind() { return LogPlace::From(Places().at(0).position)->behind; }
};

TEST_F(CaptureSourceTest, EachPlaceGoesOnAtTheNextChange) {
  MakeTable();
  Open({{"batch.rows", "1"}});
  Sql("BEGIN; INSERT INTO t VALUES (1, 'a'), (2, 'b'); UPDATE t SET name = 'c'; INSERT INTO t "
      "VALUES (3, 'd'); COMMIT; INSERT INTO t VALUES (4, 'e'); BEGIN; DELETE FROM t; COMMIT");
  const Strings all = {"+I(1, 'a')", "+I(2, 'b')", "-U(1, ?)",   "+U(1, 'c')",
                       "-U(2, ?)",   "+U(2, 'c')", "+I(3, 'd')", "+I(4, 'e')",
                       "-D(1, ?)",   "-D(2, ?)",   "-D(3, ?)",   "-D(4, ?)"};
  std::vector<std::pair<std::vector<Split>, std::size_t>> places = {{Places(), 0}};
  std::size_t read = 0;
  while (read < all.size()) {
    const Strings rows = Next(1);
    ASSERT_FALSE(rows.empty());
    EXPECT_EQ(rows, Strings(all.begin() + static_cast<long>(read),
                            all.begin() + static_cast<long>(read + rows.size())));
    read += rows.size();
    places.emplace_back(Places(), read);
  }
  EXPECT_EQ(places.size(), 11U) << "the two rows of an update come together";
  for (const auto& [place, rows_before] : places) {
    GoOn(place);
    EXPECT_EQ(Places(), place);
    EXPECT_EQ(ReadAll(), Strings(all.begin() + static_cast<long>(rows_before), all.end()))
        << rows_before;
  }
}

TEST_F(CaptureSourceTest, ATransactionThatFitsIntoNoBatchIsReadAndGoneOnWith) {
  MakeTable();
  Open({{"batch.rows", "1000"}});
  Insert(1, 60'000);
  Insert(60'001, 60'001);
  Strings rows = Next(25'000);
  const auto place = LogPlace::From(Places().at(0).position).value();
  EXPECT_TRUE(place.half_read.valid());
  EXPECT_EQ(place.changes, static_cast<std::int64_t>(rows.size()));
  EXPECT_LT(place.behind, place.half_read);
  Acknowledge();  // not what is read in part
  GoOn(Places(), {{"batch.rows", "1000"}});
  const Strings more = ReadAll();
  rows.insert(rows.end(), more.begin(), more.end());
  EXPECT_EQ(rows, Inserted(1, 60'001));
}

TEST_F(CaptureSourceTest, WhatIsPassedOverHoldsNobodyUp) {
  MakeTable();
  Sql("CREATE TABLE other (id int PRIMARY KEY, name text); CREATE PUBLICATION " + name() +
      " FOR TABLE t, other");
  Open();
  Sql("INSERT INTO other SELECT generate_series(1, 50000)");
  Insert(1, 1);
  bool seen_within = false;
  Strings rows;
  while (rows.empty()) {
    auto read = reader().Read(0ms).value();
    if (read.batch) {
      connectors::testing::AddRows(*read.batch, rows);
    }
    seen_within = seen_within || LogPlace::From(Places().at(0).position)->changes > 0;
  }
  EXPECT_TRUE(seen_within) << "a barrier need not wait for the end of another table's transaction";
  EXPECT_EQ(rows, Inserted(1, 1));
}

TEST_F(CaptureSourceTest, OnlyWhatIsAcknowledgedIsForgotten) {
  MakeTable();
  Open();
  const Lsn begin = Confirmed();
  EXPECT_EQ(Behind(), begin);
  Insert(1, 3);
  EXPECT_EQ(ReadAll(), Inserted(1, 3));
  const auto checkpoint = Places();
  const Lsn committed = Behind();
  Insert(4, 6);
  EXPECT_EQ(ReadAll(), Inserted(4, 6));
  Close();
  EXPECT_EQ(Confirmed(), begin) << "nothing was acknowledged";
  GoOn(checkpoint);
  EXPECT_EQ(ReadAll(), Inserted(4, 6));
  const auto told = reader().Acknowledge(checkpoint);
  ASSERT_TRUE(told.ok());
  WaitUntilConfirmed(committed);
  EXPECT_EQ(Confirmed(), committed);
  Close();
  EXPECT_EQ(Confirmed(), committed);
}

TEST_F(CaptureSourceTest, APlaceThatTheServerHasGoneBeyondIsRefused) {
  MakeTable();
  Open();
  const auto old = Places();
  Insert(1, 3);
  ReadAll();
  Acknowledge();
  WaitUntilConfirmed(Behind());
  GoOn(old);
  const std::string error = NextError();
  EXPECT_THAT(error, HasSubstr("SNAPSHOT_INVALID"));
  EXPECT_THAT(error,
              HasSubstr("the server has forgotten its log before " + Confirmed().ToString()));
  EXPECT_THAT(error, HasSubstr("copy the tables anew"));
}

TEST_F(CaptureSourceTest, AQuietTableDoesNotHoldTheLog) {
  MakeTable();
  Sql("CREATE TABLE busy (n int)");
  Open();
  const Lsn begin = Confirmed();
  Sql("INSERT INTO busy SELECT generate_series(1, 10000)");
  const Lsn busy = Lsn::Parse(Ask("SELECT pg_current_wal_flush_lsn()")).value();
  EXPECT_THAT(ReadAll(), IsEmpty());
  EXPECT_GE(Behind(), busy);
  EXPECT_EQ(Confirmed(), begin);
  Acknowledge();
  WaitUntilConfirmed(busy);
  Close();
  Insert(1, 2);
  Open();  // a job without a checkpoint begins where the slot is
  EXPECT_EQ(ReadAll(), Inserted(1, 2));
}

TEST_F(CaptureSourceTest, WhereAJobWithoutACheckpointBegins) {
  MakeTable();
  Open();
  Close();
  Insert(1, 2);
  const std::string between = Ask("SELECT pg_current_wal_flush_lsn()");
  Insert(3, 4);
  Open();
  EXPECT_EQ(ReadAll(), Inserted(1, 4));
  Open({{"start", "lsn"}, {"start.lsn", between}});
  EXPECT_EQ(ReadAll(), Inserted(3, 4));
  Open({{"start", "now"}});
  Insert(5, 6);
  EXPECT_EQ(ReadAll(), Inserted(5, 6));
  Close();
  for (const char* lsn : {"0/1", "FFFFFFFF/0"}) {
    const auto source = connectors::testing::SourceOf(
        connector(), Options({{"start", "lsn"}, {"start.lsn", lsn}}), nullptr);
    const auto found = source->MakeEnumerator(std::nullopt).value()->Discover({});
    ASSERT_FALSE(found.ok());
    EXPECT_THAT(found.error().ToString(), HasSubstr("and the slot has the log from "));
  }
}

TEST_F(CaptureSourceTest, SplitsAreFoundOnce) {
  MakeTable();
  const auto source = connectors::testing::SourceOf(connector(), Options(), nullptr);
  const auto enumerator = source->MakeEnumerator(std::nullopt).value();
  const std::string before = enumerator->Snapshot();
  const auto found = enumerator->Discover({}).value();
  ASSERT_EQ(found.splits.size(), 1U);
  EXPECT_TRUE(found.complete) << "readers without the split may end";
  EXPECT_TRUE(enumerator->Discover({}).value().splits.empty());
  const auto restored = source->MakeEnumerator(enumerator->Snapshot()).value();
  EXPECT_TRUE(restored->Discover({}).value().splits.empty());
  EXPECT_EQ(source->MakeEnumerator(before).value()->Discover({}).value().splits, found.splits)
      << "the slot that it had made is found";
  EXPECT_FALSE(source->MakeEnumerator("\xff\xfe").ok());
  EXPECT_FALSE(source->MakeEnumerator("2 ").ok());
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(found.splits).ok());
  EXPECT_FALSE(reader->Add(found.splits).ok()) << "there is one";
  for (Position position :
       {Position{999, found.splits[0].position.bytes}, Position{1, ""}, Position{1, "\xff\xfe"}}) {
    EXPECT_FALSE(source->MakeReader(0).value()->Add({{"log", position}}).ok());
  }
}

TEST_F(CaptureSourceTest, AReaderIsWoken) {
  MakeTable();
  const auto source = connectors::testing::SourceOf(connector(), Options(), nullptr);
  const auto idle = source->MakeReader(1).value();
  EXPECT_EQ(idle->Read(0ms).value().batch, nullptr);
  idle->WakeUp();
  EXPECT_EQ(idle->Read(1h).value().batch, nullptr);  // the call was remembered
  Open();
  ReadAll();
  reader().WakeUp();
  EXPECT_EQ(reader().Read(1h).value().batch, nullptr);
  std::jthread caller([&] { reader().WakeUp(); });
  EXPECT_EQ(reader().Read(1h).value().batch, nullptr);
}

TEST_F(CaptureSourceTest, AConnectionThatEndsIsMadeAnew) {
  MakeTable();
  Open({{"batch.rows", "10"}});
  Insert(1, 10'000);
  Strings rows = Next(25);
  Sql("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '" +
      name() + "'");
  // What is on its way may still be read; then the error, which is retryable, and the rest.
  int errors = 0;
  while (rows.size() < 10'000) {
    auto read = reader().Read(10s);
    if (!read.ok()) {
      ASSERT_TRUE(read.error().retryable()) << read.error().ToString();
      EXPECT_THAT(read.error().ToString(), HasSubstr("the log of postgres://"));
      ++errors;
    } else if (read->batch) {
      connectors::testing::AddRows(*read->batch, rows);
    }
  }
  EXPECT_GT(errors, 0);
  EXPECT_EQ(rows, Inserted(1, 10'000));
}

TEST_F(CaptureSourceTest, ASlotHasOneReader) {
  MakeTable();
  Open();
  Insert(1, 1);
  Next(1);
  const auto other = source().MakeReader(1).value();
  ASSERT_TRUE(other->Add(Places()).ok());
  const auto read = other->Read(1s);
  ASSERT_FALSE(read.ok());
  EXPECT_TRUE(read.error().retryable()) << "what a killed job left goes by itself";
  EXPECT_THAT(read.error().ToString(),
              AllOf(HasSubstr("somebody is reading the slot: process "), HasSubstr("(streampark)"),
                    HasSubstr("give each job one of its own")));
}

TEST_F(CaptureSourceTest, ASlotThatIsGoneIsNotMadeAnewBehindACheckpoint) {
  MakeTable();
  Open();
  Insert(1, 2);
  ReadAll();
  const auto places = Places();
  Close();
  Sql("SELECT pg_drop_replication_slot('" + name() + "')");
  GoOn(places);
  EXPECT_THAT(NextError(), HasSubstr("NOT_FOUND: the log of postgres://"));
  EXPECT_THAT(NextError(), HasSubstr("there is no replication slot '" + name() + "'"));
  Insert(3, 4);
  Sql("SELECT pg_create_logical_replication_slot('" + name() + "', 'pgoutput')");
  EXPECT_THAT(NextError(), HasSubstr("the changes between are lost"));
}

TEST_F(CaptureSourceTest, PlacesOfAnotherServerMeanNothing) {
  MakeTable();
  Open();
  auto place = LogPlace::From(Places().at(0).position).value();
  place.system = "17";
  GoOn({{"log", place.ToPosition()}});
  EXPECT_THAT(NextError(), HasSubstr("is in the log of the server 17, and this is "));
}

TEST_F(CaptureSourceTest, ATransactionThatWasReadInPartHasToComeAgain) {
  MakeTable();
  Open({{"batch.rows", "1"}});
  Sql("CREATE TABLE other (id int PRIMARY KEY); ALTER PUBLICATION " + name() + " ADD TABLE other");
  Insert(1, 3);
  Next(2);
  auto place = LogPlace::From(Places().at(0).position).value();
  LogPlace longer = place;
  longer.changes = 17;
  GoOn({{"log", longer.ToPosition()}});
  EXPECT_THAT(NextError(), HasSubstr("has 14 changes less than were read of it"));
  LogPlace gone = place;
  gone.half_read.at += 8;
  GoOn({{"log", gone.ToPosition()}});
  EXPECT_THAT(NextError(), HasSubstr("which was read in part, is not sent any more, but the one"));
  Sql("ALTER PUBLICATION " + name() + " DROP TABLE t");
  place.behind = place.half_read;  // as if the log began with it
  place.half_read.at += 8;
  Sql("INSERT INTO other VALUES (1)");
  GoOn({{"log", place.ToPosition()}}, {{"table", "other"}});
  EXPECT_THAT(NextError(), HasSubstr("is not sent any more"));
}

TEST_F(CaptureSourceTest, WhatIsMissingIsNamedWithWhatMendsIt) {
  MakeTable();
  Sql("CREATE TABLE bare (id int, g int GENERATED ALWAYS AS (id * 2) STORED); CREATE VIEW v AS "
      "SELECT 1 AS id; CREATE UNLOGGED TABLE fleeting (id int PRIMARY KEY)");
  const Given none = {{"slot.create", "false"}, {"publication.create", "false"}};
  EXPECT_THAT(Refusal(none),
              AllOf(HasSubstr("NOT_FOUND: there is no publication '" + name() + "'"),
                    HasSubstr("CREATE PUBLICATION \"" + name() + "\" FOR TABLE \"" + name() +
                              "\".\"t\" WITH (publish_via_partition_root = true)")));
  EXPECT_THAT(
      Refusal({{"slot.create", "false"}}),
      AllOf(HasSubstr("NOT_FOUND: there is no replication slot '" + name() + "'"),
            HasSubstr("SELECT pg_create_logical_replication_slot('" + name() + "', 'pgoutput')")));
  EXPECT_THAT(Refusal({{"table", "none"}}), HasSubstr("NOT_FOUND: relation \"none\" does not"));
  EXPECT_THAT(Refusal({{"table", "v"}}), HasSubstr(".v is no table whose changes are logged"));
  EXPECT_THAT(Refusal({{"table", "fleeting"}}), HasSubstr("is no table whose changes are logged"));
  EXPECT_THAT(Refusal({{"table", "bare"}}),
              AllOf(HasSubstr("nothing names the rows of " + name() + ".bare"),
                    HasSubstr("ALTER TABLE \"" + name() + "\".\"bare\" REPLICA IDENTITY FULL")));
  Sql("CREATE PUBLICATION " + name() + " FOR TABLE bare WITH (publish = 'insert')");
  EXPECT_EQ(Refusal({{"table", "bare"}}), "");
  EXPECT_THAT(Refusal({{"table", "bare"}}, SchemaOf("g INT")), HasSubstr("has no column 'g'"));
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("ILLEGAL_STATE: the publication '" + name() +
                                         "' lacks the table " + name() + ".t"),
                               HasSubstr("ALTER PUBLICATION \"" + name() + "\" ADD TABLE \"" +
                                         name() + "\".\"t\"")));
  Sql("ALTER PUBLICATION " + name() + " SET TABLE t (id)");
  EXPECT_THAT(Refusal({}, SchemaOf("id INT, name STRING")),
              HasSubstr("the publication '" + name() + "' leaves out the column 'name' of "));
  Open();
  EXPECT_EQ(source().schema()->ToString(), "(id INT NOT NULL)");
  Sql("DROP PUBLICATION " + name() +
      "; CREATE TABLE strict (id int PRIMARY KEY, name text NOT NULL)");
  EXPECT_THAT(Refusal({{"table", "strict"}}, SchemaOf("id INT NOT NULL, name STRING NOT NULL")),
              AllOf(HasSubstr("the column 'name' is asked for as NOT NULL"),
                    HasSubstr("REPLICA IDENTITY FULL; or, where rows only come")));
  Sql("CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE part "
      "PARTITION "
      "OF parts FOR VALUES FROM (0) TO (10); CREATE PUBLICATION " +
      name() + " FOR TABLE parts");
  EXPECT_THAT(Refusal({{"table", "parts"}}),
              AllOf(HasSubstr("it has its partitions"),
                    HasSubstr("SET (publish_via_partition_root = true)")));
}

TEST_F(CaptureSourceTest, OptionsThatAreWrongAreNamed) {
  MakeTable();
  EXPECT_THAT(Refusal({{"slot", "No-Good"}}), HasSubstr("/slot: is 'No-Good', which is no name"));
  EXPECT_THAT(Refusal({{"start", "lsn"}}), HasSubstr("/start.lsn: is missing"));
  EXPECT_THAT(Refusal({{"start.lsn", "0/1"}}), HasSubstr("/start.lsn: needs 'start: lsn'"));
  EXPECT_THAT(Refusal({{"start", "lsn"}, {"start.lsn", "x"}}),
              HasSubstr("/start.lsn: is 'x', which is no place in a log"));
  EXPECT_THAT(Refusal({{"query", "SELECT 1"}}), HasSubstr("/query: is of 'mode: rows'"));
  EXPECT_THAT(Refusal({{"mode", "rows"}}), HasSubstr(": is of 'mode: changes'"));
  Given given = Options();
  given.erase("slot");
  EXPECT_THAT(connectors::testing::SourceRefusal(connector(), given, nullptr),
              HasSubstr("/slot: is missing, and 'mode: changes' reads by it"));
  given = Options();
  given.erase("table");
  EXPECT_THAT(connectors::testing::SourceRefusal(connector(), given, nullptr),
              HasSubstr("/tables: is missing"));
  EXPECT_TRUE(connector().capabilities().changes);
}

TEST_F(CaptureSourceTest, SlotsOfOthersAreLeftAlone) {
  MakeTable();
  Sql("SELECT pg_create_physical_replication_slot('" + name() + "')");
  EXPECT_THAT(Refusal(), HasSubstr("is a physical one, and changes are read by pgoutput"));
  Sql("SELECT pg_drop_replication_slot('" + name() +
      "'); SELECT "
      "pg_create_logical_replication_slot('" +
      name() + "', 'test_decoding')");
  EXPECT_THAT(Refusal(), HasSubstr("is of test_decoding, and changes are read by pgoutput"));
  Sql("SELECT pg_drop_replication_slot('" + name() +
      "'); SELECT "
      "pg_create_logical_replication_slot('" +
      name() + "', 'pgoutput')");
  Sql("CREATE DATABASE elsewhere_" + name());
  std::string elsewhere = url();
  elsewhere.replace(elsewhere.find("/postgres?"), 10, "/elsewhere_" + name() + "?");
  testing::Execute(elsewhere, "CREATE SCHEMA " + name() + "; CREATE TABLE " + name() +
                                  ".t (id int PRIMARY KEY)");
  EXPECT_THAT(Refusal({{"url", elsewhere}}), HasSubstr("is of the database 'postgres'"));
  Sql("DROP DATABASE elsewhere_" + name());
}

TEST_F(CaptureSourceTest, WhoMayNotReplicateIsToldWhatHeLacks) {
  MakeTable();
  const std::string guest = "guest_" + name();
  Sql("CREATE ROLE " + guest + " LOGIN; GRANT USAGE ON SCHEMA " + name() + " TO " + guest +
      "; CREATE PUBLICATION " + name() + " FOR TABLE t");
  const Given as_guest = {{"url", PostgresServer::Get().Url("&currentSchema=" + name(), guest)}};
  const auto source = connectors::testing::SourceOf(connector(), Options(as_guest), nullptr);
  const auto found = source->MakeEnumerator(std::nullopt).value()->Discover({});
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(found.error().ToString(),
              AllOf(HasSubstr("FORBIDDEN"), HasSubstr("ALTER ROLE \"" + guest + "\" REPLICATION")));
  // With that right alone, since the log is no select of the table.
  Sql("ALTER ROLE " + guest + " REPLICATION");
  Open(as_guest);
  Insert(1, 1);
  EXPECT_EQ(ReadAll(), Inserted(1, 1));
  Close();
  Sql("DROP OWNED BY " + guest + "; DROP ROLE " + guest);
}

TEST_F(CaptureSourceTest, AServerWithoutALogicalLogIsRefused) {
  PostgresServer server("replica");
  const std::string elsewhere = server.NewSchema();
  testing::Execute(elsewhere, "CREATE TABLE t (id int PRIMARY KEY)");
  EXPECT_THAT(Refusal({{"url", elsewhere}}),
              AllOf(HasSubstr("ILLEGAL_STATE: the server's wal_level is 'replica'"),
                    HasSubstr("ALTER SYSTEM SET wal_level = 'logical'")));
}

TEST_F(CaptureSourceTest, ASlotThatTheServerGaveUpIsSaid) {
  MakeTable();
  Open();
  ReadAll();
  const auto places = Places();
  Close();
  Sql("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
  Sql("SELECT pg_reload_conf(); CREATE TABLE busy (n int)");
  while (Ask("SELECT wal_status FROM pg_replication_slots WHERE slot_name = '" + name() + "'") !=
         "lost") {
    Sql("INSERT INTO busy SELECT generate_series(1, 1000)");
    Sql("SELECT pg_switch_wal()");
    Sql("CHECKPOINT");
  }
  EXPECT_THAT(Refusal(), HasSubstr("its log had grown beyond max_slot_wal_keep_size"));
  Sql("ALTER SYSTEM RESET max_slot_wal_keep_size");
  Sql("SELECT pg_reload_conf()");
}

}  // namespace
}  // namespace streampark::connectors::postgres
