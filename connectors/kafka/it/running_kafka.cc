// SPDX-License-Identifier: Apache-2.0
#include "running_kafka.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "streampark/base/check.h"
#include "streampark/base/files.h"
#include "streampark/base/process.h"
#include "streampark/base/random.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/testing/server_process.h"

namespace streampark::connectors::kafka::it {
namespace {

using connectors::testing::FreePort;

constexpr int kPatienceMs = 30'000;
constexpr const char* kScramModule =
    "org.apache.kafka.common.security.scram.ScramLoginModule required;";

[[noreturn]] void GiveUp(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

std::string HomeUnderTest() {
  const char* homes = std::getenv("STREAMPARK_KAFKA_HOMES");
  const char* which = std::getenv("SP_KAFKA_LINE");
  std::string list = homes == nullptr ? "" : homes;
  for (int i = which == nullptr ? 0 : std::atoi(which); i > 0; --i) {
    const auto colon = list.find(':');
    list = colon == std::string::npos ? "" : list.substr(colon + 1);
  }
  list = list.substr(0, list.find(':'));
  if (list.empty()) {
    GiveUp("STREAMPARK_KAFKA_HOMES names no Kafka to test with: ./sp test engine sets it");
  }
  return list;
}

std::string Address(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

class Broker {
 public:
  Broker() { Start(); }
  ~Broker() {
    if (process_) {
      base::Terminate(*process_, base::Millis(200));
    }
  }

  const std::uint16_t port = FreePort();
  const std::uint16_t proxied_port = FreePort();
  const std::uint16_t proxy_port = FreePort();
  const std::uint16_t secured_port = FreePort();
  std::string certificate() const { return (folder_.path() / "certificate.pem").string(); }

 private:
  base::Command Java(const std::string& main, std::vector<std::string> arguments) const {
    base::Command command{
        .argv = {"java", "-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                 "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", home_ + "/libs/*", main}};
    for (std::string& argument : arguments) {
      command.argv.push_back(std::move(argument));
    }
    return command;
  }

  static void MustRun(const base::Result<base::CommandResult>& ran) {
    if (!ran.ok() || ran->exit_code != 0) {
      GiveUp(ran.ok() ? ran->output + ran->errors : ran.error().ToString());
    }
  }

  void MakeCertificate() const {
    const std::string key = (folder_.path() / "key.pem").string();
    MustRun(base::RunCommand(
        {.argv = {"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                  "/CN=broker", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
                  certificate()}},
        base::Millis(60'000)));
    SP_CHECK(base::WriteFileAtomically(
                 folder_.path() / "store.pem",
                 base::ReadFile(key).value() + base::ReadFile(certificate()).value())
                 .ok());
  }

  void Start() {
    const auto folder = folder_.path();
    MakeCertificate();
    const auto properties = folder / "server.properties";
    const std::string controller = Address(FreePort());
    std::string lines;
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
             {"process.roles", "broker,controller"},
             {"node.id", "1"},
             {"controller.quorum.voters", "1@" + controller},
             {"listeners", "PLAIN://" + Address(port) + ",PROXIED://" + Address(proxied_port) +
                               ",SECURED://" + Address(secured_port) + ",CONTROLLER://" +
                               controller},
             {"advertised.listeners", "PLAIN://" + Address(port) + ",PROXIED://" +
                                          Address(proxy_port) +
                                          ",SECURED://localhost:" + std::to_string(secured_port)},
             {"controller.listener.names", "CONTROLLER"},
             {"listener.security.protocol.map",
              "CONTROLLER:PLAINTEXT,PLAIN:PLAINTEXT,PROXIED:PLAINTEXT,SECURED:SASL_SSL"},
             {"inter.broker.listener.name", "PLAIN"},
             {"listener.name.secured.sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"},
             {"listener.name.secured.plain.sasl.jaas.config",
              std::string("org.apache.kafka.common.security.plain.PlainLoginModule required "
                          "user_alice=\"") +
                  kPasswordOfAlice + "\";"},
             {"listener.name.secured.scram-sha-256.sasl.jaas.config", kScramModule},
             {"listener.name.secured.scram-sha-512.sasl.jaas.config", kScramModule},
             {"listener.name.secured.ssl.keystore.type", "PEM"},
             {"listener.name.secured.ssl.keystore.location", (folder / "store.pem").string()},
             {"log.dirs", (folder / "data").string()},
             {"log.retention.ms", "-1"},
             {"auto.create.topics.enable", "false"},
             {"num.partitions", "1"},
             {"offsets.topic.replication.factor", "1"},
             {"offsets.topic.num.partitions", "1"},
             {"transaction.state.log.replication.factor", "1"},
             {"transaction.state.log.min.isr", "1"},
             {"transaction.state.log.num.partitions", "2"},
             {"transaction.abort.timed.out.transaction.cleanup.interval.ms", "200"},
             {"group.initial.rebalance.delay.ms", "0"}}) {
      lines.append(name).append("=").append(value).push_back('\n');
    }
    SP_CHECK(base::WriteFileAtomically(properties, lines).ok());
    std::vector<std::string> format = {"format", "-t", "AAAAAAAAQACAAAAAAAAAAQ", "-c",
                                       properties.string()};
    for (const char* hash : {"SCRAM-SHA-256", "SCRAM-SHA-512"}) {
      format.insert(
          format.end(),
          {"--add-scram", std::string(hash) + "=[name=alice,password=" + kPasswordOfAlice + "]"});
    }
    MustRun(
        base::RunCommand(Java("kafka.tools.StorageTool", std::move(format)), base::Millis(60'000)));
    auto started = base::ChildProcess::Start(Java("kafka.Kafka", {properties.string()}),
                                             folder / "broker.log");
    if (!started.ok()) {
      GiveUp(started.error().ToString());
    }
    child_ = std::make_unique<base::ChildProcess>(std::move(started).value());
    process_ = child_->id();
  }

  const std::string home_ = HomeUnderTest();
  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  std::unique_ptr<base::ChildProcess> child_;
  std::optional<base::ProcessId> process_;
};

std::unique_ptr<Broker>& TheBroker() {
  static std::unique_ptr<Broker> broker;
  return broker;
}

/// Ends the broker with the tests, before the statics of this program go.
class StopsBroker final : public ::testing::Environment {
 public:
  void TearDown() override { TheBroker().reset(); }
};
[[maybe_unused]] const auto* const kStopsBroker =
    ::testing::AddGlobalTestEnvironment(new StopsBroker);

using Handle = std::unique_ptr<rd_kafka_t, decltype(&::rd_kafka_destroy)>;

Handle MakeClient(rd_kafka_type_t type, const std::string& brokers,
                  const std::vector<std::pair<const char*, std::string>>& settings = {}) {
  char text[512] = "";
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  SP_CHECK(rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), text, sizeof text) ==
           RD_KAFKA_CONF_OK);
  rd_kafka_conf_set(conf, "log_level", "0", text, sizeof text);
  for (const auto& [name, value] : settings) {
    SP_CHECK(rd_kafka_conf_set(conf, name, value.c_str(), text, sizeof text) == RD_KAFKA_CONF_OK);
  }
  Handle handle(rd_kafka_new(type, conf, text, sizeof text), ::rd_kafka_destroy);
  SP_CHECK(handle != nullptr);
  return handle;
}

/// How many partitions of it can be written; 0: it is not there.
int PartitionsOf(rd_kafka_t* handle, const std::string& topic) {
  rd_kafka_topic_t* local = rd_kafka_topic_new(handle, topic.c_str(), nullptr);
  const struct rd_kafka_metadata* answer = nullptr;
  int count = 0;
  if (rd_kafka_metadata(handle, 0, local, &answer, kPatienceMs) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    for (int i = 0; i < answer->topics[0].partition_cnt; ++i) {
      count += answer->topics[0].partitions[i].leader >= 0 ? 1 : 0;
    }
    rd_kafka_metadata_destroy(answer);
  }
  rd_kafka_topic_destroy(local);
  return count;
}

/// Whatever an admin call answers; its errors end the test.
template <typename Ask>
void Administer(rd_kafka_t* handle, const Ask& ask) {
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle);
  rd_kafka_AdminOptions_t* options = rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_ANY);
  ask(options, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, kPatienceMs);
  if (event == nullptr || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    GiveUp(event == nullptr ? "the broker does not answer" : rd_kafka_event_error_string(event));
  }
  rd_kafka_event_destroy(event);
  rd_kafka_AdminOptions_destroy(options);
  rd_kafka_queue_destroy(queue);
}

Broker& Running() {
  if (!TheBroker()) {
    TheBroker() = std::make_unique<Broker>();
    const auto client = MakeClient(RD_KAFKA_PRODUCER, Address(TheBroker()->port));
    const struct rd_kafka_metadata* answer = nullptr;
    constexpr base::Millis kOnABusyMachine{180'000};
    if (!Eventually(
            [&] {
              return rd_kafka_metadata(client.get(), 1, nullptr, &answer, 1'000) ==
                     RD_KAFKA_RESP_ERR_NO_ERROR;
            },
            kOnABusyMachine)) {
      GiveUp("the broker of Kafka does not come up");
    }
    rd_kafka_metadata_destroy(answer);
  }
  return *TheBroker();
}

void Produce(rd_kafka_t* handle, const std::string& topic, const TestRecord& record) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const auto& [name, value] : record.headers) {
    rd_kafka_header_add(headers, name.c_str(), -1, value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  const auto bytes = [](const std::optional<std::string>& text) {
    return text ? const_cast<char*>(text->data()) : nullptr;
  };
  const auto size = [](const std::optional<std::string>& text) { return text ? text->size() : 0; };
  const auto error = rd_kafka_producev(
      handle, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(record.partition),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(bytes(record.key), size(record.key)),
      RD_KAFKA_V_VALUE(bytes(record.value), size(record.value)),
      RD_KAFKA_V_TIMESTAMP(record.timestamp_ms), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
  SP_CHECK(error == RD_KAFKA_RESP_ERR_NO_ERROR);
}

/// Up to where a client of committed records reads a partition.
std::int64_t EndOf(rd_kafka_t* handle, const std::string& topic, int partition) {
  std::int64_t low = 0;
  std::int64_t high = 0;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  if (!Eventually([&] {
        error = rd_kafka_query_watermark_offsets(handle, topic.c_str(), partition, &low, &high,
                                                 kPatienceMs);
        return error == RD_KAFKA_RESP_ERR_NO_ERROR;
      })) {
    GiveUp(std::string("the end of a partition: ") + rd_kafka_err2str(error));
  }
  return high;
}

std::optional<std::string> Copied(const void* bytes, std::size_t size) {
  return bytes == nullptr ? std::nullopt
                          : std::optional(std::string(static_cast<const char*>(bytes), size));
}

void Must(rd_kafka_error_t* error) {
  if (error != nullptr) {
    GiveUp(rd_kafka_error_string(error));
  }
}

}  // namespace

std::string Brokers() { return Address(Running().port); }
std::string ProxiedBrokers() { return Address(Running().proxy_port); }
std::uint16_t ProxiedPort() { return Running().proxied_port; }
std::string SecuredBrokers() { return "localhost:" + std::to_string(Running().secured_port); }
std::string CertificateFile() { return Running().certificate(); }
std::uint16_t ProxyPort() { return Running().proxy_port; }

std::string NewTopicName(const std::string& name) {
  static std::atomic<int> count = 0;
  return name + "-" + std::to_string(++count);
}

std::string NewTopic(int partitions, const std::string& name) {
  std::string topic = NewTopicName(name);
  const auto client = MakeClient(RD_KAFKA_PRODUCER, Brokers());
  char text[512] = "";
  rd_kafka_NewTopic_t* made =
      rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, text, sizeof text);
  Administer(client.get(), [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
    rd_kafka_CreateTopics(client.get(), &made, 1, options, queue);
  });
  rd_kafka_NewTopic_destroy(made);
  if (!Eventually([&] { return PartitionsOf(client.get(), topic) == partitions; })) {
    GiveUp("the topic " + topic + " does not appear");
  }
  return topic;
}

void AddPartitions(const std::string& topic, int partitions) {
  const auto client = MakeClient(RD_KAFKA_PRODUCER, Brokers());
  char text[512] = "";
  rd_kafka_NewPartitions_t* more = rd_kafka_NewPartitions_new(
      topic.c_str(), static_cast<std::size_t>(partitions), text, sizeof text);
  Administer(client.get(), [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
    rd_kafka_CreatePartitions(client.get(), &more, 1, options, queue);
  });
  rd_kafka_NewPartitions_destroy(more);
  if (!Eventually([&] { return PartitionsOf(client.get(), topic) == partitions; })) {
    GiveUp("the partitions of " + topic + " do not appear");
  }
}

void DeleteRecords(const std::string& topic, int partition, std::int64_t before) {
  const auto client = MakeClient(RD_KAFKA_PRODUCER, Brokers());
  auto* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset = before;
  rd_kafka_DeleteRecords_t* asked = rd_kafka_DeleteRecords_new(list);
  rd_kafka_topic_partition_list_destroy(list);
  Administer(client.get(), [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
    rd_kafka_DeleteRecords(client.get(), &asked, 1, options, queue);
  });
  rd_kafka_DeleteRecords_destroy(asked);
}

void Write(const std::string& topic, const std::vector<TestRecord>& records) {
  const auto client = MakeClient(RD_KAFKA_PRODUCER, Brokers(), {{"linger.ms", "0"}});
  PartitionsOf(client.get(), topic);
  for (const TestRecord& record : records) {
    Produce(client.get(), topic, record);
  }
  SP_CHECK(rd_kafka_flush(client.get(), kPatienceMs) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void WriteAborted(const std::string& topic, const std::vector<TestRecord>& records) {
  const auto client = MakeClient(RD_KAFKA_PRODUCER, Brokers(),
                                 {{"transactional.id", "aborts-" + topic}, {"linger.ms", "0"}});
  Must(rd_kafka_init_transactions(client.get(), kPatienceMs));
  Must(rd_kafka_begin_transaction(client.get()));
  PartitionsOf(client.get(), topic);
  for (const TestRecord& record : records) {
    Produce(client.get(), topic, record);
  }
  SP_CHECK(rd_kafka_flush(client.get(), kPatienceMs) == RD_KAFKA_RESP_ERR_NO_ERROR);
  Must(rd_kafka_abort_transaction(client.get(), kPatienceMs));
}

std::vector<TestRecord> ReadCommitted(const std::string& topic) {
  const auto client = MakeClient(RD_KAFKA_CONSUMER, Brokers(),
                                 {{"enable.partition.eof", "true"},
                                  {"isolation.level", "read_committed"},
                                  {"fetch.wait.max.ms", "5"},
                                  {"auto.offset.reset", "error"}});
  rd_kafka_topic_t* local = rd_kafka_topic_new(client.get(), topic.c_str(), nullptr);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
  const int partitions = PartitionsOf(client.get(), topic);
  std::vector<std::vector<TestRecord>> found(static_cast<std::size_t>(partitions));
  std::map<int, std::int64_t> ends;  // of partitions that are not read to there
  for (int i = 0; i < partitions; ++i) {
    ends[i] = EndOf(client.get(), topic, i);
  }
  for (int i = 0; i < partitions; ++i) {
    SP_CHECK(rd_kafka_consume_start_queue(local, i, RD_KAFKA_OFFSET_BEGINNING, queue) == 0);
  }
  while (!ends.empty()) {
    rd_kafka_message_t* message = rd_kafka_consume_queue(queue, kPatienceMs);
    if (message == nullptr) {
      GiveUp("the topic " + topic + " cannot be read");
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      const auto end = ends.find(message->partition);
      if (end != ends.end() && message->offset >= end->second) {
        ends.erase(end);
      }
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      GiveUp(rd_kafka_message_errstr(message));
    } else {
      TestRecord record{.value = Copied(message->payload, message->len),
                        .key = Copied(message->key, message->key_len),
                        .partition = message->partition,
                        .timestamp_ms = rd_kafka_message_timestamp(message, nullptr),
                        .offset = message->offset};
      rd_kafka_headers_t* headers = nullptr;
      const char* name = nullptr;
      const void* value = nullptr;
      std::size_t size = 0;
      if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) ==
                                RD_KAFKA_RESP_ERR_NO_ERROR;
             ++i) {
          record.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
        }
      }
      found[static_cast<std::size_t>(message->partition)].push_back(std::move(record));
    }
    rd_kafka_message_destroy(message);
  }
  for (int i = 0; i < partitions; ++i) {
    rd_kafka_consume_stop(local, i);
  }
  rd_kafka_queue_destroy(queue);
  rd_kafka_topic_destroy(local);
  std::vector<TestRecord> all;
  for (auto& partition : found) {
    std::move(partition.begin(), partition.end(), std::back_inserter(all));
  }
  return all;
}

std::int64_t CommittedEnd(const std::string& topic) {
  const auto client =
      MakeClient(RD_KAFKA_CONSUMER, Brokers(), {{"isolation.level", "read_committed"}});
  std::int64_t sum = 0;
  for (int i = PartitionsOf(client.get(), topic) - 1; i >= 0; --i) {
    sum += EndOf(client.get(), topic, i);
  }
  return sum;
}

std::optional<std::int64_t> GroupOffset(const std::string& group, const std::string& topic,
                                        int partition) {
  const auto client = MakeClient(RD_KAFKA_CONSUMER, Brokers(), {{"group.id", group}});
  auto* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), partition);
  const auto error = rd_kafka_committed(client.get(), list, kPatienceMs);
  const std::int64_t offset = list->elems[0].offset;
  rd_kafka_topic_partition_list_destroy(list);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR && offset >= 0 ? std::optional(offset) : std::nullopt;
}

}  // namespace streampark::connectors::kafka::it
