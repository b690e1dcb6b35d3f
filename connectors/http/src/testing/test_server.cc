// SPDX-License-Identifier: Apache-2.0
#include "testing/test_server.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <netinet/in.h>
#include <sys/socket.h>

#include "streampark/base/check.h"

namespace streampark::connectors::http::testing {
namespace {

std::string Decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      decoded.push_back(
          static_cast<char>(std::strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16)));
      i += 2;
    } else {
      decoded.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return decoded;
}

TestServer::Request Parse(const std::string& head) {
  TestServer::Request request;
  std::istringstream lines(head);
  std::string target;
  std::string line;
  std::getline(lines, line);
  std::istringstream(line) >> request.method >> target;
  const auto question = target.find('?');
  request.path = target.substr(0, question);
  std::istringstream query(question == std::string::npos ? "" : target.substr(question + 1));
  while (std::getline(query, line, '&')) {
    const auto equals = line.find('=');
    request.query[Decoded(line.substr(0, equals))] =
        equals == std::string::npos ? "" : Decoded(line.substr(equals + 1));
  }
  while (std::getline(lines, line) && line != "\r") {
    const auto colon = line.find(": ");
    std::string name = line.substr(0, colon);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    request.headers[name] = line.substr(colon + 2, line.size() - colon - 3);
  }
  return request;
}

/// False: the client went away.
bool ReadRequest(int socket, TestServer::Request& request) {
  std::string bytes;
  char piece[65'536];
  std::size_t wanted = 0;
  std::size_t head_end = std::string::npos;
  while (head_end == std::string::npos || bytes.size() < wanted) {
    const ssize_t got = ::recv(socket, piece, sizeof piece, 0);
    if (got <= 0) {
      return false;
    }
    bytes.append(piece, static_cast<std::size_t>(got));
    if (head_end == std::string::npos) {
      head_end = bytes.find("\r\n\r\n");
      if (head_end != std::string::npos) {
        request = Parse(bytes.substr(0, head_end + 4));
        const auto length = request.headers.find("content-length");
        wanted = head_end + 4 + (length == request.headers.end() ? 0 : std::stoul(length->second));
      }
    }
  }
  request.body = bytes.substr(head_end + 4);
  return true;
}

}  // namespace

TestServer::TestServer(Handler handler)
    : handler_(std::move(handler)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  SP_CHECK(::bind(listener_.number(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  SP_CHECK(::listen(listener_.number(), 64) == 0);
  SP_CHECK(::getsockname(listener_.number(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this] { Serve(); });
}

TestServer::~TestServer() {
  ::shutdown(listener_.number(), SHUT_RDWR);
  thread_.join();
}

std::string TestServer::Url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<TestServer::Request> TestServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void TestServer::Serve() {
  for (;;) {
    const base::Descriptor socket(::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket.ok()) {
      return;
    }
    Request request;
    if (!ReadRequest(socket.number(), request)) {
      continue;
    }
    const Answer answer = handler_(request);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(std::move(request));
    }
    if (answer.status == 0) {
      continue;  // cuts the connection
    }
    std::string text =
        "HTTP/1.1 " + std::to_string(answer.status) +
        " X\r\nConnection: close\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n";
    for (const auto& [name, value] : answer.headers) {
      text += name + ": " + value + "\r\n";
    }
    text += "\r\n" + answer.body;
    for (std::string_view rest = text; !rest.empty();) {
      const ssize_t sent = ::send(socket.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        break;
      }
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
}

}  // namespace streampark::connectors::http::testing
