// SPDX-License-Identifier: Apache-2.0
#include "status_server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <utility>

#include <arpa/inet.h>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace streampark::runner {

namespace {

namespace http = boost::beast::http;

constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};
constexpr std::size_t kMostRequest = 8'192;

struct Listen {
  sockaddr_storage address{};
  socklen_t size = 0;
};

base::Error NotAnAddress(const std::string& listen) {
  return base::Error(base::ErrorCode::kValidationFailed,
                     "'" + listen + "' is no address in numbers and a port")
      .WithHint("write it as 127.0.0.1:9249 or [::1]:9249; port 0 takes a free one");
}

base::Result<Listen> Parse(const std::string& listen) {
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos) {
    return NotAnAddress(listen);
  }
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const addrinfo hints{.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                       .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  if (host.empty() ||
      ::getaddrinfo(host.c_str(), listen.c_str() + colon + 1, &hints, &found) != 0) {
    return NotAnAddress(listen);
  }
  Listen parsed;
  std::memcpy(&parsed.address, found->ai_addr, found->ai_addrlen);
  parsed.size = found->ai_addrlen;
  ::freeaddrinfo(found);
  return parsed;
}

bool IsLoopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return (::ntohl(v4.sin_addr.s_addr) >> 24U) == 127;
  }
  return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr) != 0;
}

std::string UrlOf(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return fmt::format("http://{}:{}", text.data(), ::ntohs(v4.sin_port));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  return fmt::format("http://[{}]:{}", text.data(), ::ntohs(v6.sin6_port));
}

/// Whether a request was meant for this machine by its number: a name might be anybody's, who then reads through a browser here.
bool MayAsk(std::string_view host) {
  if (const auto colon = host.rfind(':'); colon != std::string_view::npos && host.back() != ']') {
    host = host.substr(0, colon);
  }
  return host == "localhost" || host.starts_with('[') ||
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

using Request = http::request_parser<http::empty_body>;

/// What a client sends until its request is whole; absent when it is none, or takes too long.
std::optional<Request::value_type> ReadRequest(int connection) {
  Request parser;
  parser.header_limit(kMostRequest);
  parser.body_limit(0);
  std::array<char, kMostRequest> buffer{};
  std::size_t held = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(kPatience.tv_sec);
  while (!parser.is_done()) {
    if (std::chrono::steady_clock::now() > end) {
      return std::nullopt;
    }
    const auto count = ::recv(connection, buffer.data() + held, buffer.size() - held, 0);
    if (count <= 0) {
      return std::nullopt;
    }
    held += static_cast<std::size_t>(count);
    boost::system::error_code error;
    const auto used = parser.put(boost::asio::buffer(buffer.data(), held), error);
    std::memmove(buffer.data(), buffer.data() + used, held - used);
    held -= used;
    if ((error && error != http::error::need_more) || held == buffer.size()) {
      return std::nullopt;
    }
  }
  return parser.release();
}

void Send(int connection, const StatusServer::Answer& answer) {
  const std::string whole = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{}",
      answer.status,
      std::string_view(
          http::obsolete_reason(http::int_to_status(static_cast<unsigned>(answer.status)))),
      answer.content_type, answer.body.size(), answer.body);
  for (std::string_view rest = whole; !rest.empty();) {
    const auto count = ::send(connection, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      return;
    }
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
}

StatusServer::Answer Refusal(int status, std::string_view why) {
  return {.status = status,
          .content_type = "text/plain; charset=utf-8",
          .body = std::string(why) + "\n"};
}

}  // namespace

base::Result<std::unique_ptr<StatusServer>> StatusServer::Start(const std::string& listen,
                                                                Handler handler) {
  auto wanted = SP_TRY(Parse(listen));
  const auto failed = [&](const char* doing) {
    return base::Error(base::ErrorCode::kIoError,
                       std::string(doing) + " " + listen + ": " + std::strerror(errno))
        .WithHint("native.status.listen says where the job tells its status");
  };
  auto listener = std::make_unique<base::Descriptor>(
      ::socket(wanted.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(listener->number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  auto* const address = reinterpret_cast<sockaddr*>(&wanted.address);
  if (listener->number() < 0 || ::bind(listener->number(), address, wanted.size) != 0 ||
      ::listen(listener->number(), 16) != 0) {
    return failed("listening at");
  }
  ::getsockname(listener->number(), address, &wanted.size);
  return std::unique_ptr<StatusServer>(new StatusServer(
      std::move(listener), UrlOf(wanted.address), IsLoopback(wanted.address), std::move(handler)));
}

StatusServer::StatusServer(std::unique_ptr<base::Descriptor> listener, std::string url,
                           bool loopback, Handler handler)
    : listener_(std::move(listener)),
      end_(std::make_unique<base::Descriptor>(::eventfd(0, EFD_CLOEXEC))),
      url_(std::move(url)),
      loopback_(loopback),
      handler_(std::move(handler)),
      thread_([this] { Serve(); }) {}

StatusServer::~StatusServer() {
  static_cast<void>(::eventfd_write(end_->number(), 1));
  thread_.join();
}

void StatusServer::Serve() {
  while (true) {
    pollfd waits[] = {{listener_->number(), POLLIN, 0}, {end_->number(), POLLIN, 0}};
    ::poll(waits, 2, -1);
    if (waits[1].revents != 0) {
      return;
    }
    const base::Descriptor connection(
        ::accept4(listener_->number(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.number() >= 0) {
      ::setsockopt(connection.number(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
      ::setsockopt(connection.number(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
      AnswerOne(connection.number());
    }
  }
}

void StatusServer::AnswerOne(int connection) const {
  const auto request = ReadRequest(connection);
  if (!request) {
    Send(connection, Refusal(400, "this is no request that is answered here"));
  } else if (request->method() != http::verb::get) {
    Send(connection, Refusal(405, "only GET is answered here"));
  } else if (!MayAsk(std::string_view((*request)[http::field::host]))) {
    Send(connection, Refusal(421, "ask by an address in numbers, or as localhost"));
  } else {
    const std::string_view target(request->target());
    const auto path = target.substr(0, target.find('?'));
    Send(connection, handler_(path, target.substr(std::min(path.size() + 1, target.size()))));
  }
}

}  // namespace streampark::runner
