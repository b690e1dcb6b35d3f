// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/state_bytes.h"

#include <limits>

#include <gtest/gtest.h>

namespace streampark::connectors {
namespace {

TEST(StateBytes, AreReadAsTheyWereWritten) {
  const std::string bytes = StateWriter()
                                .Number(-1)
                                .Text("a b")
                                .Text("")
                                .Text(std::string_view("1:\0 \xff", 5))
                                .Number(std::numeric_limits<std::int64_t>::min())
                                .Take();
  StateReader in(bytes);
  EXPECT_EQ(in.Number(), -1);
  EXPECT_EQ(in.Text(), "a b");
  EXPECT_EQ(in.Text(), "");
  EXPECT_EQ(in.Text(), std::string_view("1:\0 \xff", 5));
  EXPECT_FALSE(in.at_end());
  EXPECT_EQ(in.Number(), std::numeric_limits<std::int64_t>::min());
  EXPECT_TRUE(in.done());
  in.Number();
  EXPECT_TRUE(in.failed());
}

TEST(StateBytes, WhatIsCutOrSomethingElseFails) {
  const std::string bytes = StateWriter().Number(17).Text("abc").Take();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    StateReader in(std::string_view(bytes).substr(0, size));
    in.Number();
    in.Text();
    EXPECT_FALSE(in.done()) << size;
  }
  for (const char* text : {"-1: ", "99999999999999999999 ", "3:ab ", "x "}) {
    StateReader in(text);
    in.Text();
    EXPECT_TRUE(in.failed()) << text;
  }
}

}  // namespace
}  // namespace streampark::connectors
