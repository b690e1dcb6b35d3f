// SPDX-License-Identifier: Apache-2.0
#include "streampark/store/database.h"

#include <sys/stat.h>

#include "migrations.h"

namespace streampark::store {
namespace {

constexpr int kWriterCacheKib = 2048;
constexpr int kReaderCacheKib = 1024;

}  // namespace

Transaction::~Transaction() {
  if (lock_.owns_lock()) {
    // Fails only when the transaction has ended by itself, as after a full disk.
    static_cast<void>(connection_->ExecuteScript("ROLLBACK"));
    database_->Release(std::move(lock_));
  }
}

base::Status Transaction::Commit() {
  const base::Result<std::int64_t> committed = connection_->Execute("COMMIT");
  if (!committed.ok()) {
    static_cast<void>(connection_->ExecuteScript("ROLLBACK"));
    // What could be written but not synced lies whole in the log, and the next start would take it
    // for committed. A log that was emptied has nothing of what was refused.
    static_cast<void>(connection_->ExecuteScript("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  database_->Release(std::move(lock_));
  return committed.ok() ? base::Ok() : base::Status(committed.error());
}

Reader::~Reader() {
  if (database_ != nullptr) {
    database_->Return(std::move(connection_));
  }
}

base::Result<std::unique_ptr<Database>> Database::Open(const std::filesystem::path& file,
                                                       Options options, const base::Clock& clock) {
  std::unique_ptr<Database> database(new Database(file, std::move(options)));
  // SQLite makes its other files with the mode of this one.
  const mode_t before = ::umask(0077);
  auto writer =
      Connection::Open(file, {.cache_kib = kWriterCacheKib, .vfs = database->options_.vfs});
  ::umask(before);
  database->writer_ = SP_TRY(std::move(writer));
  SP_TRY(Migrate(*database->writer_, KnownMigrations(), database->options_.backup_folder, clock));
  return database;
}

base::Result<std::unique_ptr<Database>> Database::OpenExisting(const std::filesystem::path& file) {
  std::unique_ptr<Database> database(new Database(file, {.readers = 1}));
  database->writer_ = SP_TRY(Connection::Open(file, {.cache_kib = kReaderCacheKib}));
  SP_TRY(CheckSchema(*database->writer_, KnownMigrations()));
  return database;
}

base::Result<Transaction> Database::Begin() {
  std::unique_lock lock(writer_mutex_);
  const base::Result<std::int64_t> begun = writer_->Execute("BEGIN IMMEDIATE");
  if (!begun.ok()) {
    Release(std::move(lock));
    return begun.error();
  }
  return Transaction(std::move(lock), this, writer_.get());
}

void Database::Release(std::unique_lock<std::mutex> lock) {
  const std::optional<base::Error> refused = writer_->TakeDiskError();
  lock.unlock();
  if (refused && on_refusal_) {
    on_refusal_(*refused);
  }
}

void Database::OnRefusal(std::function<void(const base::Error&)> listener) {
  const std::lock_guard lock(writer_mutex_);
  on_refusal_ = std::move(listener);
}

base::Status Database::Probe() {
  Transaction transaction = SP_TRY(Begin());
  // Nobody reads it, and it is written whether it changes or not.
  SP_TRY(transaction->ExecuteScript("PRAGMA user_version = 0"));
  return transaction.Commit();
}

base::Result<Reader> Database::Read() {
  {
    std::unique_lock lock(readers_mutex_);
    reader_returned_.wait(
        lock, [this] { return !idle_readers_.empty() || open_readers_ < options_.readers; });
    if (!idle_readers_.empty()) {
      Reader reader(this, std::move(idle_readers_.back()));
      idle_readers_.pop_back();
      return reader;
    }
    ++open_readers_;
  }
  auto opened = Connection::Open(
      file_, {.read_only = true, .cache_kib = kReaderCacheKib, .vfs = options_.vfs});
  if (!opened.ok()) {
    {
      const std::lock_guard lock(readers_mutex_);
      --open_readers_;
    }
    reader_returned_.notify_one();
    return std::move(opened).error();
  }
  return Reader(this, std::move(opened).value());
}

void Database::Return(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock(readers_mutex_);
    idle_readers_.push_back(std::move(connection));
  }
  reader_returned_.notify_one();
}

}  // namespace streampark::store
