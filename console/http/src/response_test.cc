// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/response.h"

#include <gtest/gtest.h>

#include "streampark/base/json.h"

namespace streampark::http {
namespace {

TEST(ProblemTest, EveryCodeHasItsStatus) {
  for (std::size_t i = 0; i < base::kErrorCodes.size(); ++i) {
    const base::Error error(static_cast<base::ErrorCode>(i), "detail");
    const Response response = ProblemOf(error, "t-1");
    EXPECT_EQ(response.status, error.traits().http_status);
    EXPECT_EQ(response.content_type, "application/problem+json");
    const json::value body = json::Parse(std::get<std::string>(response.body)).value();
    const json::object& problem = body.get_object();
    EXPECT_EQ(problem.at("code"), json::value(error.traits().code));
    EXPECT_EQ(problem.at("title"), json::value(error.traits().title));
    EXPECT_EQ(problem.at("status").to_number<int>(), error.traits().http_status);
    EXPECT_EQ(problem.at("retryable"), json::value(error.traits().retryable));
    EXPECT_EQ(problem.at("traceId"), json::value("t-1"));
    EXPECT_EQ(problem.at("detail"), json::value("detail"));
    EXPECT_FALSE(problem.contains("hint"));
    EXPECT_FALSE(problem.contains("fields"));
  }
}

TEST(ProblemTest, SaysAllThatIsKnown) {
  const base::Error error = base::Error(base::ErrorCode::kRateLimited, "d")
                                .WithHint("h")
                                .WithCause("c")
                                .WithRelatedId("r")
                                .WithRetryAfter(7)
                                .WithField({"/a", "m", "x"})
                                .WithField({"/b", "n", ""});
  EXPECT_EQ(
      json::serialize(ProblemJson(error)),
      R"({"type":"urn:streampark:error:RATE_LIMITED","title":"Too many attempts; wait a little","status":429,)"
      R"("code":"RATE_LIMITED","detail":"d","retryable":true,"hint":"h","cause":"c","relatedId":"r",)"
      R"("fields":[{"pointer":"/a","message":"m","hint":"x"},{"pointer":"/b","message":"n"}]})");
  const Response response = ProblemOf(error, "");
  EXPECT_EQ(response.headers,
            (std::vector<std::pair<std::string, std::string>>{{"Retry-After", "7"}}));
}

TEST(ResponseTest, Shapes) {
  EXPECT_EQ(Response::NoContent().status, 204);
  EXPECT_EQ(std::get<std::string>(Response::Json(json::array{1}).body), "[1]");
  EXPECT_EQ(Response::NoContent().WithETag("7").headers.front().second, "\"7\"");
}

}  // namespace
}  // namespace streampark::http
