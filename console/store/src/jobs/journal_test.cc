// SPDX-License-Identifier: Apache-2.0
// The table of Journal::Perform, on the real store.
#include "streampark/console/operations/journal.h"

#include <gtest/gtest.h>

#include "streampark/base/random.h"
#include "streampark/store/database.h"
#include "streampark/store/jobs/operation_table.h"

#include "testing/faulty_disk.h"

namespace streampark::store::testing {
namespace {

using base::ErrorCode;
using console::JournalEntry;

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() {
    console::Operation operation;
    operation.id = "operation";
    operation.subject = {console::SubjectKind::kJob, "job", "job", "team"};
    EXPECT_TRUE(operations_.Begin(operation).ok());
  }

  /// `seen` is what a look at the outside gives, `acted` what an act does.
  base::Result<std::string> Perform(base::Result<std::optional<std::string>> seen,
                                    base::Result<std::string> acted) {
    return journal_.Perform(intent_, {.observe =
                                          [&] {
                                            ++looks_;
                                            return seen;
                                          },
                                      .act =
                                          [&] {
                                            ++acts_;
                                            return acted;
                                          }});
  }
  JournalEntry::State State() {
    return operations_.FindEntry("operation", "STEP", "ACT", "key").value()->state;
  }

  FaultyDisk disk_;
  base::SystemClock clock_;
  base::SecureRandom random_;
  base::UlidGenerator ids_{clock_, random_};
  std::unique_ptr<Database> database_ =
      Database::Open("/d/streampark.db", {.vfs = disk_.vfs()}, clock_).value();
  OperationTable operations_{*database_};
  console::Outside outside_;
  console::Journal journal_{operations_, clock_, ids_, outside_};
  const console::Intent intent_{"operation", "STEP", "ACT", "key"};
  const std::optional<std::string> nothing_;
  int looks_ = 0;
  int acts_ = 0;
};

TEST_F(JournalTest, AnActIsDoneOnceAndItsOutcomeKept) {
  EXPECT_EQ(Perform(nothing_, std::string("done")).value(), "done");
  EXPECT_EQ(Perform(nothing_, std::string("again")).value(), "done");
  EXPECT_EQ(acts_, 1);
  EXPECT_EQ(looks_, 0);
}

TEST_F(JournalTest, ARefusalIsKeptToo) {
  const base::Error refused(ErrorCode::kEngineError, "no");
  EXPECT_EQ(Perform(nothing_, refused).error().code(), ErrorCode::kEngineError);
  EXPECT_EQ(Perform(nothing_, std::string("done")).error().code(), ErrorCode::kEngineError);
  EXPECT_EQ(acts_, 1);
}

TEST_F(JournalTest, WhatIsNotKnownIsLookedAtBeforeItIsRepeated) {
  const base::Error silence(ErrorCode::kEngineTimeout, "no answer");
  EXPECT_FALSE(Perform(nothing_, silence).ok());
  EXPECT_EQ(State(), JournalEntry::State::kOpen);
  EXPECT_EQ(Perform(std::optional<std::string>("seen"), silence).value(), "seen");
  EXPECT_EQ(acts_, 1);
}

TEST_F(JournalTest, AStrangeAnswerToALookIsNoRefusalOfTheAct) {
  EXPECT_FALSE(Perform(nothing_, base::Error(ErrorCode::kEngineTimeout, "no answer")).ok());
  for (const ErrorCode strange :
       {ErrorCode::kEngineError, ErrorCode::kNotFound, ErrorCode::kAgentFailed}) {
    const auto told = Perform(base::Error(strange, "nonsense"), std::string("done"));
    ASSERT_FALSE(told.ok());
    EXPECT_TRUE(console::IsOutcomeUnknown(told.error())) << told.error().ToString();
    EXPECT_NE(told.error().message().find("nonsense"), std::string::npos);
    EXPECT_EQ(State(), JournalEntry::State::kOpen);
  }
  EXPECT_EQ(acts_, 1) << "nothing is repeated while nobody knows";
  EXPECT_EQ(
      Perform(base::Error(ErrorCode::kStorageFull, "full"), std::string("done")).error().code(),
      ErrorCode::kStorageFull);
  EXPECT_EQ(Perform(nothing_, std::string("done")).value(), "done");
}

}  // namespace
}  // namespace streampark::store::testing
