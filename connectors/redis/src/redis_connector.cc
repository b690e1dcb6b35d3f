// SPDX-License-Identifier: Apache-2.0
#include "redis_connector.h"

#include <utility>

#include "streampark/connectors/option_errors.h"
#include "streampark/connectors/redis.h"

#include "sink_plan.h"
#include "source_plan.h"

namespace streampark::connectors {
namespace redis {
namespace {

constexpr std::uint16_t kUsualPort = 6379;

OptionTable MakeTable() {
  std::vector<OptionSpec> specs = {
      {.name = "address",
       .text = "Where the server is: `host:6379`, or the path of a unix socket.",
       .presence = OptionSpec::Presence::kRequired},
      {.name = "username", .text = "Who we are to it; absent: its default user."},
      {.name = "password", .kind = OptionKind::kSecret, .text = "The user's password."},
      {.name = "database",
       .kind = OptionKind::kInteger,
       .text = "The number of the database.",
       .fallback = "0",
       .least = 0,
       .most = 1'000'000},
      {.name = "tls",
       .kind = OptionKind::kBoolean,
       .text = "Whether the server speaks TLS.",
       .fallback = "false"},
      {.name = "tls.ca.file",
       .text = "A file of certificates that are trusted; absent: those of the system."},
      {.name = "tls.certificate.file", .text = "Our own certificate, where the server wants one."},
      {.name = "tls.key.file", .text = "Its private key."},
      {.name = "tls.key.password",
       .kind = OptionKind::kSecret,
       .text = "What that file is locked with."},
      {.name = "tls.verify",
       .kind = OptionKind::kChoice,
       .text = "What of the server's certificate is checked: who signed it and the name in it, who "
               "signed it, or nothing.",
       .fallback = "full",
       .choices = {"full", "certificate", "none"}},
      {.name = "timeout",
       .kind = OptionKind::kDuration,
       .text = "How long an answer may take.",
       .fallback = "15s",
       .least = 10},
      {.name = "type",
       .kind = OptionKind::kChoice,
       .text = "What is read or written.",
       .presence = OptionSpec::Presence::kRequired,
       .choices = {"stream", "hash", "string", "list"}},
      {.name = "key",
       .kind = OptionKind::kList,
       .text = "A source's: the streams or lists that are read. A sink's: the one that is written, "
               "where `{NAME}` stands for the value of that column: `user:{id}`."},
      {.name = "key.pattern",
       .kind = OptionKind::kList,
       .text =
           "Patterns of keys, as SCAN has them: `user:*`. What two of them match is read twice.",
       .use = OptionUse::kSource},
      {.name = "start",
       .kind = OptionKind::kChoice,
       .text = "Where a job without a checkpoint begins in a stream. Absent: `id` when that is "
               "given, else `earliest`. Streams that appear later are read from their first entry.",
       .use = OptionUse::kSource,
       .choices = {"earliest", "latest", "id"}},
      {.name = "start.id",
       .text = "The first entry that is read: `1526919030474-0`, or its milliseconds alone.",
       .use = OptionUse::kSource},
      {.name = "end",
       .kind = OptionKind::kChoice,
       .text = "Where a stream ends: at what is `latest` at the start, or at an id; absent: never.",
       .use = OptionUse::kSource,
       .choices = {"latest", "id"}},
      {.name = "end.id", .text = "The last entry that is read.", .use = OptionUse::kSource},
      {.name = "discovery.interval",
       .kind = OptionKind::kDuration,
       .text = "How often to look for new streams of a pattern.",
       .fallback = "1m",
       .use = OptionUse::kSource,
       .least = 10},
      {.name = "batch.rows",
       .kind = OptionKind::kInteger,
       .text = "The most entries that are asked for at once; SCAN may give some more.",
       .fallback = "1000",
       .use = OptionUse::kSource,
       .least = 1,
       .most = 65'536},
      {.name = "reply.limit",
       .kind = OptionKind::kSize,
       .text = "The most that one answer of the server may have. Where there are fewer entries to "
               "ask for, these are asked for before it fails.",
       .fallback = "64MiB",
       .least = 65'536,
       .most = 1LL << 32},
      {.name = "fields.missing",
       .kind = OptionKind::kChoice,
       .text =
           "What becomes of a field that a hash or an entry lacks. A column that is NOT NULL is "
           "refused in any case.",
       .fallback = "null",
       .use = OptionUse::kSource,
       .choices = {"null", "refuse"}},
      {.name = "value.field",
       .text = "Of streams: the one field that has the whole row, in a format. Absent: each column "
               "is a field."},
      {.name = "metadata.key",
       .text = "The column that is given the key.",
       .use = OptionUse::kSource},
      {.name = "metadata.id",
       .text = "The column that is given the id of a stream's entry.",
       .use = OptionUse::kSource},
      {.name = "metadata.timestamp",
       .text = "The column that is given the time in that id.",
       .use = OptionUse::kSource},
      {.name = "metadata.index",
       .text = "The column that is given the place in a list, from 0.",
       .use = OptionUse::kSource},
      {.name = "key.in.value",
       .kind = OptionKind::kBoolean,
       .text = "Whether the key's columns are written into the value, too.",
       .fallback = "true",
       .use = OptionUse::kSink},
      {.name = "ttl",
       .kind = OptionKind::kDuration,
       .text = "After which time a string or hash is forgotten, from its last write on; absent: "
               "never.",
       .use = OptionUse::kSink,
       .least = 1},
      {.name = "push",
       .kind = OptionKind::kChoice,
       .text = "The end of a list at which rows are added.",
       .fallback = "right",
       .use = OptionUse::kSink,
       .choices = {"right", "left"}},
      {.name = "max.length",
       .kind = OptionKind::kInteger,
       .text = "About how many entries a stream keeps; the oldest go. Absent: all.",
       .use = OptionUse::kSink,
       .least = 1},
      {.name = "delivery",
       .kind = OptionKind::kChoice,
       .text = "Of streams and lists; absent: `exactly-once`, which stages rows and adds them when "
               "their checkpoint is complete. `at-least-once` adds them at once, and after a "
               "failure again. Strings and hashes are written by their key, at once.",
       .use = OptionUse::kSink,
       .choices = {"exactly-once", "at-least-once"}},
      {.name = "staging.prefix",
       .text = "What the keys of staged rows and of the ledger begin with.",
       .fallback = "streampark",
       .use = OptionUse::kSink},
  };
  return OptionTable(std::move(specs)).With(formats::FormatOptions("json"));
}

std::string Given(const OptionValues& options, std::string_view name) {
  return options.Has(name) ? options.String(name) : std::string();
}

class RedisConnector final : public Connector {
 public:
  explicit RedisConnector(std::function<void()> before_sending)
      : before_sending_(std::move(before_sending)) {}

  std::string_view name() const override { return "redis"; }
  std::string_view text() const override { return "Streams, lists, strings and hashes of Redis."; }
  Capabilities capabilities() const override {
    return {.source = true, .sink = true, .replay = true, .upsert = true, .exactly_once = true};
  }
  const OptionTable& options() const override { return table_; }

  base::Result<std::unique_ptr<Source>> MakeSource(Setup setup) const override {
    if (!setup.schema) {
      return NeedsColumns("a Redis server");
    }
    const OptionValues& options = setup.options;
    SourcePlan plan;
    plan.server = SP_TRY(ServerOf(options));
    plan.type = KeyTypeOf(options.String("type"));
    plan.keys = options.List("key");
    plan.patterns = options.List("key.pattern");
    const bool by_pattern = plan.type == KeyType::kHash || plan.type == KeyType::kString;
    if (by_pattern && !plan.keys.empty()) {
      return WrongOption("key",
                         "a source of type " + options.String("type") + " reads by a pattern",
                         "give key.pattern");
    }
    if (plan.keys.empty() && plan.patterns.empty()) {
      return WrongOption(by_pattern ? "key.pattern" : "key", "is missing",
                         by_pattern ? "user:*" : "or give key.pattern");
    }
    const auto start = SP_TRY(ReadBound(options, "start", plan.type));
    plan.start = start.value_or(SourcePlan::Bound{});
    plan.end = SP_TRY(ReadBound(options, "end", plan.type));
    plan.discovery = options.Duration("discovery.interval");
    plan.batch_rows = options.Integer("batch.rows");
    plan.columns = SP_TRY(PlanColumns(options, setup.schema, plan.type, OptionUse::kSource, {}));
    return MakeRedisSource(std::move(plan));
  }

  base::Result<std::unique_ptr<Sink>> MakeSink(Setup setup) const override {
    if (!setup.schema) {
      return NeedsColumns("a Redis server");
    }
    const OptionValues& options = setup.options;
    SinkPlan plan;
    plan.server = SP_TRY(ServerOf(options));
    plan.server.before_sending = before_sending_;
    plan.type = KeyTypeOf(options.String("type"));
    if (options.List("key").size() != 1) {
      return WrongOption("key", "a sink writes to one", "user:{id}");
    }
    plan.key = SP_TRY(KeyTemplate::Parse(options.List("key")[0], *setup.schema));
    plan.columns = SP_TRY(PlanColumns(
        options, setup.schema, plan.type, OptionUse::kSink,
        options.Boolean("key.in.value") ? std::vector<std::size_t>() : plan.key.columns()));
    SP_TRY(CheckBelongs(options, plan));
    if (plan.by_key() && plan.key.columns().empty()) {
      return WrongOption("key",
                         "names no column, so that all rows are one " + options.String("type"),
                         "user:{id}");
    }
    if (options.Has("ttl")) {
      plan.ttl = options.Duration("ttl");
    }
    plan.addition.command = plan.type == KeyType::kStream      ? Addition::Command::kXadd
                            : options.String("push") == "left" ? Addition::Command::kLpush
                                                               : Addition::Command::kRpush;
    plan.addition.max_length = options.Has("max.length") ? options.Integer("max.length") : 0;
    plan.delivery = plan.by_key()                                   ? Delivery::kUpsert
                    : Given(options, "delivery") == "at-least-once" ? Delivery::kAtLeastOnce
                                                                    : Delivery::kExactlyOnce;
    plan.staging_prefix = options.String("staging.prefix");
    if (plan.staging_prefix.empty()) {
      return WrongOption("staging.prefix", "is empty");
    }
    return MakeRedisSink(std::move(plan));
  }

 private:
  base::Result<Server> ServerOf(const OptionValues& options) const {
    Server server;
    const auto address = wire::ParseAddress(options.String("address"), kUsualPort);
    if (!address || options.String("address").find('@') != std::string::npos) {
      return WrongOption("address", "is no address of a server",
                         "host:6379; who we are is said by 'username' and 'password'");
    }
    server.peer = {
        .address = *address,
        .tls = std::nullopt,
        .what = "the Redis server",
        .address_hint = "look at 'address', and whether the server runs and listens there",
        .tls_hint = "look at tls.*"};
    server.username = Given(options, "username");
    server.password = Given(options, "password");
    if (server.password.empty() && !server.username.empty()) {
      return WrongOption("password", "is missing beside 'username'");
    }
    server.database = options.Integer("database");
    server.timeout = options.Duration("timeout");
    server.reply_limit = static_cast<std::size_t>(options.Size("reply.limit"));
    if (options.Boolean("tls")) {
      const std::string& verify = options.String("tls.verify");
      server.peer.tls = wire::Tls{.ca_file = Given(options, "tls.ca.file"),
                                  .ca_pem = "",
                                  .certificate_file = Given(options, "tls.certificate.file"),
                                  .certificate_pem = "",
                                  .key_file = Given(options, "tls.key.file"),
                                  .key_pem = "",
                                  .key_password = Given(options, "tls.key.password"),
                                  .checks_certificate = verify != "none",
                                  .checks_name = verify == "full"};
    } else {
      for (const char* name : {"tls.ca.file", "tls.certificate.file", "tls.key.file"}) {
        if (options.Has(name)) {
          return WrongOption(name, "is of no use without 'tls: true'");
        }
      }
    }
    return server;
  }

  static base::Result<std::optional<SourcePlan::Bound>> ReadBound(const OptionValues& options,
                                                                  const std::string& option,
                                                                  KeyType type) {
    const std::string id_option = option + ".id";
    const bool has_id = options.Has(id_option);
    const std::string place = options.Has(option) ? options.String(option) : has_id ? "id" : "";
    if (place.empty()) {
      return std::nullopt;
    }
    if (type != KeyType::kStream) {
      return WrongOption(option, "is for streams alone");
    }
    if (has_id != (place == "id")) {
      return WrongOption(option, "does not go with what is given beside it",
                         "id needs " + id_option + ", and nothing else does");
    }
    SourcePlan::Bound bound{.latest = place == "latest", .id = {}};
    if (has_id) {
      const auto id = StreamId::Parse(options.String(id_option));
      if (!id) {
        return WrongOption(id_option, "'" + options.String(id_option) + "' is no id of an entry",
                           "1526919030474-0");
      }
      bound.id = *id;
    }
    return bound;
  }

  /// Options that are given and mean nothing to the type.
  static base::Status CheckBelongs(const OptionValues& options, const SinkPlan& plan) {
    const std::string of = "means nothing to a " + options.String("type");
    if (options.Has("ttl") && !plan.by_key()) {
      return WrongOption("ttl", of, "a stream has max.length");
    }
    if (options.Has("max.length") && plan.type != KeyType::kStream) {
      return WrongOption("max.length", of);
    }
    if (options.Has("delivery") && plan.by_key()) {
      return WrongOption("delivery", of,
                         "leave it out: rows are written by their key, and the same rows again "
                         "leave the same state");
    }
    return base::Ok();
  }

  const std::function<void()> before_sending_;
  const OptionTable table_ = MakeTable();
};

}  // namespace

std::unique_ptr<Connector> MakeRedisConnector(std::function<void()> before_sending) {
  return std::make_unique<RedisConnector>(std::move(before_sending));
}

}  // namespace redis

std::unique_ptr<Connector> MakeRedisConnector() { return redis::MakeRedisConnector(nullptr); }

}  // namespace streampark::connectors
