// SPDX-License-Identifier: Apache-2.0
#include "client_keys.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "streampark/base/log.h"
#include "streampark/base/spelling.h"

namespace streampark::connectors::kafka {
namespace {

enum class Fate : std::uint8_t {
  kSame,       // librdkafka has it by this name
  kMapped,     // by another name, which is `text`
  kKilobytes,  // by the name `text`, and in KiB there
  kIgnored,    // has no meaning here; `text` says why
  kRefused,    // cannot be honoured; `text` says what to do instead
};

struct Row {
  std::string_view name;
  Fate fate = Fate::kSame;
  std::string_view text = "";
};

constexpr std::string_view kFormats = "formats say how bytes become rows";
constexpr std::string_view kCheckpoints = "offsets are committed with checkpoints";
constexpr std::string_view kNoGroup = "partitions are given out by the job, not by a group";
constexpr std::string_view kStores =
    "Java's key stores cannot be read: give PEM files, ssl.ca.location and, for a certificate of "
    "its "
    "own, ssl.certificate.location and ssl.key.location; a PKCS#12 file may be "
    "ssl.keystore.location";

/// All names of both clients that people may have in their files.
constexpr Row kRows[] = {
    // Who we are to the cluster.
    {"client.id"},
    {"client.rack"},
    {"security.protocol"},
    {"sasl.mechanism"},
    {"sasl.mechanisms", Fate::kMapped, "sasl.mechanism"},
    {"sasl.username"},
    {"sasl.password"},
    {"sasl.jaas.config"},  // read below
    {"sasl.kerberos.service.name"},
    {"sasl.kerberos.principal"},
    {"sasl.kerberos.keytab"},
    {"sasl.kerberos.kinit.cmd"},
    {"sasl.kerberos.min.time.before.relogin"},
    {"sasl.oauthbearer.method"},
    {"sasl.oauthbearer.config"},
    {"sasl.oauthbearer.client.id"},
    {"sasl.oauthbearer.client.secret"},
    {"sasl.oauthbearer.scope"},
    {"sasl.oauthbearer.extensions"},
    {"sasl.oauthbearer.token.endpoint.url"},
    {"sasl.client.callback.handler.class", Fate::kRefused, "Java classes cannot be run"},
    {"sasl.login.callback.handler.class", Fate::kRefused, "Java classes cannot be run"},
    {"sasl.login.class", Fate::kRefused, "Java classes cannot be run"},
    {"ssl.ca.location"},
    {"ssl.ca.pem"},
    {"ssl.certificate.location"},
    {"ssl.certificate.pem"},
    {"ssl.key.location"},
    {"ssl.key.pem"},
    {"ssl.key.password"},
    {"ssl.keystore.location"},
    {"ssl.keystore.password"},
    {"ssl.keystore.type", Fate::kIgnored, "a key store is PKCS#12 here"},
    {"ssl.keystore.key", Fate::kMapped, "ssl.key.pem"},
    {"ssl.keystore.certificate.chain", Fate::kMapped, "ssl.certificate.pem"},
    {"ssl.truststore.certificates", Fate::kMapped, "ssl.ca.pem"},
    {"ssl.truststore.location", Fate::kRefused, kStores},
    {"ssl.truststore.password", Fate::kRefused, kStores},
    {"ssl.truststore.type", Fate::kIgnored, "certificates are PEM here"},
    {"ssl.endpoint.identification.algorithm"},
    {"ssl.cipher.suites"},
    {"ssl.crl.location"},
    {"ssl.protocol", Fate::kIgnored, "OpenSSL chooses the newest that both know"},
    {"ssl.enabled.protocols", Fate::kIgnored, "OpenSSL chooses the newest that both know"},
    {"enable.ssl.certificate.verification"},
    // Connections.
    {"client.dns.lookup", Fate::kIgnored, "all addresses of a name are tried"},
    {"connections.max.idle.ms"},
    {"metadata.max.age.ms"},
    {"reconnect.backoff.ms"},
    {"reconnect.backoff.max.ms"},
    {"retry.backoff.ms"},
    {"request.timeout.ms", Fate::kMapped, "socket.timeout.ms"},
    {"default.api.timeout.ms", Fate::kIgnored, "calls have a time of their own"},
    {"send.buffer.bytes", Fate::kMapped, "socket.send.buffer.bytes"},
    {"receive.buffer.bytes", Fate::kMapped, "socket.receive.buffer.bytes"},
    {"socket.timeout.ms"},
    {"socket.keepalive.enable"},
    {"socket.nagle.disable"},
    {"socket.connection.setup.timeout.ms"},
    {"socket.connection.setup.timeout.max.ms", Fate::kIgnored, "there is one time for it"},
    {"broker.address.family"},
    {"broker.address.ttl"},
    {"topic.metadata.refresh.interval.ms"},
    {"debug"},
    {"metric.reporters", Fate::kIgnored, "Java classes cannot be run"},
    {"metrics.num.samples", Fate::kIgnored, "metrics are the job's"},
    {"metrics.recording.level", Fate::kIgnored, "metrics are the job's"},
    {"metrics.sample.window.ms", Fate::kIgnored, "metrics are the job's"},
    {"interceptor.classes", Fate::kRefused, "Java classes cannot be run"},
    // Reading.
    {"fetch.min.bytes"},
    {"fetch.max.bytes"},
    {"fetch.max.wait.ms", Fate::kMapped, "fetch.wait.max.ms"},
    {"fetch.wait.max.ms"},
    {"fetch.message.max.bytes"},
    {"fetch.error.backoff.ms"},
    {"max.partition.fetch.bytes"},
    {"queued.min.messages"},
    {"queued.max.messages.kbytes"},
    {"check.crcs"},
    {"allow.auto.create.topics"},
    {"max.poll.records", Fate::kIgnored, "batch.rows is the option for it"},
    {"enable.auto.commit", Fate::kIgnored, kCheckpoints},
    {"auto.commit.interval.ms", Fate::kIgnored, kCheckpoints},
    {"group.instance.id", Fate::kIgnored, kNoGroup},
    {"group.protocol", Fate::kIgnored, kNoGroup},
    {"heartbeat.interval.ms", Fate::kIgnored, kNoGroup},
    {"max.poll.interval.ms", Fate::kIgnored, kNoGroup},
    {"partition.assignment.strategy", Fate::kIgnored, kNoGroup},
    {"session.timeout.ms", Fate::kIgnored, kNoGroup},
    {"exclude.internal.topics", Fate::kIgnored, "topics that begin with __ are never found"},
    {"key.deserializer", Fate::kIgnored, kFormats},
    {"value.deserializer", Fate::kIgnored, kFormats},
    {"partition.discovery.interval.ms", Fate::kRefused, "discovery.interval is the option for it"},
    {"auto.offset.reset", Fate::kRefused, "give it without properties."},
    {"group.id", Fate::kRefused, "give it without properties."},
    {"isolation.level", Fate::kRefused, "give it without properties."},
    {"bootstrap.servers", Fate::kRefused, "give it without properties."},
    // Writing.
    {"acks"},
    {"batch.size"},
    {"batch.num.messages"},
    {"buffer.memory", Fate::kKilobytes, "queue.buffering.max.kbytes"},
    {"queue.buffering.max.kbytes"},
    {"queue.buffering.max.messages"},
    {"queue.buffering.max.ms", Fate::kMapped, "linger.ms"},
    {"compression.type"},
    {"compression.codec", Fate::kMapped, "compression.type"},
    {"compression.level"},
    {"delivery.timeout.ms"},
    {"message.timeout.ms", Fate::kMapped, "delivery.timeout.ms"},
    {"linger.ms"},
    {"max.request.size", Fate::kMapped, "message.max.bytes"},
    {"message.max.bytes"},
    {"max.in.flight.requests.per.connection", Fate::kIgnored,
     "it is one: a request that overtakes another would lose it"},
    {"sticky.partitioning.linger.ms"},
    {"retries"},
    {"max.block.ms", Fate::kIgnored, "a full buffer makes the job wait"},
    {"partitioner.class", Fate::kRefused, "partitioner is the option for it"},
    {"enable.idempotence", Fate::kIgnored, "it always is"},
    {"transactional.id", Fate::kRefused, "ids are made: transactional.id.prefix is the option"},
    {"transaction.timeout.ms", Fate::kRefused, "transaction.timeout is the option for it"},
    {"key.serializer", Fate::kIgnored, kFormats},
    {"value.serializer", Fate::kIgnored, kFormats},
};

/// Those that only a client that reads, or writes, knows; on the other side they are left out.
bool IsOf(std::string_view name, Side side) {
  constexpr std::string_view kReading[] = {"fetch.min.bytes",
                                           "fetch.max.bytes",
                                           "fetch.wait.max.ms",
                                           "fetch.message.max.bytes",
                                           "fetch.error.backoff.ms",
                                           "max.partition.fetch.bytes",
                                           "queued.min.messages",
                                           "queued.max.messages.kbytes",
                                           "check.crcs",
                                           "allow.auto.create.topics"};
  constexpr std::string_view kWriting[] = {"acks",
                                           "batch.size",
                                           "batch.num.messages",
                                           "queue.buffering.max.kbytes",
                                           "queue.buffering.max.messages",
                                           "compression.type",
                                           "compression.level",
                                           "delivery.timeout.ms",
                                           "linger.ms",
                                           "message.max.bytes",
                                           "sticky.partitioning.linger.ms",
                                           "retries",
                                           "retry.backoff.ms"};
  const auto holds = [name](const auto& names) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  };
  return side == Side::kSource ? !holds(kWriting) : !holds(kReading);
}

const Row* Find(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) {
      return &row;
    }
  }
  return nullptr;
}

