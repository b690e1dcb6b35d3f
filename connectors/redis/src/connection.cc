// SPDX-License-Identifier: Apache-2.0
#include "connection.h"

#include <array>
#include <utility>

namespace streampark::connectors::redis {
namespace {

using base::ErrorCode;
using std::chrono::steady_clock;

/// The first word of an answer that is an error.
struct Meaning {
  std::string_view word;
  ErrorCode code;
  std::string_view hint;
};
constexpr std::string_view kNoCluster =
    "this is a node of a Redis Cluster, which is not spoken to: name a server of its own, or a "
    "proxy that looks like one";
constexpr std::string_view kLater = "it is tried again later";
constexpr std::array<Meaning, 15> kMeanings = {{
    {"NOAUTH", ErrorCode::kBadCredentials, "see the options 'username' and 'password'"},
    {"WRONGPASS", ErrorCode::kBadCredentials, "see the options 'username' and 'password'"},
    {"NOPERM", ErrorCode::kForbidden, "give the user the right: ACL SETUSER"},
    {"MOVED", ErrorCode::kIllegalState, kNoCluster},
    {"ASK", ErrorCode::kIllegalState, kNoCluster},
    {"CROSSSLOT", ErrorCode::kIllegalState, kNoCluster},
    {"CLUSTERDOWN", ErrorCode::kIllegalState, kNoCluster},
    {"WRONGTYPE", ErrorCode::kIllegalState, "look at the option 'type'"},
    {"READONLY", ErrorCode::kUnavailable, "this is a replica: name the server that takes writes"},
    {"OOM", ErrorCode::kStorageFull, "the server has reached its maxmemory"},
    {"MISCONF", ErrorCode::kStorageFull, "the server cannot save its data: look at its log"},
    {"LOADING", ErrorCode::kUnavailable, kLater},
    {"BUSY", ErrorCode::kUnavailable, "a script keeps the server busy"},
    {"MASTERDOWN", ErrorCode::kUnavailable, kLater},
    {"TRYAGAIN", ErrorCode::kUnavailable, kLater},
}};

base::Error IsNot(const std::string& what, std::string hint) {
  return base::Error(ErrorCode::kIllegalState, what).WithHint(std::move(hint));
}

}  // namespace

std::string Server::ToString() const {
  return peer.address.ToString() + (database == 0 ? "" : "/" + std::to_string(database));
}

base::Error ErrorOf(std::string_view answer) {
  const std::string_view word = answer.substr(0, answer.find(' '));
  for (const Meaning& one : kMeanings) {
    if (one.word == word) {
      return base::Error(one.code, "the server answers: " + std::string(answer))
          .WithHint(std::string(one.hint));
    }
  }
  return base::Error(ErrorCode::kEngineError, "the server answers: " + std::string(answer));
}

base::Result<std::unique_ptr<Connection>> Connection::Open(const Server& server, Use use) {
  auto socket = wire::Socket::Open(server.peer, steady_clock::now() + server.timeout, {});
  if (!socket.ok()) {
    return std::move(socket).error();
  }
  std::unique_ptr<Connection> connection(new Connection(server, std::move(socket).value()));
  if (auto greeted = connection->Greet(use); !greeted.ok()) {
    return std::move(greeted).error().Annotate(server.ToString());
  }
  return connection;
}

base::Status Connection::Ensure(const Server& server, Use use,
                                std::unique_ptr<Connection>& connection) {
  if (!connection || !connection->IsOpen()) {
    connection.reset();
    connection = SP_TRY(Open(server, use));
  }
  return base::Ok();
}

bool Connection::IsOpen() {
  const auto got = socket_->ReadSome(replies_.Room(), steady_clock::now(), nullptr);
  return got.ok() && *got == 0;  // nobody has asked for anything
}

base::Status Connection::Greet(Use use) {
  std::string hello;
  if (server_.password.empty()) {
    AppendCommand({"HELLO", "2", "SETNAME", "streampark"}, hello);
  } else {
    AppendCommand({"HELLO", "2", "AUTH", server_.username.empty() ? "default" : server_.username,
                   server_.password, "SETNAME", "streampark"},
                  hello);
  }
  SP_TRY(Send(hello));
  const Reply answer = SP_TRY(Receive());
  if (answer.is_error() && answer.text().starts_with("ERR unknown command")) {
    return base::Error(ErrorCode::kVersionMismatch, "the server does not know HELLO")
        .WithHint("it has to be Redis 6 or newer");
  }
  if (answer.is_error()) {
    return ErrorOf(answer.text());
  }
  std::string mode;
  std::string role;
  std::string_view name;
  for (const Reply one : answer) {  // names and values in turn
    if (name == "mode") {
      mode = one.text();
    } else if (name == "role") {
      role = one.text();
    }
    name = name.empty() ? one.text() : std::string_view();
  }
  if (mode == "sentinel") {
    return IsNot("this is a Sentinel, and no server with data",
                 "name the server that it watches: SENTINEL GET-MASTER-ADDR-BY-NAME tells which");
  }
  if (mode == "cluster") {
    return IsNot("this is a node of a Redis Cluster", std::string(kNoCluster));
  }
  if (use == Use::kWrite && (role == "replica" || role == "slave")) {
    return IsNot("this is a replica, which takes no writes", "name the server that it follows");
  }
  if (server_.database != 0) {
    SP_TRY(Call({"SELECT", std::to_string(server_.database)}));
  }
  return base::Ok();
}

base::Status Connection::Send(std::string_view commands) {
  if (server_.before_sending) {
    server_.before_sending();
  }
  return socket_->Write(commands, steady_clock::now() + server_.timeout, {});
}

base::Result<std::optional<Reply>> Connection::ReceiveUntil(base::SteadyTime until,
                                                            wire::Alarm* alarm) {
  for (;;) {
    if (SP_TRY(replies_.Next())) {
      return std::optional(replies_.reply());
    }
    const std::size_t got = SP_TRY(socket_->ReadSome(replies_.Room(), until, alarm));
    if (got == 0) {
      return std::optional<Reply>();
    }
    replies_.Filled(got);
  }
}

base::Result<Reply> Connection::Receive() {
  const auto reply = SP_TRY(ReceiveUntil(steady_clock::now() + server_.timeout, nullptr));
  if (!reply) {
    return base::Error(ErrorCode::kClusterUnreachable, "the server " + server_.ToString() +
                                                           " did not answer within " +
                                                           base::FormatDuration(server_.timeout))
        .WithHint("look at what it is busy with: SLOWLOG GET; or raise 'timeout'");
  }
  return *reply;
}

base::Result<Reply> Connection::Call(std::initializer_list<std::string_view> words) {
  std::string command;
  AppendCommand(words, command);
  return CallWritten(command);
}

base::Result<Reply> Connection::CallWritten(std::string_view command) {
  SP_TRY(Send(command));
  const Reply reply = SP_TRY(Receive());
  if (reply.is_error()) {
    return ErrorOf(reply.text());
  }
  return reply;
}

}  // namespace streampark::connectors::redis
