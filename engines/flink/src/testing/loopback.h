// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stop_token>
#include <string_view>

/// Sockets on 127.0.0.1 for tests.
namespace streampark::flink {

/// A listening socket and its port; 0 chooses one.
struct Listening {
  int socket = -1;
  std::uint16_t port = 0;
};
Listening ListenOnLoopback(std::uint16_t port = 0);
int ConnectToLoopback(std::uint16_t port);
/// Waits until there is something to read or the peer has gone; false when told to stop.
bool AwaitReadable(int socket, const std::stop_token& stop);
/// False when the peer has gone.
bool SendAll(int socket, std::string_view bytes);
/// Closes with RST.
void Reset(int socket);

}  // namespace streampark::flink
