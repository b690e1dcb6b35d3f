// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/type.h"

/// Avro's schemas (https://avro.apache.org/docs/1.11.1/specification/), and which type of ours each is:
///
/// | Avro                                   | ours                      |
/// |----------------------------------------|---------------------------|
/// | boolean, int, long, float, double      | BOOLEAN, INT, BIGINT, FLOAT, DOUBLE; TINYINT and SMALLINT are written as int |
/// | string, uuid, enum                     | STRING                    |
/// | bytes, fixed                           | BYTES                     |
/// | decimal on bytes or fixed              | DECIMAL                   |
/// | date                                   | DATE                      |
/// | time-millis, time-micros               | TIME                      |
/// | timestamp-millis, timestamp-micros     | TIMESTAMP_LTZ             |
/// | local-timestamp-millis, …-micros       | TIMESTAMP                 |
/// | array, map, record                     | ARRAY, MAP<STRING, …>, ROW |
/// | a union of null and one other          | that one, nullable        |
///
/// Other unions and recursive types have none.
namespace streampark::formats {

struct AvroType;
using AvroTypePtr = std::shared_ptr<const AvroType>;

struct AvroField {
  std::string name;
  AvroTypePtr type;
};

struct AvroType {
  enum class Kind : std::uint8_t {
    kNull,
    kBoolean,
    kInt,
    kLong,
    kFloat,
    kDouble,
    kBytes,
    kString,
    kRecord,
    kEnum,
    kArray,
    kMap,
    kUnion,
    kFixed,
  };
  enum class Logical : std::uint8_t {
    kNone,
    kDecimal,
    kDate,
    kTimeMillis,
    kTimeMicros,
    kTimestampMillis,
    kTimestampMicros,
    kLocalTimestampMillis,
    kLocalTimestampMicros,
  };

  Kind kind = Kind::kNull;
  Logical logical = Logical::kNone;
  int precision = 0;
  int scale = 0;
  std::size_t size = 0;              // of a fixed
  std::vector<std::string> symbols;  // of an enum
  std::vector<AvroField> children;   // fields, the item, the value, the branches
};

/// INVALID_REQUEST says what is wrong with the schema.
base::Result<AvroTypePtr> ParseAvroSchema(std::string_view json);

/// The type that the table names; VALIDATION_FAILED when there is none.
base::Result<connectors::Field> FieldOfAvro(const AvroField& field);

/// A record of that schema; VALIDATION_FAILED names the column that has no form: a name that Avro does not allow, a map
/// with keys that are no texts.
base::Result<std::string> WriteAvroSchema(const connectors::Schema& schema);

}  // namespace streampark::formats
