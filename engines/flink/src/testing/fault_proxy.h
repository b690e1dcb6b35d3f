// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "streampark/base/clock.h"

namespace streampark::flink {

/// Stands before a server on 127.0.0.1 and does to its connections what networks do.
class FaultProxy {
 public:
  struct Fault {
    enum class Kind {
      kNone,
      kRefuse,        // nobody listens
      kSwallow,       // connections are taken, and nothing passes
      kDelay,         // each answer comes `delay` later
      kLoseAnswers,   // one direction only: requests arrive, answers do not
      kLoseRequests,  // the other one: nothing arrives, and nothing is said
      kCut,           // RST after `bytes` of the answers of a connection
      kEnd,           // FIN after `bytes` of them
      kHalfOpen,      // after `bytes` of them the peer is gone without a word
    } kind = Kind::kNone;
    std::int64_t bytes = 0;
    base::Millis delay{0};
  };

  explicit FaultProxy(std::uint16_t target);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  /// Holds for connections that are made from now on, and ends those that are there.
  void Set(Fault fault);
  const std::string& url() const { return url_; }
  /// Connections that are open now.
  int open() const { return open_; }

 private:
  void Listen();
  void StopListening();
  void Carry(int client, Fault fault, const std::stop_token& stop);

  const std::uint16_t target_;
  std::uint16_t port_ = 0;
  std::string url_;
  int listener_ = -1;
  std::atomic<int> open_ = 0;
  std::mutex mutex_;
  Fault fault_;
  std::list<std::jthread> connections_;
  std::thread acceptor_;
};

}  // namespace streampark::flink
