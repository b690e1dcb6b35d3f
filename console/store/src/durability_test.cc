// SPDX-License-Identifier: Apache-2.0
// What the store reported as done is there after the power was cut, wherever it was cut.
#include <functional>
#include <set>

#include <gtest/gtest.h>

#include "streampark/base/random.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/base/ulid.h"
#include "streampark/console/operations/journal.h"
#include "streampark/store/database.h"
#include "streampark/store/jobs/job_table.h"
#include "streampark/store/jobs/operation_table.h"

#include "testing/faulty_disk.h"

namespace streampark::store::testing {
namespace {

using base::ErrorCode;
using Survival = FaultyDisk::Survival;

/// A database that was migrated, as bytes.
const FaultyDisk::Image& Migrated() {
  static const FaultyDisk::Image image = [] {
    FaultyDisk disk;
    const base::SystemClock clock;
    EXPECT_TRUE(Database::Open("/d/streampark.db", {.vfs = disk.vfs()}, clock).ok());
    return disk.image();
  }();
  return image;
}

/// The store's objects on a disk: one life of a console, as far as the disk is concerned.
struct Life {
  explicit Life(FaultyDisk& disk)
      : database(Database::Open("/d/streampark.db", {.vfs = disk.vfs()}, clock).value()),
        operations(*database),
        jobs(*database),
        journal(operations, clock, ids, outside) {}

