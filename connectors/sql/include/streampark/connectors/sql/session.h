// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/catalog.h"
#include "streampark/connectors/sql/dialect.h"
#include "streampark/connectors/sql/native_column.h"

/// What a database is to the source and the sink that all databases share.
///
/// Errors, by code: VALIDATION_FAILED is about values (a constraint, a number that is too large): whoever loads looks for the row. FORBIDDEN has the
/// statement that grants what is missing. Retryable ones (IO_ERROR, UNAVAILABLE) are of the network, the server's end or a lock; all others
/// come again. None holds a password.
namespace streampark::connectors::sql {

/// A row of a small answer: values as text, absent for null.
using TextRow = std::vector<std::optional<std::string>>;

/// How much of a row a dirty record shows.
inline constexpr std::size_t kMostShown = 64U << 10U;

/// Rows that come from a select. Its session is busy until it has ended, and of no more use when it goes before.
class RowStream {
 public:
  enum class Progress : std::uint8_t { kMore, kEnded };
  /// A row that the columns cannot hold.
  struct Refused {
    std::string reason;
    std::string text;  // the row, as far as it can be shown
  };

  virtual ~RowStream() = default;
  /// Appends rows until there are `most`, or many bytes of them, or no more; waits for the first up to `patience`, where the
  /// client library can.
  virtual base::Result<Progress> Read(std::int64_t most, base::Millis patience, BatchBuilder& rows,
                                      std::vector<Refused>& refused) = 0;
};

/// Rows on their way into a table.
class Loader {
 public:
  virtual ~Loader() = default;
  /// Takes a row, with `number` when there is a place for it. Why the target's types cannot hold it as it is; then it is not taken.
  virtual std::optional<std::string> Append(const Batch& batch, std::int64_t row,
                                            std::int64_t number) = 0;
  /// How many were taken since Clear.
  virtual std::size_t rows() const = 0;
  /// Sends those of [first, last), all or none as far as the transaction's savepoint goes.
  virtual base::Status Send(std::size_t first, std::size_t last) = 0;
  virtual void Clear() = 0;
};

/// A row as the bytes that the database's own bulk protocol has for it, in the one column of such batches.
SchemaPtr CopiedRows();
bool AreCopiedRows(const Schema& schema);

struct LoadTarget {
  std::string table;                  // quoted
  std::vector<NativeColumn> columns;  // one a column of the batches, in their order
  /// Whether the table begins with the two columns of a stage: streampark_row, streampark_kind.
  enum class Kind : std::uint8_t { kTable, kStage } kind = Kind::kTable;
};

/// A connection, used by one thread at a time.
class Session {
 public:
  virtual ~Session() = default;
  /// One statement of the dialect's, without an answer.
  virtual base::Status Execute(const std::string& statement) = 0;
  virtual base::Result<std::vector<TextRow>> Query(const std::string& query) = 0;

  /// The columns of a select, without running it.
  virtual base::Result<std::vector<NativeColumn>> Describe(const std::string& select) = 0;
  /// The columns of the primary key, in its order; none when there is none.
  virtual base::Result<Names> PrimaryKey(const TableName& table) = 0;
  /// The columns of each unique index over whole columns, the primary key's too.
  virtual base::Result<std::vector<Names>> UniqueKeys(const TableName& table) = 0;
  /// Adds counters, indexes and foreign keys; `described.id` is the table, its key is there.
  virtual base::Status DescribeStructure(CatalogTable& described) = 0;
  /// ILLEGAL_STATE when what is written to the table cannot be taken back.
  virtual base::Status RequireTransactions(const TableName& /*table*/) { return base::Ok(); }
  /// One session at a time has the lock of a job (sixteen hex digits), until it gives it back or ends. What a process had begun when it was
  /// killed goes on at a server for a moment: whoever comes next waits here for its end.
  virtual base::Status Lock(const std::string& /*job*/) { return base::Ok(); }
  virtual base::Status Unlock(const std::string& /*job*/) { return base::Ok(); }
  /// What the server believes; absent when it does not know.
  virtual base::Result<std::optional<std::int64_t>> EstimateRows(const TableName& table) = 0;
  /// All tables that people have made, each with its schema.
  virtual base::Result<std::vector<TableName>> Tables() = 0;
  /// Of MariaDB the database; of the names in TableName.
  virtual base::Result<std::string> OwnSchema() = 0;
  /// Tables of that schema (empty: the session's) whose names begin with `prefix`.
  virtual base::Result<Names> TablesLike(const std::string& schema, const std::string& prefix) = 0;

  /// A column that names where a row lies, with the first place of each part of about `rows` rows but the first one, for tables
  /// without a key; absent where a database has none.
  struct PhysicalOrder {
    NativeColumn column;
    Names bounds;
  };
  virtual base::Result<std::optional<PhysicalOrder>> FindPhysicalOrder(const TableName& /*table*/,
                                                                       std::int64_t /*rows*/) {
    return std::optional<PhysicalOrder>();
  }
  /// Keeps what it sees as it is now, for as long as the session lives; the name for UseSnapshot, empty where a database has none.
  virtual base::Result<std::string> ExportSnapshot() { return std::string(); }
  /// Begins a transaction for reading: in that snapshot, or of its own when the name is empty.
  virtual base::Status BeginReading(const std::string& snapshot) = 0;
  virtual base::Status EndReading() = 0;

  /// `schema` has a field for each column of the select; or is CopiedRows, where the database has them.
  virtual base::Result<std::unique_ptr<RowStream>> Stream(const std::string& select,
                                                          const SchemaPtr& schema) = 0;
  /// `schema` is that of the batches, or CopiedRows. VALIDATION_FAILED names columns whose type cannot take them.
  virtual base::Result<std::unique_ptr<Loader>> Load(const LoadTarget& target,
                                                     const SchemaPtr& schema) = 0;
};

/// A database with its address. Immutable, thread-safe.
class Database {
 public:
  virtual ~Database() = default;
  virtual const Dialect& dialect() const = 0;
  /// For errors.
  virtual std::string address() const = 0;
  virtual base::Result<std::unique_ptr<Session>> Connect() const = 0;
};

using DatabasePtr = std::shared_ptr<const Database>;

}  // namespace streampark::connectors::sql
