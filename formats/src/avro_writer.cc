// SPDX-License-Identifier: Apache-2.0
#include "avro_writer.h"

#include <algorithm>

#include "streampark/connectors/value_text.h"

namespace streampark::formats {
namespace {

using connectors::Column;
using connectors::Field;
using connectors::Int128;
using connectors::Nullability;
using connectors::TypeKind;
using Kind = AvroType::Kind;
using Logical = AvroType::Logical;

base::Error NoPlace(const Field& field) {
  return {base::ErrorCode::kValidationFailed, "the Avro schema has no place for the column '" +
                                                  field.name + "' of type " +
                                                  field.type.ToString()};
}

bool Takes(const AvroType& type, const Field& field);

/// Whether a value of the column that is not null can be written so, each value at its own risk.
bool TakesValue(const AvroType& type, const connectors::Type& ours) {
  const TypeKind kind = ours.kind();
  switch (type.kind) {
    case Kind::kArray:
      return kind == TypeKind::kList && Takes(*type.children[0].type, ours.children()[0]);
    case Kind::kMap:
      return kind == TypeKind::kMap && ours.children()[0].type.kind() == TypeKind::kString &&
             Takes(*type.children[0].type, ours.children()[1]);
    case Kind::kRecord:  // in the same order: nothing is looked up for each value
      return kind == TypeKind::kStruct && type.children.size() == ours.children().size() &&
             std::equal(type.children.begin(), type.children.end(), ours.children().begin(),
                        [](const AvroField& to, const Field& from) {
                          return to.name == from.name && Takes(*to.type, from);
                        });
    case Kind::kInt:
      if (type.logical == Logical::kNone) {
        return kind == TypeKind::kInt8 || kind == TypeKind::kInt16 || kind == TypeKind::kInt32;
      }
      return type.logical == Logical::kDate ? kind == TypeKind::kDate : kind == TypeKind::kTime;
    case Kind::kLong:
      switch (type.logical) {
        case Logical::kNone:
          return kind >= TypeKind::kInt8 && kind <= TypeKind::kInt64;
        case Logical::kTimeMicros:
          return kind == TypeKind::kTime;
        default:
          return kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampTz;
      }
    case Kind::kBoolean:
      return kind == TypeKind::kBoolean;
    case Kind::kFloat:
      return kind == TypeKind::kFloat32;
    case Kind::kDouble:
      return kind == TypeKind::kFloat64 || kind == TypeKind::kFloat32;
    case Kind::kString:
    case Kind::kEnum:
      return kind == TypeKind::kString;
    case Kind::kBytes:
    case Kind::kFixed:
      return type.logical == Logical::kDecimal
                 ? kind == TypeKind::kDecimal && type.scale >= ours.scale()
                 : kind == TypeKind::kBytes;
    case Kind::kNull:
    case Kind::kUnion:
      break;
  }
  return false;
}

bool Takes(const AvroType& type, const Field& field) {
  const bool nullable = field.nullability == Nullability::kNullable;
  if (type.kind != Kind::kUnion) {
    return !nullable && TakesValue(type, field.type);
  }
  bool null = !nullable;
  bool value = false;
  for (const AvroField& branch : type.children) {
    null = null || branch.type->kind == Kind::kNull;
    value = value || TakesValue(*branch.type, field.type);
  }
  return null && value;
}

std::int64_t WholeOf(const Column& column, std::int64_t row) {
  switch (column.type.width()) {
    case 1:
      return column.value<std::int8_t>(row);
    case 2:
      return column.value<std::int16_t>(row);
    case 4:
      return column.value<std::int32_t>(row);
    default:
      return column.value<std::int64_t>(row);
  }
}

template <typename T>
void AppendFixed(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Big-endian two's complement, as short as it can be, or `size` bytes of a fixed.
bool WriteDecimal(const AvroType& type, const Column& column, std::int64_t row, std::string& out) {
  Int128 unscaled = column.value<Int128>(row);
  if (__builtin_mul_overflow(unscaled, connectors::PowerOfTen(type.scale - column.type.scale()),
                             &unscaled)) {
    return false;
  }
  const Int128 limit = connectors::PowerOfTen(type.precision);
  if (unscaled >= limit || unscaled <= -limit) {
    return false;
  }
  char bytes[16];
  std::size_t first = 15;
  for (int i = 15; i >= 0; --i) {
    bytes[i] = static_cast<char>(unscaled);
    unscaled >>= 8;
    const Int128 sign = static_cast<signed char>(bytes[i]) < 0 ? -1 : 0;
    if (unscaled != sign) {
      first = static_cast<std::size_t>(i) - 1;
    }
  }
  const std::string_view shortest(bytes + first, 16 - first);
  if (type.kind == Kind::kBytes) {
    AppendAvroBytes(shortest, out);
    return true;
  }
  if (shortest.size() > type.size) {
    return false;
  }
  out.append(type.size - shortest.size(),
             static_cast<signed char>(shortest.front()) < 0 ? '\xff' : '\0');
  out += shortest;
  return true;
}

bool WriteWhole(const AvroType& type, const Column& column, std::int64_t row, std::string& out) {
  std::int64_t value = WholeOf(column, row);
  switch (type.logical) {
    case Logical::kTimeMillis:
    case Logical::kTimestampMillis:
    case Logical::kLocalTimestampMillis:
      if (value % 1000 != 0) {
        return false;
      }
      value /= 1000;
      break;
    default:
      break;
  }
  AppendAvroLong(value, out);
  return true;
}

}  // namespace

void AppendAvroLong(std::int64_t value, std::string& out) {
  auto bits = static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
  while (bits >= 0x80) {
    out.push_back(static_cast<char>(bits | 0x80));
    bits >>= 7;
  }
  out.push_back(static_cast<char>(bits));
}

void AppendAvroBytes(std::string_view bytes, std::string& out) {
  AppendAvroLong(static_cast<std::int64_t>(bytes.size()), out);
  out += bytes;
}

base::Result<AvroWriter> AvroWriter::Make(AvroTypePtr type, const connectors::Schema& schema) {
  if (type->kind != Kind::kRecord) {
    return base::Error(base::ErrorCode::kValidationFailed, "the Avro schema is no record");
  }
  AvroWriter writer;
  std::vector<bool> placed(schema.fields().size());
  for (const AvroField& field : type->children) {
    const int column = schema.Find(field.name);
    if (column < 0) {
      return base::Error(base::ErrorCode::kValidationFailed,
                         "no column fills the field '" + field.name + "' of the Avro schema");
    }
    const auto at = static_cast<std::size_t>(column);
    if (!Takes(*field.type, schema.fields()[at])) {
      return NoPlace(schema.fields()[at]);
    }
    placed[at] = true;
    writer.columns_.push_back(at);
  }
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (!placed[i]) {
      return NoPlace(schema.fields()[i]);
    }
  }
  writer.type_ = std::move(type);
  return writer;
}

Refusal AvroWriter::WriteRow(const Batch& batch, std::int64_t row, std::string& out) const {
  const std::size_t start = out.size();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const AvroField& field = type_->children[i];
    if (!Write(*field.type, batch.columns[columns_[i]], row, out)) {
      out.resize(start);
      return "'" + field.name + "': the Avro schema has no place for " +
             DebugText(batch.columns[columns_[i]], row);
    }
  }
  return std::nullopt;
}

