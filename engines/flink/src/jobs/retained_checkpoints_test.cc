// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "streampark/base/temporary_folder.h"

#include "jobs/flink_jobs.h"

namespace streampark::flink {
namespace {

namespace fs = std::filesystem;

class RetainedCheckpoints : public testing::Test {
 protected:
  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  base::ManualClock clock_;
  FlinkRest rest_;
  FlinkJobs jobs_{rest_, clock_};

  void Make(const std::string& name, bool whole, int seconds) {
    const fs::path path = folder_.path() / "job" / name;
    fs::create_directories(path);
    if (whole) {
      std::ofstream(path / "_metadata") << "x";
      fs::last_write_time(path / "_metadata",
                          fs::file_time_type::clock::now() + std::chrono::seconds(seconds));
    }
  }
};

TEST_F(RetainedCheckpoints, AreTheWholeOnesNewestFirst) {
  Make("chk-9", true, 1);
  Make("chk-10", true, 2);
  Make("chk-11", false, 3);
  Make("shared", true, 4);
  for (const std::string& directory :
       {"file://" + folder_.path().string(), folder_.path().string() + "/"}) {
    const auto found = jobs_.RetainedCheckpoints({}, directory, "job");
    ASSERT_EQ(found.size(), 2U) << directory;
    EXPECT_EQ(found[0].path, "file:" + (folder_.path() / "job" / "chk-10").string());
    EXPECT_GT(found[0].completed_at, found[1].completed_at);
  }
}

TEST_F(RetainedCheckpoints, AreNoneWhereNothingCanBeRead) {
  for (const char* directory : {"", "/", "s3://bucket/x", "file://host/x", "relative"}) {
    EXPECT_TRUE(jobs_.RetainedCheckpoints({}, directory, "job").empty()) << directory;
  }
  EXPECT_TRUE(jobs_.RetainedCheckpoints({}, folder_.path().string(), "other").empty());
  EXPECT_TRUE(jobs_.RetainedCheckpoints({}, folder_.path().string(), "").empty());
}

}  // namespace
}  // namespace streampark::flink
