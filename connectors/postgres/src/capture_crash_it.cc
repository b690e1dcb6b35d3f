// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "streampark/base/files.h"
#include "streampark/connectors/postgres.h"
#include "streampark/connectors/state_bytes.h"
#include "streampark/connectors/testing/mortal_work.h"
#include "streampark/connectors/testing/rows.h"

#include "testing/postgres_server.h"

/// A job that reads changes and appends them exactly once is killed: each change is there once.
namespace streampark::connectors::postgres {
namespace {

using namespace std::chrono_literals;
using connectors::testing::Fate;
using connectors::testing::Given;
using connectors::testing::Strings;
using testing::PostgresServer;

constexpr int kRows = 40;
constexpr int kRowsEachCheckpoint = 25;
constexpr const char* kColumns = "id BIGINT, name STRING, op STRING";

/// What the job's checkpoint has.
struct Checkpoint {
  std::int64_t number = 0;
  bool ended = false;  // the last row is read
  Split place;
  std::vector<Committable> pending;

  std::string ToBytes() const {
    StateWriter out;
    out.Number(number).Number(ended ? 1 : 0);
    out.Text(place.id).Number(place.position.version).Text(place.position.bytes);
    for (const Committable& one : pending) {
      out.Number(static_cast<std::int64_t>(one.sequence)).Text(one.bytes);
    }
    return out.Take();
  }
  static Checkpoint From(const std::string& bytes) {
    StateReader in(bytes);
    Checkpoint checkpoint;
    checkpoint.number = in.Number();
    checkpoint.ended = in.Number() == 1;
    checkpoint.place.id = in.Text();
    checkpoint.place.position.version = static_cast<std::uint16_t>(in.Number());
    checkpoint.place.position.bytes = in.Text();
    while (!in.at_end()) {
      Committable one{.subtask = 0, .sequence = static_cast<std::uint64_t>(in.Number())};
      one.bytes = in.Text();
      checkpoint.pending.push_back(std::move(one));
    }
    return checkpoint;
  }
};

class CaptureCrash : public ::testing::Test {
 protected:
  connectors::testing::MortalWork Work() {
    return {
        .prepare = [this] { Prepare(); },
        .run = [this](const std::filesystem::path& file, Fate& fate) { return Run(file, fate); },
        .check = [this](const std::string& when) { Check(when); }};
  }
  void TearDown() override { DropSlot(); }

 private:
  void Sql(const std::string& statements) const { testing::Execute(url_, statements); }

  void DropSlot() const {
    const auto session = testing::SessionAt(url_);
    const std::string slots = " FROM pg_replication_slots WHERE slot_name = '" + name_ + "'";
    while (!session->Query("SELECT 1" + slots + " AND active").value().empty()) {
    }
    Sql("SELECT pg_drop_replication_slot(slot_name)" + slots);
  }

  void Prepare() const {
    DropSlot();
    Sql("DROP PUBLICATION IF EXISTS " + name_ +
        "; DROP TABLE IF EXISTS t, written, streampark_ledger; CREATE TABLE t (id bigint PRIMARY "
        "KEY, name text); ALTER TABLE t REPLICA IDENTITY FULL; CREATE TABLE written (id bigint, "
        "name text, op text); CREATE PUBLICATION " +
        name_ + " FOR TABLE t");
    Sql("SELECT pg_create_logical_replication_slot('" + name_ + "', 'pgoutput')");
    const std::string rows = std::to_string(kRows);
    Sql("INSERT INTO t SELECT n, 'row ' || n FROM generate_series(1, " + rows + ") AS g(n)");
    Sql("UPDATE t SET name = 'new ' || id WHERE id % 2 = 0");
    Sql("BEGIN; UPDATE t SET id = id + 1000 WHERE id % 5 = 0; DELETE FROM t WHERE id < 10; COMMIT");
    Sql("INSERT INTO t VALUES (-1, 'the end')");
  }