base::FieldError Unknown(const std::string& name) {
  std::vector<std::string> names;
  for (const Row& row : kRows) {
    names.emplace_back(row.name);
  }
  const auto near = base::ClosestMatch(name, names);
  return {"/" + name, "no client of Kafka has the property '" + name + "'",
          near ? "did you mean '" + *near + "'?" : ""};
}

/// The value of `key="…"` in a line for Java's login modules.
std::optional<std::string> Quoted(std::string_view line, std::string_view key) {
  const auto at = line.find(std::string(key) + "=\"");
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  std::string value;
  for (std::size_t i = at + key.size() + 2; i < line.size() && line[i] != '"'; ++i) {
    i += line[i] == '\\' && i + 1 < line.size() ? 1 : 0;
    value.push_back(line[i]);
  }
  return value;
}

/// `org.apache.kafka.…PlainLoginModule required username="x" password="y";`, and the same of ScramLoginModule.
std::optional<base::FieldError> ReadLoginModule(const std::string& line, Settings& to) {
  const auto user = Quoted(line, "username");
  const auto password = Quoted(line, "password");
  if (!user || !password ||
      (line.find("PlainLoginModule") == std::string::npos &&
       line.find("ScramLoginModule") == std::string::npos)) {
    return base::FieldError{"/sasl.jaas.config", "names another module than Plain and Scram",
                            "give sasl.mechanism and what librdkafka needs for it"};
  }
  to.emplace("sasl.username", *user);
  to.emplace("sasl.password", *password);
  return std::nullopt;
}

