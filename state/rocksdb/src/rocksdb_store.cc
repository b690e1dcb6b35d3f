// SPDX-License-Identifier: Apache-2.0
#include "rocksdb_store.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "streampark/core/bytes.h"

namespace streampark::state {

namespace {

constexpr double kBloomBitsPerKey = 10;
constexpr std::size_t kBlockBytes = std::size_t{4} << 10U;
constexpr std::uint64_t kFileBytes = std::uint64_t{64} << 20U;
constexpr std::size_t kLeastBuffer = std::size_t{1} << 20U;
constexpr int kSnappy = 1;

/// What RocksDB says through `char** errptr`.
class Message {
 public:
  ~Message() { rocksdb_free(text_); }
  char** get() { return &text_; }
  bool failed() const { return text_ != nullptr; }
  base::Error ToError(const std::string& doing, const std::string& folder) const {
    const std::string said(text_);
    const bool full = said.find("No space left") != std::string::npos;
    const bool damaged = said.starts_with("Corruption");
    return base::Error(full      ? base::ErrorCode::kStorageFull
                       : damaged ? base::ErrorCode::kSnapshotInvalid
                                 : base::ErrorCode::kIoError,
                       doing + " the state in " + folder + " failed: " + said);
  }

 private:
  char* text_ = nullptr;
};

unsigned char FilterExpired(void* state, int /*level*/, const char* key, std::size_t key_size,
                            const char* value, std::size_t value_size, char** /*new_value*/,
                            std::size_t* /*new_size*/, unsigned char* /*changed*/) {
  return static_cast<const Expiries*>(state)->Expired({key, key_size}, {value, value_size}) ? 1 : 0;
}

}  // namespace

void Expiries::Add(std::string_view prefix) {
  const std::lock_guard lock(mutex_);
  prefixes_.emplace_back(prefix);
}

bool Expiries::Expired(std::string_view key, std::string_view value) const {
  const auto now = now_ms_.load(std::memory_order_relaxed);
  std::int64_t expiry = 0;
  if (now == INT64_MIN || value.size() < sizeof expiry) {
    return false;
  }
  std::memcpy(&expiry, value.data(), sizeof expiry);
  if (expiry > now) {
    return false;
  }
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(prefixes_,
                             [&](const std::string& prefix) { return key.starts_with(prefix); });
}

RocksDbSettings::RocksDbSettings(const SpStateSettings& settings)
    : settings_(settings), cache_(rocksdb_cache_create_lru(settings.cache_bytes)) {}

Handle<rocksdb_options_t, rocksdb_options_destroy> RocksDbSettings::OptionsFor(
    rocksdb_compactionfilter_t* filter) const {
  Handle<rocksdb_options_t, rocksdb_options_destroy> options(rocksdb_options_create());
  auto* to = options.get();
  rocksdb_options_set_create_if_missing(to, 1);
  rocksdb_options_set_compaction_filter(to, filter);
  // Two buffers a store: one is written to files while the other fills.
  const auto buffer = std::max<std::size_t>(
      kLeastBuffer, settings_.write_buffer_bytes / std::max(1U, settings_.stores) / 2);
  rocksdb_options_set_write_buffer_size(to, buffer);
  rocksdb_options_set_max_write_buffer_number(to, 2);
  rocksdb_options_set_max_background_jobs(to, static_cast<int>(std::max(2U, settings_.threads)));
  rocksdb_options_set_memtable_prefix_bloom_size_ratio(to, 0.1);
  rocksdb_options_set_memtable_whole_key_filtering(to, 1);
  rocksdb_options_set_level_compaction_dynamic_level_bytes(to, 1);
  rocksdb_options_set_max_bytes_for_level_base(to, std::max<std::uint64_t>(kFileBytes, 4 * buffer));
  rocksdb_options_set_target_file_size_base(to, kFileBytes);
  // Small files of levels that are soon rewritten are not worth packing; most bytes lie in the last one.
  const int packing[] = {0, 0, kSnappy, kSnappy, kSnappy, kSnappy, kSnappy};
  rocksdb_options_set_compression_per_level(to, packing, 7);
  rocksdb_options_set_info_log_level(to, 3);  // errors
  rocksdb_options_set_keep_log_file_num(to, 1);
  rocksdb_options_set_stats_dump_period_sec(to, 0);

  auto* table = rocksdb_block_based_options_create();
  rocksdb_block_based_options_set_block_cache(table, cache_.get());
  rocksdb_block_based_options_set_block_size(table, kBlockBytes);
  rocksdb_block_based_options_set_filter_policy(
      table, rocksdb_filterpolicy_create_bloom_full(kBloomBitsPerKey));  // the table's
  rocksdb_block_based_options_set_format_version(table, 5);
  rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
  rocksdb_block_based_options_set_cache_index_and_filter_blocks_with_high_priority(table, 1);
  rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1);
  rocksdb_block_based_options_set_data_block_index_type(
      table, rocksdb_block_based_table_data_block_index_type_binary_search_and_hash);
  rocksdb_options_set_block_based_table_factory(to, table);
  rocksdb_block_based_options_destroy(table);
  return options;
}

