// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/result.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace streampark::base {
namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) {
    return Error(ErrorCode::kInvalidRequest, "odd");
  }
  return number / 2;
}

Result<int> Quarter(int number) { return SP_TRY(Half(SP_TRY(Half(number)))); }

Status Even(int number) {
  SP_TRY(Half(number));
  return Ok();
}

Result<std::optional<int>> Nothing() { return std::nullopt; }
Result<std::string> Text() { return "text"; }

TEST(ResultTest, HandsErrorsUp) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_EQ(Quarter(6).error().message(), "odd");
  EXPECT_TRUE(Even(2).ok());
  EXPECT_FALSE(Even(3).ok());
}

TEST(ResultTest, TakesWhatConverts) {
  ASSERT_TRUE(Nothing().ok());
  EXPECT_FALSE(Nothing()->has_value());
  EXPECT_EQ(Text().value(), "text");
}

TEST(ResultTest, MovesItsValue) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(4);
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 4);
  EXPECT_EQ(Half(3).value_or(9), 9);
}

TEST(ResultTest, AskingForTheOtherSideIsADefect) {
  EXPECT_DEATH(static_cast<void>(Half(3).value()), "check failed");
  EXPECT_DEATH(static_cast<void>(Half(4).error()), "check failed");
}

TEST(ErrorTest, SaysEverythingInOneLine) {
  const Error error = Error(ErrorCode::kNameTaken, "'x' exists")
                          .WithHint("choose another")
                          .WithCause("unique index")
                          .WithField({"/name", "taken", ""})
                          .Annotate("while creating");
  EXPECT_EQ(error.ToString(),
            "NAME_TAKEN: while creating: 'x' exists; /name: taken (unique index) [choose another]");
  EXPECT_EQ(error.traits().http_status, 409);
  EXPECT_FALSE(error.retryable());
}

TEST(ErrorTest, MayBeGivenBackToItself) {
  Error error(ErrorCode::kNotFound, "there is no job");
  error = std::move(error).Annotate("team/name").WithHint("look");
  EXPECT_EQ(error.message(), "team/name: there is no job");
  EXPECT_EQ(error.hint(), "look");
}

}  // namespace
}  // namespace streampark::base
