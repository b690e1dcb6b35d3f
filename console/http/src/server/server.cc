// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/server.h"

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "streampark/base/log.h"

#include "connection.h"
#include "gate.h"

namespace streampark::http {

bool IsLoopbackAddress(const std::string& listen) { return IsLoopback(listen); }

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kAcceptPause = std::chrono::milliseconds(50);

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, const Router& router, Authenticator& authenticator,
       MetricsRegistry& metrics, base::Random& random)
      : options_(std::move(options)),
        static_files_(options_.web_root),
        pool_(options_.pool_threads, options_.pool_queue),
        traffic_(router.routes()),
        shared_{.options = options_,
                .router = router,
                .authenticator = authenticator,
                .static_files = static_files_,
                .pool = pool_,
                .traffic = traffic_,
                .stop = stop_.get_token(),
                .trace_prefix = base::RandomHex(random, 3)} {
    for (std::size_t i = 0; i < options_.network_threads; ++i) {
      hubs_.push_back(std::make_unique<Hub>());
    }
    metrics.Add([this](MetricsWriter& writer) {
      traffic_.Write(writer);
      writer.Family("streampark_http_pool_busy", "gauge", "Handlers running on the pool");
      writer.Sample("streampark_http_pool_busy", {}, static_cast<double>(pool_.busy()));
    });
  }

  ~Impl() { Stop(base::Millis(0)); }

  base::Status Start() {
    SP_TRY(LoadCertificates());
    SP_TRY(Listen());
    for (const auto& hub : hubs_) {
      hub->StartSweeping();
      threads_.emplace_back([&context = hub->context()] {
        const auto work = asio::make_work_guard(context);
        context.run();
      });
    }
    asio::co_spawn(hubs_.front()->context(), Accept(), asio::detached);
    return base::Ok();
  }

  std::uint16_t port() const { return port_; }

  void Stop(base::Millis deadline) {
    if (stopped_) {
      return;
    }
    stopped_ = true;
    if (threads_.empty()) {
      pool_.Close();
      return;
    }
    asio::post(hubs_.front()->context(), [this] {
      boost::system::error_code ignored;
      acceptor_->close(ignored);
    });
    for (const auto& hub : hubs_) {
      hub->Drain();
    }
    AwaitQuiet(deadline);
    stop_.request_stop();
    for (const auto& hub : hubs_) {
      hub->AbortAll();
    }
    // Handlers first: what they hold belongs to coroutines that must still be there.
    pool_.Close();
    AwaitQuiet(base::Millis(1000));
    for (const auto& hub : hubs_) {
      hub->context().stop();
    }
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }

 private:
  base::Status LoadCertificates() {
    if (options_.tls_certificate.empty()) {
      return base::Ok();
    }
    tls_.emplace(asio::ssl::context::tls_server);
    tls_->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                      asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1);
    boost::system::error_code error;
    std::filesystem::path at_fault = options_.tls_certificate;
    tls_->use_certificate_chain_file(options_.tls_certificate.string(), error);
    if (!error) {
      at_fault = options_.tls_key;
      tls_->use_private_key_file(options_.tls_key.string(), asio::ssl::context::pem, error);
    }
    if (error) {
      return base::Error(base::ErrorCode::kConfigInvalid,
                         "cannot use " + at_fault.string() + " for TLS")
          .WithHint("give a PEM certificate with its chain and its unencrypted PEM key")
          .WithCause(error.message());
    }
    return base::Ok();
  }

  base::Status Listen() {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(
        options_.listen == "localhost" ? "127.0.0.1" : options_.listen, error);
    if (error) {
      return base::Error(base::ErrorCode::kConfigInvalid,
                         "'" + options_.listen + "' is not an IP address")
          .WithHint("for example 127.0.0.1, or 0.0.0.0 for all interfaces");
    }
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.emplace(hubs_.front()->context());
    acceptor_->open(endpoint.protocol(), error);
    if (!error) {
      acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error) {
      acceptor_->bind(endpoint, error);
    }
    if (!error) {
      acceptor_->listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
      return base::Error(base::ErrorCode::kIoError, "cannot listen on " + options_.listen + ":" +
                                                        std::to_string(options_.port))
          .WithHint("another program may use the port; choose one with --port")
          .WithCause(error.message());
    }
    port_ = acceptor_->local_endpoint().port();
    return base::Ok();
  }

  asio::awaitable<void> Accept() {
    std::size_t next = 0;
    while (acceptor_->is_open()) {
      Hub& hub = *hubs_[next++ % hubs_.size()];
      auto [error, socket] =
          co_await acceptor_->async_accept(hub.context(), asio::as_tuple(asio::use_awaitable));
      if (error == asio::error::operation_aborted) {
        co_return;
      }
      if (error || traffic_.connections() + 1 > static_cast<std::int64_t>(options_.connections)) {
        // Out of descriptors or of room: drop this one and breathe, rather than spin.
        boost::system::error_code ignored;
        socket.close(ignored);
        base::LogWarn("connection refused",
                      {{"cause", error ? error.message() : "too many connections"}});
        asio::steady_timer pause(hubs_.front()->context(), kAcceptPause);
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
        continue;
      }
      if (tls_) {
        asio::co_spawn(hub.context(), Guarded(ServeTls(std::move(socket), *tls_, hub, shared_)),
                       asio::detached);
      } else {
        asio::co_spawn(hub.context(), Guarded(ServePlain(std::move(socket), hub, shared_)),
                       asio::detached);
      }
    }
  }

  /// Counts a connection for as long as it lives.
  asio::awaitable<void> Guarded(asio::awaitable<void> connection) {
    live_.fetch_add(1);
    co_await std::move(connection);
    {
      const std::lock_guard lock(quiet_mutex_);
      live_.fetch_sub(1);
    }
    quiet_.notify_all();
  }

  void AwaitQuiet(base::Millis deadline) {
    std::unique_lock lock(quiet_mutex_);
    quiet_.wait_for(lock, deadline, [this] { return live_ == 0; });
  }

  const ServerOptions options_;
  StaticFiles static_files_;
  WorkPool pool_;
  Traffic traffic_;
  std::stop_source stop_;
  Shared shared_;
  std::optional<asio::ssl::context> tls_;
  std::vector<std::unique_ptr<Hub>> hubs_;
  std::optional<tcp::acceptor> acceptor_;
  std::uint16_t port_ = 0;
  std::vector<std::thread> threads_;
  std::mutex quiet_mutex_;
  std::condition_variable quiet_;
  std::atomic<int> live_ = 0;
  bool stopped_ = false;
};

Server::Server(ServerOptions options, const Router& router, Authenticator& authenticator,
               MetricsRegistry& metrics, base::Random& random)
    : impl_(std::make_unique<Impl>(std::move(options), router, authenticator, metrics, random)) {}

Server::~Server() = default;

base::Status Server::Start() { return impl_->Start(); }
std::uint16_t Server::port() const { return impl_->port(); }
void Server::Stop(base::Millis deadline) { impl_->Stop(deadline); }

}  // namespace streampark::http
