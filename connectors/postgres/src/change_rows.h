// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/source.h"

#include "capture_plan.h"
#include "pgoutput.h"
#include "text_decoder.h"

namespace streampark::connectors::postgres {

/// Makes rows of changes:
///
/// | change                   | rows                                                                                        |
/// |--------------------------|---------------------------------------------------------------------------------------------|
/// | insert                   | `+I`                                                                                        |
/// | update                   | `-U`, `+U`                                                                                  |
/// | update of the key        | `-D`, `+I`: whoever keeps rows by key loses the old one                                     |
/// | delete                   | `-D`                                                                                        |
/// | truncate                 | none: a dirty record, since no row says that all are gone                                   |
///
/// Of an old row is known what the replica identity has of it: the whole row with FULL, else its columns, and of these the new row's values
/// when they did not change. A large value that an update left alone is taken from the old row where that has it, and is not known
/// otherwise. A change of which one row cannot be read is a dirty record, and gives none.
class ChangeRows {
 public:
  explicit ChangeRows(const CapturePlan& plan) : plan_(plan), rows_(plan.schema) {}

  /// What the changes that follow are of. `natives` are its columns, with settled types; `known_now`: whether the catalog has that column of
  /// it, which the log did not have yet. VALIDATION_FAILED or ILLEGAL_STATE when the rows cannot be read any more.
  base::Status SetRelation(const pgoutput::Relation& relation,
                           const std::vector<sql::NativeColumn>& natives,
                           const sql::Names& known_now);
  /// Whether the plan reads that table, by its number or its name.
  bool IsRead(const pgoutput::Relation& relation) const;
  /// Forgets all relations: another stream says them anew.
  void Restart();

  void Begin(const pgoutput::Begin& begin) { transaction_ = begin; }
  /// Whether the rows of that relation go into a batch of their own: the one at hand is another table's.
  bool NeedsNewBatch(std::uint32_t relation) const;
  /// Changes `change` on the way. IO_ERROR when it is not of a relation as it was said.
  base::Status Append(pgoutput::Change& change, std::vector<DirtyRecord>& dirty);
  void Append(const pgoutput::Truncate& truncate, std::vector<DirtyRecord>& dirty);

  std::int64_t length() const { return rows_.length(); }
  std::size_t bytes() const { return rows_.bytes(); }
  std::unique_ptr<Batch> Finish();
  void Forget() { rows_.Truncate(0); }
  void Recycle(std::unique_ptr<Batch> batch) { rows_.Recycle(std::move(batch)); }

 private:
  /// How a column of the batches is made.
  struct Maker {
    std::optional<Metadata> metadata;
    std::size_t at = 0;  // in the relation
    /// Absent: the log does not have the column yet.
    std::optional<TextDecoder> decoder;
  };
  struct Table {
    std::string name;
    std::shared_ptr<const TableId> id;
    bool read = false;
    std::size_t width = 0;
    std::vector<Maker> makers;
    std::vector<std::size_t> identity;  // places in the relation
    std::vector<std::size_t> key;       // what makes another row of it when it changes
  };

  base::Status MakeColumns(const pgoutput::Relation& relation,
                           const std::vector<sql::NativeColumn>& natives,
                           const sql::Names& known_now, Table& table) const;
  /// Why it is no row; then it is not appended.
  std::optional<std::string> AppendRow(const Table& table, const pgoutput::Tuple& values,
                                       RowKind kind);
  std::optional<std::string> AppendValue(const Maker& maker, const Field& field,
                                         const pgoutput::Value& value, std::size_t column);
  void AppendMetadata(const Table& table, Metadata what, RowKind kind, std::size_t column);
  static void CompleteBefore(const Table& table, pgoutput::Change& change);
  enum class Key : std::uint8_t { kSame, kOther };
  static Key CompleteAfter(const Table& table, pgoutput::Change& change);
  DirtyRecord Refused(const Table& table, std::string reason, std::string row) const;

  const CapturePlan& plan_;
  BatchBuilder rows_;
  std::map<std::uint32_t, Table> tables_;
  std::shared_ptr<const TableId> of_batch_;  // whose rows are at hand
  pgoutput::Begin transaction_;
};

}  // namespace streampark::connectors::postgres
