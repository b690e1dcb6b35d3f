// SPDX-License-Identifier: Apache-2.0
// examples/word-count, run by the program itself, which is killed again and again.
#include <csignal>
#include <map>

#include <gtest/gtest.h>

#include "streampark/base/files.h"
#include "streampark/base/json.h"
#include "streampark/base/process.h"
#include "streampark/base/temporary_folder.h"

#include "running_kafka.h"

namespace streampark::connectors::kafka {
namespace {

constexpr int kRounds = 6;
constexpr int kLinesEach = 1'500;
constexpr int kWordsOfALine = 4;
constexpr int kWords = 37;

class WordCountIt : public ::testing::Test {
 protected:
  base::ChildProcess Run() const {
    const std::string server = ".bootstrap.servers=" + it::Brokers();
    auto started = base::ChildProcess::Start(
        {.argv = {SP_STREAMPARK, "run", SP_WORD_COUNT, "--config", SP_WORD_COUNT_CONFIG, "--set",
                  "native.checkpoint.directory=" + (folder_.path() / "checkpoints").string(),
                  "--set", "native.checkpoint.interval=20ms", "--set",
                  "kafka.source.lines" + server, "--set", "kafka.source.lines.topic=" + lines_,
                  "--set", "kafka.source.lines.batch.rows=25", "--set",
                  "kafka.sink.counts" + server, "--set", "kafka.sink.counts.topic=" + counts_}},
        folder_.path() / "errors");
    EXPECT_TRUE(started.ok()) << started.error().ToString();
    return std::move(started).value();
  }

  void WriteLines(int round) {
    std::vector<it::TestRecord> lines;
    for (int n = round * kLinesEach; n < (round + 1) * kLinesEach; ++n) {
      std::string text;
      for (int i = 0; i < kWordsOfALine; ++i) {
        text += "word" + std::to_string((n * 7 + i * 11) % kWords) + " ";
        ++expected_[text.substr(text.rfind('w'), text.size() - text.rfind('w') - 1)];
      }
      lines.push_back({.value = text, .partition = n % 3});
    }
    it::Write(lines_, lines);
  }

  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  const std::string lines_ = it::NewTopic(3, "lines");
  const std::string counts_ = it::NewTopic(2, "counts");
  std::map<std::string, std::int64_t> expected_;
};

TEST_F(WordCountIt, EachCountIsWrittenOnceHoweverOftenTheProgramIsKilled) {
  for (int round = 0; round < kRounds; ++round) {
    WriteLines(round);
    const std::int64_t before = it::CommittedEnd(counts_);
    const auto program = Run();
    ASSERT_TRUE(it::Eventually([&] {
      return it::CommittedEnd(counts_) > before || !base::IsAlive(program.id());
    })) << "round "
        << round;
    ASSERT_TRUE(base::Signal(program.id(), SIGKILL))
        << "it has ended by itself: " << base::ReadFile(folder_.path() / "errors").value_or("");
  }
  const auto program = Run();
  constexpr std::size_t kAll = std::size_t{kRounds} * kLinesEach * kWordsOfALine;
  EXPECT_TRUE(it::Eventually([&] { return it::ReadCommitted(counts_).size() >= kAll; }));
  base::Terminate(program.id(), base::Millis(10'000));

  std::map<std::string, std::map<std::int64_t, int>> seen;  // how often each count of a word
  for (const auto& record : it::ReadCommitted(counts_)) {
    const auto row = json::Parse(record.value.value()).value();
    ++seen[std::string(row.at("word").as_string())][row.at("count").as_int64()];
  }
  ASSERT_EQ(seen.size(), expected_.size());
  for (const auto& [word, total] : expected_) {
    ASSERT_EQ(static_cast<std::int64_t>(seen[word].size()), total) << word;
    for (const auto& [count, times] : seen[word]) {
      EXPECT_EQ(times, 1) << word << " " << count;
    }
    EXPECT_EQ(seen[word].rbegin()->first, total) << word;
  }
}

}  // namespace
}  // namespace streampark::connectors::kafka
