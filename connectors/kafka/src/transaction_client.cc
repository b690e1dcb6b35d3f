// SPDX-License-Identifier: Apache-2.0
#include "transaction_client.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>

namespace streampark::connectors::kafka {
namespace {

using std::chrono::steady_clock;

constexpr base::Millis kLongEnough{60'000};
constexpr std::int8_t kTransactions = 1;  // the kind of coordinator
constexpr std::int32_t kAbortTimeoutMs = 60'000;

/// Of Kafka's list of errors, those that matter here.
enum WireError : std::int16_t {
  kNoError = 0,
  kCoordinatorLoading = 14,
  kCoordinatorNotAvailable = 15,
  kNotCoordinator = 16,
  kClusterForbidden = 31,
  kInvalidProducerEpoch = 47,
  kInvalidTransactionState = 48,
  kInvalidProducerIdMapping = 49,
  kConcurrentTransactions = 51,
  kTransactionalIdForbidden = 53,
  kProducerFenced = 90,
  kTransactionalIdNotFound = 105,
};

bool MayPass(std::int16_t error) {
  return error == kCoordinatorLoading || error == kCoordinatorNotAvailable ||
         error == kNotCoordinator || error == kConcurrentTransactions;
}

base::Error Refused(const WireApi& api, std::int16_t error, const std::string& of) {
  const bool forbidden = error == kTransactionalIdForbidden || error == kClusterForbidden;
  return base::Error(forbidden ? base::ErrorCode::kForbidden : base::ErrorCode::kEngineError,
                     std::string(api.name) + " of " + of + " is refused")
      .WithCause("error " + std::to_string(error) + " of Kafka")
      .WithHint(forbidden ? "the user needs to describe the cluster, and to describe and write "
                            "transactional ids with the prefix"
                          : "");
}

}  // namespace

bool TransactionClient::Pause(int tries, const std::stop_token& stop) {
  constexpr int kMostMs = 500;
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, base::Millis(std::min(2 << std::min(tries, 8), kMostMs)),
                   [] { return false; });
  return !stop.stop_requested();
}

void TransactionClient::Forget() {
  connections_.clear();
  coordinators_.clear();
}

base::Status TransactionClient::Try(const char* what, const std::stop_token& stop,
                                    const std::function<base::Result<Answer>()>& attempt) {
  const auto end = steady_clock::now() + kLongEnough;
  for (int tries = 0;; ++tries) {
    auto answer = attempt();
    if (answer.ok() && *answer == Answer::kDone) {
      return base::Ok();
    }
    if (!answer.ok() &&
        (!answer.error().retryable() || answer.error().code() == base::ErrorCode::kCancelled)) {
      return std::move(answer).error();
    }
    if (steady_clock::now() > end) {
      return answer.ok()
                 ? base::Error(base::ErrorCode::kClusterUnreachable,
                               std::string(what) + " was not possible: the coordinator is busy")
                 : std::move(answer).error();
    }
    if (!answer.ok()) {
      Forget();  // a broker is gone, or has closed a connection that nobody used
    }
    if (!Pause(tries, stop)) {
      return base::Error(base::ErrorCode::kCancelled, std::string(what) + " was stopped");
    }
  }
}

base::Result<WireConnection*> TransactionClient::Connection(const wire::Address& address,
                                                            const std::stop_token& stop) {
  auto& connection = connections_[address];
  if (!connection) {
    connection = SP_TRY(WireConnection::Open(settings_, address, stop));
  }
  return connection.get();
}

base::Result<WireConnection*> TransactionClient::AnyBroker(const std::stop_token& stop) {
  base::Error last(base::ErrorCode::kValidationFailed, "bootstrap.servers names no broker");
  for (const wire::Address& address : settings_.brokers) {
    auto connection = Connection(address, stop);
    if (connection.ok()) {
      return *connection;
    }
    last = connection.error();
  }
  return last;
}

base::Result<WireConnection*> TransactionClient::Coordinator(const std::string& id,
                                                             const std::stop_token& stop) {
  if (const auto known = coordinators_.find(id); known != coordinators_.end()) {
    return Connection(known->second, stop);
  }
  WireWriter body;
  body.Text(id).Number(kTransactions);
  WireConnection* broker = SP_TRY(AnyBroker(stop));
  const std::string answer = SP_TRY(broker->Call(kFindCoordinator, body, stop));
  const auto [error, address] = SP_TRY(ReadCoordinator(answer));
  if (MayPass(error)) {
    return base::Error(base::ErrorCode::kClusterUnreachable,
                       "no coordinator of transactions is there yet");
  }
  if (error != kNoError) {
    return Refused(kFindCoordinator, error, id);
  }
  coordinators_[id] = address;
  return Connection(address, stop);
}

base::Result<std::string> TransactionClient::CallCoordinator(const std::string& id,
                                                             const WireApi& api,
                                                             const WireWriter& body,
                                                             const std::stop_token& stop) {
  WireConnection* broker = SP_TRY(Coordinator(id, stop));
  return broker->Call(api, body, stop);
}

base::Result<TransactionState> TransactionClient::DescribeOne(const std::string& id, Answer& answer,
                                                              const std::stop_token& stop) {
  WireWriter body;
  body.CompactCount(1).CompactText(id).NoTags();
  const std::string bytes = SP_TRY(CallCoordinator(id, kDescribeTransactions, body, stop));
  const auto [error, state] = SP_TRY(ReadTransaction(bytes));
  answer = MayPass(error) ? Answer::kAgain : Answer::kDone;
  if (error == kTransactionalIdNotFound || MayPass(error)) {
    coordinators_.erase(id);
    return TransactionState{};
  }
  if (error != kNoError) {
    return Refused(kDescribeTransactions, error, id);
  }
  return state;
}

base::Result<std::vector<TransactionState>> TransactionClient::Describe(
    std::span<const std::string> ids, const std::stop_token& stop) {
  std::vector<TransactionState> states;
  for (const std::string& id : ids) {
    SP_TRY(Try("looking at a transaction", stop, [&]() -> base::Result<Answer> {
      Answer answer = Answer::kDone;
      const TransactionState state = SP_TRY(DescribeOne(id, answer, stop));
      if (answer == Answer::kDone) {
        states.push_back(state);
      }
      return answer;
    }));
  }
  return states;
}

base::Result<TransactionClient::Ended> TransactionClient::Commit(const std::string& id,
                                                                 std::int64_t producer_id,
                                                                 std::int16_t epoch,
                                                                 const std::stop_token& stop) {
  constexpr std::int8_t kCommit = 1;
  WireWriter body;
  body.Text(id).Number(producer_id).Number(epoch).Number(kCommit);
  Ended ended = Ended::kBegun;
  SP_TRY(Try("committing a transaction", stop, [&]() -> base::Result<Answer> {
    const std::string answer = SP_TRY(CallCoordinator(id, kEndTxn, body, stop));
    const auto error = SP_TRY(ReadOutcome(kEndTxn, answer));
    if (MayPass(error)) {
      coordinators_.erase(id);
      return Answer::kAgain;
    }
    if (error == kInvalidProducerEpoch || error == kProducerFenced ||
        error == kInvalidTransactionState || error == kInvalidProducerIdMapping) {
      ended = Ended::kRefused;
    } else if (error != kNoError) {
      return Refused(kEndTxn, error, id);
    }
    return Answer::kDone;
  }));
  return ended;
}

base::Status TransactionClient::Abort(const std::string& id, const std::stop_token& stop) {
  WireWriter body;
  body.Text(id).Number(kAbortTimeoutMs);
  return Try("aborting a transaction", stop, [&]() -> base::Result<Answer> {
    const std::string answer = SP_TRY(CallCoordinator(id, kInitProducerId, body, stop));
    const auto error = SP_TRY(ReadOutcome(kInitProducerId, answer));
    if (error == kConcurrentTransactions) {
      return Answer::kAgain;  // until it is aborted
    }
    // Fenced: somebody else aborts it at this moment.
    if (MayPass(error) || error == kInvalidProducerEpoch || error == kProducerFenced) {
      coordinators_.erase(id);
      return Answer::kAgain;
    }
    return error == kNoError ? base::Result<Answer>(Answer::kDone)
                             : Refused(kInitProducerId, error, id);
  });
}

base::Result<std::vector<wire::Address>> TransactionClient::Brokers(const std::stop_token& stop) {
  WireWriter body;
  body.Number(std::int8_t{0}).NoTags();  // without rights
  WireConnection* broker = SP_TRY(AnyBroker(stop));
  const std::string answer = SP_TRY(broker->Call(kDescribeCluster, body, stop));
  auto read = SP_TRY(ReadBrokers(answer));
  if (read.error != kNoError) {
    return Refused(kDescribeCluster, read.error, "the cluster");
  }
  return std::move(read.value);
}

base::Result<std::vector<std::string>> TransactionClient::ListOpen(const std::stop_token& stop) {
  WireWriter body;
  body.CompactCount(1).CompactText("Ongoing").CompactCount(0).NoTags();  // of any producer
  std::vector<std::string> open;
  SP_TRY(Try("listing transactions", stop, [&]() -> base::Result<Answer> {
    open.clear();
    for (const wire::Address& address : SP_TRY(Brokers(stop))) {
      WireConnection* broker = SP_TRY(Connection(address, stop));
      const std::string answer = SP_TRY(broker->Call(kListTransactions, body, stop));
      auto [error, ids] = SP_TRY(ReadTransactionIds(answer));
      if (MayPass(error)) {
        return Answer::kAgain;
      }
      if (error != kNoError) {
        return Refused(kListTransactions, error, "the cluster");
      }
      std::ranges::move(ids, std::back_inserter(open));
    }
    return Answer::kDone;
  }));
  return open;
}

}  // namespace streampark::connectors::kafka
