// SPDX-License-Identifier: Apache-2.0
#include "state/subtask_states.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/objects/local_folder.h"

#include "runtime/folder_checkpoint_store.h"
#include "state/test_states.h"

namespace streampark::core {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Numbers = std::map<std::int64_t, std::int64_t>;
constexpr int kGroups = 128;

/// Subtasks that count, whose stores are captured into a folder of checkpoints.
class SubtaskStatesTest : public ::testing::Test {
 protected:
  struct Subtask {
    std::unique_ptr<SubtaskStates> states;
    const DiskState* state = nullptr;
  };

  Subtask Make(int subtask, int parallelism, const std::vector<BackendRecord>& restored = {}) {
    Subtask made;
    made.states = std::make_unique<SubtaskStates>(SubtaskStates::Setup{
        .backend = backend_.get(),
        .folder = folder_.path() / "work" / std::to_string(++made_),
        .prefix = "made-" + std::to_string(made_),
        .cache_bytes = 0,
        .logs = SubtaskStates::Setup::Logs::kKept,
        .groups = KeyGroupsOf(subtask, kGroups, parallelism),
        .owners = {"counts"},
        .restored = restored,
        .find_kept = [this](const std::string& kept,
                            const fs::path& scratch) { return store_->FetchKept(kept, scratch); },
        .restored_from = SubtaskStates::Setup::KeptAt::kSamePlace});
    made.state = &OpenDiskState<std::int64_t, std::int64_t>(made.states->states(), "counts",
                                                            "numbers", StateLayout::kByKey);
    return made;
  }
  /// Of those keys that are its own.
  static void Put(Subtask& subtask, KeyGroupRange groups, std::int64_t first, std::int64_t last) {
    StateKey key;
    auto& states = subtask.states->states();
    for (auto n = first; n < last; ++n) {
      const int group = KeyGroupOf(HashKey(n), kGroups);
      if (groups.Contains(group)) {
        ByteWriter value;
        value.Fixed(n * 10);
        states.changes().Put(key.Begin(*subtask.state).Group(group).Key(n).view(), value.view());
      }
    }
    states.Apply();
  }
  static Numbers NumbersOf(Subtask& subtask) {
    Numbers numbers;
    StateKey prefix;
    prefix.Begin(*subtask.state);
    const auto scan = subtask.states->states().ScanPrefix(prefix.view());
    while (scan->Next()) {
      ByteReader key(StateKey::KeyOf(scan->key(), StateLayout::kByKey));
      ByteReader value(scan->value());
      const auto number = key.Fixed<std::int64_t>();
      numbers[number] = value.Fixed<std::int64_t>();
    }
    return numbers;
  }
  static Numbers Expected(std::int64_t last) {
    Numbers numbers;
    for (std::int64_t n = 0; n < last; ++n) {
      numbers[n] = n * 10;
    }
    return numbers;
  }
  /// A checkpoint of one or more subtasks, as the coordinator makes it.
  std::vector<BackendRecord> Checkpoint(std::uint64_t id, std::vector<Subtask*> subtasks) {
    CheckpointRecord record;
    record.id = id;
    std::vector<BackendRecord> records;
    for (std::size_t i = 0; i < subtasks.size(); ++i) {
      auto captured = subtasks[i]->states->Capture(id, 0).value();
      for (const auto& file : captured.files) {
        EXPECT_TRUE(store_->KeepFile(file.from, file.kept).ok());
      }
      record.backends.push_back(
          store_->WriteBackend(id, "counts", static_cast<int>(i), captured.record).value());
      fs::remove_all(captured.needed_till);
      records.push_back(std::move(captured.record));
    }
    EXPECT_TRUE(store_->Complete(record).ok());
    return records;
  }
  std::set<std::string> Kept() const {
    std::set<std::string> kept;
    std::error_code ignored;
    for (const auto& entry :
         fs::directory_iterator(folder_.path() / "checkpoints" / "_shared", ignored)) {
      kept.insert(entry.path().filename());
    }
    return kept;
  }
  void Reopen() {
    store_.reset();
    store_ =
        FolderCheckpointStore::Open(objects::MakeLocalFolder(folder_.path() / "checkpoints"), 2)
            .value();
  }

  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  const std::unique_ptr<StateBackend> backend_ = BackendForTests();
  std::unique_ptr<FolderCheckpointStore> store_ =
      FolderCheckpointStore::Open(objects::MakeLocalFolder(folder_.path() / "checkpoints"), 2)
          .value();
  int made_ = 0;
  const KeyGroupRange all_{0, kGroups};
};

TEST_F(SubtaskStatesTest, ACheckpointWritesWhatHasChanged) {
  auto subtask = Make(0, 1);
  Put(subtask, all_, 0, 50'000);
  const auto first = Checkpoint(1, {&subtask}).front();
  EXPECT_THAT(first.logs, IsEmpty());
  EXPECT_GT(first.bytes(), 500'000U);
  const auto kept = Kept();
  Put(subtask, all_, 50'000, 50'010);
  const auto second = Checkpoint(2, {&subtask}).front();
  EXPECT_THAT(second.logs, SizeIs(1));
  EXPECT_LT(second.logs.front().bytes, 1'000U);
  auto fresh = Kept();
  for (const auto& old : kept) {
    EXPECT_EQ(fresh.erase(old), 1U) << old;
  }
  EXPECT_THAT(fresh, SizeIs(1));
  auto restored = Make(0, 1, {second});
  EXPECT_EQ(NumbersOf(restored), Expected(50'010));
  // It goes on where that one was: no file of it is written again.
  Put(restored, all_, 50'010, 50'020);
  const auto third = Checkpoint(3, {&restored}).front();
  EXPECT_THAT(third.logs, SizeIs(2));
  auto again = Make(0, 1, {third});
  EXPECT_EQ(NumbersOf(again), Expected(50'020));
}

TEST_F(SubtaskStatesTest, FilesGoWithTheLastCheckpointThatNeedsThem) {
  auto subtask = Make(0, 1);
  Put(subtask, all_, 0, 1'000);
  Checkpoint(1, {&subtask});
  const auto of_first = Kept();
  auto other = Make(0, 1);  // shares nothing with it
  Put(other, all_, 0, 10);
  Checkpoint(2, {&other});
  EXPECT_TRUE(std::ranges::includes(Kept(), of_first));
  Checkpoint(3, {&other});
  const auto left = Kept();
  for (const auto& gone : of_first) {
    EXPECT_FALSE(left.contains(gone)) << gone;
  }
  const auto restored = store_->ReadBackend(store_->Latest().value()->backends.front()).value();
  auto again = Make(0, 1, {restored});
  EXPECT_EQ(NumbersOf(again), Expected(10));
  store_->DiscardAll();
  EXPECT_THAT(Kept(), IsEmpty());
}

TEST_F(SubtaskStatesTest, WhatAKilledProcessHadBegunIsSweptWhenTheNextOneOpens) {
  auto subtask = Make(0, 1);
  Put(subtask, all_, 0, 1'000);
  const auto first = Checkpoint(1, {&subtask}).front();
  const auto kept = Kept();
  Put(subtask, all_, 1'000, 2'000);
  const auto captured = subtask.states->Capture(2, 0).value();
  for (const auto& file : captured.files) {
    ASSERT_TRUE(store_->KeepFile(file.from, file.kept).ok());
  }
  std::ofstream(folder_.path() / "checkpoints" / "_shared" / "made-9-000009.sst.part").put('x');
  EXPECT_NE(Kept(), kept);
  Reopen();
  EXPECT_EQ(Kept(), kept);
  auto restored = Make(0, 1, {first});
  EXPECT_EQ(NumbersOf(restored), Expected(1'000));
}

TEST_F(SubtaskStatesTest, NothingRestsOnACaptureThatWasLost) {
  auto subtask = Make(0, 1);
  Put(subtask, all_, 0, 100);
  Checkpoint(1, {&subtask});
  Put(subtask, all_, 100, 200);
  const auto lost = subtask.states->Capture(2, 0).value();  // and never kept
  Put(subtask, all_, 200, 300);
  const auto on_it = subtask.states->Capture(3, 0).value();
  for (const auto& file : on_it.files) {
    ASSERT_TRUE(store_->KeepFile(file.from, file.kept).ok());
  }
  const auto refused = store_->WriteBackend(3, "counts", 0, on_it.record);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message(), HasSubstr("is not there"));
  on_it.lost->store(true);
  Put(subtask, all_, 300, 400);
  const auto whole = Checkpoint(4, {&subtask}).front();
  EXPECT_THAT(whole.logs, IsEmpty());
  auto restored = Make(0, 1, {whole});
  EXPECT_EQ(NumbersOf(restored), Expected(400));
}

TEST_F(SubtaskStatesTest, RangesAreCopiedToOtherParallelisms) {
  std::vector<Subtask> two;
  for (int i = 0; i < 2; ++i) {
    two.push_back(Make(i, 2));
    Put(two.back(), KeyGroupsOf(i, kGroups, 2), 0, 5'000);
  }
  Checkpoint(1, {&two[0], &two[1]});
  for (int i = 0; i < 2; ++i) {
    Put(two[static_cast<std::size_t>(i)], KeyGroupsOf(i, kGroups, 2), 5'000, 5'100);
  }
  auto records = Checkpoint(2, {&two[0], &two[1]});
  for (const int parallelism : {4, 3, 1}) {
    std::vector<Subtask> next;
    std::vector<Subtask*> taken;
    Numbers sum;
    for (int i = 0; i < parallelism; ++i) {
      next.push_back(Make(i, parallelism, records));
      for (const auto& [key, value] : NumbersOf(next.back())) {
        EXPECT_TRUE(sum.emplace(key, value).second) << key;
      }
    }
    EXPECT_EQ(sum, Expected(5'100)) << parallelism;
    for (auto& subtask : next) {
      taken.push_back(&subtask);
    }
    records = Checkpoint(static_cast<std::uint64_t>(10 - parallelism), taken);
  }
}

TEST_F(SubtaskStatesTest, ADamagedLogIsNamed) {
  auto subtask = Make(0, 1);
  Checkpoint(1, {&subtask});
  Put(subtask, all_, 0, 100);
  const auto record = Checkpoint(2, {&subtask}).front();
  const auto log = store_->FetchKept(record.logs.front().kept, "").value();
  for (const auto size : {fs::file_size(log) - 1, std::uintmax_t{5}}) {
    fs::resize_file(log, size);
    EXPECT_THROW(Make(0, 1, {record}), TaskFailure);
  }
}

}  // namespace
}  // namespace streampark::core
