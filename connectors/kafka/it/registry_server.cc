// SPDX-License-Identifier: Apache-2.0
#include "registry_server.h"

#include <algorithm>
#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "streampark/base/check.h"
#include "streampark/base/json.h"

namespace streampark::connectors::kafka::it {
namespace {

/// Head and body, as far as the head says.
std::string ReadRequest(int socket) {
  std::string request;
  char bytes[4'096];
  for (;;) {
    const auto head = request.find("\r\n\r\n");
    if (head != std::string::npos) {
      const auto length = request.find("Content-Length: ");
      const int size = length < head ? std::atoi(request.c_str() + length + 16) : 0;
      if (request.size() >= head + 4 + static_cast<std::size_t>(size)) {
        return request;
      }
    }
    const ssize_t got = ::recv(socket, bytes, sizeof bytes, 0);
    if (got <= 0) {
      return "";
    }
    request.append(bytes, static_cast<std::size_t>(got));
  }
}

}  // namespace

RegistryServer::RegistryServer() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  SP_CHECK(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  SP_CHECK(::listen(listener_, 8) == 0);
  thread_ = std::jthread([this] { Serve(); });
}

RegistryServer::~RegistryServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::string RegistryServer::url() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  return "http://127.0.0.1:" + std::to_string(::ntohs(address.sin_port));
}

int RegistryServer::Add(const std::string& schema) {
  const std::lock_guard lock(mutex_);
  schemas_.push_back(schema);
  return static_cast<int>(schemas_.size());
}

std::vector<std::string> RegistryServer::subjects() {
  const std::lock_guard lock(mutex_);
  return subjects_;
}

int RegistryServer::asked() {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void RegistryServer::AnswerWith(int status) {
  const std::lock_guard lock(mutex_);
  status_ = status;
}

void RegistryServer::Serve() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) {
      return;
    }
    const std::string answer = Answer(ReadRequest(socket));
    ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
    ::close(socket);
  }
}

std::string RegistryServer::Answer(const std::string& request) {
  const std::lock_guard lock(mutex_);
  const std::string target =
      request.substr(request.find(' ') + 1, request.find(" HTTP") - request.find(' ') - 1);
  int status = status_;
  json::object body{{"message", "no such thing"}};
  if (status == 0 && target.starts_with("/schemas/ids/")) {
    ++asked_;
    const auto id = static_cast<std::size_t>(std::atoi(target.c_str() + 13));
    status = id >= 1 && id <= schemas_.size() ? 200 : 404;
    if (status == 200) {
      body = {{"schema", schemas_[id - 1]}};
    }
  } else if (status == 0 && target.starts_with("/subjects/")) {
    subjects_.push_back(target.substr(10, target.rfind("/versions") - 10));
    const auto asked = json::Parse(request.substr(request.find("\r\n\r\n") + 4)).value();
    const std::string schema(asked.at("schema").as_string());
    auto known = std::ranges::find(schemas_, schema);
    if (known == schemas_.end()) {
      known = schemas_.insert(known, schema);
    }
    status = 200;
    body = {{"id", known - schemas_.begin() + 1}};
  }
  const std::string text = json::serialize(body);
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nConnection: close\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" +
         text;
}

}  // namespace streampark::connectors::kafka::it