std::optional<base::FieldError> Read(const std::string& name, const std::string& value, Side side,
                                     Settings& to) {
  const Row* row = Find(name);
  if (row == nullptr) {
    return Unknown(name);
  }
  if (name == "sasl.jaas.config") {
    return ReadLoginModule(value, to);
  }
  std::string target(row->fate == Fate::kSame ? row->name : row->text);
  switch (row->fate) {
    case Fate::kRefused:
      return base::FieldError{"/" + name, "'" + name + "' cannot be set", std::string(row->text)};
    case Fate::kIgnored:
      base::LogInfo("a property of Kafka's client has no meaning here",
                    {{"property", name}, {"why", row->text}});
      return std::nullopt;
    case Fate::kKilobytes: {
      std::int64_t bytes = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bytes);
      if (error != std::errc() || end != value.data() + value.size() || bytes < 1024) {
        return base::FieldError{"/" + name, "'" + value + "' is no number of bytes",
                                "1024 at least"};
      }
      to.emplace(std::move(target), std::to_string(bytes / 1024));
      return std::nullopt;
    }
    default:
      if (IsOf(target, side)) {
        to.emplace(std::move(target), value);
      }
      return std::nullopt;
  }
}

constexpr std::string_view kAnyKey = "properties.";

}  // namespace

base::Result<Settings> ReadClientKeys(const std::map<std::string, std::string>& given, Side side) {
  Settings settings;
  std::vector<base::FieldError> faults;
  for (const auto& [name, value] : given) {
    if (auto fault = Read(name, value, side, settings)) {
      faults.push_back(std::move(*fault));
    }
  }
  if (!faults.empty()) {
    return base::Error(base::ErrorCode::kValidationFailed, "some options are not valid")
        .WithFields(std::move(faults));
  }
  return settings;
}

std::vector<std::string> ClientKeyPrefixes() {
  return {std::string(kAnyKey), "sasl.", "security.", "ssl."};
}

std::map<std::string, std::string> GivenClientKeys(const OptionValues& options) {
  std::map<std::string, std::string> given;
  for (const std::string& prefix : ClientKeyPrefixes()) {
    for (const auto& [rest, value] : options.Passed(prefix)) {
      given[prefix == kAnyKey ? rest : prefix + rest] = value;
    }
  }
  return given;
}

}  // namespace streampark::connectors::kafka
