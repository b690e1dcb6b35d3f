// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/source.h"

#include "columns.h"
#include "resp.h"
#include "stream_id.h"

namespace streampark::connectors::redis {

/// What is read at once: a value with its key. What it refers to lives as long as the call that is given it.
struct Entry {
  std::string_view key;
  StreamId id;                    // of streams
  std::int64_t index = 0;         // of lists
  std::string_view value;         // of strings and lists
  const Reply* fields = nullptr;  // names and values in turn: of hashes and streams
};

/// Makes batches of entries: columns of the value and of what is beside it are built apart and laid side by side, without a copy.
class EntryRows {
 public:
  static base::Result<std::unique_ptr<EntryRows>> Make(const ColumnPlan& plan);

  /// Adds the rows of an entry; none when it is refused.
  formats::Refusal Append(const Entry& entry);

  std::int64_t length() const { return values_.length(); }
  std::size_t bytes() const { return values_.bytes() + extras_.bytes(); }
  std::unique_ptr<Batch> Finish();
  void Recycle(std::unique_ptr<Batch> batch);

 private:
  explicit EntryRows(const ColumnPlan& plan);
  formats::Refusal ReadFields(const Reply& fields);
  formats::Refusal ReadField(std::string_view name, std::string_view value);
  formats::Refusal ReadValue(const Entry& entry);
  void AppendExtras(const Entry& entry);

  const ColumnPlan& plan_;
  std::unique_ptr<formats::RowDecoder> decoder_;
  BatchBuilder values_;
  BatchBuilder extras_;
  bool key_is_text_ = false;
  bool id_is_time_ = false;
};

/// Names and values of fields as people see them: `id 7 name a`.
std::string ShownFields(const Reply& fields);

/// A stream's entry as XRANGE and XREAD write it: its rows, or why there are none. Its id.
base::Result<StreamId> AppendEntry(std::string_view key, const Reply& entry, EntryRows& rows,
                                   std::vector<DirtyRecord>& dirty);

}  // namespace streampark::connectors::redis
