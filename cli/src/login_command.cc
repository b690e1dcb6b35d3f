// SPDX-License-Identifier: Apache-2.0
// streampark login: turns a name and a password, or a token, into a stored token.
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <termios.h>
#include <unistd.h>

#include "streampark/base/json.h"

#include "commands.h"
#include "credentials.h"

namespace streampark::cli {
namespace {

using base::Error;
using base::ErrorCode;
using base::Ok;
using base::Result;
using base::Status;

std::string ReadLine() {
  std::string line;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) {
    line += static_cast<char>(c);
  }
  return line;
}

/// Reads without showing what is typed, when it comes from a terminal.
std::string ReadSecret(const char* prompt) {
  std::fputs(prompt, stderr);
  termios shown{};
  const bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
  if (terminal) {
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  std::string secret = ReadLine();
  if (terminal) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    std::fputc('\n', stderr);
  }
  return secret;
}

/// Signs in, makes a token with that session, and signs out again.
Result<std::string> TokenFor(const std::string& server, const std::string& name,
                             const std::string& password) {
  base::HttpClient http;
  const json::value credentials = {{"name", name}, {"password", password}};
  const base::HttpResponse session =
      SP_TRY(http.Send({.method = "POST",
                        .url = server + "/api/v1/session",
                        .headers = {{"Content-Type", "application/json"}},
                        .body = json::serialize(credentials)}));
  const json::value answer = SP_TRY(json::Parse(session.body));
  const json::object* signed_in = answer.if_object();
  if (session.status != 200 || signed_in == nullptr) {
    return Error(session.status == 429 ? ErrorCode::kRateLimited : ErrorCode::kBadCredentials,
                 signed_in == nullptr
                     ? "the console refused"
                     : json::StringOr(*signed_in, "detail", "the console refused"));
  }
  std::string cookie(session.header("set-cookie"));
  cookie.erase(std::min(cookie.find(';'), cookie.size()));
  const std::vector<std::pair<std::string, std::string>> headers = {
      {"Content-Type", "application/json"},
      {"Cookie", cookie},
      {"X-Streampark-Csrf", json::StringOr(*signed_in, "csrfToken")}};
  const json::value draft = {{"name", "streampark login"}};
  const base::HttpResponse created = SP_TRY(http.Send({.method = "POST",
                                                       .url = server + "/api/v1/tokens",
                                                       .headers = headers,
                                                       .body = json::serialize(draft)}));
  SP_TRY(http.Send({.method = "DELETE", .url = server + "/api/v1/session", .headers = headers}));
  const json::value token = SP_TRY(json::Parse(created.body));
  if (created.status != 201) {
    return Error(ErrorCode::kForbidden,
                 json::StringOr(token.as_object(), "detail", "the console made no token"))
        .WithHint(json::StringOr(token.as_object(), "hint"));
  }
  return json::StringOr(token.as_object(), "secret");
}

struct LoginArguments {
  std::string user;
};

Status Login(const Invocation& invocation, const LoginArguments& arguments) {
  Connection connection =
      SP_TRY(ResolveConnection(invocation.server, invocation.token == "-" ? "" : invocation.token));
  if (invocation.token == "-") {
    connection.token = ReadSecret("token: ");
  } else if (invocation.token.empty()) {
    std::string name = arguments.user;
    if (name.empty()) {
      std::fputs("name: ", stderr);
      name = ReadLine();
    }
    connection.token = SP_TRY(TokenFor(connection.server, name, ReadSecret("password: ")));
  }
  ApiClient client(connection);
  const json::value session = SP_TRY(client.Get("/api/v1/session"));
  SP_TRY(StoreConnection(connection));
  const json::object* user = json::FindObject(session.as_object(), "user");
  Print("signed in at " + connection.server + " as " +
        (user == nullptr ? "?" : json::StringOr(*user, "name")));
  return Ok();
}

}  // namespace

void AddLoginCommand(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<LoginArguments>();
  CLI::App* login = app.add_subcommand(
      "login",
      "Keep a token for the commands that follow; --token - reads one from standard input");
  login->add_option("--user", arguments->user, "Name to sign in with; the password is asked for");
  login->callback([=, &invocation] {
    invocation.action = [=, &invocation] { return Login(invocation, *arguments); };
  });
}

}  // namespace streampark::cli
