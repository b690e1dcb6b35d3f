// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace streampark::native {

/// Runs the job of a folder (docs/adr/0029-native-engine.md has its layout) to its end: starts its process, keeps what it writes, starts
/// it again when it dies of a signal, ends it when it is cancelled, and says how it ended. Returns the exit code of this process, which
/// does nothing else and has one thread: 0 when the end is told, or another supervisor has the job or had it; else 1, with the reason on
/// stderr.
int Supervise(const std::filesystem::path& folder);

}  // namespace streampark::native
