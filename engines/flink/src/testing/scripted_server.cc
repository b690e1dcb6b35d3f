// SPDX-License-Identifier: Apache-2.0
#include "testing/scripted_server.h"

#include <chrono>

#include <sys/socket.h>
#include <unistd.h>

#include "testing/loopback.h"

namespace streampark::flink {
namespace {

/// Bytes of the body that the head announces.
std::size_t BodyOf(const std::string& head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

/// One whole request, taken off `received`; empty when the peer has gone.
std::string ReadRequest(int socket, std::string& received, const std::stop_token& stop) {
  for (;;) {
    const std::size_t end = received.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::size_t whole = end + 4 + BodyOf(received.substr(0, end));
      if (received.size() >= whole) {
        std::string request = received.substr(0, whole);
        received.erase(0, whole);
        return request;
      }
    }
    char piece[4096];
    if (!AwaitReadable(socket, stop)) {
      return {};
    }
    const ssize_t count = ::recv(socket, piece, sizeof piece, 0);
    if (count <= 0) {
      return {};
    }
    received.append(piece, static_cast<std::size_t>(count));
  }
}

bool Drip(int socket, const std::string& bytes, const std::stop_token& stop) {
  for (const char byte : bytes) {
    if (stop.stop_requested() || !SendAll(socket, {&byte, 1})) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

void AwaitEnd(int socket, const std::stop_token& stop) {
  char piece[4096];
  while (AwaitReadable(socket, stop) && ::recv(socket, piece, sizeof piece, 0) > 0) {
  }
}

std::string Whole(int status, const std::string& body, const char* more) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

ScriptedServer::ScriptedServer(Answer answer) : answer_(std::move(answer)) {
  const Listening made = ListenOnLoopback();
  listener_ = made.socket;
  port_ = made.port;
  url_ = "http://127.0.0.1:" + std::to_string(port_);
  acceptor_ = std::thread([this] { Accept(); });
}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  open_.clear();
}

std::string ScriptedServer::Http(int status, const std::string& body) {
  return Whole(status, body, "Connection: close\r\n");
}

std::string ScriptedServer::HttpKept(int status, const std::string& body) {
  return Whole(status, body, "");
}

void ScriptedServer::Accept() {
  for (;;) {
    const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) {
      return;
    }
    ++connections_;
    const std::lock_guard lock(mutex_);
    open_.emplace_back([this, peer](const std::stop_token& stop) { Converse(peer, stop); });
  }
}

void ScriptedServer::Converse(int socket, const std::stop_token& stop) {
  std::string received;
  for (;;) {
    const std::string request = ReadRequest(socket, received, stop);
    if (request.empty()) {
      break;
    }
    ++requests_;
    const Reply reply = answer_(request);
    const bool sent = reply.then == Reply::Then::kDrip ? Drip(socket, reply.bytes, stop)
                                                       : SendAll(socket, reply.bytes);
    if (reply.then == Reply::Then::kReset) {
      Reset(socket);
      return;
    }
    if (sent && reply.then == Reply::Then::kHang) {
      AwaitEnd(socket, stop);
    }
    if (!sent || reply.then != Reply::Then::kKeep) {
      break;
    }
  }
  ::close(socket);
}

}  // namespace streampark::flink
