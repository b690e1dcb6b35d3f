// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <random>
#include <set>

#include <sys/wait.h>
#include <unistd.h>

#include "streampark/connectors/testing/sink_contract.h"

namespace streampark::connectors::testing {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ExactlyOnceContract);

namespace {

const WriterId kId = {"lineage", "rows", 0};

/// Runs it in a process of its own, which ends without a word to anything that lives in this one.
void InAnotherProcess(const std::function<bool()>& act) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::_exit(act() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_P(ExactlyOnceContract, NothingIsVisibleBeforeItIsCommitted) {
  const auto sink = Make();
  const auto writer = WriterOf(*sink, kId);
  Write(*writer, 0, 10);
  EXPECT_TRUE(writer->Flush().ok());
  EXPECT_TRUE(Visible().empty());
  const auto prepared = writer->Prepare(1).value();
  EXPECT_TRUE(Visible().empty());
  EXPECT_FALSE(under_test_->Staged().empty());
  ASSERT_FALSE(prepared.empty());
  for (const auto& one : prepared) {
    EXPECT_EQ(one.subtask, 0);
    EXPECT_EQ(one.sequence, 1U);
  }
  Write(*writer, 10, 10);
  Commit(*sink->MakeCommitter().value(), prepared);
  EXPECT_EQ(Visible(), Texts(0, 10));
}

TEST_P(ExactlyOnceContract, AnotherProcessCommits) {
  std::vector<Committable> prepared;
  {
    const auto writer = Writer(kId);
    Write(*writer, 0, 10);
    prepared = writer->Prepare(1).value();
  }
  InAnotherProcess([&] { return MakeCommitter()->Commit(prepared, {}).ok(); });
  EXPECT_EQ(Visible(), Texts(0, 10));
  EXPECT_TRUE(under_test_->Staged().empty());
}

TEST_P(ExactlyOnceContract, CommittingAgainChangesNothing) {
  const auto writer = Writer(kId);
  Write(*writer, 0, 10);
  const auto first = writer->Prepare(1).value();
  const auto committer = MakeCommitter();
  Commit(*committer, first);
  Commit(*committer, first);
  Commit(*MakeCommitter(), first);
  Recover(*MakeCommitter(), kId, first, 2);
  Write(*writer, 10, 10);
  Commit(*committer, writer->Prepare(2).value());
  EXPECT_EQ(Visible(), Texts(0, 20));
}

TEST_P(ExactlyOnceContract, ACommitThatWasBegunIsFinished) {
  std::vector<Committable> prepared;
  for (int subtask = 0; subtask < 3; ++subtask) {
    const auto writer = Writer({"lineage", "rows", subtask});
    Write(*writer, subtask * 10, 10);
    Prepare(*writer, 1, prepared);
  }
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    Commit(*MakeCommitter(), {prepared.begin(), prepared.begin() + static_cast<long>(i)});
  }
  Recover(*MakeCommitter(), kId, prepared, 2);
  EXPECT_EQ(Visible(), Texts(0, 30));
  EXPECT_TRUE(under_test_->Staged().empty());
}

TEST_P(ExactlyOnceContract, RecoverCommitsWhatTheCheckpointHeldAndUndoesTheRest) {
  std::vector<Committable> held;
  {
    const auto writer = Writer(kId);
    Write(*writer, 0, 10);
    held = writer->Prepare(1).value();
    Write(*writer, 10, 10);
    EXPECT_TRUE(writer->Prepare(2).ok());
    Write(*writer, 20, 10);
    EXPECT_TRUE(writer->Flush().ok());
    const auto other = Writer({"lineage", "rows", 5});  // nobody is subtask 5 any more
    Write(*other, 30, 10);
    EXPECT_TRUE(other->Prepare(2).ok());
  }
  Recover(*MakeCommitter(), kId, held, 2);
  EXPECT_EQ(Visible(), Texts(0, 10));
  EXPECT_TRUE(under_test_->Staged().empty());
  Recover(*MakeCommitter(), kId, held, 2);
  // The same rows come again, under the same numbers.
  const auto writer = Writer(kId);
  Write(*writer, 10, 10);
  Commit(*MakeCommitter(), writer->Prepare(2).value());
  EXPECT_EQ(Visible(), Texts(0, 20));
}

TEST_P(ExactlyOnceContract, RecoverOfATargetThatNobodyHasSeen) {
  Recover(*MakeCommitter(), kId, {}, 1);
  EXPECT_TRUE(Visible().empty());
  EXPECT_TRUE(under_test_->Staged().empty());
}

TEST_P(ExactlyOnceContract, RecoverLeavesOthersAlone) {
  const WriterId others[] = {
      {"lineage2", "rows", 0}, {"lineage", "rows2", 0}, {"lineage", "row", 0}, {"l", "rows", 0}};
  std::vector<std::unique_ptr<SinkWriter>> writers;
  std::vector<std::vector<Committable>> prepared;
  std::int64_t first = 0;
  for (const auto& id : others) {
    writers.push_back(Writer(id));
    Write(*writers.back(), first, 10);
    prepared.push_back(writers.back()->Prepare(7).value());
    Write(*writers.back(), first + 10, 10);
    first += 20;
  }
  {
    const auto writer = Writer(kId);
    Write(*writer, 1'000, 10);
    EXPECT_TRUE(writer->Prepare(7).ok());
  }
  Recover(*MakeCommitter(), kId, {}, 1);
  for (std::size_t i = 0; i < writers.size(); ++i) {
    Commit(*MakeCommitter(), prepared[i]);
    Commit(*MakeCommitter(), writers[i]->Prepare(8).value());
  }
  EXPECT_EQ(Visible(), Texts(0, first));
  EXPECT_TRUE(under_test_->Staged().empty());
}

TEST_P(ExactlyOnceContract, NamesOfPeopleAreTakenAsTheyAre) {
  const std::string names[] = {"sums per second",    "a/b", "../up", "ö", "a%20b",
                               std::string(200, 'x')};
  std::int64_t first = 0;
  for (const auto& name : names) {
    const auto writer = Writer({"lineage", name, 0});
    Write(*writer, first, 10);
    const auto held = writer->Prepare(1).value();
    Write(*writer, 5'000, 10);
    Recover(*MakeCommitter(), {"lineage", name, 0}, held, 2);
    first += 10;
  }
  EXPECT_EQ(Visible(), Texts(0, first));
  EXPECT_TRUE(under_test_->Staged().empty());
}

TEST_P(ExactlyOnceContract, CommittablesThatAreDamagedAreRefused) {
  const auto writer = Writer(kId);
  Write(*writer, 0, 10);
  const auto good = writer->Prepare(1).value();
  ASSERT_FALSE(good.empty());
  for (const std::string& bytes : {std::string(), std::string("\xff\xfe"),
                                   good[0].bytes.substr(0, good[0].bytes.size() / 2)}) {
    auto bad = good;
    bad[0].bytes = bytes;
    EXPECT_FALSE(MakeCommitter()->Commit(bad, {}).ok());
  }
  auto bad = good;
  bad[0].version = 999;
  EXPECT_FALSE(MakeCommitter()->Commit(bad, {}).ok());
  EXPECT_TRUE(Visible().empty());
}

/// A job as the runtime runs it, in little: what a checkpoint holds survives, everything else is lost in a crash.
struct LittleJob {
  struct Checkpoint {
    std::uint64_t sequence = 0;
    std::int64_t next_row = 0;
    std::vector<Committable> prepared;
  };

  Checkpoint checkpoint;
  std::int64_t next_row = 0;
  std::uint64_t next_sequence = 1;
  std::vector<std::unique_ptr<SinkWriter>> writers;
};

TEST_P(ExactlyOnceContract, NoRowIsLostOrDoubledWhereverItStops) {
  std::set<std::string> earlier;
  for (unsigned seed = 0; seed < 30; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](unsigned limit) { return static_cast<int>(random() % limit); };
    const std::string lineage = "seed" + std::to_string(seed);
    const std::int64_t first = seed * 10'000;
    LittleJob job;
    job.checkpoint.next_row = job.next_row = first;
    for (int epoch = 0; epoch < 12; ++epoch) {
      // 0: nothing fails; 1: while it writes; 2: some have prepared; 3: not recorded; 4: recorded, not committed; 5: half.
      const int stops = epoch == 11 ? 0 : below(6);
      if (job.writers.empty()) {
        if (below(2) == 0) {  // a new process numbers from its checkpoint on
          job.next_sequence = job.checkpoint.sequence + 1;
        }
        Recover(*MakeCommitter(), {lineage, "rows", 0}, job.checkpoint.prepared, job.next_sequence);
        job.next_row = job.checkpoint.next_row;
        for (int subtask = below(3); subtask >= 0; --subtask) {
          job.writers.push_back(Writer({lineage, "rows", subtask}));
        }
      }
      for (const auto& writer : job.writers) {
        const int rows = below(30);
        Write(*writer, job.next_row, rows);
        job.next_row += rows;
      }
      const auto sequence = job.next_sequence++;
      std::vector<Committable> prepared;
      for (std::size_t i = 0; stops != 1 && i < job.writers.size() && !(stops == 2 && i > 0); ++i) {
        Prepare(*job.writers[i], sequence, prepared);
      }
      if (stops == 0 || stops > 3) {
        job.checkpoint = {sequence, job.next_row, prepared};
      }
      if (stops == 0) {
        Commit(*MakeCommitter(), prepared);
      } else if (stops == 5) {
        prepared.resize(prepared.size() / 2);
        Commit(*MakeCommitter(), prepared);
      }
      if (stops > 0) {
        job.writers.clear();
      }
    }
    Strings mine = under_test_->Visible();
    std::erase_if(mine, [&](const std::string& row) { return earlier.contains(row); });
    ASSERT_EQ(Sorted(mine), Texts(first, job.next_row - first)) << "seed " << seed;
    ASSERT_TRUE(under_test_->Staged().empty()) << "seed " << seed;
    earlier.insert(mine.begin(), mine.end());
  }
}

}  // namespace
}  // namespace streampark::connectors::testing
