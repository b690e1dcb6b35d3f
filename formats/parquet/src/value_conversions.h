// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <arrow/array.h>
#include <arrow/result.h>

#include "streampark/connectors/type.h"

#include "file_types.h"

/// Values of the types that files have, as values of ours. Exact: what a value does not fit is told, and never changed.
///
/// | ours                    | of a file                                                                     |
/// |-------------------------|-------------------------------------------------------------------------------|
/// | BOOLEAN                 | booleans                                                                      |
/// | TINYINT … BIGINT        | whole numbers of 8 to 64 bits, signed and unsigned                            |
/// | FLOAT; DOUBLE           | float16, float; these and double                                              |
/// | DECIMAL                 | decimals of any width and scale, whole numbers                                |
/// | STRING                  | strings, JSON, enums, and bytes that are UTF-8                                |
/// | BYTES                   | bytes of any and of fixed length, UUIDs, strings                              |
/// | DATE; TIME              | dates; times in milliseconds, microseconds and nanoseconds                    |
/// | TIMESTAMP and _LTZ      | timestamps of all units and INT96, each also as the other: in UTC             |
/// | ARRAY, MAP, ROW         | lists, maps, groups whose parts are read by this table                        |
///
/// A column of nulls alone is of every type.
namespace streampark::parquet {

enum class Nanoseconds : std::uint8_t { kRefused, kCut };

/// A value that is none of our type.
struct RefusedValue {
  std::int64_t at = 0;
  std::string reason;
};
using RefusedValues = std::vector<RefusedValue>;
using ArrayPtr = std::shared_ptr<arrow::Array>;

/// Whether values of a file's type may be read as `to`, which is not nested.
bool Converts(const arrow::DataType& from, const connectors::Type& to);

/// `values` of a type that converts, as `target`, which is the Arrow type of `to`. Of those that are refused, in order, anything stands there.
arrow::Result<ArrayPtr> ConvertValues(ArrayPtr values, const connectors::Type& to,
                                      const TypePtr& target, Nanoseconds nanoseconds,
                                      arrow::MemoryPool* pool, RefusedValues& refused);

/// The bits of its nulls from bit 0 on; null when there is none.
arrow::Result<std::shared_ptr<arrow::Buffer>> ValidityOf(const arrow::Array& values,
                                                         arrow::MemoryPool* pool);

}  // namespace streampark::parquet
