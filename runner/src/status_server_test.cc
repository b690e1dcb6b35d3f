// SPDX-License-Identifier: Apache-2.0
#include "status_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/http_client.h"

namespace streampark::runner {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class StatusServerTest : public ::testing::Test {
 protected:
  base::HttpResponse Ask(base::HttpRequest request) {
    request.url = server_->url() + request.url;
    return client_.Send(request).value();
  }

  std::unique_ptr<StatusServer> server_ =
      StatusServer::Start("127.0.0.1:0", [](std::string_view path, std::string_view /*query*/) {
        return StatusServer::Answer{.status = path == "/status" ? 200 : 404,
                                    .body = std::string(path)};
      }).value();
  base::HttpClient client_;
};

TEST_F(StatusServerTest, AnswersByPath) {
  EXPECT_TRUE(server_->loopback());
  EXPECT_THAT(server_->url(), StartsWith("http://127.0.0.1:"));
  const auto answer = Ask({.url = "/status?since=1"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "/status");
  EXPECT_EQ(answer.header("content-type"), "application/json");
  EXPECT_EQ(Ask({.url = "/else"}).status, 404);
}

TEST_F(StatusServerTest, OnlyReads) {
  EXPECT_EQ(Ask({.method = "POST", .url = "/status"}).status, 405);
  EXPECT_EQ(Ask({.method = "DELETE", .url = "/status"}).status, 405);
}

TEST_F(StatusServerTest, IsNotAskedByANameThatLeadsHere) {
  EXPECT_EQ(Ask({.url = "/status", .headers = {{"Host", "example.com"}}}).status, 421);
  EXPECT_EQ(Ask({.url = "/status", .headers = {{"Host", "10.0.0.7.example.com:9249"}}}).status,
            421);
  EXPECT_EQ(Ask({.url = "/status", .headers = {{"Host", "localhost:9249"}}}).status, 200);
  EXPECT_EQ(Ask({.url = "/status", .headers = {{"Host", "[::1]:9249"}}}).status, 200);
}

TEST_F(StatusServerTest, RefusesWhatIsTooLong) {
  const auto answer = Ask({.url = "/status", .headers = {{"X-Long", std::string(9'000, 'x')}}});
  EXPECT_EQ(answer.status, 400);
}

TEST(StatusServer, SaysWhyItCannotListen) {
  const auto handler = [](std::string_view, std::string_view) { return StatusServer::Answer{}; };
  for (const char* const wrong : {"localhost:80", "127.0.0.1", ":9249", "127.0.0.1:port", ""}) {
    const auto refused = StatusServer::Start(wrong, handler);
    ASSERT_FALSE(refused.ok()) << wrong;
    EXPECT_THAT(refused.error().hint(), HasSubstr("127.0.0.1:9249"));
  }
  const auto first = StatusServer::Start("127.0.0.1:0", handler).value();
  const auto taken =
      StatusServer::Start(first->url().substr(std::string("http://").size()), handler);
  ASSERT_FALSE(taken.ok());
  EXPECT_THAT(taken.error().message(), HasSubstr("Address already in use"));
}

}  // namespace
}  // namespace streampark::runner
