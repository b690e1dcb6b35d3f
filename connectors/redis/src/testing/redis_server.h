// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "streampark/connectors/testing/rows.h"
#include "streampark/connectors/testing/server_process.h"

#include "connection.h"

namespace streampark::connectors::redis::testing {

/// A Redis of this test program's own (server_process.h), on a unix socket in its folder; it ends with the program.
class RedisServer {
 public:
  /// With more arguments, which may name files in `folder`.
  using Arguments = std::function<std::vector<std::string>(const std::string& folder)>;
  explicit RedisServer(const Arguments& more = nullptr);
  /// One that all tests share, which leave nothing behind in the database they were given. Started at the first call.
  static RedisServer& Get();

  std::string folder() const { return process_.folder(); }
  std::string socket() const { return folder() + "/socket"; }

  /// Empties it and leads to it.
  Server Empty() const;
  /// A command to the database 0; the answer as text, a list as `a b`.
  std::string Do(const std::vector<std::string>& words) const;
  /// The same, a list as a list.
  std::vector<std::string> List(const std::vector<std::string>& words) const;

 private:
  connectors::testing::ServerProcess process_;
};

/// Words of a command as a shell has them, without quotes: `SET a b`.
std::vector<std::string> Words(const std::string& command);

}  // namespace streampark::connectors::redis::testing
