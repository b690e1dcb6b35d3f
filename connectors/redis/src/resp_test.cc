// SPDX-License-Identifier: Apache-2.0
#include "resp.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streampark::connectors::redis {
namespace {

using ::testing::ElementsAre;

/// As text: `['a', 1, null, -ERR no]`.
std::string Shown(const Reply& reply) {
  switch (reply.kind()) {
    case ReplyKind::kText:
      return "'" + std::string(reply.text()) + "'";
    case ReplyKind::kError:
      return "-" + std::string(reply.text());
    case ReplyKind::kNumber:
      return std::to_string(reply.number());
    case ReplyKind::kNull:
      return "null";
    case ReplyKind::kList:
      break;
  }
  std::string list;
  for (const Reply one : reply) {
    list += (list.empty() ? "" : ", ") + Shown(one);
  }
  return "[" + list + "]";
}

/// What comes of `bytes` when they come in pieces of that size; an error ends it.
std::vector<std::string> Parsed(std::string_view bytes, std::size_t piece,
                                std::size_t limit = 1'000'000) {
  ReplyParser parser(limit);
  std::vector<std::string> replies;
  for (;;) {
    const auto next = parser.Next();
    if (!next.ok()) {
      replies.push_back(next.error().ToString());
      return replies;
    }
    if (*next) {
      replies.push_back(Shown(parser.reply()));
    } else if (bytes.empty()) {
      return replies;
    } else {
      const auto room = parser.Room();
      const auto count = std::min({piece, bytes.size(), room.size()});
      std::copy_n(bytes.data(), count, room.data());
      parser.Filled(count);
      bytes.remove_prefix(count);
    }
  }
}

constexpr std::string_view kReplies =
    "+OK\r\n-ERR no\r\n:-17\r\n$5\r\na\r\nbc\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n"
    "*4\r\n$1\r\n0\r\n*2\r\n:1\r\n*1\r\n$1\r\nx\r\n*0\r\n+end\r\n:5\r\n";

TEST(ReplyParser, ReadsRepliesInPiecesOfAnySize) {
  for (std::size_t piece = 1; piece <= kReplies.size(); ++piece) {
    EXPECT_THAT(Parsed(kReplies, piece),
                ElementsAre("'OK'", "-ERR no", "-17", "'a\r\nbc'", "''", "null", "null", "[]",
                            "['0', [1, ['x']], [], 'end']", "5"))
        << piece;
  }
}

TEST(ReplyParser, ElementsOfAListAreFoundByTheirPlace) {
  ReplyParser parser(100);
  constexpr std::string_view kList = "*3\r\n*2\r\n:1\r\n:2\r\n$2\r\n34\r\n*0\r\n";
  std::copy(kList.begin(), kList.end(), parser.Room().data());
  parser.Filled(kList.size());
  ASSERT_TRUE(parser.Next().value());
  const Reply reply = parser.reply();
  EXPECT_EQ(reply.size(), 3U);
  EXPECT_EQ(reply[0][1].number(), 2);
  EXPECT_EQ(reply[1].number(), 34);
  EXPECT_EQ(reply[2].size(), 0U);
  EXPECT_EQ(reply[2].begin(), reply[2].end());
}

TEST(ReplyParser, GoesOnThroughManyReplies) {
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) {
    bytes += "*2\r\n$3\r\nabc\r\n:" + std::to_string(i) + "\r\n";
  }
  const auto replies = Parsed(bytes, 7'001);
  ASSERT_EQ(replies.size(), 20'000U);
  EXPECT_EQ(replies.back(), "['abc', 19999]");
}

TEST(ReplyParser, WhatIsTooLongIsRefusedBeforeItIsThere) {
  for (const char* bytes : {"$101\r\n", "*1\r\n$100\r\n", "*101\r\n", "$9223372036854775807\r\n"}) {
    const auto replies = Parsed(bytes, 1'000, 100);
    ASSERT_EQ(replies.size(), 1U) << bytes;
    EXPECT_THAT(replies[0], ::testing::HasSubstr("'reply.limit'"));
  }
  EXPECT_EQ(Parsed("$90\r\n" + std::string(90, 'x') + "\r\n", 1'000, 100).size(), 1U);
}

TEST(ReplyParser, WhatIsNoProtocolIsRefused) {
  std::string deep;
  for (int i = 0; i < 40; ++i) {
    deep += "*1\r\n";
  }
  for (const std::string& bytes :
       {std::string("HTTP/1.1 400 Bad Request\r\n"), std::string("\x15\x03\x01\r\n"),
        std::string("\r\n"), std::string("\n"), std::string("$x\r\n"), std::string("$-2\r\n"),
        std::string("*1x\r\n"), std::string(":\r\n"), std::string("$1\r\nab\r\n"),
        std::string("+OK\n"), deep, std::string(70'000, '+')}) {
    const auto replies = Parsed(bytes, 100'000);
    ASSERT_EQ(replies.size(), 1U) << bytes;
    EXPECT_THAT(replies[0], ::testing::HasSubstr("is not Redis' protocol")) << bytes;
  }
}

TEST(Commands, AreWrittenAsListsOfTexts) {
  std::string out;
  AppendCommand({"SET", "a b", std::string_view("\0\r\n", 3)}, out);
  EXPECT_EQ(out, std::string("*3\r\n$3\r\nSET\r\n$3\r\na b\r\n$3\r\n\0\r\n\r\n", 31));
}

}  // namespace
}  // namespace streampark::connectors::redis
