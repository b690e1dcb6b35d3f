// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/connectors/batch.h"

#include "columns.h"

namespace streampark::connectors::kafka {

/// A row as a record. Its texts live until the next one is made.
struct OutgoingRecord {
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::optional<std::int32_t> partition;
  std::optional<std::int64_t> timestamp_ms;
  std::vector<std::pair<std::string_view, std::optional<std::string_view>>> headers;
};

/// Makes records of rows.
class RowRecords {
 public:
  enum class Mode : std::uint8_t { kAppend, kUpsert };
  static base::Result<std::unique_ptr<RowRecords>> Make(const ColumnPlan& plan, Mode mode);

  /// The batch that Make is of from now on; it stays the caller's, and unchanged.
  void Begin(const Batch& batch);
  /// Absent: the row is none (what a later row of the batch replaces). `refusal` says why it cannot be one.
  std::optional<OutgoingRecord> MakeRecord(std::int64_t row, formats::Refusal& refusal);

 private:
  RowRecords(const ColumnPlan& plan, Mode mode) : plan_(plan), mode_(mode) {}
  formats::Refusal AddExtras(std::int64_t row, OutgoingRecord& record) const;

  const ColumnPlan& plan_;
  const Mode mode_;
  std::unique_ptr<formats::RowEncoder> value_encoder_;
  std::unique_ptr<formats::RowEncoder> key_encoder_;
  const Batch* batch_ = nullptr;
  Batch values_;  // views of the batch's columns
  Batch keys_;
  std::string key_bytes_;
  std::string value_bytes_;
  /// The last row of each key in the batch, where rows are replaced: a -U that no row follows deletes.
  std::map<std::string, std::int64_t> last_;
};

}  // namespace streampark::connectors::kafka
