// SPDX-License-Identifier: Apache-2.0
#include "console.h"

#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streampark/base/http_client.h"
#include "streampark/base/json.h"
#include "streampark/base/process.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/server/admin.h"
#include "streampark/store/database.h"

#include "data_folder.h"

namespace streampark::server {
namespace {

using base::ErrorCode;
using base::HttpResponse;
using base::Millis;
using Headers = std::vector<std::pair<std::string, std::string>>;

/// A whole console on a data folder of its own, spoken to as clients do.
class ConsoleTest : public testing::Test {
 protected:
  ConsoleTest() {
    options_.data = folder_.path() / "data";
    options_.port = 0;
    Begin();
  }
  void Begin() {
    auto console = Console::Start(options_);
    ASSERT_TRUE(console.ok()) << console.error().ToString();
    console_ = std::move(console).value();
  }

  HttpResponse Send(std::string method, std::string_view path, Headers headers = {},
                    std::string body = {}) {
    if (!body.empty()) {
      headers.emplace_back("Content-Type", "application/json");
    }
    const std::string url =
        "http://127.0.0.1:" + std::to_string(console_->port()) + std::string(path);
    auto response = client_.Send({.method = std::move(method),
                                  .url = url,
                                  .headers = std::move(headers),
                                  .body = std::move(body),
                                  .deadline = Millis(30'000)});
    EXPECT_TRUE(response.ok()) << response.error().ToString();
    return response.ok() ? std::move(response).value() : HttpResponse{};
  }
  static json::object Object(const HttpResponse& response) {
    const auto parsed = json::Parse(response.body);
    return parsed.ok() && parsed->is_object() ? parsed->get_object() : json::object();
  }
  static std::string Code(const HttpResponse& response) {
    return json::StringOr(Object(response), "code");
  }

  /// Signs in and keeps cookie and token as a browser would.
  Headers SignIn(std::string_view name, std::string_view password) {
    const HttpResponse response =
        Send("POST", "/api/v1/session", {},
             json::serialize(json::object{{"name", name}, {"password", password}}));
    EXPECT_EQ(response.status, 200) << response.body;
    const std::string cookie(response.header("set-cookie"));
    EXPECT_NE(cookie.find("HttpOnly"), std::string::npos);
    EXPECT_NE(cookie.find("SameSite=Strict"), std::string::npos);
    return {{"Cookie", cookie.substr(0, cookie.find(';'))},
            {"X-Streampark-Csrf", json::StringOr(Object(response), "csrfToken")}};
  }
  std::string FirstPassword() {
    std::string password = base::ReadFile(data_.first_password()).value();
    password.pop_back();
    return password;
  }
  Headers TokenOf(const std::string& user = "admin") {
    return {{"Authorization",
             "Bearer " + MakeAdminToken(options_.data, user, Millis(3'600'000)).value()}};
  }
  static std::string Body(const json::object& object) { return json::serialize(object); }

  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  ServeOptions options_;
  DataFolder data_{folder_.path() / "data"};
  std::unique_ptr<Console> console_;
  base::HttpClient client_;
};

TEST_F(ConsoleTest, IsReadyAndSaysSo) {
  EXPECT_EQ(Send("GET", "/healthz").body, "ok\n");
  EXPECT_EQ(Send("GET", "/readyz").status, 200);
  const std::string metrics = Send("GET", "/metrics").body;
  for (const char* family :
       {"process_resident_memory_bytes", "streampark_clusters", "streampark_operations_total",
        "streampark_open_intents 0", "streampark_database_bytes",
        "streampark_job_oldest_look_seconds", "streampark_job_oldest_detail_seconds"}) {
    EXPECT_NE(metrics.find(family), std::string::npos) << family;
  }
  EXPECT_EQ(Code(Send("GET", "/api/v1/about")), "UNAUTHENTICATED");
  EXPECT_NE(Send("GET", "/api/v1/openapi.yaml").body.find("openapi: 3.1.0"), std::string::npos);
}

TEST_F(ConsoleTest, TheFirstSignInMustChangeThePassword) {
  const Headers browser = SignIn("admin", FirstPassword());
  EXPECT_EQ(Object(Send("GET", "/api/v1/session", browser)).at("passwordChangeRequired"),
            json::value(true));
  EXPECT_EQ(Code(Send("GET", "/api/v1/teams", browser)), "PASSWORD_CHANGE_REQUIRED");
  const HttpResponse changed =
      Send("PUT", "/api/v1/session/password", browser,
           Body({{"current", FirstPassword()}, {"replacement", "my own password"}}));
  EXPECT_EQ(changed.status, 204) << changed.body;
  EXPECT_FALSE(std::filesystem::exists(data_.first_password()));
  EXPECT_EQ(Send("GET", "/api/v1/teams", browser).status, 200);
  EXPECT_EQ(Send("DELETE", "/api/v1/session", browser).status, 204);
  EXPECT_EQ(Code(Send("GET", "/api/v1/teams", browser)), "UNAUTHENTICATED");
}

TEST_F(ConsoleTest, ABrowsersChangeNeedsItsToken) {
  const Headers browser = SignIn("admin", FirstPassword());
  const Headers cookie_alone = {browser.front()};
  EXPECT_EQ(Code(Send("DELETE", "/api/v1/session", cookie_alone)), "CSRF_REJECTED");
  EXPECT_EQ(Send("GET", "/api/v1/session", cookie_alone).status, 200);
}

TEST_F(ConsoleTest, ATokenMadeBesideARunningConsoleWorksAtOnce) {
  const Headers token = TokenOf();
  EXPECT_EQ(Send("GET", "/api/v1/teams", token).status, 200);
  EXPECT_EQ(MakeAdminToken(options_.data, "nobody", Millis(1000)).error().code(),
            ErrorCode::kNotFound);
}

TEST_F(ConsoleTest, AResetPasswordEndsSessionsOfARunningConsole) {
  const Headers browser = SignIn("admin", FirstPassword());
  const std::string password = ResetPassword(options_.data, "admin").value();
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (Send("GET", "/api/v1/session", browser).status == 200 &&
         std::chrono::steady_clock::now() < patience) {
    std::this_thread::yield();
  }
  EXPECT_EQ(Code(Send("GET", "/api/v1/session", browser)), "UNAUTHENTICATED");
  SignIn("admin", password);
}

TEST_F(ConsoleTest, UsersTeamsAndRolesFromEndToEnd) {
  const Headers admin = TokenOf();
  const HttpResponse created =
      Send("POST", "/api/v1/users", admin, Body({{"name", "ann"}, {"displayName", "Ann"}}));
  ASSERT_EQ(created.status, 201) << created.body;
  const std::string password = json::StringOr(Object(created), "oneTimePassword");
  const std::string ann_id(Object(created).at("user").at("id").as_string());
  const json::object blue = Object(Send("POST", "/api/v1/teams", admin, Body({{"name", "blue"}})));
  const std::string team = "/api/v1/teams/" + json::StringOr(blue, "id");
  EXPECT_EQ(Code(Send("POST", "/api/v1/teams", admin, Body({{"name", "Blue"}}))), "NAME_TAKEN");
  EXPECT_EQ(Code(Send("POST", "/api/v1/teams", admin, Body({{"name", "x"}, {"nmae", "y"}}))),
            "UNKNOWN_FIELD");
  EXPECT_EQ(Code(Send("POST", "/api/v1/teams", admin, Body({{"name", "../x"}}))),
            "VALIDATION_FAILED");

  const Headers ann = TokenOf("ann");
  EXPECT_EQ(Code(Send("GET", team, ann)), "NOT_FOUND");
  EXPECT_EQ(Code(Send("GET", "/api/v1/users", ann)), "FORBIDDEN");
  EXPECT_EQ(Send("PUT", team + "/members/ann", admin, Body({{"role", "VIEWER"}})).status, 200);
  EXPECT_EQ(Send("GET", team, ann).status, 200);
  EXPECT_EQ(Code(Send("PUT", team + "/members/admin", ann, Body({{"role", "ADMIN"}}))),
            "FORBIDDEN");
  EXPECT_EQ(Object(Send("GET", "/api/v1/teams", ann)).at("items").as_array().size(), 1U);

  // Edits say what they edit.
  const HttpResponse read = Send("GET", team, admin);
  EXPECT_EQ(Code(Send("PUT", team, admin, Body({{"name", "navy"}}))), "PRECONDITION_REQUIRED");
  Headers with_tag = admin;
  with_tag.emplace_back("If-Match", std::string(read.header("etag")));
  EXPECT_EQ(Send("PUT", team, with_tag, Body({{"name", "navy"}})).status, 200);
  EXPECT_EQ(Code(Send("PUT", team, with_tag, Body({{"name", "teal"}}))), "STALE_EDIT");

  // No list of users carries anything of a password.
  const std::string users = Send("GET", "/api/v1/users", admin).body;
  EXPECT_EQ(users.find("argon2"), std::string::npos);
  EXPECT_EQ(users.find("assword"), std::string::npos);

  // A locked user is out at once.
  Headers user_tag = admin;
  user_tag.emplace_back("If-Match", "\"1\"");
  EXPECT_EQ(
      Send("PUT", "/api/v1/users/" + ann_id, user_tag, Body({{"name", "ann"}, {"locked", true}}))
          .status,
      200);
  EXPECT_EQ(Code(Send("GET", "/api/v1/teams", ann)), "UNAUTHENTICATED");
}

// The planner loads the jars that a question names: whoever may ask runs code.
TEST_F(ConsoleTest, SqlHelpIsForThoseWhoMayEditJobs) {
  const Headers admin = TokenOf();
  const json::object blue = Object(Send("POST", "/api/v1/teams", admin, Body({{"name", "blue"}})));
  const std::string team = json::StringOr(blue, "id");
  const std::string question = Body({{"teamId", team}, {"sql", "SELECT 1"}});
  for (const char* role : {"VIEWER", "OPERATOR", "DEVELOPER", "ADMIN"}) {
    Send("POST", "/api/v1/users", admin, Body({{"name", role}}));
    Send("PUT", "/api/v1/teams/" + team + "/members/" + role, admin, Body({{"role", role}}));
    const bool edits = std::string_view(role) == "DEVELOPER" || std::string_view(role) == "ADMIN";
    for (const char* path :
         {"/api/v1/sql/validate", "/api/v1/sql/explain", "/api/v1/sql/vocabulary"}) {
      // With the right to ask, that no engine is installed is what one hears of.
      EXPECT_EQ(Code(Send("POST", path, TokenOf(role), question)),
                edits ? "NOT_FOUND" : "FORBIDDEN")
          << role << " " << path;
    }
  }
  EXPECT_EQ(Send("GET", "/api/v1/audit", admin).body.find("Sql"), std::string::npos);
}

TEST_F(ConsoleTest, AProfileEditIsAlwaysOnesOwn) {
  const Headers admin = TokenOf();
  Send("POST", "/api/v1/users", admin, Body({{"name", "ann"}}));
  const Headers ann = TokenOf("ann");
  EXPECT_EQ(
      Code(Send("PUT", "/api/v1/profile", ann, Body({{"name", "admin"}, {"displayName", "x"}}))),
      "UNKNOWN_FIELD");
  const HttpResponse edited = Send("PUT", "/api/v1/profile", ann, Body({{"displayName", "Ann"}}));
  ASSERT_EQ(edited.status, 200) << edited.body;
  EXPECT_EQ(Object(edited).at("user").at("name"), json::value("ann"));
  EXPECT_EQ(Object(edited).at("user").at("displayName"), json::value("Ann"));
}

TEST_F(ConsoleTest, WhatChangesIsOnTheTrail) {
  const Headers admin = TokenOf();
  Send("POST", "/api/v1/teams", admin, Body({{"name", "blue"}}));
  Send("POST", "/api/v1/session", {}, Body({{"name", "mallory"}, {"password", "guess"}}));
  const json::array events = Object(Send("GET", "/api/v1/audit", admin)).at("items").as_array();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].at("actor"), json::value("mallory"));
  EXPECT_EQ(events[0].at("outcome"), json::value("BAD_CREDENTIALS"));
  EXPECT_EQ(events[1].at("action"), json::value("createTeam"));
  EXPECT_EQ(events[1].at("actor"), json::value("admin"));
  EXPECT_EQ(events[1].at("team"), json::value("blue"));
}

TEST_F(ConsoleTest, RevocationEndsAStream) {
  const Headers admin = TokenOf();
  const json::object made = Object(Send("POST", "/api/v1/tokens", admin, Body({{"name", "ci"}})));
  const Headers token = {{"Authorization", "Bearer " + json::StringOr(made, "secret")}};
  const std::string id(made.at("token").at("id").as_string());
  bool revoked = false;
  const auto ended = client_.Stream(
      {.url = "http://127.0.0.1:" + std::to_string(console_->port()) + "/api/v1/events",
       .headers = token,
       .deadline = Millis(20'000)},
      [&](std::string_view piece) {
        EXPECT_NE(piece.find("id: "), std::string_view::npos);
        if (!std::exchange(revoked, true)) {
          EXPECT_EQ(Send("DELETE", "/api/v1/tokens/" + id, admin).status, 204);
        }
        return true;
      });
  // Ended by the server, not by silence.
  EXPECT_TRUE(ended.ok()) << ended.error().ToString();
}

TEST_F(ConsoleTest, TheDataIsItsOwnersAloneWhoeverMadeTheFolder) {
  console_.reset();
  ASSERT_EQ(::chmod(options_.data.c_str(), 0755), 0);
  Begin();
  struct stat status {};
  ASSERT_EQ(::stat(options_.data.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0066U, 0U);
  ASSERT_EQ(::stat(data_.database().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat(data_.logs().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(ConsoleTest, AResetPasswordEndsTokensOfARunningConsole) {
  const Headers admin = TokenOf();
  const json::object made = Object(Send("POST", "/api/v1/users", admin, Body({{"name", "ann"}})));
  const Headers ann = TokenOf("ann");
  EXPECT_EQ(Send("GET", "/api/v1/tokens", ann).status, 200);
  const std::string id(made.at("user").at("id").as_string());
  EXPECT_EQ(Send("POST", "/api/v1/users/" + id + "/password", admin).status, 200);
  EXPECT_EQ(Code(Send("GET", "/api/v1/tokens", ann)), "UNAUTHENTICATED");
}

TEST_F(ConsoleTest, ASecondConsoleOnTheFolderIsRefused) {
  const auto second = Console::Start(options_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), ErrorCode::kDataFolderInUse);
  EXPECT_NE(second.error().message().find(options_.data.string()), std::string::npos);
  EXPECT_EQ(Send("GET", "/readyz").status, 200);
}

TEST_F(ConsoleTest, ANewerDatabaseIsRefused) {
  console_.reset();
  {
    auto database = store::Database::OpenExisting(data_.database()).value();
    ASSERT_TRUE(database
                    ->Execute("INSERT INTO schema_migrations (number, name, applied_at) VALUES "
                              "(9999, 'later', 0)")
                    .ok());
  }
  const auto refused = Console::Start(options_);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kSchemaTooNew);
}

TEST_F(ConsoleTest, SessionsSurviveARestartAndStoppingIsQuick) {
  const Headers browser = SignIn("admin", FirstPassword());
  const auto pid = base::ReadFile(data_.pid_file()).value();
  const auto self = *base::Identify(::getpid());
  EXPECT_EQ(pid, std::to_string(self.pid) + " " + std::to_string(self.start_ticks) + "\n");
  const auto started = std::chrono::steady_clock::now();
  console_->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(5));
  EXPECT_FALSE(std::filesystem::exists(data_.pid_file()));
  console_.reset();
  Begin();
  EXPECT_EQ(Send("GET", "/api/v1/session", browser).status, 200);
}

}  // namespace
}  // namespace streampark::server
