// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "streampark/base/clock.h"

namespace streampark::http {

/// What a connection shows to the thread that it lives on.
class LiveConnection {
 public:
  enum class Phase { kIdle, kReading, kHandling, kWriting, kStreaming };

  virtual ~LiveConnection() = default;
  /// Ends whatever it waits for; its coroutine then ends by itself.
  virtual void Abort() = 0;
  /// Has an event stream look up.
  virtual void Wake() = 0;

  Phase phase() const { return phase_; }
  base::SteadyTime deadline() const { return deadline_; }

 protected:
  /// The connection is aborted when it is still in this phase at the deadline.
  void Enter(Phase phase, base::Millis within) {
    phase_ = phase;
    deadline_ = std::chrono::steady_clock::now() + within;
  }

 private:
  Phase phase_ = Phase::kIdle;
  base::SteadyTime deadline_ = base::SteadyTime::max();
};

/// One network thread: its event loop and the connections that live on it. A connection never
/// leaves its hub, so nothing in it needs a lock. One sweep a while looks at all deadlines: a timer
/// for each read and write would cost more than the reads and writes.
class Hub {
 public:
  Hub();

  boost::asio::io_context& context() { return context_; }
  std::list<LiveConnection*>& connections() { return connections_; }

  /// From its own thread, until the context is stopped.
  void StartSweeping();
  /// Thread-safe. Closes idle connections and ends streams; the others close after their answer.
  void Drain();
  /// Thread-safe.
  void AbortAll();
  bool draining() const { return draining_; }

  /// The Date header's text, made once a second.
  const std::string& date();

 private:
  void Sweep();

  boost::asio::io_context context_;
  boost::asio::steady_timer sweep_;
  std::list<LiveConnection*> connections_;
  bool draining_ = false;
  std::string date_;
  std::chrono::sys_seconds date_of_{};
};

}  // namespace streampark::http
