// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/wire/alarm.h"

#include <algorithm>
#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>

#include "streampark/base/check.h"

namespace streampark::connectors::wire {

Alarm::Alarm() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { SP_CHECK(event_.ok()); }

void Alarm::Ring() {
  const std::uint64_t one = 1;
  // It fails only when it rings already.
  [[maybe_unused]] const auto written = ::write(event_.number(), &one, sizeof one);
}

bool Alarm::Take() {
  std::uint64_t rings = 0;
  return ::read(event_.number(), &rings, sizeof rings) == sizeof rings;
}

void Alarm::WaitFor(base::Millis patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  pollfd waited{.fd = event_.number(), .events = POLLIN, .revents = 0};
  for (auto left = patience; left > base::Millis(0);
       left = std::chrono::ceil<base::Millis>(until - std::chrono::steady_clock::now())) {
    if (::poll(&waited, 1, static_cast<int>(std::min(left, base::Millis(60'000)).count())) > 0) {
      break;
    }
  }
  Take();
}

}  // namespace streampark::connectors::wire
