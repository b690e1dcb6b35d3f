// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/store/connection.h"

namespace streampark::store {

class Database;

/// The one writer, held by one thread: BEGIN IMMEDIATE at its start, rolled back when it goes
/// without Commit(). Everything of Connection works on it: `transaction->Execute(…)`.
class Transaction {
 public:
  Transaction(Transaction&& other) noexcept = default;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Connection* operator->() const { return connection_; }
  Connection& operator*() const { return *connection_; }
  /// Durable when it returns ok; otherwise undone, also for the next start when the disk lets it.
  /// The writer is free again, whatever it returns.
  base::Status Commit();

 private:
  friend class Database;
  Transaction(std::unique_lock<std::mutex> lock, Database* database, Connection* connection)
      : lock_(std::move(lock)), database_(database), connection_(connection) {}
  std::unique_lock<std::mutex> lock_;
  Database* database_;
  Connection* connection_;
};

/// A reading connection on loan; returned when it goes. Sees what was committed before each
/// statement.
class Reader {
 public:
  Reader(Reader&& other) noexcept
      : database_(std::exchange(other.database_, nullptr)),
        connection_(std::move(other.connection_)) {}
  Reader& operator=(Reader&&) = delete;
  ~Reader();

  Connection* operator->() const { return connection_.get(); }
  Connection& operator*() const { return *connection_; }

 private:
  friend class Database;
  Reader(Database* database, std::unique_ptr<Connection> connection)
      : database_(database), connection_(std::move(connection)) {}

  Database* database_;
  std::unique_ptr<Connection> connection_;
};

/// The console's database: one file, one writer and a few readers (write-ahead log, every commit
/// synced). Thread-safe. It must outlive its transactions and readers.
class Database {
 public:
  struct Options {
    /// Copies of the database are put here before a migration.
    std::filesystem::path backup_folder = {};
    std::size_t readers = 3;
    /// Of Connection::Options; tests put a disk with faults there.
    std::string vfs = {};
  };

  /// Opens or makes the file and brings its schema up to date. SCHEMA_TOO_NEW when a later program
  /// has changed it.
  static base::Result<std::unique_ptr<Database>> Open(const std::filesystem::path& file,
                                                      Options options, const base::Clock& clock);
  /// Opens a file whose schema must already be this program's: for commands beside a running
  /// console.
  static base::Result<std::unique_ptr<Database>> OpenExisting(const std::filesystem::path& file);

  /// Waits for the writer.
  base::Result<Transaction> Begin();
  /// One statement in a transaction of its own; the number of rows that it changed.
  template <typename... Args>
  base::Result<std::int64_t> Execute(std::string_view sql, const Args&... args) {
    Transaction transaction = SP_TRY(Begin());
    const std::int64_t changed = SP_TRY(transaction->Execute(sql, args...));
    SP_TRY(transaction.Commit());
    return changed;
  }
  /// Waits for a reader. Hold it shortly, and never while asking for another.
  base::Result<Reader> Read();

  /// `listener` is called, by the thread that wrote, with each error of the disk itself (full,
  /// read-only, broken) that refused a write. Set before threads write.
  void OnRefusal(std::function<void(const base::Error&)> listener);
  /// Writes what is there already, down to the disk: the error that any write would meet now.
  base::Status Probe();

 private:
  friend class Reader;
  friend class Transaction;
  Database(std::filesystem::path file, Options options)
      : file_(std::move(file)), options_(std::move(options)) {}
  void Return(std::unique_ptr<Connection> connection);
  /// Frees the writer, then tells the listener what the disk refused meanwhile.
  void Release(std::unique_lock<std::mutex> lock);

  const std::filesystem::path file_;
  const Options options_;
  std::mutex writer_mutex_;
  std::unique_ptr<Connection> writer_;
  std::function<void(const base::Error&)> on_refusal_;
  std::mutex readers_mutex_;
  std::condition_variable reader_returned_;
  std::vector<std::unique_ptr<Connection>> idle_readers_;
  std::size_t open_readers_ = 0;
};

}  // namespace streampark::store
