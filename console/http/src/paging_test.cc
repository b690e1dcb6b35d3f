// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/paging.h"

#include <gtest/gtest.h>

#include "streampark/base/json.h"

namespace streampark::http {
namespace {

using base::ErrorCode;

Request Asking(std::vector<std::pair<std::string, std::string>> query) {
  Request request;
  request.query = std::move(query);
  return request;
}

Request WithHeader(std::string name, std::string text) {
  Request request;
  request.headers.emplace_back(std::move(name), std::move(text));
  return request;
}

TEST(PagingTest, LimitsAreBounded) {
  EXPECT_EQ(PageOf(Asking({}))->limit, 50U);
  EXPECT_EQ(PageOf(Asking({{"limit", "500"}}))->limit, 500U);
  for (const char* limit : {"0", "501", "-1", "x", "", "1e3", "99999999999999999999"}) {
    EXPECT_EQ(PageOf(Asking({{"limit", limit}})).error().code(), ErrorCode::kInvalidRequest)
        << limit;
  }
}

TEST(PagingTest, CursorsGoThereAndBack) {
  for (const std::vector<std::string>& after :
       std::vector<std::vector<std::string>>{{"a"}, {"ü", "1"}, {"with \"quotes\"", "", "x"}}) {
    EXPECT_EQ(PageOf(Asking({{"cursor", EncodeCursor("name", after)}}), "name")->after, after);
  }
}

TEST(PagingTest, ACursorOfAnotherListIsRefused) {
  const std::string cursor = EncodeCursor("name", {"a"});
  EXPECT_EQ(PageOf(Asking({{"cursor", cursor}}), "-name").error().code(),
            ErrorCode::kInvalidCursor);
  for (const char* text : {"rubbish", "%%", "W10", "e30", "WzFd", "A"}) {
    EXPECT_EQ(PageOf(Asking({{"cursor", text}})).error().code(), ErrorCode::kInvalidCursor) << text;
  }
}

TEST(PagingTest, PagesSayWhetherThereIsMore) {
  EXPECT_EQ(json::serialize(PageJson({1, 2}, "")), R"({"items":[1,2],"nextCursor":null})");
  EXPECT_EQ(json::serialize(PageJson({}, "x")), R"({"items":[],"nextCursor":"x"})");
}

TEST(PagingTest, ReadsFlagsAndLists) {
  EXPECT_TRUE(*FlagQuery(Asking({{"deleted", "true"}}), "deleted", false));
  EXPECT_FALSE(*FlagQuery(Asking({}), "deleted", false));
  EXPECT_FALSE(FlagQuery(Asking({{"deleted", "1"}}), "deleted", false).ok());
  EXPECT_EQ(ListQuery(Asking({{"tag", "a,b"}, {"x", "y"}, {"tag", "c,"}}), "tag"),
            (std::vector<std::string>{"a", "b", "c"}));
}

TEST(PagingTest, AnEditSaysWhatItEdits) {
  EXPECT_TRUE(CheckIfMatch(WithHeader("if-match", "\"7\""), "7").ok());
  EXPECT_TRUE(CheckIfMatch(WithHeader("if-match", "W/\"7\""), "7").ok());
  EXPECT_TRUE(CheckIfMatch(WithHeader("if-match", "7"), "7").ok());
  EXPECT_EQ(CheckIfMatch(WithHeader("if-match", "\"6\""), "7").error().code(),
            ErrorCode::kStaleEdit);
  EXPECT_EQ(CheckIfMatch(WithHeader("if-match", "*"), "7").error().code(), ErrorCode::kStaleEdit);
  EXPECT_EQ(CheckIfMatch(Request{}, "7").error().code(), ErrorCode::kPreconditionRequired);
}

TEST(PagingTest, IdempotencyKeysAreShort) {
  EXPECT_EQ(IdempotencyKey(Request{}).value(), std::nullopt);
  EXPECT_EQ(IdempotencyKey(WithHeader("idempotency-key", "k")).value(), "k");
  EXPECT_FALSE(IdempotencyKey(WithHeader("idempotency-key", std::string(201, 'k'))).ok());
}

}  // namespace
}  // namespace streampark::http
