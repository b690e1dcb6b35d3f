// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/base64.h"

#include <gtest/gtest.h>

namespace streampark::base {
namespace {

TEST(Base64, IsWrittenAsTheStandardShows) {
  EXPECT_EQ(ToBase64("", Base64::kStandard), "");
  EXPECT_EQ(ToBase64("f", Base64::kStandard), "Zg==");
  EXPECT_EQ(ToBase64("foobar", Base64::kStandard), "Zm9vYmFy");
  EXPECT_EQ(ToBase64("\xfb\xff", Base64::kStandard), "+/8=");
  EXPECT_EQ(ToBase64("\xfb\xff", Base64::kUrl), "-_8");
}

TEST(Base64, WhatIsWrittenIsRead) {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    for (const auto alphabet : {Base64::kStandard, Base64::kUrl}) {
      EXPECT_EQ(FromBase64(ToBase64(bytes, alphabet), alphabet), bytes);
    }
    bytes.push_back(static_cast<char>(i * 37));
  }
  EXPECT_EQ(FromBase64("Zg", Base64::kStandard), "f");
}

TEST(Base64, WhatIsNoneIsRefused) {
  for (const auto* text : {"Z", "Zg=", "Zh==", "Zm9=", " Zg==", "Zg==\n",
                           "Zg==Zg==", "Zm9v====", "Zm-v", "=", "===="}) {
    EXPECT_EQ(FromBase64(text, Base64::kStandard), std::nullopt) << text;
  }
  EXPECT_EQ(FromBase64("+/8", Base64::kUrl), std::nullopt);
}

}  // namespace
}  // namespace streampark::base
