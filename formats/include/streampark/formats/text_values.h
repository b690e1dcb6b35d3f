// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "streampark/connectors/batch_builder.h"

/// Single values as text, for the formats that have no types of their own.
namespace streampark::formats {

/// Appends what `text` says as a value of the column's type, which is not nested. Null, or else why it is none,
/// as the end of a sentence (`is no BIGINT`); nothing is appended then. Bytes are base 64.
const char* AppendTextValue(std::string_view text, connectors::ColumnBuilder& column);

/// Writes a value that is not null and not nested. Bytes as base 64, strings as they are.
void WriteTextValue(const connectors::Column& column, std::int64_t row, char date_time_separator,
                    std::string& out);

/// The number as short as it can be to be read back the same; `NaN`, `Infinity`, `-Infinity`.
void WriteFloat(float value, std::string& out);
void WriteFloat(double value, std::string& out);
void WriteInteger(std::int64_t value, std::string& out);

}  // namespace streampark::formats
