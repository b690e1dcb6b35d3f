// SPDX-License-Identifier: Apache-2.0
#include "wire_connection.h"

#include <algorithm>
#include <array>

#include "streampark/base/random.h"

#include "scram.h"
#include "wire_answers.h"

namespace streampark::connectors::kafka {
namespace {

using std::chrono::steady_clock;

constexpr base::Millis kPatience{15'000};
constexpr std::int32_t kMostOfAnAnswer = 64 << 20;
constexpr const char* kClientId = "streampark";

base::Error NotSignedIn(std::string_view why) {
  return base::Error(base::ErrorCode::kBadCredentials, "the broker refuses to let us sign in")
      .WithCause(std::string(why))
      .WithHint("look at security.protocol, sasl.* and ssl.*");
}

}  // namespace

base::Error WireNonsense(const WireApi& api) {
  return base::Error(base::ErrorCode::kEngineError,
                     std::string("a broker's answer to ") + api.name + " cannot be read");
}

base::Result<std::unique_ptr<WireConnection>> WireConnection::Open(const WireSettings& settings,
                                                                   const wire::Address& address,
                                                                   const std::stop_token& stop) {
  wire::Peer peer{
      .address = address,
      .tls = settings.tls,
      .what = "the broker",
      .address_hint = "look at bootstrap.servers, and at the addresses that the brokers advertise",
      .tls_hint = "look at ssl.*"};
  auto stream = SP_TRY(wire::Socket::Open(std::move(peer), steady_clock::now() + kPatience, stop));
  std::unique_ptr<WireConnection> connection(new WireConnection(std::move(stream)));
  SP_TRY(connection->CheckVersions(address, stop));
  if (settings.sasl != WireSettings::Sasl::kNone) {
    SP_TRY(connection->SignIn(settings, stop));
  }
  return connection;
}

base::Result<std::string> WireConnection::Call(const WireApi& api, const WireWriter& body,
                                               const std::stop_token& stop) {
  const auto deadline = steady_clock::now() + kPatience;
  const std::int32_t id = ++calls_;
  WireWriter header;
  header.Number(api.key).Number(api.version).Number(id).Text(kClientId);
  if (api.flexible) {
    header.NoTags();
  }
  WireWriter frame;
  frame.Bytes(header.bytes() + body.bytes());
  SP_TRY(stream_->Write(frame.bytes(), deadline, stop));

  const std::string head = SP_TRY(stream_->Read(8, deadline, stop));
  WireReader in(head);
  const auto size = in.Number<std::int32_t>();
  if (in.Number<std::int32_t>() != id || size < 4 || size > kMostOfAnAnswer) {
    return WireNonsense(api);
  }
  std::string answer = SP_TRY(stream_->Read(static_cast<std::size_t>(size) - 4, deadline, stop));
  if (api.flexible) {
    WireReader tagged(answer);
    tagged.SkipTags();
    if (tagged.failed()) {
      return WireNonsense(api);
    }
    answer.erase(0, answer.size() - tagged.rest().size());
  }
  return answer;
}

base::Status WireConnection::CheckVersions(const wire::Address& address,
                                           const std::stop_token& stop) {
  const std::string answer = SP_TRY(Call(kApiVersions, {}, stop));
  const auto [error, known] = SP_TRY(ReadVersions(answer));
  if (error != 0) {
    return WireNonsense(kApiVersions);
  }
  std::array<const WireApi*, 6> needed = {
      &kFindCoordinator, &kInitProducerId,       &kEndTxn,
      &kDescribeCluster, &kDescribeTransactions, &kListTransactions};
  for (const WireVersions& one : known) {
    for (const WireApi*& api : needed) {
      if (api != nullptr && api->key == one.key && one.least <= api->version &&
          api->version <= one.most) {
        api = nullptr;
      }
    }
  }
  for (const WireApi* api : needed) {
    if (api != nullptr) {
      return base::Error(base::ErrorCode::kVersionMismatch,
                         "the broker " + address.host + ":" + std::to_string(address.port) +
                             " does not know " + api->name + " in version " +
                             std::to_string(api->version))
          .WithHint("exactly once needs Kafka 3.0 or newer; or set delivery = at-least-once");
    }
  }
  return base::Ok();
}

base::Status WireConnection::SignIn(const WireSettings& settings, const std::stop_token& stop) {
  using Sasl = WireSettings::Sasl;
  const char* mechanism = settings.sasl == Sasl::kPlain         ? "PLAIN"
                          : settings.sasl == Sasl::kScramSha256 ? "SCRAM-SHA-256"
                                                                : "SCRAM-SHA-512";
  WireWriter asked;
  asked.Text(mechanism);
  const std::string answer = SP_TRY(Call(kSaslHandshake, asked, stop));
  if (WireReader in(answer); in.Number<std::int16_t>() != 0 || in.failed()) {
    return NotSignedIn(std::string("it does not offer ") + mechanism);
  }
  if (settings.sasl == Sasl::kPlain) {
    std::string token(1, '\0');
    token.append(settings.user).append(1, '\0').append(settings.password);
    SP_TRY(Authenticate(token, stop));
    return base::Ok();
  }
  base::SecureRandom random;
  Scram scram(settings.sasl == Sasl::kScramSha256 ? Scram::Hash::kSha256 : Scram::Hash::kSha512,
              settings.user, settings.password, base::RandomHex(random, 16));
  const std::string first = SP_TRY(Authenticate(scram.First(), stop));
  const std::string proof = SP_TRY(scram.Final(first));
  const std::string last = SP_TRY(Authenticate(proof, stop));
  return scram.Check(last);
}

base::Result<std::string> WireConnection::Authenticate(std::string_view token,
                                                       const std::stop_token& stop) {
  WireWriter body;
  body.Bytes(token);
  const std::string answer = SP_TRY(Call(kSaslAuthenticate, body, stop));
  auto [error, said] = SP_TRY(ReadToken(answer));
  if (error != 0) {
    return NotSignedIn(said.why.empty() ? "error " + std::to_string(error) : said.why);
  }
  return std::move(said.reply);
}

}  // namespace streampark::connectors::kafka