  base::SystemClock clock;
  base::SecureRandom random;
  base::UlidGenerator ids{clock, random};
  std::unique_ptr<Database> database;
  OperationTable operations;
  JobTable jobs;
  console::Outside outside;
  console::Journal journal;
};

console::Operation OperationOf(const std::string& id, const std::string& job) {
  console::Operation operation;
  operation.id = id;
  operation.subject = {console::SubjectKind::kJob, job, job, "team"};
  return operation;
}

std::string Id(std::string_view letter, int number) {
  const std::string digits = std::to_string(number);
  return std::string(letter) + std::string(25 - digits.size(), '0') + digits;
}

/// What was reported as done, and what was done outside in between.
struct Told {
  std::set<std::string> jobs, open, ended, intents, outcomes;
  std::set<std::string> acts;  // had their effect
  bool acted_without_intent = false;
};

/// Jobs that are made, commanded and acted for, until the disk fails or `rounds` are done.
Told Work(Life& life, FaultyDisk& disk, int rounds) {
  Told told;
  for (int i = 0; i < rounds && !disk.dark(); ++i) {
    const std::string job_id = Id("j", i);
    console::JobChanges created;
    console::Job job;
    job.id = job_id;
    job.team_id = "team";
    job.name = job_id;
    job.description = std::string(static_cast<std::size_t>(i % 3) * 3000, 'd');  // over pages
    created.jobs.push_back(job);
    if (life.jobs.Commit(created).ok()) {
      told.jobs.insert(job_id);
    }
    console::Operation operation = OperationOf(Id("o", i), job_id);
    job.desired = console::DesiredState::kRunning;
    console::JobChanges wanted;
    wanted.jobs.push_back(job);
    if (!life.jobs.BeginOperation(operation, wanted).ok()) {
      continue;  // refused: nothing may be done for it
    }
    told.open.insert(operation.id);
    const console::Intent intent{operation.id, "SUBMIT", "SUBMIT", "key"};
    const auto performed =
        life.journal.Perform(intent, {.observe = [] { return std::optional<std::string>(); },
                                      .act = [&]() -> base::Result<std::string> {
                                        const auto entry = life.operations.FindEntry(
                                            operation.id, "SUBMIT", "SUBMIT", "key");
                                        told.acted_without_intent |= !entry.ok() || !*entry;
                                        told.intents.insert(operation.id);
                                        told.acts.insert(operation.id);
                                        return std::string("done");
                                      }});
    if (performed.ok()) {
      told.outcomes.insert(operation.id);
    }
    operation.state = console::OperationState::kSucceeded;
    if (life.operations.Save(operation).ok()) {
      told.ended.insert(operation.id);
    }
  }
  return told;
}

/// Whether a life that opens the disk finds all that was told, and nothing half.
void ExpectKept(Life& life, const Told& told) {
  std::set<std::string> found;
  const auto states = life.jobs.LoadAll();
  ASSERT_TRUE(states.ok()) << states.error().ToString();
  for (const console::JobState& state : *states) {
    found.insert(state.job.id);
  }
  for (const std::string& id : told.jobs) {
    EXPECT_TRUE(found.contains(id)) << id << " was lost";
  }
  for (const std::string& id : told.open) {
    const auto operation = life.operations.Find(id);
    ASSERT_TRUE(operation.ok());
    ASSERT_TRUE(operation->has_value()) << "an accepted command was lost";
    EXPECT_TRUE(!told.ended.contains(id) || !(*operation)->open()) << "an end was lost";
  }
  for (const std::string& id : told.acts) {
    const auto entry = life.operations.FindEntry(id, "SUBMIT", "SUBMIT", "key");
    ASSERT_TRUE(entry.ok());
    ASSERT_TRUE(entry->has_value()) << "an act without its intent: it would be done twice";
    EXPECT_TRUE(!told.outcomes.contains(id) ||
                (*entry)->state == console::JournalEntry::State::kDone)
        << "an outcome was lost";
  }
  Reader reader = life.database->Read().value();
  EXPECT_EQ(reader->SelectOne("PRAGMA integrity_check", [](const Row& row) { return row.text(0); })
                .value(),
            "ok");
  EXPECT_EQ(reader->Select("PRAGMA foreign_key_check", [](const Row& row) { return row.text(0); })
                ->size(),
            0U);
}

TEST(Durability, WhatWasToldIsThereAfterAPowerCutAtEveryPassage) {
  int cuts = 0;
  for (std::int64_t passage = 1;; ++passage) {
    bool reached = false;
    for (const Survival survival :
         {Survival{Survival::Kind::kSynced}, Survival{Survival::Kind::kEverything},
          Survival{Survival::Kind::kSeeded, static_cast<std::uint64_t>(passage)},
          Survival{Survival::Kind::kSeeded, static_cast<std::uint64_t>(passage) * 7919}}) {
      FaultyDisk disk(Migrated());
      Told told;
      {
        Life first(disk);
        disk.CutPowerAt(passage);
        told = Work(first, disk, 5);
        reached = disk.dark();
      }
      disk.PowerOn(survival);
      SCOPED_TRACE("cut at passage " + std::to_string(passage) +
                   ", what survives: " + std::to_string(static_cast<int>(survival.kind)) +
                   ", seed " + std::to_string(survival.seed));
      Life second(disk);
      ExpectKept(second, told);
      EXPECT_FALSE(told.acted_without_intent);
      ++cuts;
      ASSERT_FALSE(::testing::Test::HasFailure());
    }
    if (!reached) {
      break;
    }
  }
  EXPECT_GT(cuts, 250) << "the disk sees too little";
}

TEST(Durability, HoldsOverCheckpointsOfTheLog) {
  // Long enough for SQLite to move the log into the database several times.
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    FaultyDisk disk(Migrated());
    Told told;
    {
      Life first(disk);
      ASSERT_TRUE(
          first.database->Begin().value()->ExecuteScript("PRAGMA wal_autocheckpoint = 20").ok());
      disk.CutPowerAt(static_cast<std::int64_t>(300 + seed * 17));
      told = Work(first, disk, 100);
      ASSERT_TRUE(disk.dark());
    }
    disk.PowerOn({Survival::Kind::kSeeded, seed});
    SCOPED_TRACE("seed " + std::to_string(seed));
    Life second(disk);
    ExpectKept(second, told);
    ASSERT_FALSE(::testing::Test::HasFailure());
  }
}

TEST(Durability, AMigrationIsWholeOrAbsent) {
  const base::TemporaryFolder folder = base::TemporaryFolder::Create().value();
  const base::SystemClock clock;
  for (std::int64_t passage = 1;; ++passage) {
    FaultyDisk disk;
    const Database::Options options{.backup_folder = folder.path(), .vfs = disk.vfs()};
    disk.CutPowerAt(passage);
    const bool opened = Database::Open("/d/streampark.db", options, clock).ok();
    const bool dark = disk.dark();
    disk.PowerOn({Survival::Kind::kSeeded, static_cast<std::uint64_t>(passage)});
    const auto again = Database::Open("/d/streampark.db", options, clock);
    ASSERT_TRUE(again.ok()) << "cut at passage " << passage << ": " << again.error().ToString();
    EXPECT_TRUE(JobTable(**again).LoadAll().ok()) << "cut at passage " << passage;
    EXPECT_TRUE(opened || dark);
    if (!dark) {
      break;
    }
  }
}

TEST(Durability, ACommitThatCouldNotBeSyncedIsRefusedAndStaysAway) {
  FaultyDisk disk(Migrated());
  {
    Life first(disk);
    ASSERT_TRUE(first.operations.Begin(OperationOf(Id("o", 1), "a")).ok());
    disk.FailSyncs(1);
    const auto refused = first.operations.Begin(OperationOf(Id("o", 2), "b"));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), ErrorCode::kStorageFailed);
    EXPECT_FALSE(first.operations.Find(Id("o", 2)).value().has_value());
    disk.CutPower();  // killed, while the machine lives on
  }
  disk.PowerOn({Survival::Kind::kEverything});
  Life second(disk);
  EXPECT_TRUE(second.operations.Find(Id("o", 1)).value().has_value());
  EXPECT_FALSE(second.operations.Find(Id("o", 2)).value().has_value())
      << "a command that was refused is carried out after the next start";
}

