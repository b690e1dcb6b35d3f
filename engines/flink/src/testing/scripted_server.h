// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace streampark::flink {

/// Answers each connection on 127.0.0.1 with what a function makes of the request's head; says
/// nothing when that is empty.
class ScriptedServer {
 public:
  using Answer = std::function<std::string(const std::string& head)>;

  explicit ScriptedServer(Answer answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 8);
    socklen_t length = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { Serve(); });
  }
  ~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  const std::string& url() const { return url_; }

  static std::string Http(int status, const std::string& body) {
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

 private:
  void Serve() {
    for (;;) {
      const int peer = ::accept(listener_, nullptr, nullptr);
      if (peer < 0) {
        return;
      }
      std::string head;
      char piece[4096];
      while (head.find("\r\n\r\n") == std::string::npos) {
        const ssize_t count = ::read(peer, piece, sizeof piece);
        if (count <= 0) {
          break;
        }
        head.append(piece, static_cast<std::size_t>(count));
      }
      const std::string answer = answer_(head);
      std::string_view left = answer;
      while (!left.empty()) {
        const ssize_t count = ::send(peer, left.data(), left.size(), MSG_NOSIGNAL);
        if (count <= 0) {
          break;
        }
        left.remove_prefix(static_cast<std::size_t>(count));
      }
      while (answer.empty() && ::read(peer, piece, sizeof piece) > 0) {
      }
      ::close(peer);
    }
  }

  Answer answer_;
  int listener_ = -1;
  std::string url_;
  std::thread thread_;
};

}  // namespace streampark::flink
