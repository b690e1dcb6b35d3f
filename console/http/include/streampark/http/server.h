// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "streampark/base/clock.h"
#include "streampark/base/random.h"
#include "streampark/base/result.h"
#include "streampark/http/authenticator.h"
#include "streampark/http/metrics.h"
#include "streampark/http/router.h"

namespace streampark::http {

/// Whether what listens there is reached from this machine alone.
bool IsLoopbackAddress(const std::string& listen);

/// How the server listens and what it bears.
struct ServerOptions {
  std::string listen = "127.0.0.1";
  std::uint16_t port = 0;                      // 0: any free one
  std::filesystem::path tls_certificate = {};  // PEM with its chain; TLS when given
  std::filesystem::path tls_key = {};
  std::filesystem::path web_root = {};      // static files; none when empty
  std::filesystem::path spool_folder = {};  // for uploads
  std::size_t network_threads = 2;
  std::size_t pool_threads = 8;
  std::size_t pool_queue = 256;
  std::size_t connections = 2048;
  std::size_t header_limit = 16U << 10U;
  std::size_t body_limit = 4U << 20U;
  std::uint64_t upload_limit = 512ULL << 20U;
  base::Millis header_deadline =
      base::Millis(10'000);  // from a request's first byte to its last header
  base::Millis body_deadline = base::Millis(60'000);   // without progress
  base::Millis idle_deadline = base::Millis(75'000);   // between requests
  base::Millis write_deadline = base::Millis(30'000);  // without progress
  base::Millis event_heartbeat = base::Millis(15'000);
};

/// The HTTP server: connections, TLS, limits, static files, the pool. Everything else is the
/// router's.
class Server {
 public:
  /// All but `options` must outlive the server, the metrics until they are collected no more; the
  /// router is complete.
  Server(ServerOptions options, const Router& router, Authenticator& authenticator,
         MetricsRegistry& metrics, base::Random& random);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens and serves on threads of its own. IO_ERROR when the address is taken, CONFIG_INVALID
  /// for certificates that do not load.
  base::Status Start();
  /// The port that it listens on.
  std::uint16_t port() const;
  /// Stops accepting, ends event streams, lets requests in flight finish until the deadline, then
  /// closes everything. Idempotent.
  void Stop(base::Millis deadline);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace streampark::http
