// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "streampark/connectors/testing/crash_job.h"

#include "redis_connector.h"
#include "testing/redis_server.h"

namespace streampark::connectors::redis {
namespace {

using connectors::testing::CrashTarget;
using connectors::testing::Fate;
using connectors::testing::Strings;
using testing::RedisServer;

CrashTarget Target() {
  const RedisServer& server = RedisServer::Get();
  return {.make_connector = [](Fate& fate) { return MakeRedisConnector([&fate] { fate.Pass(); }); },
          .options = {{"address", server.socket()},
                      {"type", "list"},
                      {"key", "written"},
                      {"format", "csv"}},
          .visible =
              [&server] {
                Strings rows;
                for (const std::string& row : server.List({"LRANGE", "written", "0", "-1"})) {
                  const auto comma = row.find(',');
                  const std::string name = row.substr(comma + 1);
                  rows.push_back("+I(" + row.substr(0, comma) + ", " +
                                 (name.empty() ? "NULL" : "'" + name + "'") + ")");
                }
                return rows;
              },
          .staged =
              [&server] {
                return server.List({"KEYS", "streampark:stage*"});
              },
          .clear = [&server] { server.Empty(); }};
}

TEST(RedisCrash, NoRowIsLostOrDoubledWhereverTheProcessIsKilled) {
  connectors::testing::ExpectEachRowOnceWhereverItIsKilled(Target(), 20);
}

TEST(RedisCrash, NorWhileTheServerWorksOn) {
  connectors::testing::ExpectEachRowOnceWheneverItIsKilled(Target(), 60);
}

}  // namespace
}  // namespace streampark::connectors::redis
