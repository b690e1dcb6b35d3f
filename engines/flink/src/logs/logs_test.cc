// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "streampark/engines/log_file.h"

#include "logs/log_folder.h"
#include "testing/testdata.h"

namespace streampark::flink {
namespace {

using engines::ReadLogFile;
using engines::TrimToWholeCharacters;

TEST(LogFolder, ListsTheProcessesFiles) {
  const TemporaryFolder folder;
  folder.Write("jobmanager.log", "12345");
  folder.Write("taskmanager-0.out", "1");
  folder.Write("something.else", "1");
  const auto files = ListLogFolder(folder.path()).value();
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].id, "jobmanager.log");
  EXPECT_EQ(files[0].role, "JOB_MANAGER");
  EXPECT_EQ(files[0].size_bytes, 5);
  EXPECT_EQ(files[1].role, "TASK_MANAGER");
  EXPECT_TRUE(ListLogFolder(folder.path() / "absent").value().empty());
}

TEST(LogFolder, ReadsFromAnOffsetOrTheEnd) {
  const TemporaryFolder folder;
  folder.Write("jobmanager.log", "0123456789");
  const auto tail = ReadLogFile(folder.path(), "jobmanager.log", std::nullopt, 4).value();
  EXPECT_EQ(tail.text, "6789");
  EXPECT_EQ(tail.offset, 6);
  EXPECT_EQ(tail.next_offset, 10);
  EXPECT_EQ(ReadLogFile(folder.path(), "jobmanager.log", 2, 3).value().text, "234");
  EXPECT_EQ(ReadLogFile(folder.path(), "jobmanager.log", 10, 3).value().text, "");
  EXPECT_EQ(ReadLogFile(folder.path(), "jobmanager.log", 99, 3).value().text, "012")
      << "rotated since";
}

TEST(LogFolder, GivesNothingOutsideItself) {
  const TemporaryFolder folder;
  folder.Write("conf/secret", "x");
  folder.Write("log/jobmanager.log", "x");
  EXPECT_FALSE(ReadLogFile(folder.path() / "log", "../conf/secret", 0, 9).ok());
  EXPECT_FALSE(ReadLogFile(folder.path() / "log", "/etc/passwd", 0, 9).ok());
  const auto missing = ReadLogFile(folder.path() / "log", "jobmanager.log.9", 0, 9);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code(), base::ErrorCode::kNotFound);
}

engines::LogPiece Trimmed(std::string text, std::int64_t offset) {
  engines::LogPiece piece{.text = std::move(text), .offset = offset};
  TrimToWholeCharacters(piece);
  return piece;
}

TEST(TrimToWholeCharacters, LeavesHalvesToTheNeighbours) {
  const auto start = Trimmed("\xA4zwei", 7);  // the end of ä
  EXPECT_EQ(start.text, "zwei");
  EXPECT_EQ(start.offset, 8);
  EXPECT_EQ(start.next_offset, 12);
  const auto end = Trimmed("eins\xC3", 0);
  EXPECT_EQ(end.text, "eins");
  EXPECT_EQ(end.next_offset, 4);
  EXPECT_EQ(Trimmed("größe €", 0).text, "größe €");
}

TEST(TrimToWholeCharacters, ReplacesWhatIsBroken) {
  EXPECT_EQ(Trimmed("a\xFF"
                    "b\xC3(",
                    0)
                .text,
            "a?b?(");
  const auto stuck = Trimmed("\xC3", 5);
  EXPECT_EQ(stuck.next_offset, 6) << "moves on";
}

}  // namespace
}  // namespace streampark::flink
