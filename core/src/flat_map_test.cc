// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/flat_map.h"

#include <cstdint>
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace streampark::core {
namespace {

TEST(FlatMap, DoesWhatAMapDoes) {
  FlatMap<std::int64_t, std::string> map;
  std::map<std::int64_t, std::string> expected;
  std::minstd_rand random(1);
  const auto check = [&] {
    ASSERT_EQ(map.size(), expected.size());
    std::map<std::int64_t, std::string> walked;
    map.ForEach([&](std::int64_t key, const std::string& value) { walked.emplace(key, value); });
    ASSERT_EQ(walked, expected);
    for (const auto& [key, value] : expected) {
      const auto* found = map.Find(key, HashKey(key));
      ASSERT_NE(found, nullptr);
      ASSERT_EQ(*found, value);
    }
  };
  for (const int keys : {3, 50, 4'000, 20}) {  // grows and shrinks again
    for (int i = 0; i < 20'000; ++i) {
      const auto key = static_cast<std::int64_t>(random() % static_cast<unsigned>(keys));
      if (random() % 3 == 0) {
        ASSERT_EQ(map.Erase(key, HashKey(key)), expected.erase(key) > 0);
      } else {
        bool added = false;
        auto& value = map.FindOrAdd(key, HashKey(key), &added);
        ASSERT_EQ(added, !expected.contains(key));
        value += 'x';
        expected[key] += 'x';
      }
    }
    check();
    while (expected.size() > 10) {
      const auto key = expected.begin()->first;
      ASSERT_TRUE(map.Erase(key, HashKey(key)));
      expected.erase(key);
    }
    check();
  }
}

TEST(FlatMap, KeysOfOneHashAreToldApart) {
  FlatMap<std::int64_t, int> map;
  for (std::int64_t key = 0; key < 100; ++key) {
    map.FindOrAdd(key, HashKey(key) << 32) = static_cast<int>(key);  // all low halves are 0
  }
  for (std::int64_t key = 0; key < 100; ++key) {
    EXPECT_EQ(*map.Find(key, HashKey(key) << 32), key);
  }
}

TEST(FlatMap, IsFilledAgainInTheOrderInWhichEntriesCome) {
  FlatMap<std::int64_t, int> map;
  for (const std::int64_t keys : {100, 3, 40}) {
    map.ClearKeepingRoom();
    EXPECT_TRUE(map.empty());
    for (std::int64_t key = keys; key > 0; --key) {
      map.FindOrAdd(key, HashKey(key)) = 1;
    }
    std::int64_t next = keys;
    map.ForEach([&](std::int64_t key, int) { EXPECT_EQ(key, next--); });
    EXPECT_EQ(next, 0);
    EXPECT_EQ(map.Find(keys + 1, HashKey(keys + 1)), nullptr);
  }
}

TEST(FlatMap, AValueStaysWhereItIsWhileOthersAreAdded) {
  FlatMap<std::int64_t, int> map;
  int* const first = &map.FindOrAdd(0, HashKey(std::int64_t{0}));
  for (std::int64_t key = 1; key < 10'000; ++key) {
    map.FindOrAdd(key, HashKey(key));
  }
  EXPECT_EQ(map.Find(0, HashKey(std::int64_t{0})), first);
}

}  // namespace
}  // namespace streampark::core
