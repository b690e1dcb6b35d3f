// SPDX-License-Identifier: Apache-2.0
#include "wire_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace streampark::connectors::kafka {
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

base::Error TlsRefused(const std::string& what) {
  return base::Error(base::ErrorCode::kBadCredentials, what)
      .WithCause(TlsReason())
      .WithHint("look at ssl.*");
}

Bio Over(const std::string& pem) {
  return Bio(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

base::Status TrustPem(SSL_CTX* context, const std::string& pem) {
  const Bio bio = Over(pem);
  int count = 0;
  while (const Certificate one{::PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context), one.get());
    ++count;
  }
  ::ERR_clear_error();
  return count > 0 ? base::Ok() : base::Status(TlsRefused("ssl.ca.pem has no certificate"));
}

base::Status UseCertificate(SSL_CTX* context, const WireSettings& settings) {
  if (!settings.certificate_file.empty() &&
      ::SSL_CTX_use_certificate_chain_file(context, settings.certificate_file.c_str()) != 1) {
    return TlsRefused("ssl.certificate.location cannot be used");
  }
  if (!settings.certificate_pem.empty()) {
    const Bio bio = Over(settings.certificate_pem);
    const Certificate one(::PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!one || ::SSL_CTX_use_certificate(context, one.get()) != 1) {
      return TlsRefused("ssl.certificate.pem cannot be used");
    }
    while (X509* more = ::PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
      ::SSL_CTX_add0_chain_cert(context, more);  // takes it over
    }
    ::ERR_clear_error();
  }
  if (settings.key_file.empty() && settings.key_pem.empty()) {
    return base::Ok();
  }
  const Bio bio = settings.key_pem.empty() ? Bio(::BIO_new_file(settings.key_file.c_str(), "r"))
                                           : Over(settings.key_pem);
  void* password = const_cast<char*>(settings.key_password.c_str());
  const Key key(bio ? ::PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, password) : nullptr);
  if (!key || ::SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return TlsRefused("the private key of ssl.key.* cannot be used");
  }
  return base::Ok();
}

}  // namespace

struct WireStream::Tls {
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX, SSL_CTX_free>> context;
  std::unique_ptr<SSL, Freed<SSL, SSL_free>> connection;
};

WireStream::WireStream(const WireAddress& address) : address_(address) {}

WireStream::~WireStream() {
  tls_.reset();
  if (socket_ >= 0) {
    ::close(socket_);
  }
}

base::Error WireStream::Broken(const std::string& why) const {
  return base::Error(base::ErrorCode::kClusterUnreachable, "the broker " + address_.host + ":" +
                                                               std::to_string(address_.port) +
                                                               " cannot be talked to")
      .WithCause(why)
      .WithHint("look at bootstrap.servers, and at the addresses that the brokers advertise");
}

base::Result<std::unique_ptr<WireStream>> WireStream::Open(const WireSettings& settings,
                                                           const WireAddress& address,
                                                           base::SteadyTime deadline,
                                                           const std::stop_token& stop) {
  std::unique_ptr<WireStream> stream(new WireStream(address));
  SP_TRY(stream->Connect(deadline, stop));
  if (settings.tls) {
    SP_TRY(stream->Shake(settings, deadline, stop));
  }
  return stream;
}

base::Status WireStream::Connect(base::SteadyTime deadline, const std::stop_token& stop) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(address_.host.c_str(), std::to_string(address_.port).c_str(),
                                      &wanted, &found)) {
    return Broken(::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, Freed<addrinfo, ::freeaddrinfo>> addresses(found);
  std::string why;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    socket_ = ::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = 0;
    socklen_t size = sizeof error;
    if (::connect(socket_, one->ai_addr, one->ai_addrlen) == 0 || errno == EINPROGRESS) {
      SP_TRY(Wait(Wants::kWrite, deadline, stop));
      ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    } else {
      error = errno;
    }
    if (error == 0) {
      const int on = 1;
      ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return base::Ok();
    }
    why = std::strerror(error);
    ::close(std::exchange(socket_, -1));
  }
  return Broken(why);
}

