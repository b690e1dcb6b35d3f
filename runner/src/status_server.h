// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "streampark/base/descriptor.h"
#include "streampark/base/result.h"

namespace streampark::runner {

/// Answers GET requests over HTTP, one at a time, in a thread of its own; each connection is closed after its answer, or after
/// five seconds. Ends with the object.
class StatusServer {
 public:
  struct Answer {
    int status = 200;
    std::string_view content_type = "application/json";
    std::string body;
  };
  /// The answer to a path, and what stands behind its `?`; 404 is the handler's business, too. Called in the server's thread.
  using Handler = std::function<Answer(std::string_view path, std::string_view query)>;

  /// `listen`: an address in numbers and a port, `127.0.0.1:9249`, `[::1]:0`; port 0: a free one. VALIDATION_FAILED, IO_ERROR.
  static base::Result<std::unique_ptr<StatusServer>> Start(const std::string& listen,
                                                           Handler handler);
  ~StatusServer();
  StatusServer(const StatusServer&) = delete;
  StatusServer& operator=(const StatusServer&) = delete;

  /// `http://127.0.0.1:9249`.
  const std::string& url() const { return url_; }
  bool loopback() const { return loopback_; }

 private:
  StatusServer(std::unique_ptr<base::Descriptor> listener, std::string url, bool loopback,
               Handler handler);
  void Serve();
  void AnswerOne(int connection) const;

  const std::unique_ptr<base::Descriptor> listener_;
  const std::unique_ptr<base::Descriptor> end_;  // an eventfd
  const std::string url_;
  const bool loopback_;
  const Handler handler_;
  std::thread thread_;
};

}  // namespace streampark::runner
