// SPDX-License-Identifier: Apache-2.0
#include "address.h"

#include <gtest/gtest.h>

namespace streampark::connectors::http {
namespace {

TEST(Address, ParametersAreWrittenSoThatTheyAreReadTheSame) {
  EXPECT_EQ(WithParameter("http://a/b", "since", "2026-01-31T09:05:00Z"),
            "http://a/b?since=2026-01-31T09%3A05%3A00Z");
  EXPECT_EQ(WithParameter("http://a?x=1&page=2&y=3&page", "page", "a&b=c d"),
            "http://a?x=1&y=3&page=a%26b%3Dc%20d");
  EXPECT_EQ(WithParameter("http://a?a%20b=1#x", "a b", "2"), "http://a?a%20b=2");
  EXPECT_EQ(WithoutQuery("http://a/b?key=secret#x"), "http://a/b");
}

}  // namespace
}  // namespace streampark::connectors::http
