// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/base/process.h"

namespace streampark::base {

/// How long a spawned process lives.
enum class Lifetime {
  kDetached,      // own session, child of init: outlives us
  kBoundToThread  // own process group; SIGKILLed when the thread that spawned it ends; ours to reap
};

/// Descriptors that become the child's 0, 1 and 2; they stay the caller's to close.
struct Streams {
  int in = -1;
  int out = -1;
  int err = -1;
};

/// Forks and executes. IO_ERROR when the program or its folder is not there or may not be executed.
/// The child inherits no descriptor but `streams`, no blocked and no ignored signal.
Result<ProcessId> Spawn(const Command& command, const Streams& streams, Lifetime lifetime);

/// State letter and start time out of the text of /proc/PID/stat; false when it is not one.
/// Async-signal-safe.
bool ParseProcStat(std::string_view text, char* state, std::uint64_t* start_ticks);

/// Gives up being who we are for good, and with it every way back. Async-signal-safe; for a process
/// with one thread.
bool BecomeUser(uid_t uid, gid_t gid, const gid_t* groups, std::size_t count);

/// A pipe whose ends close on exec; ends[0] reads.
Status MakePipe(int (&ends)[2]);

}  // namespace streampark::base
