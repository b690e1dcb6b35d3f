// SPDX-License-Identifier: Apache-2.0
#include "mariadb_types.h"

namespace streampark::connectors::mariadb {
namespace {

constexpr unsigned kBinaryCharset = 63;
constexpr std::uint32_t kUnsignedBit = 1U << 16U;
constexpr std::uint32_t kBinaryBit = 1U << 17U;

bool IsWholeKind(TypeKind kind) {
  return kind == TypeKind::kInt8 || kind == TypeKind::kInt16 || kind == TypeKind::kInt32 ||
         kind == TypeKind::kInt64;
}

/// Bytes of a whole number that holds all values of such a column; 16 when none of ours does.
int WidthNeeded(const WireType& type) {
  switch (type.type) {
    case MYSQL_TYPE_TINY:
      return type.is_unsigned ? 2 : 1;
    case MYSQL_TYPE_SHORT:
      return type.is_unsigned ? 4 : 2;
    case MYSQL_TYPE_YEAR:
      return 2;
    case MYSQL_TYPE_INT24:
      return 4;
    case MYSQL_TYPE_LONG:
      return type.is_unsigned ? 8 : 4;
    default:
      return type.is_unsigned ? 16 : 8;
  }
}

Type WholeOfWidth(int width) {
  switch (width) {
    case 1:
      return TypeKind::kInt8;
    case 2:
      return TypeKind::kInt16;
    case 4:
      return TypeKind::kInt32;
    case 8:
      return TypeKind::kInt64;
    default:
      return Type::Decimal(20, 0);
  }
}

/// See NativeColumn; texts have that of their collation, which a result does not tell.
std::string SortingOf(const WireType& type) {
  if (type.is_whole()) {
    return "number";
  }
  switch (type.type) {
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
      return "number";
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
      return "date";
    case MYSQL_TYPE_TIME:
      return "time";
    case MYSQL_TYPE_DATETIME:
      return "timestamp";
    case MYSQL_TYPE_TIMESTAMP:
      return "instant";
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_BLOB:
      return type.is_binary ? "bytes" : "";
    default:
      return "";
  }
}

void FillNumber(const MYSQL_FIELD& field, sql::NativeColumn& column) {
  const int sign = (field.flags & UNSIGNED_FLAG) != 0 ? 0 : 1;
  const int point = field.decimals > 0 ? 1 : 0;
  const int precision = static_cast<int>(field.length) - sign - point;
  const int scale = static_cast<int>(field.decimals);
  column.native = "decimal(" + std::to_string(precision) + "," + std::to_string(scale) + ")" +
                  (sign == 0 ? " unsigned" : "");
  column.natural = precision >= 1 && precision <= 38 && scale <= precision
                       ? Type::Decimal(precision, scale)
                       : Type(TypeKind::kString);
  column.texts = TextKind::kNumber;
}

}  // namespace

WireType WireType::Of(const MYSQL_FIELD& field) {
  return {.type = (field.flags & ENUM_FLAG) != 0  ? MYSQL_TYPE_ENUM
                  : (field.flags & SET_FLAG) != 0 ? MYSQL_TYPE_SET
                                                  : field.type,
          .is_unsigned = (field.flags & UNSIGNED_FLAG) != 0,
          .is_binary = field.charsetnr == kBinaryCharset,
          .decimals = static_cast<int>(field.decimals)};
}

WireType WireType::Of(const sql::NativeColumn& column) {
  return {.type = static_cast<enum_field_types>(column.code & 0xffffU),
          .is_unsigned = (column.code & kUnsignedBit) != 0,
          .is_binary = (column.code & kBinaryBit) != 0,
          .decimals = column.modifier};
}

std::uint32_t WireType::code() const {
  return static_cast<std::uint32_t>(type) | (is_unsigned ? kUnsignedBit : 0) |
         (is_binary ? kBinaryBit : 0);
}

bool WireType::is_whole() const {
  return type == MYSQL_TYPE_TINY || type == MYSQL_TYPE_SHORT || type == MYSQL_TYPE_INT24 ||
         type == MYSQL_TYPE_LONG || type == MYSQL_TYPE_LONGLONG || type == MYSQL_TYPE_YEAR;
}

bool WireType::is_text() const {
  switch (type) {
    case MYSQL_TYPE_ENUM:
    case MYSQL_TYPE_SET:
    case MYSQL_TYPE_JSON:
      return true;
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
      return !is_binary;
    default:
      return false;
  }
}

sql::NativeColumn ColumnOf(const MYSQL_FIELD& field) {
  const WireType type = WireType::Of(field);
  sql::NativeColumn column;
  column.name = field.name;
  column.nullability =
      (field.flags & NOT_NULL_FLAG) != 0 ? Nullability::kRequired : Nullability::kNullable;
  column.code = type.code();
  column.modifier = type.decimals;
  const std::string fraction =
      type.decimals > 0 && type.decimals <= 6 ? "(" + std::to_string(type.decimals) + ")" : "";
  column.sorting = SortingOf(type);
  if (type.is_whole()) {
    column.natural = WholeOfWidth(WidthNeeded(type));
    column.native = type.type == MYSQL_TYPE_TINY       ? "tinyint"
                    : type.type == MYSQL_TYPE_SHORT    ? "smallint"
                    : type.type == MYSQL_TYPE_INT24    ? "mediumint"
                    : type.type == MYSQL_TYPE_LONG     ? "int"
                    : type.type == MYSQL_TYPE_LONGLONG ? "bigint"
                                                       : "year";
    column.native += type.is_unsigned && type.type != MYSQL_TYPE_YEAR ? " unsigned" : "";
    return column;
  }
  if (type.is_text()) {
    column.native = "longtext";
    column.natural = TypeKind::kString;
    column.texts = type.type == MYSQL_TYPE_STRING ? TextKind::kPadded : TextKind::kPlain;
    if (type.type == MYSQL_TYPE_ENUM || type.type == MYSQL_TYPE_SET) {
      column.order = sql::NativeColumn::Order::kTwo;
    }
    return column;
  }
  switch (type.type) {
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
      FillNumber(field, column);
      break;
    case MYSQL_TYPE_FLOAT:
      column.native = "float";
      column.natural = TypeKind::kFloat32;
      break;
    case MYSQL_TYPE_DOUBLE:
      column.native = "double";
      column.natural = TypeKind::kFloat64;
      break;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
      column.native = "date";
      column.natural = TypeKind::kDate;
      break;
    case MYSQL_TYPE_TIME:
      column.native = "time" + fraction;
      column.natural = TypeKind::kTime;
      break;
    case MYSQL_TYPE_DATETIME:
      column.native = "datetime" + fraction;
      column.natural = TypeKind::kTimestamp;
      break;
    case MYSQL_TYPE_TIMESTAMP:
      column.native = "timestamp" + fraction;
      column.natural = TypeKind::kTimestampTz;
      break;
    case MYSQL_TYPE_BIT:
      column.native = "bit(" + std::to_string(field.length) + ")";
      column.natural = field.length == 1 ? TypeKind::kBoolean : TypeKind::kBytes;
      column.order = sql::NativeColumn::Order::kTwo;
      break;
    case MYSQL_TYPE_GEOMETRY:
      column.native = "geometry";
      column.refusal = "places have no type here; ST_AsText makes a text of them";
      break;
    case MYSQL_TYPE_NULL:
      column.native = "char(1)";
      column.natural = TypeKind::kString;
      break;
    default:
      column.native = "longblob";
      column.natural = TypeKind::kBytes;
      break;
  }
  return column;
}

bool CanRead(const WireType& from, const Type& wanted) {
  const TypeKind kind = wanted.kind();
  if (from.is_whole()) {
    return kind == TypeKind::kDecimal || kind == TypeKind::kBoolean ||
           (IsWholeKind(kind) && (wanted.width() >= WidthNeeded(from) || wanted.width() == 8)) ||
           (kind == TypeKind::kFloat64 && WidthNeeded(from) <= 4);
  }
  if (from.is_text() || from.type == MYSQL_TYPE_NULL) {
    return kind == TypeKind::kString;
  }
  switch (from.type) {
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
      return kind == TypeKind::kDecimal || kind == TypeKind::kString;
    case MYSQL_TYPE_FLOAT:
      return kind == TypeKind::kFloat32 || kind == TypeKind::kFloat64;
    case MYSQL_TYPE_DOUBLE:
      return kind == TypeKind::kFloat64;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
      return kind == TypeKind::kDate || kind == TypeKind::kTimestamp;
    case MYSQL_TYPE_TIME:
      return kind == TypeKind::kTime;
    case MYSQL_TYPE_DATETIME:
      return kind == TypeKind::kTimestamp;
    case MYSQL_TYPE_TIMESTAMP:
      return kind == TypeKind::kTimestampTz;
    case MYSQL_TYPE_BIT:
      return kind == TypeKind::kBoolean || kind == TypeKind::kBytes;
    case MYSQL_TYPE_GEOMETRY:
      return false;
    default:
      return kind == TypeKind::kBytes;
  }
}

bool CanWrite(const WireType& to, const Type& type) {
  const TypeKind kind = type.kind();
  const bool number = to.type == MYSQL_TYPE_NEWDECIMAL || to.type == MYSQL_TYPE_DECIMAL;
  const bool text = to.is_text() && to.type != MYSQL_TYPE_ENUM && to.type != MYSQL_TYPE_SET &&
                    to.type != MYSQL_TYPE_JSON;
  switch (kind) {
    case TypeKind::kBoolean:
      return to.is_whole() || to.type == MYSQL_TYPE_BIT;
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return to.is_whole() || number || to.type == MYSQL_TYPE_DOUBLE || text;
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return to.type == MYSQL_TYPE_FLOAT || to.type == MYSQL_TYPE_DOUBLE;
    case TypeKind::kDecimal:
      return number || text || (to.is_whole() && type.scale() == 0);
    case TypeKind::kString:
      return to.is_text() || number;
    case TypeKind::kBytes:
      return to.type == MYSQL_TYPE_BIT || (to.is_binary && CanRead(to, TypeKind::kBytes));
    case TypeKind::kDate:
      return to.type == MYSQL_TYPE_DATE || to.type == MYSQL_TYPE_DATETIME || text;
    case TypeKind::kTime:
      return to.type == MYSQL_TYPE_TIME || text;
    case TypeKind::kTimestamp:
      return to.type == MYSQL_TYPE_DATETIME || text;
    case TypeKind::kTimestampTz:
      return to.type == MYSQL_TYPE_TIMESTAMP || text;
    default:
      return false;
  }
}

}  // namespace streampark::connectors::mariadb
