// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <random>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/core/disk_map.h"
#include "streampark/core/disk_table.h"
#include "streampark/core/disk_timers.h"
#include "streampark/core/object_cache.h"

#include "operator_harness.h"

/// Containers on disk against plain ones in memory, with a cache that forgets whatever it may.
namespace streampark::core {
namespace {

/// Of an operator that is not there.
class DiskContainersTest : public ::testing::Test {
 protected:
  class Context final : public OperatorContext {
   public:
    explicit Context(DiskStates& states) : states_(states) {}
    const std::string& name() const override { return name_; }
    int subtask() const override { return 0; }
    int parallelism() const override { return 1; }
    int key_groups() const override { return 128; }
    KeyGroupRange key_group_range() const override { return {0, 128}; }
    const base::Clock& clock() const override { return clock_; }
    Output& output() override { std::abort(); }
    Output& side_output(std::string_view) override { std::abort(); }
    const OperatorRestore& restored() const override { return restored_; }
    DiskStates* disk_states() override { return &states_; }
    void ScheduleAt(base::Timestamp, std::function<void()>) override {}
    void Post(std::function<void()>) override {}
    void CountDropped() override {}
    void WantSplit() override {}
    const std::string& lineage() const override { return name_; }

   private:
    DiskStates& states_;
    std::string name_ = "tested";
    base::ManualClock clock_;
    OperatorRestore restored_;
  };

