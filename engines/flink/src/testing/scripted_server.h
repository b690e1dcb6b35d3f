// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace streampark::flink {

/// What is said to one request, and what becomes of the connection.
struct Reply {
  enum class Then {
    kClose,
    kKeep,   // the next request may come over the same connection
    kReset,  // RST: what is still under way is lost
    kHang,   // nothing more, for ever
    kDrip,   // `bytes` come one by one, 20 ms apart
  };
  Reply(std::string text)  // NOLINT: a text is a reply; an empty one is silence
      : bytes(std::move(text)), then(bytes.empty() ? Then::kHang : Then::kClose) {}
  Reply(std::string text, Then what) : bytes(std::move(text)), then(what) {}
  std::string bytes;
  Then then;
};

/// An HTTP server on 127.0.0.1 that says to each request what a function makes of its head and body,
/// right or wrong. Each connection has a thread of its own, and `answer` is called from it.
class ScriptedServer {
 public:
  using Answer = std::function<Reply(const std::string& request)>;

  explicit ScriptedServer(Answer answer);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  const std::string& url() const { return url_; }
  std::uint16_t port() const { return port_; }
  /// Taken so far.
  int connections() const { return connections_; }
  int requests() const { return requests_; }

  /// A whole answer that ends the connection.
  static std::string Http(int status, const std::string& body);
  /// One after which the connection may be used again.
  static std::string HttpKept(int status, const std::string& body);

 private:
  void Accept();
  void Converse(int socket, const std::stop_token& stop);

  Answer answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::string url_;
  std::atomic<int> connections_ = 0;
  std::atomic<int> requests_ = 0;
  std::mutex mutex_;
  std::list<std::jthread> open_;
  std::thread acceptor_;
};

}  // namespace streampark::flink
