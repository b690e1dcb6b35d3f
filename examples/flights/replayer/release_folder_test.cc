// SPDX-License-Identifier: Apache-2.0
#include "release_folder.h"

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace streampark::flights {
namespace {

namespace fs = std::filesystem;

class ReleaseFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = fs::path(testing::TempDir()) / "release_folder_test";
    fs::remove_all(path_);
  }

  std::size_t FileCount() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }

  void Read(const std::string& name) {
    std::ifstream file(path_ / name);
    std::string line;
    std::getline(file, line);
  }

  fs::path path_;
};

TEST_F(ReleaseFolderTest, TellsTheNewestEndsInOrder) {
  ReleaseFolder folder(path_, "flights");
  EXPECT_TRUE(folder.Newest(3).empty());
  folder.Release({0, 9}, "a\n");
  folder.Release({0, 10}, "b\n");
  folder.Release({1, 2}, "c\n");
  EXPECT_EQ(folder.Newest(2), (std::vector<Position>{{0, 10}, {1, 2}}));
  EXPECT_EQ(ReleaseFolder(path_, "flights").Newest(9).size(), 3U);
}

TEST_F(ReleaseFolderTest, IgnoresFilesThatAreNotItsOwn) {
  ReleaseFolder folder(path_, "flights");
  std::ofstream(path_ / "flights-000009-0000000001.json.bak") << "x";
  std::ofstream(path_ / "weather-000009-0000000001.json") << "x";
  EXPECT_TRUE(folder.Newest(3).empty());
  folder.Prune(0);
  EXPECT_EQ(FileCount(), 2U);
}

TEST_F(ReleaseFolderTest, ClearsAwayAnInterruptedRelease) {
  fs::create_directories(path_);
  std::ofstream(path_ / ".flights-000000-0000000009.json.part") << "half";
  const ReleaseFolder folder(path_, "flights");
  EXPECT_EQ(FileCount(), 0U);
}

TEST_F(ReleaseFolderTest, PrunesTheOldest) {
  ReleaseFolder folder(path_, "flights");
  for (std::size_t row = 1; row <= 5; ++row) {
    folder.Release({0, row}, "x\n");
  }
  folder.Prune(2);
  EXPECT_EQ(folder.Newest(9), (std::vector<Position>{{0, 4}, {0, 5}}));
}

TEST_F(ReleaseFolderTest, KnowsWhetherTheNewestWasRead) {
  ReleaseFolder folder(path_, "flights");
  EXPECT_TRUE(folder.NewestWasRead());
  folder.Release({0, 1}, "x\n");
  folder.Release({0, 2}, "y\n");
  EXPECT_FALSE(folder.NewestWasRead());
  Read("flights-000000-0000000001.json");
  EXPECT_FALSE(folder.NewestWasRead());
  Read("flights-000000-0000000002.json");
  EXPECT_TRUE(folder.NewestWasRead());
  EXPECT_TRUE(ReleaseFolder(path_, "flights").NewestWasRead());
}

TEST_F(ReleaseFolderTest, PrunesOtherFilesByAgeAndLeavesHiddenOnes) {
  fs::create_directories(path_);
  const auto now = fs::file_time_type::clock::now();
  for (int age = 0; age < 4; ++age) {
    const fs::path file = path_ / ("part-" + std::to_string(age));
    std::ofstream(file) << "x";
    fs::last_write_time(file, now - std::chrono::hours(age));
  }
  std::ofstream(path_ / ".part-4.inprogress") << "x";
  PruneByAge(path_, 1);
  EXPECT_TRUE(fs::exists(path_ / "part-0"));
  EXPECT_EQ(FileCount(), 2U);
  PruneByAge(path_ / "absent", 1);
}

}  // namespace
}  // namespace streampark::flights
