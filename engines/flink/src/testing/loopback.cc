// SPDX-License-Identifier: Apache-2.0
#include "testing/loopback.h"

#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "streampark/base/check.h"

namespace streampark::flink {
namespace {

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

Listening ListenOnLoopback(std::uint16_t port) {
  Listening made;
  made.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(made.socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address = Loopback(port);
  SP_CHECK(::bind(made.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  SP_CHECK(::listen(made.socket, 64) == 0);
  socklen_t length = sizeof address;
  ::getsockname(made.socket, reinterpret_cast<sockaddr*>(&address), &length);
  made.port = ntohs(address.sin_port);
  return made;
}

int ConnectToLoopback(std::uint16_t port) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(port);
  if (::connect(made, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(made);
    return -1;
  }
  return made;
}

bool AwaitReadable(int socket, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd polled{socket, POLLIN, 0};
    if (::poll(&polled, 1, 10) > 0) {
      return true;
    }
  }
  return false;
}

bool SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void Reset(int socket) {
  const linger at_once{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(socket);
}

}  // namespace streampark::flink
