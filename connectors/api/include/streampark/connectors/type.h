// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"

/// The closed list of types that travel between sources, jobs and sinks.
///
/// | kind          | spelled            | one value                                        | Arrow format      |
/// |---------------|--------------------|--------------------------------------------------|-------------------|
/// | kBoolean      | BOOLEAN            | a bit                                            | b                 |
/// | kInt8 … 64    | TINYINT … BIGINT   | two's complement                                 | c s i l           |
/// | kFloat32, 64  | FLOAT, DOUBLE      | IEEE 754; NaN and infinities are values          | f g               |
/// | kDecimal      | DECIMAL(p, s)      | 128 bits, 1 ≤ p ≤ 38, 0 ≤ s ≤ p                  | d:p,s             |
/// | kString       | STRING             | UTF-8; may hold NUL; at most 2 GiB a batch       | u                 |
/// | kBytes        | BYTES              | any bytes                                        | z                 |
/// | kDate         | DATE               | days since 1970-01-01, proleptic Gregorian       | tdD               |
/// | kTime         | TIME               | microseconds since midnight, below 24 h          | ttu               |
/// | kTimestamp    | TIMESTAMP          | microseconds since the epoch, no zone            | tsu:              |
/// | kTimestampTz  | TIMESTAMP_LTZ      | microseconds since the epoch, an instant         | tsu:UTC           |
/// | kList         | ARRAY<t>           | values of one type                               | +l                |
/// | kMap          | MAP<k, v>          | pairs; keys are not null                         | +m                |
/// | kStruct       | ROW<n t, …>        | named fields                                     | +s                |
///
/// What a system has beyond it (unsigned 64, wider decimals, intervals, enums, bits) is mapped by
/// that connector's table to one of these or refused there; nothing is cut in silence.
namespace streampark::connectors {

enum class TypeKind : std::uint8_t {
  kBoolean,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFloat32,
  kFloat64,
  kDecimal,
  kString,
  kBytes,
  kDate,
  kTime,
  kTimestamp,
  kTimestampTz,
  kList,
  kMap,
  kStruct,
};

struct Field;

/// A type of the list above. A value: cheap to copy, compared by content, safe to share.
class Type {
 public:
  /// A kind without parameters; SP_CHECK refuses kDecimal, kList, kMap and kStruct.
  Type(TypeKind kind);  // NOLINT(google-explicit-constructor): `Field{"id", TypeKind::kInt64}`
  /// 1 ≤ precision ≤ 38 and 0 ≤ scale ≤ precision, by SP_CHECK: check outside input with Parse.
  static Type Decimal(int precision, int scale);
  /// The fields' names are not kept: they are `element`, `key` and `value`. A key is always required.
  static Type List(Field element);
  static Type Map(Field key, Field value);
  static Type Struct(std::vector<Field> fields);
  /// Reads the spelling of the table above, case-insensitive, with NOT NULL in nested types and names in
  /// backticks where they are no plain words; INVALID_REQUEST names what is wrong and where.
  static base::Result<Type> Parse(std::string_view text);

  TypeKind kind() const { return kind_; }
  int precision() const { return precision_; }
  int scale() const { return scale_; }
  /// The element of a list, key and value of a map, the fields of a struct; else empty.
  const std::vector<Field>& children() const;
  /// Bytes of one value in the values buffer: 0 for booleans (bits), strings, bytes and nested ones.
  int width() const;

  /// As Parse reads it: `DECIMAL(10, 2)`, `ARRAY<STRING>`.
  std::string ToString() const;
  /// The format string of Arrow's C data interface.
  std::string ArrowFormat() const;

  bool operator==(const Type& other) const;

 private:
  Type(TypeKind kind, std::vector<Field> children);

  TypeKind kind_;
  std::uint8_t precision_ = 0;
  std::uint8_t scale_ = 0;
  std::shared_ptr<const std::vector<Field>> children_;
};

enum class Nullability : std::uint8_t { kNullable, kRequired };

struct Field {
  std::string name;
  Type type;
  Nullability nullability = Nullability::kNullable;

  bool operator==(const Field& other) const = default;
};

/// Columns in order, and which of them make the key. A value; share it as shared_ptr<const Schema>.
class Schema {
 public:
  Schema() = default;
  /// SP_CHECK: the key names columns.
  explicit Schema(std::vector<Field> fields, std::vector<std::string> key = {});
  /// What ToString writes, also without the outer parentheses.
  static base::Result<Schema> Parse(std::string_view text);

  const std::vector<Field>& fields() const { return fields_; }
  const std::vector<std::string>& key() const { return key_; }
  /// The position of a column, or -1; names are compared exactly.
  int Find(std::string_view name) const;

  /// `(id BIGINT NOT NULL, name STRING, PRIMARY KEY (id))`
  std::string ToString() const;

  bool operator==(const Schema& other) const = default;

 private:
  std::vector<Field> fields_;
  std::vector<std::string> key_;
};

using SchemaPtr = std::shared_ptr<const Schema>;

}  // namespace streampark::connectors
