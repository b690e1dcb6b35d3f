// SPDX-License-Identifier: Apache-2.0
#include "wire_answers.h"

#include <limits>
#include <utility>

namespace streampark::connectors::kafka {
namespace {

TransactionState::Phase PhaseOf(std::string_view name) {
  using Phase = TransactionState::Phase;
  constexpr std::pair<std::string_view, Phase> kNames[] = {{"Empty", Phase::kNone},
                                                           {"Ongoing", Phase::kOpen},
                                                           {"PrepareCommit", Phase::kCommitting},
                                                           {"CompleteCommit", Phase::kCommitted},
                                                           {"PrepareAbort", Phase::kAborting},
                                                           {"PrepareEpochFence", Phase::kAborting},
                                                           {"CompleteAbort", Phase::kAborted},
                                                           {"Dead", Phase::kUnknown}};
  for (const auto& [known, phase] : kNames) {
    if (name == known) {
      return phase;
    }
  }
  return Phase::kUnknown;
}

void SkipThrottleTime(WireReader& in) { in.Number<std::int32_t>(); }

/// A port is 32 bits wide on the wire, and one that is none makes the answer unreadable.
bool TakePort(WireReader& in, wire::Address& address) {
  const auto port = in.Number<std::int32_t>();
  address.port = static_cast<std::uint16_t>(port);
  return port >= 0 && port <= std::numeric_limits<std::uint16_t>::max();
}

}  // namespace

base::Result<WireAnswer<std::vector<WireVersions>>> ReadVersions(std::string_view answer) {
  WireReader in(answer);
  WireAnswer<std::vector<WireVersions>> read{.error = in.Number<std::int16_t>()};
  for (auto count = in.Number<std::int32_t>(); count > 0 && !in.failed(); --count) {
    auto& one = read.value.emplace_back();
    one.key = in.Number<std::int16_t>();
    one.least = in.Number<std::int16_t>();
    one.most = in.Number<std::int16_t>();
  }
  if (in.failed()) {
    return WireNonsense(kApiVersions);
  }
  return read;
}

base::Result<WireAnswer<WireToken>> ReadToken(std::string_view answer) {
  WireReader in(answer);
  WireAnswer<WireToken> read{.error = in.Number<std::int16_t>()};
  read.value.why = in.Text();
  read.value.reply = in.Bytes();
  if (in.failed()) {
    return WireNonsense(kSaslAuthenticate);
  }
  return read;
}

base::Result<WireAnswer<wire::Address>> ReadCoordinator(std::string_view answer) {
  WireReader in(answer);
  SkipThrottleTime(in);
  WireAnswer<wire::Address> read{.error = in.Number<std::int16_t>()};
  in.Text();                  // why
  in.Number<std::int32_t>();  // the broker's number
  read.value.host = in.Text();
  const bool is_port = TakePort(in, read.value);
  // With an error the address is none: port -1.
  if (in.failed() || (read.error == 0 && !is_port)) {
    return WireNonsense(kFindCoordinator);
  }
  return read;
}

base::Result<WireAnswer<TransactionState>> ReadTransaction(std::string_view answer) {
  WireReader in(answer);
  SkipThrottleTime(in);
  const std::size_t count = in.CompactCount();
  WireAnswer<TransactionState> read{.error = in.Number<std::int16_t>()};
  in.CompactText();  // the id
  read.value.phase = PhaseOf(in.CompactText());
  in.Number<std::int32_t>();  // its timeout
  read.value.begun_ms = in.Number<std::int64_t>();
  read.value.producer_id = in.Number<std::int64_t>();
  read.value.epoch = in.Number<std::int16_t>();
  if (in.failed() || count != 1) {
    return WireNonsense(kDescribeTransactions);
  }
  return read;
}

base::Result<std::int16_t> ReadOutcome(const WireApi& api, std::string_view answer) {
  WireReader in(answer);
  SkipThrottleTime(in);
  const auto error = in.Number<std::int16_t>();
  if (in.failed()) {
    return WireNonsense(api);
  }
  return error;
}

base::Result<WireAnswer<std::vector<wire::Address>>> ReadBrokers(std::string_view answer) {
  WireReader in(answer);
  SkipThrottleTime(in);
  WireAnswer<std::vector<wire::Address>> read{.error = in.Number<std::int16_t>()};
  in.CompactText();           // why
  in.CompactText();           // the cluster's id
  in.Number<std::int32_t>();  // the controller
  bool are_ports = true;
  for (std::size_t count = in.CompactCount(); count > 0 && !in.failed(); --count) {
    auto& broker = read.value.emplace_back();
    in.Number<std::int32_t>();  // its number
    broker.host = in.CompactText();
    are_ports = TakePort(in, broker) && are_ports;
    in.CompactText();  // its rack
    in.SkipTags();
  }
  if (in.failed() || (read.error == 0 && (!are_ports || read.value.empty()))) {
    return WireNonsense(kDescribeCluster);
  }
  return read;
}

base::Result<WireAnswer<std::vector<std::string>>> ReadTransactionIds(std::string_view answer) {
  WireReader in(answer);
  SkipThrottleTime(in);
  WireAnswer<std::vector<std::string>> read{.error = in.Number<std::int16_t>()};
  for (std::size_t unknown = in.CompactCount(); unknown > 0 && !in.failed(); --unknown) {
    in.CompactText();  // states that the broker does not know
  }
  for (std::size_t count = in.CompactCount(); count > 0 && !in.failed(); --count) {
    read.value.emplace_back(in.CompactText());
    in.Number<std::int64_t>();  // the producer
    in.CompactText();           // the state
    in.SkipTags();
  }
  if (in.failed()) {
    return WireNonsense(kListTransactions);
  }
  return read;
}

}  // namespace streampark::connectors::kafka
