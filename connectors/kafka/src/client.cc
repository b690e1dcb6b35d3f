// SPDX-License-Identifier: Apache-2.0
#include "client.h"

#include "streampark/base/log.h"
#include "streampark/base/secret_keys.h"

namespace streampark::connectors::kafka {
namespace {

using base::ErrorCode;

/// | what happened                         | code                | tried again |
/// |---------------------------------------|---------------------|-------------|
/// | signing in, certificates              | BAD_CREDENTIALS     | no          |
/// | an ACL is missing                     | FORBIDDEN           | no          |
/// | no such topic, partition              | NOT_FOUND           | no          |
/// | the offset is gone                    | SNAPSHOT_INVALID    | no          |
/// | too large, not valid, not supported   | INVALID_REQUEST     | no          |
/// | nobody answers                        | CLUSTER_UNREACHABLE | yes         |
/// | all else                              | ENGINE_ERROR        | yes         |
ErrorCode CodeOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
      return ErrorCode::kBadCredentials;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return ErrorCode::kForbidden;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return ErrorCode::kNotFound;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return ErrorCode::kSnapshotInvalid;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return ErrorCode::kInvalidRequest;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
      return ErrorCode::kClusterUnreachable;
    default:
      return ErrorCode::kEngineError;
  }
}

std::string HintOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadCredentials:
      return "look at security.protocol, sasl.* and ssl.*";
    case ErrorCode::kForbidden:
      return "the cluster's ACLs do not allow it";
    case ErrorCode::kClusterUnreachable:
      return "look at bootstrap.servers, and at the addresses that the brokers advertise";
    default:
      return "";
  }
}

void OnLog(const rd_kafka_t* /*handle*/, int level, const char* facility, const char* text) {
  constexpr int kError = 3;  // as syslog counts
  const std::string_view what = facility;
  // Calls fail because of these two, and say so.
  const bool told = what == "FATAL" || what == "TXNERR";
  base::Log(level <= kError && !told ? base::LogLevel::kWarn : base::LogLevel::kDebug,
            "kafka client", {{"facility", facility}, {"text", text}});
}

}  // namespace

base::Error ToError(rd_kafka_resp_err_t error, std::string_view text, std::string_view what) {
  const ErrorCode code = CodeOf(error);
  return base::Error(code, std::string(what)).WithCause(std::string(text)).WithHint(HintOf(code));
}

base::Result<std::unique_ptr<Client>> Client::Make(rd_kafka_type_t type, const Settings& settings) {
  std::unique_ptr<Client> client(new Client(*SP_TRY(LoadLibrdkafka())));
  const Librdkafka& rd = client->rd_;
  char text[512] = "";
  rd_kafka_conf_t* conf = rd.conf_new();
  for (const auto& [name, value] : settings) {
    if (rd.conf_set(conf, name.c_str(), value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) {
      rd.conf_destroy(conf);
      return base::Error(ErrorCode::kValidationFailed, "some options are not valid")
          .WithField({"/" + name, base::IsSecretKey(name) ? "is refused by librdkafka" : text, ""});
    }
  }
  constexpr int kGoodAtScram = 0x020601ff;
  const auto mechanism = settings.find("sasl.mechanism");
  if (mechanism != settings.end() && mechanism->second.starts_with("SCRAM") &&
      rd.version() < kGoodAtScram) {
    // It repeats its nonce: 3.9.1 lets that pass, and 4.1.0 does not.
    client->sign_in_hint_ = std::string("; brokers of Kafka 4 refuse the SCRAM of librdkafka ") +
                            rd.version_str() +
                            ": install 2.6.1 or newer, or sign in by PLAIN over TLS";
  }
  rd.conf_set_opaque(conf, client.get());
  rd.conf_set_log_cb(conf, OnLog);
  rd.conf_set_error_cb(conf, OnError);
  if (type == RD_KAFKA_PRODUCER) {
    rd.conf_set_dr_msg_cb(conf, OnDelivery);
  }
  client->handle_ = rd.create(type, conf, text, sizeof text);
  if (client->handle_ == nullptr) {
    rd.conf_destroy(conf);
    return base::Error(ErrorCode::kInvalidRequest, "librdkafka refuses these options")
        .WithCause(text);
  }
  return client;
}

Client::~Client() {
  if (handle_ != nullptr) {
    // Else it would wait until everything is delivered or given up.
    rd_.purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_.destroy(handle_);
  }
}

void Client::OnError(rd_kafka_t* /*handle*/, int error, const char* reason, void* self) {
  const auto code = static_cast<rd_kafka_resp_err_t>(error);
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    return;  // the calls that fail because of it say so
  }
  auto& client = *static_cast<Client*>(self);
  base::Error kept = ToError(code, reason, "the Kafka cluster cannot be used");
  if (kept.retryable()) {
    client.passing_ = std::move(kept);
  } else if (!client.lasting_) {
    const std::string hint = kept.hint() + client.sign_in_hint_;
    client.lasting_ = std::move(kept).WithHint(hint);
  }
}

void Client::OnDelivery(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* self) {
  auto& client = *static_cast<Client*>(self);
  const auto error = message->err;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR && !client.delivered_) {
    client.delivered_ = {.partition = message->partition, .offset = message->offset};
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__PURGE_QUEUE &&
      error != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT && !client.lasting_) {
    client.lasting_ = ToError(
        error, client.rd_.err2str(error),
        std::string("a row was not delivered to the topic ") + client.rd_.topic_name(message->rkt));
  }
}

base::Status Client::Poll() {
  rd_.poll(handle_, 0);
  return lasting_ ? base::Status(*lasting_) : base::Ok();
}

base::Status Client::PollAll() {
  SP_TRY(Poll());
  const auto passing = std::exchange(passing_, std::nullopt);
  return passing ? base::Status(*passing) : base::Ok();
}

base::Result<const struct rd_kafka_metadata*> Client::Metadata(rd_kafka_topic_t* topic,
                                                               std::string_view what) {
  constexpr int kStepMs = 500;
  constexpr int kSteps = 40;
  const struct rd_kafka_metadata* answer = nullptr;
  for (int step = 1;; ++step) {
    const auto error = rd_.metadata(handle_, topic == nullptr ? 1 : 0, topic, &answer, kStepMs);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      return answer;
    }
    if (auto lasting = Poll(); !lasting.ok()) {
      return std::move(lasting).error().Annotate(what);
    }
    const bool may_pass =
        error == RD_KAFKA_RESP_ERR__TRANSPORT || error == RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (!may_pass || step == kSteps) {
      return Explain(error, what);
    }
  }
}

base::Error Client::Explain(rd_kafka_resp_err_t error, std::string_view what) {
  base::Error told = ToError(error, rd_.err2str(error), what);
  if (told.code() == ErrorCode::kClusterUnreachable) {
    if (auto found = PollAll(); !found.ok()) {
      return std::move(found).error().Annotate(what);
    }
  }
  return told;
}

base::Error Client::Explain(rd_kafka_error_t* error, std::string_view what) {
  const auto code = rd_.error_code(error);
  const std::string text = rd_.error_string(error);
  rd_.error_destroy(error);
  base::Error told = Explain(code, what);
  return told.code() == ErrorCode::kClusterUnreachable ? told : ToError(code, text, what);
}

}  // namespace streampark::connectors::kafka