base::Status WireStream::Shake(const WireSettings& settings, base::SteadyTime deadline,
                               const std::stop_token& stop) {
  tls_ = std::make_unique<Tls>();
  tls_->context.reset(::SSL_CTX_new(::TLS_client_method()));
  SSL_CTX* context = tls_->context.get();
  ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  if (!settings.ca_pem.empty()) {
    SP_TRY(TrustPem(context, settings.ca_pem));
  } else if (!settings.ca_file.empty()) {
    if (::SSL_CTX_load_verify_file(context, settings.ca_file.c_str()) != 1) {
      return TlsRefused("ssl.ca.location cannot be used");
    }
  } else {
    ::SSL_CTX_set_default_verify_paths(context);
  }
  SP_TRY(UseCertificate(context, settings));
  ::SSL_CTX_set_verify(context, settings.checks_certificate ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                       nullptr);
  tls_->connection.reset(::SSL_new(context));
  SSL* connection = tls_->connection.get();
  ::SSL_set_fd(connection, socket_);
  ::SSL_set_tlsext_host_name(connection, address_.host.c_str());
  if (settings.checks_name && settings.checks_certificate) {
    X509_VERIFY_PARAM* checked = ::SSL_get0_param(connection);
    if (::X509_VERIFY_PARAM_set1_ip_asc(checked, address_.host.c_str()) != 1) {
      ::X509_VERIFY_PARAM_set1_host(checked, address_.host.c_str(), address_.host.size());
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
      return TlsRefused("the broker " + address_.host + " is not trusted, or does not trust us");
    } else {
      return Broken(TlsReason());
    }
  }
}

base::Status WireStream::Wait(Wants wants, base::SteadyTime deadline,
                              const std::stop_token& stop) const {
  pollfd waited{.fd = socket_,
                .events = static_cast<short>(wants == Wants::kRead ? POLLIN : POLLOUT),
                .revents = 0};
  for (;;) {
    if (stop.stop_requested()) {
      return base::Error(base::ErrorCode::kCancelled, "stopped while talking to a broker");
    }
    const auto left = std::chrono::ceil<base::Millis>(deadline - steady_clock::now());
    if (left <= base::Millis(0)) {
      return Broken("it did not answer in time");
    }
    if (::poll(&waited, 1, static_cast<int>(std::min(left, kLongestWait).count())) > 0) {
      return base::Ok();
    }
  }
}

base::Status WireStream::Write(std::string_view bytes, base::SteadyTime deadline,
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
      sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
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

base::Result<std::string> WireStream::Read(std::size_t size, base::SteadyTime deadline,
                                           const std::stop_token& stop) {
  std::string bytes(size, '\0');
  for (std::size_t have = 0; have < size;) {
    ssize_t got = 0;
    Wants wants = Wants::kRead;
    if (tls_) {
      got = ::SSL_read(tls_->connection.get(), bytes.data() + have, static_cast<int>(size - have));
      const int error =
          got > 0 ? SSL_ERROR_NONE : ::SSL_get_error(tls_->connection.get(), static_cast<int>(got));
      wants = error == SSL_ERROR_WANT_WRITE ? Wants::kWrite : Wants::kRead;
      if (got <= 0 && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        return Broken(TlsReason());
      }
    } else {
      got = ::recv(socket_, bytes.data() + have, size - have, 0);
      if (got == 0) {
        return Broken("it closed the connection");
      }
      if (got < 0 && errno != EAGAIN && errno != EINTR) {
        return Broken(std::strerror(errno));
      }
    }
    if (got > 0) {
      have += static_cast<std::size_t>(got);
    } else {
      SP_TRY(Wait(wants, deadline, stop));
    }
  }
  return bytes;
}

}  // namespace streampark::connectors::kafka
