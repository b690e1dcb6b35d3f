// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "streampark/connectors/sql/native_column.h"
#include "streampark/connectors/type.h"

/// PostgreSQL's types by their numbers (pg_type.dat), and what becomes of each:
///
/// | PostgreSQL                         | by nature                | read also as                    |
/// |------------------------------------|--------------------------|---------------------------------|
/// | boolean                            | BOOLEAN                  | STRING                          |
/// | smallint, integer, bigint          | SMALLINT, INT, BIGINT    | wider ones, DECIMAL, STRING     |
/// | real, double precision             | FLOAT, DOUBLE            | DOUBLE, STRING                  |
/// | numeric(p, s), p ≤ 38, 0 ≤ s ≤ p   | DECIMAL(p, s)            | other DECIMALs, STRING          |
/// | numeric, and wider ones            | STRING: exact, with NaN  | DECIMAL(p, s)                   |
/// | text, varchar, char, json, jsonb, uuid, enums, xml | STRING   |                                 |
/// | bytea                              | BYTES                    | STRING: `\x…`                   |
/// | date, time, timestamp, timestamptz | DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ | STRING; date as TIMESTAMP |
/// | arrays of these, of one dimension  | ARRAY<t>                 | STRING                          |
/// | interval, bit, inet, ranges, others | STRING: as the server writes it |                          |
///
/// infinity, NaN in a DECIMAL and 24:00 are no values of these types: dirty records.
namespace streampark::connectors::postgres {

enum Oid : std::uint32_t {
  kBool = 16,
  kBytea = 17,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kOid = 26,
  kTid = 27,
  kJson = 114,
  kXml = 142,
  kFloat4 = 700,
  kFloat8 = 701,
  kBpchar = 1042,
  kVarchar = 1043,
  kDate = 1082,
  kTime = 1083,
  kTimestamp = 1114,
  kTimestamptz = 1184,
  kNumeric = 1700,
  kUuid = 2950,
  kJsonb = 3802,
  /// Not one of the server's: enums and other types whose binary form is their text.
  kTextLike = 0xffffffff,
};

/// numeric(p, s) in a type's modifier; absent when it has none.
struct NumericLimits {
  int precision = 0;
  int scale = 0;
};
std::optional<NumericLimits> LimitsOf(std::int32_t modifier);

/// The type of an array's elements; 0 when `oid` is no array that we read.
std::uint32_t ElementOf(std::uint32_t oid);

/// Whether the binary form is the text in UTF-8.
bool IsTextOnWire(std::uint32_t oid);

/// What it becomes when nobody asks for something else.
Type NaturalOf(std::uint32_t oid, std::int32_t modifier);
/// Whether Stream decodes it as it is; else it is read as text.
bool IsDecoded(std::uint32_t oid);

/// See NativeColumn; empty for types that a database numbers by itself.
std::string WireOf(std::uint32_t oid, std::int32_t modifier);

/// See NativeColumn; `collation` is `C`, or a name with its provider and version, or empty when it is not known.
TextKind TextsOf(std::uint32_t oid);
std::string SortingOf(std::uint32_t oid, std::string_view collation);

/// Fills in what follows from a column's type, whose number and modifier it has: from pg_type's typtype and typcategory.
void SettleType(std::string_view type_kind, std::string_view category, sql::NativeColumn& column);

}  // namespace streampark::connectors::postgres