  StatesForTests states_;
  Context context_{states_.states()};
  std::mt19937 random_{7};
  int Any(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
};

using Table = DiskTable<std::string, std::int64_t, Codec<std::int64_t>>;

TEST_F(DiskContainersTest, ATableIsAMapWhateverIsEvicted) {
  Table table(context_, "numbers", StateLayout::kBySlice);
  std::map<std::pair<EventTime, std::string>, std::int64_t> expected;
  for (int step = 0; step < 30'000; ++step) {
    const EventTime slice = (Any(5) - 2) * 1'000;
    const auto key = "key-" + std::to_string(Any(700));
    const auto hash = HashKey(key);
    switch (Any(6)) {
      case 0:
        EXPECT_EQ(table.Erase(slice, key, hash), expected.erase({slice, key}) > 0);
        break;
      case 1:
        if (Any(500) == 0) {
          table.EraseSlice(slice);
          std::erase_if(expected, [&](const auto& entry) { return entry.first.first == slice; });
        }
        break;
      case 2: {
        const auto* found = table.Find(slice, key, hash);
        const auto at = expected.find({slice, key});
        ASSERT_EQ(found != nullptr, at != expected.end());
        if (found != nullptr) {
          EXPECT_EQ(*found, at->second);
        }
        break;
      }
      default:
        bool added = false;
        auto& value = table.FindOrAdd(slice, key, hash, &added);
        EXPECT_EQ(added, !expected.contains({slice, key}));
        value += step;
        expected[{slice, key}] += step;
    }
    if (Any(5'000) == 0) {
      states_.states().WriteBack();
    }
  }
  std::map<std::pair<EventTime, std::string>, std::int64_t> seen;
  for (EventTime slice = -2'000; slice <= 2'000; slice += 1'000) {
    table.ForEach(slice, [&](const std::string& key, const std::int64_t& value) {
      EXPECT_TRUE(seen.emplace(std::pair(slice, key), value).second);
    });
  }
  EXPECT_EQ(seen, expected);
  seen.clear();
  int groups = 0;
  table.ForEachByGroup(
      kBeginningOfTime, kEndOfTime,
      [&](EventTime slice, const std::string& key, const std::int64_t& value) {
        EXPECT_EQ(KeyGroupOf(HashKey(key), 128), groups);
        EXPECT_TRUE(seen.emplace(std::pair(slice, key), value).second);
      },
      [&] { ++groups; });
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(groups, 128);
}

TEST_F(DiskContainersTest, VisitorsMayChangeValues) {
  Table table(context_, "numbers", StateLayout::kBySlice);
  for (int i = 0; i < 500; ++i) {
    const auto key = std::to_string(i);
    table.FindOrAdd(i < 250 ? 10 : 20, key, HashKey(key)) = i;
  }
  states_.states().WriteBack();
  table.FindOrAdd(10, "new", HashKey(std::string("new"))) = 1'000;
  for (const EventTime slice : {10, 20, 30}) {
    table.ForEach(slice, [](const std::string&, std::int64_t& value) { value = -value; });
  }
  const std::string key = "7";
  EXPECT_EQ(*table.Find(10, key, HashKey(key)), -7);
  std::int64_t sum = 0;
  for (const EventTime slice : {10, 20}) {
    table.ForEach(slice, [&](const std::string&, const std::int64_t& value) { sum += value; });
  }
  EXPECT_EQ(sum, -(499 * 500 / 2) - 1'000);
}

TEST_F(DiskContainersTest, ReferencesOutliveTheNextCalls) {
  Table table(context_, "numbers", StateLayout::kByKey);
  auto& first = table.FindOrAdd(0, "first", HashKey(std::string("first")));
  for (std::uint32_t i = 1; i < ObjectCache<std::string, int>::kGraceful / 2; ++i) {
    table.FindOrAdd(0, std::to_string(i), HashKey(std::to_string(i))) = 1;
  }
  first = 77;
  for (int i = 0; i < 2'000; ++i) {
    table.FindOrAdd(0, std::to_string(i), HashKey(std::to_string(i))) = 1;
  }
  EXPECT_EQ(*table.Find(0, "first", HashKey(std::string("first"))), 77);
}

TEST_F(DiskContainersTest, AMapOfMapsIsOneWhateverIsEvicted) {
  DiskMap<std::int64_t, std::int32_t, std::string> maps(states_.states(), "tested", "maps", 128);
  std::map<std::int64_t, std::map<std::int32_t, std::string>> expected;
  for (int step = 0; step < 20'000; ++step) {
    const std::int64_t key = Any(200);
    const auto hash = HashKey(key);
    const std::int32_t map_key = Any(40) - 20;
    switch (Any(8)) {
      case 0:
        maps.Erase(key, hash, map_key);
        expected[key].erase(map_key);
        break;
      case 1:
        if (Any(20) == 0) {
          maps.EraseAll(key, hash);
          expected.erase(key);
        }
        break;
      case 2: {
        const auto* found = maps.Find(key, hash, map_key);
        ASSERT_EQ(found != nullptr, expected[key].contains(map_key)) << step;
        if (found != nullptr) {
          EXPECT_EQ(*found, expected[key][map_key]);
        }
        break;
      }
      case 3: {
        std::vector<std::int32_t> seen;  // in the order of the keys, those below zero first
        for (const auto& [at, slot] : maps.All(key, hash)) {
          if (slot.there) {
            seen.push_back(at);
            EXPECT_EQ(slot.value, expected[key][at]);
          }
        }
        EXPECT_TRUE(std::ranges::is_sorted(seen));
        ASSERT_EQ(seen.size(), expected[key].size());
        break;
      }
      default:
        maps.Put(key, hash, map_key, "value " + std::to_string(step));
        expected[key][map_key] = "value " + std::to_string(step);
    }
    if (Any(3'000) == 0) {
      states_.states().WriteBack();
    }
  }
  std::map<std::int64_t, std::map<std::int32_t, std::string>> seen;
  for (int group = 0; group < 128; ++group) {
    maps.ForEachOfGroup(group, [&](std::int64_t key, std::int32_t at, const std::string& value) {
      seen[key][at] = value;
    });
  }
  std::erase_if(expected, [](const auto& entry) { return entry.second.empty(); });
  EXPECT_EQ(seen, expected);
}

TEST_F(DiskContainersTest, TimersFireInOrderWhereverTheyLie) {
  DiskTimers<std::string> timers(states_.states(), "tested", "timers", 128);
  std::set<std::pair<EventTime, std::string>> expected;
  EventTime now = 0;
  for (int step = 0; step < 20'000; ++step) {
    // Many at one moment, more than are kept near.
    const EventTime at = now + (Any(4) == 0 ? 5'000 - now % 5'000 : Any(3'000));
    const auto key = "key-" + std::to_string(Any(300));
    if (Any(4) == 0) {
      timers.Delete(at, key, HashKey(key));
      expected.erase({at, key});
    } else {
      timers.Set(at, key, HashKey(key));
      expected.emplace(at, key);
    }
    if (Any(400) == 0) {
      now += Any(2'000);
      std::set<std::pair<EventTime, std::string>> fired;
      EventTime last = kBeginningOfTime;
      timers.FireUpTo(now, [&](EventTime due, const std::string& name, std::uint64_t hash) {
        EXPECT_EQ(hash, HashKey(name));
        EXPECT_GE(due, last);
        last = due;
        EXPECT_TRUE(fired.emplace(due, name).second);
        if (name == "key-7" && due < now - 100) {  // one that fires in the same go
          timers.Set(due + 50, name, hash);
          expected.emplace(due + 50, name);
        }
      });
      for (const auto& timer : fired) {
        EXPECT_EQ(expected.erase(timer), 1U);
      }
      ASSERT_TRUE(expected.empty() || expected.begin()->first > now);
      ASSERT_EQ(timers.empty(), expected.empty());
    }
    if (Any(2'000) == 0) {
      states_.states().WriteBack();
    }
  }
  std::set<std::pair<EventTime, std::string>> left;
  timers.ForEach([&](EventTime at, const std::string& key) { left.emplace(at, key); });
  EXPECT_EQ(left, expected);
}

TEST(SnapshotParts, StateBiggerThanAPartIsSpilledAndReadPartByPart) {
  std::vector<OperatorSnapshot> parts;
  OperatorSnapshot snapshot;
  snapshot.spill = [&](const OperatorSnapshot& part) { parts.push_back(part); };
  snapshot.DescribeKeyed("state", "what");
  const std::string bytes(std::size_t{1} << 20U, 'x');
  constexpr int kAdded = 200;
  for (int i = 0; i < kAdded; ++i) {
    snapshot.AddKeyed("state", i % 4, bytes);
  }
  EXPECT_EQ(parts.size(), 3U);
  parts.push_back(snapshot);
  std::size_t read = 0;
  for (int subtask = 0; subtask < 2; ++subtask) {
    OperatorRestore restored;
    EXPECT_TRUE(restored.empty());
    restored.ReadFrom(
        [&](const std::function<void(const OperatorSnapshot&)>& each) {
          for (const auto& part : parts) {
            each(part);
          }
        },
        KeyGroupsOf(subtask, 4, 2));
    EXPECT_FALSE(restored.empty());
    restored.ReadKeyed("state", [&](const OperatorRestore::Section& section) {
      EXPECT_EQ(section.description, "what");
      EXPECT_EQ(section.key_group / 2, subtask);
      read += section.bytes.size();
    });
  }
  EXPECT_EQ(read, kAdded * bytes.size());
}

struct Before {
  std::int32_t count = 0;
  std::string gone;
};
SP_RECORD(Before, count, gone);
struct After {
  std::int64_t count = 0;
  std::optional<std::string> added;
};
SP_RECORD(After, count, added);

TEST_F(DiskContainersTest, RecordsAndKeysOfAnOlderShapeAreRewrittenOnce) {
  auto& states = states_.states();
  {
    DiskTable<std::int32_t, Before, Codec<Before>> table(context_, "records", StateLayout::kByKey);
    for (std::int32_t i = 0; i < 300; ++i) {
      table.FindOrAdd(0, i, HashKey(i)) = {i, "x"};
    }
    table.WriteBack();
  }
  DiskTable<std::int64_t, After, Codec<After>> table(context_, "records", StateLayout::kByKey);
  EXPECT_EQ(states.states().size(), 1U);
  int entries = 0;
  table.ForEach(0, [&](const std::int64_t& key, const After& record) {
    EXPECT_EQ(record.count, key);
    EXPECT_FALSE(record.added);
    ++entries;
  });
  EXPECT_EQ(entries, 300);
  EXPECT_EQ(table.Find(0, 77, HashKey(std::int64_t{77}))->count, 77);
  StateKey old;
  old.Begin(1);
  EXPECT_FALSE(states.ScanPrefix(old.view())->Next());
  EXPECT_THROW((DiskTable<std::int64_t, std::string, Codec<std::string>>(context_, "records",
                                                                         StateLayout::kByKey)),
               TaskFailure);
  EXPECT_THROW(Table(context_, "records", StateLayout::kBySlice), TaskFailure);
}

}  // namespace
}  // namespace streampark::core
