// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/http/authenticator.h"
#include "streampark/http/router.h"
#include "streampark/http/server.h"

#include "static_files.h"
#include "traffic.h"
#include "work_pool.h"

namespace streampark::http {

/// What all connections share. Outlives them.
struct Shared {
  const ServerOptions& options;
  const Router& router;
  Authenticator& authenticator;
  StaticFiles& static_files;
  WorkPool& pool;
  Traffic& traffic;
  std::stop_token stop;
  std::string trace_prefix;
  std::atomic<std::uint64_t> next_trace = 0;

  std::string NewTraceId();
};

/// One request on its way to its answer, apart from how its bytes come and go: checks,
/// authentication, the router, metrics and the access log.
class Exchange {
 public:
  Exchange(Shared& shared, Request request, std::string target);

  /// What can be decided from the head alone: host, origin, route. With an answer the body need
  /// not be read.
  std::optional<Response> Open();
  Request& request() { return request_; }

  /// Whether it is known who asks. If not, Identify() before a body is taken: it may ask the
  /// database, and answers when nobody is behind the credentials.
  bool identified() const { return identified_; }
  std::optional<Response> Identify();
  /// Whether a body is worth reading: nobody fills memory or disk whom the router refuses anyway.
  bool may_send_body() const;
  bool wants_spooled_body() const;

  /// Whether the rest runs in a moment on the network's thread.
  bool runs_inline() const;
  /// Authenticates when that was not done yet, and runs the handler.
  Response Run();

  /// Counts and logs what was answered.
  void Close(int status);

 private:
  Response Problem(const base::Error& error);
  Response Execute();

  Shared& shared_;
  Request request_;
  std::string target_;
  std::string raw_path_;
  Router::Match match_;
  bool is_route_ = false;
  bool identified_ = false;
  base::SteadyTime begun_ = std::chrono::steady_clock::now();
};

/// The head of an answer, ready to be written. `length` is absent for a stream.
void AppendHead(std::string& out, const Response& response, std::optional<std::uint64_t> length,
                std::string_view date, bool keep_alive, bool strict_transport);
std::string_view ReasonOf(int status);

}  // namespace streampark::http
