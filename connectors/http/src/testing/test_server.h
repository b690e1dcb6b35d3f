// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "streampark/base/descriptor.h"

namespace streampark::connectors::http::testing {

/// A server of HTTP/1.1 on a port of this machine, which answers one request a connection, one after another.
class TestServer {
 public:
  struct Request {
    std::string method;
    std::string path;                            // without the query
    std::map<std::string, std::string> query;    // decoded
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
  };
  struct Answer {
    int status = 200;
    std::string body;
    std::map<std::string, std::string> headers = {};
  };
  using Handler = std::function<Answer(const Request&)>;

  /// `handler` is called by the server's thread.
  explicit TestServer(Handler handler);
  ~TestServer();

  /// `http://127.0.0.1:PORT` and the path.
  std::string Url(const std::string& path) const;
  /// All that were answered so far.
  std::vector<Request> requests() const;

 private:
  void Serve();

  const Handler handler_;
  base::Descriptor listener_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::jthread thread_;
};

}  // namespace streampark::connectors::http::testing
