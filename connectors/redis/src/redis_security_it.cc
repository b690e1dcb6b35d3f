// SPDX-License-Identifier: Apache-2.0
// Servers that want passwords and certificates, and servers that are none to write to.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/process.h"
#include "streampark/connectors/redis.h"

#include "testing/redis_server.h"

namespace streampark::connectors::redis {
namespace {

using connectors::testing::Given;
using connectors::testing::NumberedRows;
using connectors::testing::SchemaOf;
using connectors::testing::SinkOf;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RedisServer;

/// Why a row cannot be written; empty when it can.
std::string Written(Given given) {
  given.insert({{"type", "list"}, {"key", "to"}, {"delivery", "at-least-once"}});
  const auto connector = MakeRedisConnector();
  const auto schema = SchemaOf("n BIGINT");
  const auto sink = SinkOf(*connector, given, schema);
  const auto writer = sink->MakeWriter({"lineage", "rows", 0}, "").value();
  const auto written = writer->Write(*NumberedRows(schema, 0, 1));
  return written.ok() ? "" : written.error().ToString();
}

TEST(RedisSecurity, PasswordsAreSaidAndNeverShown) {
  const RedisServer server([](const std::string&) {
    return std::vector<std::string>{"--user", "writer",  "on",     ">right",  "~to", "+rpush",
                                    "+hello", "+select", "--user", "default", "off"};
  });
  EXPECT_EQ(Written({{"address", server.socket()}, {"username", "writer"}, {"password", "right"}}),
            "");
  EXPECT_THAT(
      Written({{"address", server.socket()}, {"username", "writer"}, {"password", "hidden"}}),
      AllOf(HasSubstr("BAD_CREDENTIALS"), Not(HasSubstr("hidden"))));
  EXPECT_THAT(Written({{"address", server.socket()}}), HasSubstr("BAD_CREDENTIALS"));
  EXPECT_THAT(Written({{"address", server.socket()},
                       {"username", "writer"},
                       {"password", "right"},
                       {"key", "other"}}),
              HasSubstr("FORBIDDEN"));
}

TEST(RedisSecurity, TheDatabaseIsChosenByItsNumber) {
  const RedisServer& server = RedisServer::Get();
  server.Empty();
  EXPECT_EQ(Written({{"address", server.socket()}, {"database", "3"}}), "");
  EXPECT_THAT(server.Do({"INFO", "keyspace"}), HasSubstr("db3:keys=1"));
  EXPECT_THAT(Written({{"address", server.socket()}, {"database", "16"}}),
              HasSubstr("out of range"));
}

/// An authority, and by it certificates for the server and for us.
void MakeCertificates(const std::string& folder) {
  const auto run = [&](std::vector<std::string> argv) {
    argv.insert(argv.begin(), "/usr/bin/openssl");
    const auto done = base::RunCommand({.argv = std::move(argv), .working_directory = folder},
                                       base::Millis(60'000));
    ASSERT_TRUE(done.ok() && done->exit_code == 0);
  };
  run({"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt",
       "-subj", "/CN=authority", "-days", "2"});
  for (const std::string name : {"server", "client"}) {
    run({"req", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".csr",
         "-subj", "/CN=" + name, "-addext", "subjectAltName=IP:127.0.0.1"});
    run({"x509", "-req", "-in", name + ".csr", "-CA", "ca.crt", "-CAkey", "ca.key",
         "-CAcreateserial", "-out", name + ".crt", "-days", "2", "-copy_extensions", "copy"});
  }
  for (const char* key : {"server.key", "client.key"}) {
    std::filesystem::permissions(folder + "/" + key, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
  }
}

TEST(RedisSecurity, TlsChecksTheServerAndTheServerChecksUs) {
  const std::string port = std::to_string(connectors::testing::FreePort());
  const RedisServer server([&](const std::string& folder) {
    MakeCertificates(folder);
    return std::vector<std::string>{"--tls-port",
                                    port,
                                    "--bind",
                                    "127.0.0.1",
                                    "--tls-cert-file",
                                    folder + "/server.crt",
                                    "--tls-key-file",
                                    folder + "/server.key",
                                    "--tls-ca-cert-file",
                                    folder + "/ca.crt"};
  });
  const std::string folder = server.folder() + "/";
  const Given good = {{"address", "127.0.0.1:" + port},
                      {"tls", "true"},
                      {"tls.ca.file", folder + "ca.crt"},
                      {"tls.certificate.file", folder + "client.crt"},
                      {"tls.key.file", folder + "client.key"}};
  EXPECT_EQ(Written(good), "");
  const auto with = [&](Given more) {
    more.insert(good.begin(), good.end());
    return Written(more);
  };
  EXPECT_THAT(with({{"tls.ca.file", "/etc/ssl/certs/ca-certificates.crt"}}),
              AllOf(HasSubstr("BAD_CREDENTIALS"), HasSubstr("tls.*")));
  EXPECT_EQ(with({{"tls.ca.file", "/etc/ssl/certs/ca-certificates.crt"}, {"tls.verify", "none"}}),
            "");
  EXPECT_THAT(with({{"tls.ca.file", folder + "none"}}), HasSubstr("cannot be used"));
  EXPECT_THAT(with({{"address", "localhost:" + port}}), HasSubstr("BAD_CREDENTIALS"));
  EXPECT_EQ(with({{"address", "localhost:" + port}, {"tls.verify", "certificate"}}), "");
  EXPECT_NE(
      Written(
          {{"address", "127.0.0.1:" + port}, {"tls", "true"}, {"tls.ca.file", folder + "ca.crt"}}),
      "");
  EXPECT_NE(Written({{"address", "127.0.0.1:" + port}}), "");  // plain
}

TEST(RedisSecurity, SentinelsClustersAndReplicasAreRefusedByName) {
  const RedisServer cluster([](const std::string&) {
    return std::vector<std::string>{"--cluster-enabled", "yes"};
  });
  EXPECT_THAT(Written({{"address", cluster.socket()}}), HasSubstr("a node of a Redis Cluster"));
  const RedisServer replica([](const std::string&) {
    return std::vector<std::string>{"--replicaof", "127.0.0.1", "1"};
  });
  EXPECT_THAT(Written({{"address", replica.socket()}}), HasSubstr("this is a replica"));
}

TEST(RedisSecurity, AServerWithoutMemoryRefusesACommitWhole) {
  const RedisServer server([](const std::string&) {
    return std::vector<std::string>{"--maxmemory-policy", "noeviction"};
  });
  const auto connector = MakeRedisConnector();
  const auto schema = SchemaOf("n BIGINT NOT NULL");
  const auto sink =
      SinkOf(*connector, {{"address", server.socket()}, {"type", "stream"}, {"key", "to"}}, schema);
  const auto writer = sink->MakeWriter({"lineage", "rows", 0}, "").value();
  ASSERT_TRUE(writer->Write(*NumberedRows(schema, 0, 1'000)).ok());
  const auto prepared = writer->Prepare(1).value();
  const auto committer = sink->MakeCommitter().value();
  server.Do({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_THAT(committer->Commit(prepared, {}).error().ToString(), HasSubstr("STORAGE_FULL"));
  EXPECT_THAT(writer->Write(*NumberedRows(schema, 0, 1)).error().ToString(),
              HasSubstr("STORAGE_FULL"));
  server.Do({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(server.Do({"EXISTS", "to"}), "0");
  ASSERT_TRUE(committer->Commit(prepared, {}).ok());
  EXPECT_EQ(server.Do({"XLEN", "to"}), "1000");
}

}  // namespace
}  // namespace streampark::connectors::redis
