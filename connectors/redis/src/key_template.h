// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/batch.h"
#include "streampark/formats/format.h"

namespace streampark::connectors::redis {

/// Makes keys of rows: `user:{id}`, where `{id}` stands for the value of that column as text, and `{{` and `}}` for braces. Bytes stand as
/// they are.
class KeyTemplate {
 public:
  /// VALIDATION_FAILED of the option `key`.
  static base::Result<KeyTemplate> Parse(std::string_view text, const Schema& schema);

  /// Appends the key of a row; `refusal` when a value of it is null or not known.
  formats::Refusal Append(const Batch& batch, std::int64_t row, std::string& out) const;
  /// The columns in it, in their order in the schema.
  const std::vector<std::size_t>& columns() const { return columns_; }

 private:
  struct Piece {
    std::string text;  // before the column
    std::size_t column = 0;
  };
  std::vector<Piece> pieces_;
  std::string tail_;
  std::vector<std::size_t> columns_;
};

/// A value that is not null, as Redis keeps it: bytes as they are, all else as text (ADR 17).
void AppendValue(const Column& column, std::int64_t row, std::string& out);
/// Whether AppendValue has a form for it.
bool HasText(const Type& type);

}  // namespace streampark::connectors::redis
