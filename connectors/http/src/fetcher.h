// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "endpoint.h"

namespace streampark::connectors::http {

/// A thread that asks a server, so that whoever wants the answer need not wait for it in one piece. One request at a time.
class Fetcher {
 public:
  explicit Fetcher(Access access);
  /// Gives up what is under way.
  ~Fetcher();

  /// SP_CHECK: none is under way.
  void Ask(base::HttpRequest request);
  bool asking() const { return asking_; }
  /// The answer, once; absent when it has not come within the patience, or Wake was called.
  std::optional<base::Result<Endpoint::Answer>> Wait(base::Millis patience);
  /// From any thread: ends a Wait, or the next one when nobody waits.
  void Wake();

 private:
  void Run(const std::stop_token& stop);

  Endpoint endpoint_;
  bool asking_ = false;  // of the thread that asks
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<base::HttpRequest> request_;
  std::optional<base::Result<Endpoint::Answer>> answer_;
  bool woken_ = false;
  std::jthread thread_;  // goes before all that it uses
};

}  // namespace streampark::connectors::http
