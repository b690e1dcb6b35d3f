// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/url.h"

#include <gtest/gtest.h>

namespace streampark::base {
namespace {

TEST(UrlTest, HasItsParts) {
  const auto url = Url::Parse("HTTPS://Shop.Example/a?b=c");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "shop.example");
  EXPECT_EQ(url->port, "443");
  EXPECT_FALSE(url->has_user);
  EXPECT_TRUE(url->encrypted());
  EXPECT_EQ(Url::Parse("http://[::1]:81/")->host, "[::1]");
  EXPECT_EQ(Url::Parse("http://[::1]:81/")->port, "81");
  EXPECT_TRUE(Url::Parse("http://u@a")->has_user);
  EXPECT_TRUE(Url::Parse("https://u:p@a/")->has_user);
}

TEST(UrlTest, IsOfTheWeb) {
  for (const std::string_view bad :
       {std::string_view(), std::string_view("a"), std::string_view("/a"),
        std::string_view("ftp://a"), std::string_view("http://"), std::string_view("http://a b"),
        std::string_view("http://a/\n"), std::string_view("http://a/\0b", 11),
        std::string_view("javascript:x"), std::string_view("http://a:99999/")}) {
    EXPECT_FALSE(Url::Parse(bad)) << bad;
  }
}

TEST(UrlTest, OfOneServer) {
  const auto same = [](const char* a, const char* b) {
    return Url::Parse(a)->SameServer(*Url::Parse(b));
  };
  EXPECT_TRUE(same("http://a/b", "http://A:80/c?d"));
  EXPECT_TRUE(same("https://a", "https://a:443/"));
  EXPECT_FALSE(same("http://a", "https://a"));
  EXPECT_FALSE(same("http://a", "http://a:81"));
  EXPECT_FALSE(same("http://a", "http://a.b"));
}

TEST(UrlTest, ReferencesAreSeenFromWhereTheyStand) {
  EXPECT_EQ(ResolveUrl("http://a/b/c?d", "e?f=1#g"), "http://a/b/e?f=1");
  EXPECT_EQ(ResolveUrl("http://a/b/c?d", "../e"), "http://a/e");
  EXPECT_EQ(ResolveUrl("http://a/b/c?d", "?e=f"), "http://a/b/c?e=f");
  EXPECT_EQ(ResolveUrl("http://a/b", "/c"), "http://a/c");
  EXPECT_EQ(ResolveUrl("http://a/b", "https://other/c"), "https://other/c");
  EXPECT_EQ(ResolveUrl("http://a/b", "//other/c"), "http://other/c");
  for (const char* bad : {"ftp://a", "javascript:x", "file:///etc/passwd"}) {
    EXPECT_EQ(ResolveUrl("http://a/b", bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace streampark::base
