// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/c.h>

#include "streampark/base/result.h"
#include "streampark/core/state_backend_abi.h"

namespace streampark::state {

/// Deletes what RocksDB's C API made.
template <auto kDestroy>
struct Destroys {
  template <typename T>
  void operator()(T* made) const {
    kDestroy(made);
  }
};
template <typename T, auto kDestroy>
using Handle = std::unique_ptr<T, Destroys<kDestroy>>;

/// States whose values expire; read by RocksDB's threads while the store's own adds to them.
class Expiries {
 public:
  void Add(std::string_view prefix);
  void SetNow(std::int64_t now_ms) { now_ms_.store(now_ms, std::memory_order_relaxed); }
  bool Expired(std::string_view key, std::string_view value) const;

 private:
  std::atomic<std::int64_t> now_ms_ = INT64_MIN;
  mutable std::mutex mutex_;
  std::vector<std::string> prefixes_;
};

/// What the stores of a job share, and how each is set up.
class RocksDbSettings {
 public:
  explicit RocksDbSettings(const SpStateSettings& settings);
  /// With a filter over `expiries`, which outlives the store.
  Handle<rocksdb_options_t, rocksdb_options_destroy> OptionsFor(
      rocksdb_compactionfilter_t* filter) const;

 private:
  const SpStateSettings settings_;
  Handle<rocksdb_cache_t, rocksdb_cache_destroy> cache_;
};

/// One store: ordered bytes without a log of its own. For one thread at a time.
class RocksDbStore {
 public:
  static base::Result<std::unique_ptr<RocksDbStore>> Open(const RocksDbSettings& settings,
                                                          const std::filesystem::path& folder);

  /// Good until the next call.
  base::Result<bool> Get(std::string_view key, std::string_view& value);
  base::Status Write(std::string_view changes);
  base::Status Capture(const std::string& folder);
  Expiries& expiries() { return expiries_; }

  class Scan;
  std::unique_ptr<Scan> ScanFrom(std::string_view from, std::string_view until);

 private:
  explicit RocksDbStore(std::string folder);

  const std::string folder_;
  Expiries expiries_;
  Handle<rocksdb_compactionfilter_t, rocksdb_compactionfilter_destroy> filter_;
  Handle<rocksdb_readoptions_t, rocksdb_readoptions_destroy> reads_;
  Handle<rocksdb_writeoptions_t, rocksdb_writeoptions_destroy> writes_;
  Handle<rocksdb_writebatch_t, rocksdb_writebatch_destroy> batch_;
  Handle<rocksdb_t, rocksdb_close> db_;
  Handle<rocksdb_pinnableslice_t, rocksdb_pinnableslice_destroy> pinned_;  // before the store goes
};

/// A range as it was when the scan began.
class RocksDbStore::Scan {
 public:
  Scan(rocksdb_t* db, std::string_view from, std::string_view until);
  base::Result<bool> Next(std::string_view& key, std::string_view& value);

 private:
  const std::string until_;  // RocksDB keeps a pointer to it
  Handle<rocksdb_readoptions_t, rocksdb_readoptions_destroy> reads_;
  Handle<rocksdb_iterator_t, rocksdb_iter_destroy> iterator_;
  bool begun_ = false;
};

}  // namespace streampark::state