RocksDbStore::RocksDbStore(std::string folder)
    : folder_(std::move(folder)),
      filter_(rocksdb_compactionfilter_create(
          &expiries_, [](void*) {}, FilterExpired, [](void*) { return "streampark-expiry"; })),
      reads_(rocksdb_readoptions_create()),
      writes_(rocksdb_writeoptions_create()),
      batch_(rocksdb_writebatch_create()) {
  rocksdb_compactionfilter_set_ignore_snapshots(filter_.get(), 1);
  rocksdb_writeoptions_disable_WAL(writes_.get(), 1);
}

base::Result<std::unique_ptr<RocksDbStore>> RocksDbStore::Open(
    const RocksDbSettings& settings, const std::filesystem::path& folder) {
  auto store = std::unique_ptr<RocksDbStore>(new RocksDbStore(folder.string()));
  const auto options = settings.OptionsFor(store->filter_.get());
  Message failed;
  store->db_.reset(rocksdb_open(options.get(), store->folder_.c_str(), failed.get()));
  if (failed.failed()) {
    return failed.ToError("opening", store->folder_);
  }
  return store;
}

base::Result<bool> RocksDbStore::Get(std::string_view key, std::string_view& value) {
  Message failed;
  pinned_.reset(rocksdb_get_pinned(db_.get(), reads_.get(), key.data(), key.size(), failed.get()));
  if (failed.failed()) {
    return failed.ToError("reading", folder_);
  }
  if (pinned_ == nullptr) {
    return false;
  }
  std::size_t size = 0;
  const char* data = rocksdb_pinnableslice_value(pinned_.get(), &size);
  value = {data, size};
  return true;
}

base::Status RocksDbStore::Write(std::string_view changes) {
  rocksdb_writebatch_clear(batch_.get());
  core::ByteReader in(changes);
  while (!in.at_end() && !in.failed()) {
    const auto kind = in.Fixed<std::uint8_t>();
    const auto key = in.Text();
    if (kind == 0) {
      rocksdb_writebatch_delete(batch_.get(), key.data(), key.size());
      continue;
    }
    const auto second = in.Text();
    if (kind == 1) {
      rocksdb_writebatch_put(batch_.get(), key.data(), key.size(), second.data(), second.size());
    } else {
      rocksdb_writebatch_delete_range(batch_.get(), key.data(), key.size(), second.data(),
                                      second.size());
    }
  }
  if (in.failed()) {
    return base::Error(base::ErrorCode::kInternal, "changes of state are cut short");
  }
  Message failed;
  rocksdb_write(db_.get(), writes_.get(), batch_.get(), failed.get());
  return failed.failed() ? base::Status(failed.ToError("writing", folder_)) : base::Ok();
}

base::Status RocksDbStore::Capture(const std::string& folder) {
  Message failed;
  const Handle<rocksdb_checkpoint_t, rocksdb_checkpoint_object_destroy> capturing(
      rocksdb_checkpoint_object_create(db_.get(), failed.get()));
  if (!failed.failed()) {
    rocksdb_checkpoint_create(capturing.get(), folder.c_str(), 0, failed.get());
  }
  return failed.failed() ? base::Status(failed.ToError("capturing", folder_)) : base::Ok();
}

std::unique_ptr<RocksDbStore::Scan> RocksDbStore::ScanFrom(std::string_view from,
                                                           std::string_view until) {
  return std::make_unique<Scan>(db_.get(), from, until);
}

RocksDbStore::Scan::Scan(rocksdb_t* db, std::string_view from, std::string_view until)
    : until_(until), reads_(rocksdb_readoptions_create()) {
  rocksdb_readoptions_set_iterate_upper_bound(reads_.get(), until_.data(), until_.size());
  rocksdb_readoptions_set_fill_cache(reads_.get(), 0);
  iterator_.reset(rocksdb_create_iterator(db, reads_.get()));
  rocksdb_iter_seek(iterator_.get(), from.data(), from.size());
}

base::Result<bool> RocksDbStore::Scan::Next(std::string_view& key, std::string_view& value) {
  if (std::exchange(begun_, true)) {
    rocksdb_iter_next(iterator_.get());
  }
  if (rocksdb_iter_valid(iterator_.get()) == 0) {
    Message failed;
    rocksdb_iter_get_error(iterator_.get(), failed.get());
    return failed.failed() ? base::Result<bool>(failed.ToError("reading", "its folder"))
                           : base::Result<bool>(false);
  }
  std::size_t size = 0;
  const char* data = rocksdb_iter_key(iterator_.get(), &size);
  key = {data, size};
  data = rocksdb_iter_value(iterator_.get(), &size);
  value = {data, size};
  return true;
}

}  // namespace streampark::state
