// SPDX-License-Identifier: Apache-2.0
#include "postgres_types.h"

#include <array>
#include <utility>

namespace streampark::connectors::postgres {
namespace {

constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 19> kArrays = {{
    {1000, kBool},   {1001, kBytea},   {1005, kInt2},      {1007, kInt4},        {1009, kText},
    {1014, kBpchar}, {1015, kVarchar}, {1016, kInt8},      {1021, kFloat4},      {1022, kFloat8},
    {1182, kDate},   {1183, kTime},    {1115, kTimestamp}, {1185, kTimestamptz}, {1231, kNumeric},
    {2951, kUuid},   {199, kJson},     {3807, kJsonb},     {1003, kName},
}};

}  // namespace

std::optional<NumericLimits> LimitsOf(std::int32_t modifier) {
  if (modifier < 4) {
    return std::nullopt;
  }
  const auto packed = static_cast<std::uint32_t>(modifier - 4);
  const int scale = static_cast<int>(packed & 0x7ffU);  // 11 bits with a sign
  return NumericLimits{.precision = static_cast<int>(packed >> 16U & 0xffffU),
                       .scale = (scale ^ 0x400) - 0x400};
}

std::uint32_t ElementOf(std::uint32_t oid) {
  for (const auto& [array, element] : kArrays) {
    if (array == oid) {
      return element;
    }
  }
  return 0;
}

bool IsTextOnWire(std::uint32_t oid) {
  return oid == kText || oid == kVarchar || oid == kBpchar || oid == kName || oid == kJson ||
         oid == kXml || oid == kTextLike;
}

Type NaturalOf(std::uint32_t oid, std::int32_t modifier) {
  switch (oid) {
    case kBool:
      return TypeKind::kBoolean;
    case kInt2:
      return TypeKind::kInt16;
    case kInt4:
      return TypeKind::kInt32;
    case kInt8:
    case kOid:
      return TypeKind::kInt64;
    case kFloat4:
      return TypeKind::kFloat32;
    case kFloat8:
      return TypeKind::kFloat64;
    case kBytea:
      return TypeKind::kBytes;
    case kDate:
      return TypeKind::kDate;
    case kTime:
      return TypeKind::kTime;
    case kTimestamp:
      return TypeKind::kTimestamp;
    case kTimestamptz:
      return TypeKind::kTimestampTz;
    case kNumeric:
      if (const auto limits = LimitsOf(modifier); limits && limits->precision <= 38 &&
                                                  limits->scale >= 0 &&
                                                  limits->scale <= limits->precision) {
        return Type::Decimal(limits->precision, limits->scale);
      }
      return TypeKind::kString;
    default:
      if (const std::uint32_t element = ElementOf(oid); element != 0) {
        return Type::List({"element", NaturalOf(element, modifier)});
      }
      return TypeKind::kString;
  }
}

bool IsDecoded(std::uint32_t oid) {
  switch (oid) {
    case kBool:
    case kBytea:
    case kInt2:
    case kInt4:
    case kInt8:
    case kOid:
    case kFloat4:
    case kFloat8:
    case kNumeric:
    case kDate:
    case kTime:
    case kTimestamp:
    case kTimestamptz:
    case kUuid:
    case kJsonb:
      return true;
    default:
      return (IsTextOnWire(oid) && oid != kTextLike) || ElementOf(oid) != 0;
  }
}

std::string WireOf(std::uint32_t oid, std::int32_t modifier) {
  constexpr std::uint32_t kFirstOfUsers = 16'384;  // FirstNormalObjectId
  return oid < kFirstOfUsers ? "postgres " + std::to_string(oid) + " " + std::to_string(modifier)
                             : "";
}

TextKind TextsOf(std::uint32_t oid) {
  return oid == kBpchar    ? TextKind::kPadded
         : oid == kNumeric ? TextKind::kNumber
         : oid == kUuid    ? TextKind::kUuid
                           : TextKind::kPlain;
}

std::string SortingOf(std::uint32_t oid, std::string_view collation) {
  switch (oid) {
    case kInt2:
    case kInt4:
    case kInt8:
    case kOid:
    case kNumeric:
      return "number";
    case kDate:
      return "date";
    case kTime:
      return "time";
    case kTimestamp:
      return "timestamp";
    case kTimestamptz:
      return "instant";
    case kBytea:
      return "bytes";
    case kUuid:
      return "postgres uuid";
    case kText:
    case kVarchar:
      return collation == "C"    ? "utf-8"
             : collation.empty() ? ""
                                 : "postgres " + std::string(collation);
    case kBpchar:  // without the spaces at the end
      return collation.empty() ? "" : "postgres char " + std::string(collation);
    default:
      return "";
  }
}

void SettleType(std::string_view type_kind, std::string_view category, sql::NativeColumn& column) {
  if (type_kind == "p") {
    column.refusal = "it is no type of columns";
    return;
  }
  if (type_kind == "e" || (category == "S" && !IsTextOnWire(column.code))) {
    column.code = kTextLike;
  }
  column.natural = NaturalOf(column.code, column.modifier);
}

}  // namespace streampark::connectors::postgres
