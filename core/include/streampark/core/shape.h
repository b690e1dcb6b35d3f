// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/core/bytes.h"

namespace streampark::core {

/// How a C++ type's bytes in state look. Stored beside them, so that what an older version of a job wrote can be read
/// after its record gained, lost or widened a field.
///
/// | kind      | bytes                                      | children          |
/// |-----------|--------------------------------------------|-------------------|
/// | kBool     | 1                                          |                   |
/// | kInt      | width 1, 2, 4, 8; two's complement, little |                   |
/// | kUnsigned | the same, not negative                     |                   |
/// | kFloat    | width 4, 8                                 |                   |
/// | kText     | length, bytes                              |                   |
/// | kOptional | 0, or 1 and the value                      | the value         |
/// | kList     | count, values                              | the value         |
/// | kMap      | count, pairs                               | key, value        |
/// | kRecord   | the fields one after another               | one a field       |
struct Shape {
  enum class Kind : std::uint8_t {
    kBool,
    kInt,
    kUnsigned,
    kFloat,
    kText,
    kOptional,
    kList,
    kMap,
    kRecord
  };

  Kind kind = Kind::kBool;
  std::uint8_t width = 0;
  std::string name;  // of the field that has this shape; empty elsewhere
  std::vector<Shape> children;

  bool operator==(const Shape&) const = default;

  /// `{carrier: text, delay: int32, seen: text?}`
  std::string ToString() const;
  void Write(ByteWriter& out) const;
  /// SNAPSHOT_INVALID when the bytes are no shape.
  static base::Result<Shape> Read(ByteReader& in);
};

/// Goes past one value of that shape.
void Skip(const Shape& shape, ByteReader& in);

/// Whether values of shape `from` can be read as `to`, else what stands in the way with the field's path: fields are
/// matched by name; one that is new must be optional or have a default (all do: zero, empty), one that is gone is
/// dropped; integers and floats may become wider, and a value optional.
base::Status CheckEvolution(const Shape& from, const Shape& to);

}  // namespace streampark::core
