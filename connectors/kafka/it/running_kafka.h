// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "streampark/base/clock.h"

/// A real broker for all tests of the program, on free ports of this machine, and what tests do to its topics by librdkafka itself.
namespace streampark::connectors::kafka::it {

/// The addresses of the broker: the plain one, and one that leads through `ProxyPort` (what the broker tells its clients, too). Starts it at the first
/// call; the test program ends when it cannot be started.
std::string Brokers();
std::string ProxiedBrokers();
std::uint16_t ProxiedPort();  // where the broker itself listens for them
std::uint16_t ProxyPort();

/// A third one, by TLS with this certificate, for the user `alice` with this password, by PLAIN and SCRAM.
std::string SecuredBrokers();
std::string CertificateFile();
constexpr const char* kPasswordOfAlice = "pass=word";

/// A name that no other test has.
std::string NewTopicName(const std::string& name = "topic");
/// Makes a topic, and waits until the cluster tells of its partitions; they may have no leaders yet.
std::string NewTopic(int partitions, const std::string& name = "topic");
void AddPartitions(const std::string& topic, int partitions);
void DeleteRecords(const std::string& topic, int partition, std::int64_t before);

struct TestRecord {
  std::optional<std::string> value;
  std::optional<std::string> key = std::nullopt;
  int partition = 0;
  std::int64_t timestamp_ms = 0;  // 0: now
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::int64_t offset = 0;  // when it was read
};

/// Writes them; durable when it returns.
void Write(const std::string& topic, const std::vector<TestRecord>& records);
/// Writes them in a transaction that is aborted.
void WriteAborted(const std::string& topic, const std::vector<TestRecord>& records);
/// All that anybody sees who reads committed records, by partition and offset.
std::vector<TestRecord> ReadCommitted(const std::string& topic);
/// The sum over its partitions of the offsets up to which it can be read committed.
std::int64_t CommittedEnd(const std::string& topic);
/// The next offset of a group; absent: none.
std::optional<std::int64_t> GroupOffset(const std::string& group, const std::string& topic,
                                        int partition);

/// Asks again and again until `condition` holds; false after `limit`.
inline bool Eventually(const std::function<bool()>& condition,
                       base::Millis limit = base::Millis(60'000)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(base::Millis(5));  // between two questions
  }
  return true;
}

}  // namespace streampark::connectors::kafka::it
