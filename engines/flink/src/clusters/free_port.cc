// SPDX-License-Identifier: Apache-2.0
#include "clusters/free_port.h"

#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace streampark::flink {
namespace {

constexpr int kFirstPort = 22'000;
constexpr int kPortCount = 8'000;
constexpr int kAttempts = 200;

bool IsFree(int port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) {
    return false;
  }
  const int yes = 1;  // as Flink binds: a port in TIME_WAIT is free
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound =
      ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::listen(listener, 1) == 0;
  ::close(listener);
  return bound;
}

}  // namespace

base::Result<int> ChoosePort(base::Random& random, int taken) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::array<std::uint8_t, 2> bytes{};
    random.Fill(bytes);
    const int port = kFirstPort + (bytes[0] * 256 + bytes[1]) % kPortCount;
    if (port != taken && IsFree(port)) {
      return port;
    }
  }
  return base::Error(base::ErrorCode::kUnavailable, "no free port was found on 127.0.0.1");
}

}  // namespace streampark::flink
