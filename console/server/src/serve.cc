// SPDX-License-Identifier: Apache-2.0
#include "streampark/server/serve.h"

#include <csignal>
#include <cstdio>

#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "streampark/base/log.h"
#include "streampark/http/server.h"

#include "console.h"

namespace streampark::server {
namespace {

/// One arena: each would keep room for what its threads once needed, between what stays. Threads mostly wait, and seldom for it.
void LimitMemory() {
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_MMAP_THRESHOLD, 256 << 10);
  ::mallopt(M_TRIM_THRESHOLD, 256 << 10);
}

/// Meanwhile gives back what is free: the answers of engines come and go between what stays, and would leave
/// the heap half empty.
int WaitForSignal(const sigset_t& signals) {
  constexpr timespec kRound{.tv_sec = 10, .tv_nsec = 0};
  while (true) {
    const int signal_number = ::sigtimedwait(&signals, nullptr, &kRound);
    if (signal_number > 0) {
      return signal_number;
    }
    ::malloc_trim(0);
  }
}

/// Each open page holds a connection; the usual limit of 1,024 is soon reached.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

}  // namespace

int Serve(const ServeOptions& options) {
  LimitMemory();
  RaiseDescriptorLimit();
  // What others may read is said for each folder, not by whoever starts the console.
  ::umask(0022);
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  const auto refuse = [](const base::Error& error) {
    std::fprintf(stderr, "streampark: %s\n", error.ToString().c_str());
    return error.traits().exit_code;
  };
  const base::Status logged =
      base::ConfigureLog(base::LogLevel::kInfo, options.log_format, options.log_file);
  if (!logged.ok()) {
    return refuse(logged.error());
  }
  auto console = Console::Start(options);
  if (!console.ok()) {
    base::LogError("console not started", {{"error", console.error()}});
    return refuse(console.error());
  }
  if (options.tls_certificate.empty() && !http::IsLoopbackAddress(options.listen)) {
    base::LogWarn(
        "passwords and tokens go over the network unencrypted",
        {{"listen", options.listen},
         {"hint",
          "give --tls-cert and --tls-key, or listen on loopback behind a proxy that ends TLS"}});
  }
  base::LogInfo(
      "console started",
      {{"listen", options.listen}, {"port", (*console)->port()}, {"data", options.data.string()}});
  const int signal_number = WaitForSignal(ends);
  base::LogInfo("console stopping", {{"signal", signal_number}});
  (*console)->Stop();
  base::LogInfo("console stopped");
  return 0;
}

}  // namespace streampark::server
