// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/connectors/batch_builder.h"

#include "columns.h"

namespace streampark::connectors::kafka {

/// A record as it comes from a topic; what it refers to lives as long as the call that is given it.
struct Record {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::optional<std::int64_t> timestamp_ms;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  using Header = std::pair<std::string_view, std::optional<std::string_view>>;
  std::vector<Header> headers;
};

/// Makes batches of records: columns of the value, of the key, and of what surrounds them are built apart and laid side by side, without a copy.
class RecordRows {
 public:
  static base::Result<std::unique_ptr<RecordRows>> Make(const ColumnPlan& plan);

  /// Adds the rows of a record; none when it is refused.
  formats::Refusal Append(const Record& record);

  std::int64_t length() const { return values_.length(); }
  std::size_t bytes() const { return values_.bytes() + keys_.bytes() + extras_.bytes(); }
  /// Why Append refused a record that is not to blame; it may be tried again.
  std::optional<base::Error> TakeFailure() {
    return registry_ ? registry_->TakeFailure() : std::nullopt;
  }
  bool wants_headers() const { return plan_.extra(Metadata::kHeaders).has_value(); }
  std::unique_ptr<Batch> Finish();
  void Recycle(std::unique_ptr<Batch> batch);

 private:
  explicit RecordRows(const ColumnPlan& plan);
  formats::Refusal ReadKey(const Record& record);
  formats::Refusal ReadValue(const Record& record);
  void AppendExtras(const Record& record);
  formats::Refusal CheckExtras(const Record& record) const;

  const ColumnPlan& plan_;
  const std::unique_ptr<SchemaRegistry> registry_;
  std::unique_ptr<formats::RowDecoder> value_decoder_;
  std::unique_ptr<formats::RowDecoder> key_decoder_;
  BatchBuilder values_;
  BatchBuilder keys_;
  BatchBuilder extras_;
  BatchBuilder key_once_;  // of the record at hand, which may have several rows, or none
  std::unique_ptr<Batch> key_;
};

}  // namespace streampark::connectors::kafka
