// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "streampark/connectors/batch.h"

#include "sink_plan.h"

namespace streampark::connectors::redis {

/// A row as it goes to the server. Its texts live until the next one is made.
struct OutgoingRow {
  enum class What : std::uint8_t { kWrite, kDelete };
  What what = What::kWrite;
  std::string_view key;
  /// The one value, or names and values of fields in turn.
  std::vector<std::string_view> words;
  /// Fields of a hash that it has not.
  std::vector<std::string_view> nulls;
};

/// Makes them, by these rules:
///
/// | kind   | strings and hashes                                  | streams and lists |
/// |--------|-----------------------------------------------------|-------------------|
/// | +I, +U | written                                             | +I is added       |
/// | -U     | none, when a later row of its batch has its key; else deleted | refused |
/// | -D     | deleted                                             | refused           |
class RowValues {
 public:
  static base::Result<std::unique_ptr<RowValues>> Make(const SinkPlan& plan);

  /// The batch that MakeRow is of from now on; it stays the caller's, and unchanged.
  void Begin(const Batch& batch);
  /// Absent: the row is none. `refusal` says why it cannot be one.
  const OutgoingRow* MakeRow(std::int64_t row, formats::Refusal& refusal);

 private:
  explicit RowValues(const SinkPlan& plan) : plan_(plan) {}
  formats::Refusal AddFields(std::int64_t row);
  formats::Refusal AddValue(std::int64_t row);

  const SinkPlan& plan_;
  std::unique_ptr<formats::RowEncoder> encoder_;
  const Batch* batch_ = nullptr;
  Batch values_;                                        // views of the batch's columns
  std::unordered_map<std::string, std::int64_t> last_;  // row of each key, where there are -U
  OutgoingRow made_;
  std::string key_;
  std::string texts_;
  struct Piece {
    std::size_t begin = 0, end = 0;  // in texts_
  };
  std::vector<Piece> pieces_;
};

}  // namespace streampark::connectors::redis
