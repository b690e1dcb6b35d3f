// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "streampark/base/clock.h"
#include "streampark/base/os_user.h"
#include "streampark/base/random.h"
#include "streampark/engines/engine.h"

namespace streampark::native {

/// The native engine: C++ job libraries, each run by supervised processes of this machine (docs/adr/0029-native-engine.md). Its end
/// leaves them running.
class NativeEngine {
 public:
  struct Options {
    std::filesystem::path program;  // `streampark`, absolute
    std::string version;            // of it
    std::filesystem::path work;     // for what descriptions need; emptied at will
    /// Whoever runs jobs' code. Ours when absent.
    std::optional<base::OsUser> user = {};
  };

  /// `clock` and `random` must outlive it.
  NativeEngine(Options options, const base::Clock& clock, base::Random& random);
  ~NativeEngine();
  NativeEngine(const NativeEngine&) = delete;
  NativeEngine& operator=(const NativeEngine&) = delete;

  /// References into this object. Thread-safe.
  engines::Engine engine();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace streampark::native
