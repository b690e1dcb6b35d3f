// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "streampark/base/result.h"
#include "streampark/core/bytes.h"

/// Ordered bytes outside of this process's memory, as state_backend_abi.h has them. Inside a subtask failures are exceptions, here
/// too: TaskFailure.
namespace streampark::core {

/// Changes in the order in which they are made: the bytes that a store takes.
class StateChanges {
 public:
  void Put(std::string_view key, std::string_view value) {
    out_.Fixed(std::uint8_t{1});
    out_.Text(key);
    out_.Text(value);
  }
  void Delete(std::string_view key) {
    out_.Fixed(std::uint8_t{0});
    out_.Text(key);
  }
  /// All with first <= key < after.
  void DeleteRange(std::string_view first, std::string_view after) {
    out_.Fixed(std::uint8_t{2});
    out_.Text(first);
    out_.Text(after);
  }
  std::string_view view() const { return out_.view(); }
  std::size_t size() const { return out_.size(); }
  void Clear() { out_.Clear(); }

 private:
  ByteWriter out_;
};

/// The entries of a range as it was when the scan began. Ends before its store.
class StateScan {
 public:
  virtual ~StateScan() = default;
  /// False at the end.
  virtual bool Next() = 0;
  /// Of the entry; good until the next call of Next.
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
};

/// The bytes of one subtask. For one thread at a time.
class StateStore {
 public:
  virtual ~StateStore() = default;
  /// Good until the next call.
  virtual std::optional<std::string_view> Get(std::string_view key) = 0;
  virtual void Write(std::string_view changes) = 0;
  /// from <= key < until.
  virtual std::unique_ptr<StateScan> Scan(std::string_view from, std::string_view until) = 0;
  /// All that was written, as files in a new folder; those that end in `.sst` are the same in each capture that has them.
  virtual base::Status Capture(const std::filesystem::path& folder) = 0;
  /// Values under the prefix begin with their expiry (int64, milliseconds); what has expired may go at any time.
  virtual void Expire(std::string_view prefix) = 0;
  virtual void SetNow(std::int64_t now_ms) = 0;
};

/// Makes stores that share their memory. Thread-safe.
class StateBackend {
 public:
  struct Settings {
    std::size_t cache_bytes = 0;
    std::size_t write_buffer_bytes = 0;
    int stores = 1;
    int threads = 2;
  };
  virtual ~StateBackend() = default;
  /// The store in a folder, which is made when it is not there. The backend outlives it.
  virtual base::Result<std::unique_ptr<StateStore>> Open(const std::filesystem::path& folder) = 0;
};

/// Loads the library into this process. NOT_FOUND, IO_ERROR, INVALID_REQUEST, VERSION_MISMATCH.
base::Result<std::unique_ptr<StateBackend>> LoadStateBackend(
    const std::filesystem::path& library, const StateBackend::Settings& settings);

}  // namespace streampark::core