bool AvroWriter::WriteUnion(const AvroType& type, const Column& column, std::int64_t row,
                            std::string& out) {
  const std::size_t start = out.size();
  const bool null = column.null(row);
  for (std::size_t i = 0; i < type.children.size(); ++i) {
    const AvroType& branch = *type.children[i].type;
    if (null ? branch.kind != Kind::kNull : !TakesValue(branch, column.type)) {
      continue;
    }
    AppendAvroLong(static_cast<std::int64_t>(i), out);
    if (Write(branch, column, row, out)) {
      return true;
    }
    out.resize(start);
  }
  return false;
}

bool AvroWriter::WriteElements(const AvroType& type, const Column& column, std::int64_t row,
                               std::string& out) {
  const auto [begin, end] = column.range(row);
  const bool map = type.kind == Kind::kMap;
  if (begin < end) {
    AppendAvroLong(end - begin, out);
  }
  for (auto at = begin; at < end; ++at) {
    if (map) {
      AppendAvroBytes(column.children[0].text(at), out);
    }
    if (!Write(*type.children[0].type, column.children[map ? 1 : 0], at, out)) {
      return false;
    }
  }
  AppendAvroLong(0, out);
  return true;
}

bool AvroWriter::Write(const AvroType& type, const Column& column, std::int64_t row,
                       std::string& out) {
  if (type.kind == Kind::kUnion) {
    return WriteUnion(type, column, row, out);
  }
  if (column.null(row)) {
    return type.kind == Kind::kNull;
  }
  switch (type.kind) {
    case Kind::kBoolean:
      out.push_back(column.bit(row) ? '\1' : '\0');
      return true;
    case Kind::kInt:
    case Kind::kLong:
      return WriteWhole(type, column, row, out);
    case Kind::kFloat:
      AppendFixed(column.value<float>(row), out);
      return true;
    case Kind::kDouble:
      AppendFixed(column.type.width() == 4 ? static_cast<double>(column.value<float>(row))
                                           : column.value<double>(row),
                  out);
      return true;
    case Kind::kString:
      AppendAvroBytes(column.text(row), out);
      return true;
    case Kind::kEnum: {
      const auto found = std::find(type.symbols.begin(), type.symbols.end(), column.text(row));
      AppendAvroLong(found - type.symbols.begin(), out);
      return found != type.symbols.end();
    }
    case Kind::kBytes:
    case Kind::kFixed:
      if (type.logical == Logical::kDecimal) {
        return WriteDecimal(type, column, row, out);
      }
      if (type.kind == Kind::kBytes) {
        AppendAvroBytes(column.text(row), out);
        return true;
      }
      out += column.text(row);
      return column.text(row).size() == type.size;
    case Kind::kArray:
    case Kind::kMap:
      return WriteElements(type, column, row, out);
    case Kind::kRecord:
      for (std::size_t i = 0; i < type.children.size(); ++i) {
        if (!Write(*type.children[i].type, column.children[i], row, out)) {
          return false;
        }
      }
      return true;
    case Kind::kNull:
    case Kind::kUnion:
      break;
  }
  return false;
}

}  // namespace streampark::formats
