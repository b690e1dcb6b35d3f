// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/connectors/wire/address.h"

#include "wire_connection.h"

/// What brokers answer, out of the bytes of an answer's body, in the one version of each that is spoken here. A broker's error is in the
/// value; ENGINE_ERROR: what came is no such answer.
namespace streampark::connectors::kafka {

/// What a coordinator says of a transactional id.
struct TransactionState {
  enum class Phase : std::uint8_t {
    kUnknown,  // nobody has used the id, or it is forgotten
    kNone,     // a producer has it, and no transaction yet
    kOpen,
    kCommitting,
    kCommitted,
    kAborting,
    kAborted,
  };

  Phase phase = Phase::kUnknown;
  std::int64_t producer_id = -1;
  std::int16_t epoch = -1;
  std::int64_t begun_ms = -1;  // of the transaction, by the clock of the broker
};

template <typename T>
struct WireAnswer {
  std::int16_t error = 0;  // of Kafka's list; 0: none
  T value{};
};

/// The versions of a request that a broker knows.
struct WireVersions {
  std::int16_t key = 0;
  std::int16_t least = 0;
  std::int16_t most = 0;
};

/// What a broker says to a step of signing in.
struct WireToken {
  std::string why;  // it refuses
  std::string reply;
};

base::Result<WireAnswer<std::vector<WireVersions>>> ReadVersions(std::string_view answer);
base::Result<WireAnswer<WireToken>> ReadToken(std::string_view answer);
base::Result<WireAnswer<wire::Address>> ReadCoordinator(std::string_view answer);
base::Result<WireAnswer<TransactionState>> ReadTransaction(std::string_view answer);
/// Of EndTxn and InitProducerId, of which no more is of interest.
base::Result<std::int16_t> ReadOutcome(const WireApi& api, std::string_view answer);
base::Result<WireAnswer<std::vector<wire::Address>>> ReadBrokers(std::string_view answer);
/// The ids of transactions.
base::Result<WireAnswer<std::vector<std::string>>> ReadTransactionIds(std::string_view answer);

}  // namespace streampark::connectors::kafka