TEST(Durability, GoesOnAfterSyncsThatFailed) {
  for (int at = 1; at < 30; ++at) {
    FaultyDisk disk(Migrated());
    Told told;
    {
      Life first(disk);
      told = Work(first, disk, at / 4);
      disk.FailSyncs(1 + at % 2);
      const Told more = Work(first, disk, 8);
      disk.CutPower();
      told.jobs.insert(more.jobs.begin(), more.jobs.end());
      told.open.insert(more.open.begin(), more.open.end());
      told.outcomes.insert(more.outcomes.begin(), more.outcomes.end());
      told.ended.insert(more.ended.begin(), more.ended.end());
      told.acts.insert(more.acts.begin(), more.acts.end());
    }
    disk.PowerOn();
    Life second(disk);
    ExpectKept(second, told);
    ASSERT_FALSE(::testing::Test::HasFailure()) << at;
  }
}

TEST(Durability, WithoutRoomACommandIsRefusedBeforeAnyAct) {
  const auto base_size = [] {
    FaultyDisk disk(Migrated());
    const Life life(disk);
    return disk.used_bytes();
  }();
  int refused = 0;
  for (std::int64_t room = base_size; room < base_size + 200'000; room += 1'500) {
    FaultyDisk disk(Migrated());
    Told told;
    {
      Life life(disk);
      disk.SetRoom(room);
      told = Work(life, disk, 8);
      EXPECT_FALSE(told.acted_without_intent);
      refused += told.open.size() < 8 ? 1 : 0;
      if (told.open.size() < 8) {
        const auto begun = life.operations.Begin(OperationOf(Id("x", 1), "x"));
        ASSERT_TRUE(begun.ok() || begun.error().code() == ErrorCode::kStorageFull)
            << begun.error().ToString();
      }
      ExpectKept(life, told);  // reads are served
      disk.SetRoom(std::nullopt);
      EXPECT_TRUE(life.operations.Begin(OperationOf(Id("x", 2), "y")).ok());
    }
    Life second(disk);
    ExpectKept(second, told);
    ASSERT_FALSE(::testing::Test::HasFailure()) << room;
  }
  EXPECT_GT(refused, 20);
}

TEST(Durability, WhatTheDiskRefusesIsToldAndAProbeFindsItMended) {
  FaultyDisk disk(Migrated());
  Life life(disk);
  std::vector<ErrorCode> refused;
  life.database->OnRefusal([&](const base::Error& error) { refused.push_back(error.code()); });
  EXPECT_TRUE(life.database->Probe().ok());
  EXPECT_EQ(life.database->Execute("SELECT nonsense").error().code(), ErrorCode::kStorageFailed);
  EXPECT_TRUE(refused.empty()) << "the disk has no part in it";

  disk.SetReadOnly();
  EXPECT_FALSE(life.operations.Begin(OperationOf(Id("o", 1), "a")).ok());
  EXPECT_FALSE(life.database->Probe().ok());
  EXPECT_EQ(refused, (std::vector{ErrorCode::kStorageFailed, ErrorCode::kStorageFailed}));
  disk.SetWritable();
  EXPECT_TRUE(life.database->Probe().ok());

  disk.SetRoom(0);
  EXPECT_EQ(life.database->Probe().error().code(), ErrorCode::kStorageFull);
  EXPECT_EQ(refused.back(), ErrorCode::kStorageFull);
  disk.SetRoom(std::nullopt);
  EXPECT_TRUE(life.database->Probe().ok());
  EXPECT_EQ(refused.size(), 3U);
  EXPECT_TRUE(life.operations.Begin(OperationOf(Id("o", 1), "a")).ok());
}

TEST(Durability, AReadOnlyDiskServesReadsAndLosesNothing) {
  FaultyDisk disk(Migrated());
  Told told;
  {
    Life life(disk);
    told = Work(life, disk, 4);
    disk.SetReadOnly();
    const auto refused = life.operations.Begin(OperationOf(Id("x", 1), "x"));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), ErrorCode::kStorageFailed);
    ExpectKept(life, told);
    disk.SetWritable();
    EXPECT_TRUE(life.operations.Begin(OperationOf(Id("x", 1), "x")).ok());
    disk.SetReadOnly();
  }
  Told kept = told;
  kept.open.insert(Id("x", 1));
  disk.SetWritable();
  disk.CutPower();
  disk.PowerOn();
  Life second(disk);
  ExpectKept(second, kept);
}

}  // namespace
}  // namespace streampark::store::testing