  static Strings Expected() {
    Strings rows;
    const auto row = [](int id) { return std::to_string(id); };
    const auto name = [&](int id) { return (id % 2 == 0 ? "new " : "row ") + row(id); };
    for (int id = 1; id <= kRows; ++id) {
      rows.push_back(row(id) + "|row " + row(id) + "|+I");
      if (id % 2 == 0) {
        rows.push_back(row(id) + "|row " + row(id) + "|-U");
        rows.push_back(row(id) + "|" + name(id) + "|+U");
      }
      if (id % 5 == 0) {
        rows.push_back(row(id) + "|" + name(id) + "|-D");
        rows.push_back(row(id + 1000) + "|" + name(id) + "|+I");
      } else if (id < 10) {
        rows.push_back(row(id) + "|" + name(id) + "|-D");
      }
    }
    rows.emplace_back("-1|the end|+I");
    return connectors::testing::Sorted(rows);
  }

  void Check(const std::string& when) const {
    EXPECT_EQ(connectors::testing::Sorted(testing::RowsAt(url_, "SELECT * FROM written")),
              Expected())
        << when;
  }

  base::Status Run(const std::filesystem::path& file, Fate& fate) const {
    const auto connector = MakePostgresConnector();
    const auto schema = connectors::testing::SchemaOf(kColumns);
    const auto source = connectors::testing::SourceOf(*connector,
                                                      {{"url", url_},
                                                       {"table", "t"},
                                                       {"mode", "changes"},
                                                       {"slot", name_},
                                                       {"metadata.op", "op"},
                                                       {"batch.rows", "7"}},
                                                      schema);
    const auto sink =
        connectors::testing::SinkOf(*connector, {{"url", url_}, {"table", "written"}}, schema);
    Checkpoint checkpoint;
    if (std::filesystem::exists(file)) {
      checkpoint = Checkpoint::From(SP_TRY(base::ReadFile(file)));
    } else {
      const auto enumerator = SP_TRY(source->MakeEnumerator(std::nullopt));
      auto found = SP_TRY(enumerator->Discover({}));
      checkpoint.place = found.splits.at(0);
    }
    const auto committer = sink->MakeCommitter().value();
    SP_TRY(committer->Recover({"lineage", "rows"}, checkpoint.pending,
                              static_cast<std::uint64_t>(checkpoint.number) + 1, {}));
    const auto writer = SP_TRY(sink->MakeWriter({"lineage", "rows", 0}, ""));
    const auto reader = SP_TRY(source->MakeReader(0));
    SP_TRY(reader->Add({checkpoint.place}));
    while (!checkpoint.ended) {
      for (std::int64_t rows = 0; rows < kRowsEachCheckpoint && !checkpoint.ended;) {
        fate.Pass();
        auto read = reader->Read(10s);
        if (!read.ok() && read.error().retryable()) {
          continue;  // what was killed before has not yet left the slot
        }
        auto batch = std::move(SP_TRY(std::move(read)).batch);
        if (batch) {
          rows += batch->length;
          checkpoint.ended = batch->columns[0].value<std::int64_t>(batch->length - 1) == -1;
          batch->kinds.clear();  // appended as they are
          SP_TRY(writer->Write(*batch));
        }
      }
      ++checkpoint.number;
      checkpoint.pending = SP_TRY(writer->Prepare(static_cast<std::uint64_t>(checkpoint.number)));
      checkpoint.place = reader->Snapshot().at(0);
      fate.Pass();
      SP_TRY(base::WriteFileAtomically(file, checkpoint.ToBytes()));
      fate.Pass();
      SP_TRY(committer->Commit(checkpoint.pending, {}));
      fate.Pass();
      static_cast<void>(reader->Acknowledge({checkpoint.place}));
      fate.Pass();
    }
    return base::Ok();
  }

  const std::string url_ = PostgresServer::Get().NewSchema();
  const std::string name_ = PostgresServer::SchemaOf(url_);
};

TEST_F(CaptureCrash, EachChangeIsWrittenOnceWhereverTheProcessIsKilled) {
  EXPECT_GT(connectors::testing::KillAtEachPoint(Work()), 20);
}

TEST_F(CaptureCrash, AndWheneverItIsKilled) {
  connectors::testing::KillAtRandomMoments(Work(), 40);
}

}  // namespace
}  // namespace streampark::connectors::postgres
