// SPDX-License-Identifier: Apache-2.0
#include "testing/redis_server.h"

#include <csignal>
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

namespace streampark::connectors::redis::testing {
namespace {

std::string Shown(const Reply& reply) {
  if (reply.kind() == ReplyKind::kNumber) {
    return std::to_string(reply.number());
  }
  if (reply.is_null()) {
    return "(nil)";
  }
  std::string text(reply.text());
  for (const Reply one : reply) {
    text += (text.empty() ? "" : " ") + Shown(one);
  }
  return text;
}

std::unique_ptr<Connection> Connect(const std::string& socket) {
  Server server;
  server.peer.address.host = socket;
  server.peer.what = "the test's server";
  auto connection = Connection::Open(server, Use::kRead);
  EXPECT_TRUE(connection.ok()) << connection.error().ToString();
  return std::move(connection).value();
}

}  // namespace

RedisServer& RedisServer::Get() {
  static RedisServer server;
  return server;
}

RedisServer::RedisServer(const Arguments& more) : process_(SIGKILL) {
  // Debian's redis-tools has the server as the tool that checks its files; which of them it is, its name says.
  const std::string program = folder() + "/redis-server";
  std::filesystem::create_symlink("/usr/bin/redis-check-rdb", program);
  std::vector<std::string> argv = {
      program,  "--port", "0", "--unixsocket", socket(), "--unixsocketperm", "777", "--dir",
      folder(), "--save", "",  "--appendonly", "no",     "--daemonize",      "no"};
  if (more) {
    for (std::string& word : more(folder())) {
      argv.push_back(std::move(word));
    }
  }
  Server server;
  server.peer.address.host = socket();
  server.peer.what = "the test's server";
  process_.Start(std::move(argv), [server] {
    const auto opened = Connection::Open(server, Use::kRead);
    return opened.ok() || opened.error().code() != base::ErrorCode::kClusterUnreachable;
  });
}

Server RedisServer::Empty() const {
  EXPECT_EQ(Do({"FLUSHALL"}), "OK");
  Server server;
  server.peer.address.host = socket();
  server.peer.what = "the test's server";
  return server;
}

std::string RedisServer::Do(const std::vector<std::string>& words) const {
  const auto connection = Connect(socket());
  std::string command;
  BeginCommand(words.size(), command);
  for (const std::string& word : words) {
    AppendWord(word, command);
  }
  EXPECT_TRUE(connection->Send(command).ok());
  const auto reply = connection->Receive();
  EXPECT_TRUE(reply.ok()) << reply.error().ToString();
  return Shown(*reply);
}

std::vector<std::string> RedisServer::List(const std::vector<std::string>& words) const {
  const auto connection = Connect(socket());
  std::string command;
  BeginCommand(words.size(), command);
  for (const std::string& word : words) {
    AppendWord(word, command);
  }
  const auto reply = connection->CallWritten(command);
  EXPECT_TRUE(reply.ok()) << reply.error().ToString();
  std::vector<std::string> list;
  for (const Reply one : *reply) {
    list.push_back(Shown(one));
  }
  return list;
}

std::vector<std::string> Words(const std::string& command) {
  std::istringstream in(command);
  std::vector<std::string> words;
  for (std::string word; in >> word;) {
    words.push_back(word);
  }
  return words;
}

}  // namespace streampark::connectors::redis::testing
