// SPDX-License-Identifier: Apache-2.0
#include "gate.h"

#include <gtest/gtest.h>

namespace streampark::http {
namespace {

using base::ErrorCode;

Request With(std::string method, std::vector<std::pair<std::string, std::string>> headers) {
  Request request;
  request.method = std::move(method);
  request.headers = std::move(headers);
  return request;
}

console::Caller Browser(std::string token) {
  console::Caller::Identity identity;
  identity.via = console::CallerVia::kWeb;
  identity.csrf_token = std::move(token);
  return console::Caller(std::make_shared<const console::Caller::Identity>(std::move(identity)));
}

TEST(GateTest, ReadsTargets) {
  Request request;
  std::string raw;
  ASSERT_TRUE(ReadTarget("/a%20b/c?x=1&y=a+b%26c&z&=v#f", request, raw).ok());
  EXPECT_EQ(raw, "/a%20b/c");
  EXPECT_EQ(request.path, "/a b/c");
  EXPECT_EQ(request.Query("x"), "1");
  EXPECT_EQ(request.Query("y"), "a b&c");
  EXPECT_EQ(request.Query("z"), "");
  EXPECT_EQ(request.Query("none"), std::nullopt);
}

TEST(GateTest, RefusesMalformedTargets) {
  for (const std::string& target :
       {std::string("http://x/"), std::string("*"), std::string("/%"), std::string("/%00"),
        std::string("/?a=%f"), std::string("/?a=%ff"), std::string("")}) {
    Request request;
    std::string raw;
    EXPECT_EQ(ReadTarget(target, request, raw).error().code(), ErrorCode::kInvalidRequest)
        << target;
  }
  std::string many = "/?";
  for (int i = 0; i < 100; ++i) {
    many += "a=1&";
  }
  Request request;
  std::string raw;
  EXPECT_FALSE(ReadTarget(many, request, raw).ok());
}

TEST(GateTest, OnLoopbackOnlyLoopbacksNamesAreKnown) {
  for (const char* host :
       {"localhost", "localhost:10000", "127.0.0.1:10000", "127.0.0.1", "[::1]:10000", "[::1]"}) {
    EXPECT_TRUE(CheckHost(host, "127.0.0.1").ok()) << host;
  }
  for (const char* host : {"", "evil.example", "evil.example:10000", "127.0.0.1.evil.example",
                           "localhost.evil.example", "[::1", "192.168.0.1"}) {
    EXPECT_FALSE(CheckHost(host, "127.0.0.1").ok()) << host;
  }
  EXPECT_TRUE(CheckHost("console.example", "0.0.0.0").ok());
  EXPECT_FALSE(CheckHost("", "0.0.0.0").ok());
}

TEST(GateTest, FindsCredentials) {
  EXPECT_EQ(CredentialsOf(
                With("GET", {{"authorization", "Bearer abc"}, {"cookie", "streampark_session=s"}}))
                .bearer,
            "abc");
  EXPECT_EQ(CredentialsOf(
                With("GET", {{"authorization", "Bearer abc"}, {"cookie", "streampark_session=s"}}))
                .session,
            "");
  EXPECT_EQ(CredentialsOf(With("GET", {{"cookie", "a=b; streampark_session=s; c=d"}})).session,
            "s");
  EXPECT_EQ(CredentialsOf(With("GET", {{"cookie", "xstreampark_session=s; streampark_sessions=t"}}))
                .session,
            "");
  EXPECT_EQ(CredentialsOf(With("GET", {{"authorization", "Basic abc"}})).bearer, "");
}

TEST(GateTest, RefusesPagesOfOtherSites) {
  EXPECT_TRUE(CheckOrigin(With("POST", {{"host", "h:1"},
                                        {"origin", "http://h:1"},
                                        {"sec-fetch-site", "same-origin"}}))
                  .ok());
  EXPECT_TRUE(CheckOrigin(With("POST", {{"host", "h:1"}})).ok());
  EXPECT_TRUE(CheckOrigin(With("GET", {{"host", "h:1"}, {"origin", "http://evil"}})).ok());
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    EXPECT_EQ(
        CheckOrigin(With(method, {{"host", "h:1"}, {"origin", "http://evil"}})).error().code(),
        ErrorCode::kCsrfRejected);
    EXPECT_FALSE(CheckOrigin(With(method, {{"host", "h:1"}, {"origin", "null"}})).ok());
    EXPECT_FALSE(CheckOrigin(With(method, {{"host", "h:1"}, {"origin", "http://h:2"}})).ok());
    EXPECT_FALSE(
        CheckOrigin(With(method, {{"host", "h:1"}, {"sec-fetch-site", "cross-site"}})).ok());
    EXPECT_FALSE(
        CheckOrigin(With(method, {{"host", "h:1"}, {"sec-fetch-site", "same-site"}})).ok());
  }
}

TEST(GateTest, ABrowsersChangeNeedsItsSessionsToken) {
  Request request = With("POST", {});
  request.caller = Browser("secret");
  EXPECT_EQ(CheckCsrfToken(request).error().code(), ErrorCode::kCsrfRejected);
  request.headers = {{"x-streampark-csrf", "wrong!"}};
  EXPECT_FALSE(CheckCsrfToken(request).ok());
  request.headers = {{"x-streampark-csrf", "secret"}};
  EXPECT_TRUE(CheckCsrfToken(request).ok());
  request.headers.clear();
  request.method = "GET";
  EXPECT_TRUE(CheckCsrfToken(request).ok());
}

}  // namespace
}  // namespace streampark::http
