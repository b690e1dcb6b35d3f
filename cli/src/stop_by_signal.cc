// SPDX-License-Identifier: Apache-2.0
#include "stop_by_signal.h"

#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace streampark::cli {

namespace {

sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace

StopBySignal::StopBySignal()
    : signals_(BlockSignals()),
      asked_(::signalfd(-1, &signals_, SFD_CLOEXEC)),
      over_(::eventfd(0, EFD_CLOEXEC)),
      waiter_([this] { Wait(); }) {}

StopBySignal::~StopBySignal() {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(over_.number(), &one, sizeof one));
  waiter_.join();
  ::pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
}

void StopBySignal::Wait() {
  pollfd waits[] = {{asked_.number(), POLLIN, 0}, {over_.number(), POLLIN, 0}};
  for (;;) {
    if (::poll(waits, 2, -1) < 0) {
      continue;  // EINTR
    }
    if (waits[1].revents != 0) {
      return;
    }
    signalfd_siginfo asked{};
    if (::read(asked_.number(), &asked, sizeof asked) != sizeof asked) {
      continue;
    }
    if (stop_.stop_requested()) {
      ::_exit(128 + static_cast<int>(asked.ssi_signo));
    }
    stop_.request_stop();
  }
}

}  // namespace streampark::cli
