// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/connectors/wire/socket.h"

#include "resp.h"

namespace streampark::connectors::redis {

/// One server and who we are to it.
struct Server {
  wire::Peer peer;
  std::string username;  // empty: the server's default user
  std::string password;  // empty: none is wanted
  std::int64_t database = 0;
  base::Millis timeout{15'000};  // for an answer
  std::size_t reply_limit = 64U << 20U;
  /// Called before anything is sent: where tests end the process.
  std::function<void()> before_sending = {};

  /// For errors: the address and the number of the database.
  std::string ToString() const;
};

enum class Use : std::uint8_t { kRead, kWrite };

/// A connection that has signed in. Used by one thread at a time. After CLUSTER_UNREACHABLE, PAYLOAD_TOO_LARGE or what makes no sense, it is
/// good for nothing more.
class Connection {
 public:
  /// BAD_CREDENTIALS; ILLEGAL_STATE for a Sentinel, a node of a cluster, or a replica that should be written to; VERSION_MISMATCH for a
  /// server before Redis 6.
  static base::Result<std::unique_ptr<Connection>> Open(const Server& server, Use use);
  /// The same, unless `connection` is one that is still open: servers close those that nobody uses for a while. Between two commands alone.
  static base::Status Ensure(const Server& server, Use use,
                             std::unique_ptr<Connection>& connection);

  /// Commands as AppendCommand writes them, each of which is answered.
  base::Status Send(std::string_view commands);
  /// The next answer, also one that is an error. It is good until the next call.
  base::Result<Reply> Receive();
  /// The same; absent when it has not come until then, or the alarm rang.
  base::Result<std::optional<Reply>> ReceiveUntil(base::SteadyTime until, wire::Alarm* alarm);
  /// One command; an answer that is an error becomes one.
  base::Result<Reply> Call(std::initializer_list<std::string_view> words);
  /// The same, written already.
  base::Result<Reply> CallWritten(std::string_view command);

 private:
  Connection(const Server& server, std::unique_ptr<wire::Socket> socket)
      : server_(server), socket_(std::move(socket)), replies_(server.reply_limit) {}
  base::Status Greet(Use use);
  bool IsOpen();

  const Server server_;
  const std::unique_ptr<wire::Socket> socket_;
  ReplyParser replies_;
};

/// What an answer that is an error means to us.
base::Error ErrorOf(std::string_view answer);

}  // namespace streampark::connectors::redis
