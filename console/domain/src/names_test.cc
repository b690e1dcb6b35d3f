// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/names.h"

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

TEST(NamesTest, KnowsNames) {
  for (const char* name : {"a", "carrier-delays", "Größe 2", "航班", "a.b_c-d e", "7"}) {
    EXPECT_TRUE(IsName(name)) << name;
  }
  EXPECT_TRUE(IsName(std::string(100, 'x')));
}

TEST(NamesTest, RefusesWhatIsNone) {
  for (const char* name :
       {"", " a", "a ", "-a", "a/b", "../a", "a\nb", "a<b>", "a;b", "a'b", "\xff", "\xc3",
        "a\xe2\x80\xae"
        "b",
        "a\xc2\xa0"
        "b"}) {
    EXPECT_FALSE(IsName(name)) << name;
  }
  EXPECT_FALSE(IsName(std::string(101, 'x')));
}

TEST(NamesTest, ComparesWithoutCase) {
  EXPECT_EQ(NameKey("Größe"), NameKey("gRÖßE"));
  EXPECT_NE(NameKey("a"), NameKey("b"));
}

TEST(NamesTest, CountsCharacters) {
  EXPECT_EQ(CountCharacters(""), 0);
  EXPECT_EQ(CountCharacters("ü航😀a"), 4);
  EXPECT_EQ(CountCharacters("\xed\xa0\x80"), -1);
  EXPECT_EQ(CountCharacters("\xc0\x80"), -1);
}

}  // namespace
}  // namespace streampark::console
