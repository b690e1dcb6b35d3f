// SPDX-License-Identifier: Apache-2.0
#include "testing/fault_proxy.h"

#include <algorithm>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "testing/loopback.h"

namespace streampark::flink {
namespace {

using Kind = FaultProxy::Fault::Kind;

/// Reads until the peer goes or we are told to stop, and forgets it.
void Swallow(int socket, const std::stop_token& stop) {
  char piece[4096];
  while (AwaitReadable(socket, stop) && ::recv(socket, piece, sizeof piece, 0) > 0) {
  }
}

}  // namespace

FaultProxy::FaultProxy(std::uint16_t target) : target_(target) {
  Listen();
  url_ = "http://127.0.0.1:" + std::to_string(port_);
}

FaultProxy::~FaultProxy() {
  StopListening();
  connections_.clear();
}

void FaultProxy::Set(Fault fault) {
  StopListening();
  connections_.clear();
  {
    const std::lock_guard lock(mutex_);
    fault_ = fault;
  }
  if (fault.kind != Kind::kRefuse) {
    Listen();
  }
}

void FaultProxy::Listen() {
  const Listening made = ListenOnLoopback(port_);
  listener_ = made.socket;
  port_ = made.port;
  acceptor_ = std::thread([this] {
    for (;;) {
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) {
        return;
      }
      const std::lock_guard lock(mutex_);
      connections_.emplace_back([this, client, fault = fault_](const std::stop_token& stop) {
        ++open_;
        Carry(client, fault, stop);
        --open_;
      });
    }
  });
}

void FaultProxy::StopListening() {
  if (listener_ >= 0) {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(std::exchange(listener_, -1));
  }
}

void FaultProxy::Carry(int client, Fault fault, const std::stop_token& stop) {
  if (fault.kind == Kind::kSwallow || fault.kind == Kind::kLoseRequests) {
    Swallow(client, stop);
    ::close(client);
    return;
  }
  const int server = ConnectToLoopback(target_);
  const bool limited =
      fault.kind == Kind::kCut || fault.kind == Kind::kEnd || fault.kind == Kind::kHalfOpen;
  std::int64_t left = limited ? fault.bytes : 0;
  bool asked = false;
  bool over = server < 0;
  while (!over && !stop.stop_requested()) {
    if (asked && limited && left == 0 && fault.kind != Kind::kHalfOpen) {
      break;
    }
    pollfd polled[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (::poll(polled, 2, 10) <= 0) {
      continue;
    }
    char piece[16384];
    if (polled[0].revents != 0) {
      const ssize_t count = ::recv(client, piece, sizeof piece, 0);
      over = count <= 0 || !SendAll(server, {piece, static_cast<std::size_t>(count)});
      asked = true;
    }
    if (!over && polled[1].revents != 0) {
      ssize_t count = ::recv(server, piece, sizeof piece, 0);
      over = count <= 0;
      if (fault.kind == Kind::kLoseAnswers || over) {
        // A server that ends the connection is not heard of either.
        if (fault.kind == Kind::kLoseAnswers && over) {
          Swallow(client, stop);
        }
        continue;
      }
      if (fault.kind == Kind::kDelay) {
        std::this_thread::sleep_for(fault.delay);
      }
      if (limited) {
        count = std::min<ssize_t>(count, left);
        left -= count;
      }
      over = !SendAll(client, {piece, static_cast<std::size_t>(count)});
      if (limited && left == 0 && fault.kind == Kind::kHalfOpen) {
        Swallow(client, stop);
        over = true;
      }
    }
  }
  if (server >= 0) {
    ::close(server);
  }
  if (fault.kind == Kind::kCut && limited && left == 0) {
    Reset(client);
  } else {
    ::close(client);
  }
}

}  // namespace streampark::flink
