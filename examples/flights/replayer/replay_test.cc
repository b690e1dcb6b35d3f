// SPDX-License-Identifier: Apache-2.0
#include "replay.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace streampark::flights {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// One observation an hour, for four hours from 06:00.
class ReplayTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / "replay_test";
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    std::ofstream csv(folder_ / "weather.csv");
    csv << format_.Header() << '\n';
    for (const char* hour : {"06", "07", "08", "09"}) {
      csv << "EWR,2013,1,1,1,39.02,26.06,59.37,270,10.3,NA,0,1012,10,2013-01-01T" << hour
          << ":00:00Z\n";
    }
    csv.close();
    log_.emplace(folder_ / "weather.csv", format_);
  }

  Stream MakeStream() { return Stream(*log_, ReleaseFolder(folder_ / "in", "weather")); }

  /// Name: contents of what was released.
  std::map<std::string, std::string> Released() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(folder_ / "in")) {
      std::stringstream content;
      content << std::ifstream(entry.path()).rdbuf();
      files[entry.path().filename()] = content.str();
    }
    return files;
  }

  std::string Newest() const { return Released().rbegin()->second; }

  const WeatherFormat format_;
  fs::path folder_;
  std::optional<EventLog> log_;
};

TEST_F(ReplayTest, PrefillsThenMovesOnByStepsOnceRead) {
  Stream stream = MakeStream();
  Feed feed({&stream}, 1h);
  feed.Tick(1h);
  EXPECT_EQ(Released().begin()->first, "weather-000000-0000000002.json");  // reads it, too
  feed.Tick(1h);
  ASSERT_EQ(Released().size(), 2U);
  EXPECT_NE(Newest().find("2013-01-01 08:00:00"), std::string::npos);
}

TEST_F(ReplayTest, StandsStillWhileTheNewestFileIsUnread) {
  Stream stream = MakeStream();
  Feed feed({&stream}, 0h);
  feed.Tick(1h);
  const EventTime then = feed.now();
  feed.Tick(1h);
  feed.Tick(1h);
  EXPECT_EQ(feed.now(), then);
  EXPECT_EQ(Released().size(), 1U);
  feed.Tick(1h);
  EXPECT_EQ(Released().size(), 2U);
}

TEST_F(ReplayTest, ReleasesNoFileForAnEmptyStep) {
  Stream stream = MakeStream();
  Feed feed({&stream}, 0h);
  feed.Tick(1min);
  Released();
  feed.Tick(1min);
  EXPECT_EQ(Released().size(), 1U);
}

TEST_F(ReplayTest, StartsOverAYearLater) {
  Stream stream = MakeStream();
  stream.ReleaseUntil(log_->TimeAt(3));
  EXPECT_EQ(FormatTime(stream.NextEvent()), "2014-01-01 06:00:00");
  stream.ReleaseUntil(YearsLater(log_->TimeAt(0), 1));
  EXPECT_EQ(Released().rbegin()->first, "weather-000001-0000000001.json");
  EXPECT_NE(Newest().find("\"observed_at\":\"2014-01-01 06:00:00\""), std::string::npos);
}

TEST_F(ReplayTest, GoesOnAfterARestartWithoutRepeating) {
  {
    Stream stream = MakeStream();
    Feed feed({&stream}, 1h);
    feed.Tick(1h);
  }
  Stream stream = MakeStream();
  Feed feed({&stream}, 24h);
  EXPECT_EQ(FormatTime(feed.now()), "2013-01-01 07:00:00");
  feed.Tick(1h);
  ASSERT_EQ(Released().size(), 2U);
  EXPECT_NE(Newest().find("\"observed_at\":\"2013-01-01 08:00:00\""), std::string::npos);
}

TEST_F(ReplayTest, GoesOnAfterARestartAtTheEndOfTheYear) {
  { MakeStream().ReleaseUntil(log_->TimeAt(3)); }
  Stream stream = MakeStream();
  EXPECT_EQ(FormatTime(stream.LastEvent()), "2013-01-01 09:00:00");
  EXPECT_EQ(FormatTime(stream.NextEvent()), "2014-01-01 06:00:00");
}

TEST_F(ReplayTest, AnyThreeFilesMayBeReadInAnyOrder) {
  Stream stream = MakeStream();
  for (std::size_t row = 0; row < 4; ++row) {
    stream.ReleaseUntil(log_->TimeAt(row));
  }
  // The fourth file's watermark is the end of the first: files two and three are not behind it.
  EXPECT_NE(Newest().find("\"complete_until\":\"2013-01-01 06:00:00\""), std::string::npos);
  // And it is the same when the replayer was restarted in between.
  Stream again = MakeStream();
  again.ReleaseUntil(YearsLater(log_->TimeAt(0), 1));
  EXPECT_NE(Newest().find("\"complete_until\":\"2013-01-01 07:00:00\""), std::string::npos);
}

TEST_F(ReplayTest, AStreamOfAFeedWaitsForTheOthers) {
  Stream stream = MakeStream();
  Stream other(*log_, ReleaseFolder(folder_ / "other", "weather"));
  Feed feed({&stream, &other}, 0h);
  feed.Tick(1h);
  Released();
  feed.Tick(1h);
  EXPECT_EQ(Released().size(), 1U);
}

}  // namespace
}  // namespace streampark::flights
