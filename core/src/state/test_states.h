// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "streampark/base/temporary_folder.h"
#include "streampark/core/disk_states.h"
#include "streampark/core/native_job.h"

namespace streampark::core {

/// Whether this run of the tests keeps keyed state on disk: each test that does not choose runs with either backend.
inline bool TestsKeepStateOnDisk() {
  const char* chosen = std::getenv("STREAMPARK_TEST_STATE");
  return chosen != nullptr && std::string_view(chosen) == "rocksdb";
}

inline StateOptions StateOnDiskForTests() {
  StateOptions state;
  state.backend = StateOptions::Backend::kRocksDb;
  state.library = SP_STATE_LIBRARY;
  state.cache_bytes = std::size_t{64} << 10U;
  state.block_cache_bytes = std::size_t{1} << 20U;
  state.write_buffer_bytes = std::size_t{1} << 20U;
  return state;
}
/// Options of a job, with its keyed state where this run of the tests keeps it.
inline NativeOptions InThisRun(NativeOptions options) {
  if (TestsKeepStateOnDisk()) {
    options.state = StateOnDiskForTests();
  }
  return options;
}

inline std::unique_ptr<StateBackend> BackendForTests() {
  auto backend = LoadStateBackend(SP_STATE_LIBRARY, {.cache_bytes = std::size_t{1} << 20U,
                                                     .write_buffer_bytes = std::size_t{1} << 20U,
                                                     .stores = 1,
                                                     .threads = 2});
  SP_CHECK(backend.ok());
  return std::move(backend).value();
}

/// A store of its own in a folder of its own.
class StatesForTests {
 public:
  /// So little is cached that most is evicted as soon as it may be.
  static constexpr std::size_t kLittle = 64;

  explicit StatesForTests(std::size_t cache_bytes = kLittle)
      : folder_(base::TemporaryFolder::Create().value()),
        backend_(BackendForTests()),
        states_(backend_->Open(folder_.path() / "db").value(), {}, cache_bytes, nullptr) {}
  DiskStates& states() { return states_; }

 private:
  base::TemporaryFolder folder_;
  std::unique_ptr<StateBackend> backend_;
  DiskStates states_;
};

}  // namespace streampark::core
