// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/wire/socket.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace streampark::connectors::wire {
namespace {

using std::chrono::steady_clock;

constexpr base::Millis kLongestWait{100};  // between two looks at `stop`

template <typename T, void (*kFree)(T*)>
struct Freed {
  void operator()(T* one) const { kFree(one); }
};
using Bio = std::unique_ptr<BIO, Freed<BIO, BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;

std::string TlsReason() {
  char text[256] = "the connection was closed";
  if (const unsigned long code = ::ERR_get_error(); code != 0) {
    ::ERR_error_string_n(code, text, sizeof text);
  }
  ::ERR_clear_error();
  return text;
}

Bio Over(const std::string& pem) {
  return Bio(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

}  // namespace

struct Socket::TlsState {
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX, SSL_CTX_free>> context;
  std::unique_ptr<SSL, Freed<SSL, SSL_free>> connection;
};

Socket::Socket(Peer peer) : peer_(std::move(peer)) {}

Socket::~Socket() { tls_.reset(); }

base::Error Socket::Broken(const std::string& why) const {
  return base::Error(base::ErrorCode::kClusterUnreachable,
                     peer_.what + " " + peer_.address.ToString() + " cannot be talked to")
      .WithCause(why)
      .WithHint(peer_.address_hint);
}

base::Error Socket::TlsRefused(const std::string& what) const {
  return base::Error(base::ErrorCode::kBadCredentials, what)
      .WithCause(TlsReason())
      .WithHint(peer_.tls_hint);
}

base::Result<std::unique_ptr<Socket>> Socket::Open(Peer peer, base::SteadyTime deadline,
                                                   const std::stop_token& stop) {
  std::unique_ptr<Socket> socket(new Socket(std::move(peer)));
  SP_TRY(socket->peer_.address.is_path() ? socket->ConnectToPath()
                                         : socket->Connect(deadline, stop));
  if (socket->peer_.tls) {
    SP_TRY(socket->Shake(deadline, stop));
  }
  return socket;
}

base::Status Socket::ConnectToPath() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& path = peer_.address.host;
  if (path.size() >= sizeof address.sun_path) {
    return Broken("the path is too long for a socket");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  socket_.emplace(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(socket_->number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
      0) {
    return Broken(std::strerror(errno));
  }
  return base::Ok();
}

base::Status Socket::Connect(base::SteadyTime deadline, const std::stop_token& stop) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error =
          ::getaddrinfo(peer_.address.host.c_str(), std::to_string(peer_.address.port).c_str(),
                        &wanted, &found)) {
    return Broken(::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, Freed<addrinfo, ::freeaddrinfo>> addresses(found);
  std::string why;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    socket_.reset();
    socket_.emplace(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    int error = 0;
    socklen_t size = sizeof error;
    if (::connect(socket_->number(), one->ai_addr, one->ai_addrlen) == 0 || errno == EINPROGRESS) {
      SP_TRY(Wait(Wants::kWrite, deadline, stop));
      ::getsockopt(socket_->number(), SOL_SOCKET, SO_ERROR, &error, &size);
    } else {
      error = errno;
    }
    if (error == 0) {
      const int on = 1;
      ::setsockopt(socket_->number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return base::Ok();
    }
    why = std::strerror(error);
  }
  return Broken(why);
}

base::Status Socket::Trust(void* context) const {
  auto* const tls = static_cast<SSL_CTX*>(context);
  if (peer_.tls->ca_pem.empty() && peer_.tls->ca_file.empty()) {
    ::SSL_CTX_set_default_verify_paths(tls);
    return base::Ok();
  }
  if (peer_.tls->ca_pem.empty()) {
    return ::SSL_CTX_load_verify_file(tls, peer_.tls->ca_file.c_str()) == 1
               ? base::Ok()
               : base::Status(TlsRefused("the trusted certificates in " + peer_.tls->ca_file +
                                         " cannot be used"));
  }
  const Bio bio = Over(peer_.tls->ca_pem);
  int count = 0;
  while (const Certificate one{::PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(tls), one.get());
    ++count;
  }
  ::ERR_clear_error();
  return count > 0 ? base::Ok()
                   : base::Status(TlsRefused("there is no certificate among the trusted ones"));
}

base::Status Socket::UseCertificate(void* context) const {
  auto* const tls = static_cast<SSL_CTX*>(context);
  const Tls& given = *peer_.tls;
  if (!given.certificate_file.empty() &&
      ::SSL_CTX_use_certificate_chain_file(tls, given.certificate_file.c_str()) != 1) {
    return TlsRefused("the certificate in " + given.certificate_file + " cannot be used");
  }
  if (!given.certificate_pem.empty()) {
    const Bio bio = Over(given.certificate_pem);
    const Certificate one(::PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!one || ::SSL_CTX_use_certificate(tls, one.get()) != 1) {
      return TlsRefused("our certificate cannot be used");
    }
    while (X509* more = ::PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
      ::SSL_CTX_add0_chain_cert(tls, more);  // takes it over
    }
    ::ERR_clear_error();
  }
  if (given.key_file.empty() && given.key_pem.empty()) {
    return base::Ok();
  }
  const Bio bio = given.key_pem.empty() ? Bio(::BIO_new_file(given.key_file.c_str(), "r"))
                                        : Over(given.key_pem);
  void* password = const_cast<char*>(given.key_password.c_str());
  const Key key(bio ? ::PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, password) : nullptr);
  if (!key || ::SSL_CTX_use_PrivateKey(tls, key.get()) != 1) {
    return TlsRefused("our private key cannot be used");
  }
  return base::Ok();
}

base::Status Socket::Shake(base::SteadyTime deadline, const std::stop_token& stop) {
  tls_ = std::make_unique<TlsState>();
  tls_->context.reset(::SSL_CTX_new(::TLS_client_method()));
  SSL_CTX* context = tls_->context.get();
  ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SP_TRY(Trust(context));
  SP_TRY(UseCertificate(context));
  ::SSL_CTX_set_verify(context, peer_.tls->checks_certificate ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                       nullptr);
  tls_->connection.reset(::SSL_new(context));
  SSL* connection = tls_->connection.get();
  ::SSL_set_fd(connection, socket_->number());
  const std::string& host = peer_.address.host;
  ::SSL_set_tlsext_host_name(connection, host.c_str());
  if (peer_.tls->checks_name && peer_.tls->checks_certificate) {
    X509_VERIFY_PARAM* checked = ::SSL_get0_param(connection);
    if (::X509_VERIFY_PARAM_set1_ip_asc(checked, host.c_str()) != 1) {
      ::X509_VERIFY_PARAM_set1_host(checked, host.c_str(), host.size());
    }
    ::ERR_clear_error();
  }
  for (;;) {
    const int done = ::SSL_connect(connection);
    if (done == 1) {
      return base::Ok();
    }
    const int error = ::SSL_get_error(connection, done);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
      SP_TRY(Wait(error == SSL_ERROR_WANT_READ ? Wants::kRead : Wants::kWrite, deadline, stop));
    } else if (error == SSL_ERROR_SSL) {
      return TlsRefused(peer_.what + " " + host + " is not trusted, or does not trust us");
    } else {
      return Broken(TlsReason());
    }
  }
}

Socket::Waited Socket::WaitUntil(Wants wants, base::SteadyTime until, Alarm* alarm) const {
  pollfd waited[] = {
      {.fd = socket_->number(),
       .events = static_cast<short>(wants == Wants::kRead ? POLLIN : POLLOUT),
       .revents = 0},
      {.fd = alarm != nullptr ? alarm->descriptor() : -1, .events = POLLIN, .revents = 0}};
  for (;;) {
    const auto left = std::clamp(std::chrono::ceil<base::Millis>(until - steady_clock::now()),
                                 base::Millis(0), base::Millis(60'000));
    const int count = ::poll(waited, 2, static_cast<int>(left.count()));
    if (count > 0 && waited[1].revents != 0) {
      alarm->Take();
      return Waited::kRung;
    }
    if (count > 0) {
      return Waited::kReady;
    }
    if (steady_clock::now() >= until) {
      return Waited::kLate;
    }
  }
}

base::Status Socket::Wait(Wants wants, base::SteadyTime deadline,
                          const std::stop_token& stop) const {
  for (;;) {
    if (stop.stop_requested()) {
      return base::Error(base::ErrorCode::kCancelled, "stopped while talking to " + peer_.what);
    }
    const auto now = steady_clock::now();
    if (now >= deadline) {
      return Broken("it did not answer in time");
    }
    if (WaitUntil(wants, std::min(deadline, now + kLongestWait), nullptr) == Waited::kReady) {
      return base::Ok();
    }
  }
}

base::Status Socket::Write(std::string_view bytes, base::SteadyTime deadline,
                           const std::stop_token& stop) {
  while (!bytes.empty()) {
    ssize_t sent = 0;
    Wants wants = Wants::kWrite;
    if (tls_) {
      sent = ::SSL_write(tls_->connection.get(), bytes.data(), static_cast<int>(bytes.size()));
      const int error = sent > 0 ? SSL_ERROR_NONE
                                 : ::SSL_get_error(tls_->connection.get(), static_cast<int>(sent));
      wants = error == SSL_ERROR_WANT_READ ? Wants::kRead : Wants::kWrite;
      if (sent <= 0 && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        return Broken(TlsReason());
      }
    } else {
      sent = ::send(socket_->number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        return Broken(std::strerror(errno));
      }
    }
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else {
      SP_TRY(Wait(wants, deadline, stop));
    }
  }
  return base::Ok();
}

base::Result<std::size_t> Socket::ReadNow(std::span<char> to, Wants& wants) {
  wants = Wants::kRead;
  if (tls_) {
    const int got = ::SSL_read(tls_->connection.get(), to.data(), static_cast<int>(to.size()));
    const int error = got > 0 ? SSL_ERROR_NONE : ::SSL_get_error(tls_->connection.get(), got);
    wants = error == SSL_ERROR_WANT_WRITE ? Wants::kWrite : Wants::kRead;
    if (got <= 0 && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      return Broken(TlsReason());
    }
    return static_cast<std::size_t>(std::max(got, 0));
  }
  const ssize_t got = ::recv(socket_->number(), to.data(), to.size(), 0);
  if (got == 0) {
    return Broken("it closed the connection");
  }
  if (got < 0 && errno != EAGAIN && errno != EINTR) {
    return Broken(std::strerror(errno));
  }
  return static_cast<std::size_t>(std::max<ssize_t>(got, 0));
}

base::Result<std::string> Socket::Read(std::size_t size, base::SteadyTime deadline,
                                       const std::stop_token& stop) {
  std::string bytes(size, '\0');
  for (std::size_t have = 0; have < size;) {
    Wants wants = Wants::kRead;
    const std::size_t got = SP_TRY(ReadNow(std::span(bytes).subspan(have), wants));
    have += got;
    if (got == 0) {
      SP_TRY(Wait(wants, deadline, stop));
    }
  }
  return bytes;
}

base::Result<std::size_t> Socket::ReadSome(std::span<char> to, base::SteadyTime until,
                                           Alarm* alarm) {
  for (;;) {
    Wants wants = Wants::kRead;
    const std::size_t got = SP_TRY(ReadNow(to, wants));
    if (got > 0 || WaitUntil(wants, until, alarm) != Waited::kReady) {
      return got;
    }
  }
}

}  // namespace streampark::connectors::wire
