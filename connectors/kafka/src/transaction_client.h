// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "wire_answers.h"

namespace streampark::connectors::kafka {

/// Looks at transactions of any process, and ends them: what librdkafka does not do. Errors that may pass are tried again for a minute; then CLUSTER_UNREACHABLE.
/// Not thread-safe; opens connections as it needs them, in the calling thread.
class TransactionClient {
 public:
  explicit TransactionClient(WireSettings settings) : settings_(std::move(settings)) {}

  /// One an id, in their order.
  base::Result<std::vector<TransactionState>> Describe(std::span<const std::string> ids,
                                                       const std::stop_token& stop);
  /// Begins to commit an open transaction. kRefused: it is not, or not any more, that producer's open one: Describe says what it is.
  enum class Ended : std::uint8_t { kBegun, kRefused };
  base::Result<Ended> Commit(const std::string& id, std::int64_t producer_id, std::int16_t epoch,
                             const std::stop_token& stop);
  /// Aborts what is open under the id, and fences off who opened it. All is done when it returns.
  base::Status Abort(const std::string& id, const std::stop_token& stop);
  /// The ids of all transactions that are open anywhere in the cluster, as far as we may see them.
  base::Result<std::vector<std::string>> ListOpen(const std::stop_token& stop);
  /// Waits a moment, the longer the more often it was called; false when `stop` is requested.
  static bool Pause(int tries, const std::stop_token& stop);

 private:
  enum class Answer : std::uint8_t { kDone, kAgain };
  /// `attempt` until it is done.
  base::Status Try(const char* what, const std::stop_token& stop,
                   const std::function<base::Result<Answer>()>& attempt);
  base::Result<WireConnection*> AnyBroker(const std::stop_token& stop);
  base::Result<WireConnection*> Connection(const wire::Address& address,
                                           const std::stop_token& stop);
  base::Result<WireConnection*> Coordinator(const std::string& id, const std::stop_token& stop);
  base::Result<std::string> CallCoordinator(const std::string& id, const WireApi& api,
                                            const WireWriter& body, const std::stop_token& stop);
  base::Result<std::vector<wire::Address>> Brokers(const std::stop_token& stop);
  base::Result<TransactionState> DescribeOne(const std::string& id, Answer& answer,
                                             const std::stop_token& stop);
  void Forget();

  const WireSettings settings_;
  std::map<wire::Address, std::unique_ptr<WireConnection>> connections_;
  std::map<std::string, wire::Address> coordinators_;  // of ids
};

}  // namespace streampark::connectors::kafka
