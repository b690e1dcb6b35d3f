// SPDX-License-Identifier: Apache-2.0
#include "value_decoder.h"

#include <limits>

#include "streampark/base/utf8.h"

#include "numeric.h"
#include "postgres_types.h"
#include "value_refusals.h"
#include "wire_bytes.h"

namespace streampark::connectors::postgres {
namespace {

constexpr std::int64_t kDayMicros = 86'400'000'000;

void AppendUuid(std::string_view bytes, ColumnBuilder& column) {
  constexpr char kHex[] = "0123456789abcdef";
  char* out = column.OpenText(36);
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      out[at++] = '-';
    }
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out[at++] = kHex[byte >> 4U];
    out[at++] = kHex[byte & 0xfU];
  }
  column.CloseText(at);
}

std::optional<std::string> AppendNumber(std::string_view bytes, const Type& type,
                                        ColumnBuilder& column) {
  if (type.kind() == TypeKind::kString) {
    const auto text = NumericText(bytes);
    if (!text) {
      return IsDamaged(bytes);
    }
    column.AppendText(*text);
    return std::nullopt;
  }
  const auto value = NumericValue(bytes, type.precision(), type.scale());
  if (!value) {
    return IsNoDecimal(NumericText(bytes).value_or("it"), type);
  }
  column.Append(*value);
  return std::nullopt;
}

std::optional<std::string> AppendTimestamp(std::string_view bytes, ColumnBuilder& column) {
  const auto value = FromWire<std::int64_t>(bytes.data());
  if (value == std::numeric_limits<std::int64_t>::max()) {
    return IsInfinite("");
  }
  if (value == std::numeric_limits<std::int64_t>::min()) {
    return IsInfinite("-");
  }
  std::int64_t micros = 0;
  if (__builtin_add_overflow(value, kEpochMicros, &micros)) {
    return IsTooFar();
  }
  column.Append(micros);
  return std::nullopt;
}

bool Fits(std::uint32_t oid, const Type& type) {
  if (IsTextOnWire(oid) || oid == kJsonb || oid == kUuid) {
    return type.kind() == TypeKind::kString;
  }
  if (oid == kNumeric) {
    return type.kind() == TypeKind::kString || type.kind() == TypeKind::kDecimal;
  }
  if (const auto element = ElementOf(oid); element != 0) {
    return type.kind() == TypeKind::kList && Fits(element, type.children()[0].type);
  }
  return IsDecoded(oid) && NaturalOf(oid, -1) == type;
}

/// Of a value of fixed width; 0 when it has none.
std::size_t WidthOf(std::uint32_t oid) {
  switch (oid) {
    case kBool:
      return 1;
    case kInt2:
      return 2;
    case kInt4:
    case kOid:
    case kFloat4:
    case kDate:
      return 4;
    case kInt8:
    case kFloat8:
    case kTime:
    case kTimestamp:
    case kTimestamptz:
      return 8;
    case kUuid:
      return 16;
    default:
      return 0;
  }
}

}  // namespace

ValueDecoder::ValueDecoder(std::uint32_t oid, const Type& type)
    : oid_(oid), element_(ElementOf(oid)), width_(WidthOf(oid)), type_(type) {}

std::optional<ValueDecoder> ValueDecoder::Make(std::uint32_t oid, const Type& type) {
  return Fits(oid, type) ? std::optional(ValueDecoder(oid, type)) : std::nullopt;
}

std::optional<std::string> ValueDecoder::Append(std::string_view bytes,
                                                ColumnBuilder& column) const {
  if (width_ != 0 && bytes.size() != width_) {
    return IsDamaged(bytes);
  }
  switch (oid_) {
    case kBool:
      column.AppendBoolean(bytes[0] != 0);
      return std::nullopt;
    case kInt2:
      column.Append(FromWire<std::int16_t>(bytes.data()));
      return std::nullopt;
    case kInt4:
      column.Append(FromWire<std::int32_t>(bytes.data()));
      return std::nullopt;
    case kOid:
      column.Append(std::int64_t{FromWire<std::uint32_t>(bytes.data())});
      return std::nullopt;
    case kInt8:
      column.Append(FromWire<std::int64_t>(bytes.data()));
      return std::nullopt;
    case kFloat4:
      column.Append(std::bit_cast<float>(FromWire<std::uint32_t>(bytes.data())));
      return std::nullopt;
    case kFloat8:
      column.Append(std::bit_cast<double>(FromWire<std::uint64_t>(bytes.data())));
      return std::nullopt;
    case kBytea:
      column.AppendText(bytes);
      return std::nullopt;
    case kNumeric:
      return AppendNumber(bytes, type_, column);
    case kUuid:
      AppendUuid(bytes, column);
      return std::nullopt;
    case kDate: {
      const auto days = FromWire<std::int32_t>(bytes.data());
      if (days == std::numeric_limits<std::int32_t>::max()) {
        return IsInfinite("");
      }
      if (days == std::numeric_limits<std::int32_t>::min()) {
        return IsInfinite("-");
      }
      column.Append(days + kEpochDays);
      return std::nullopt;
    }
    case kTime: {
      const auto micros = FromWire<std::int64_t>(bytes.data());
      if (micros < 0 || micros >= kDayMicros) {
        return IsEndOfDay();
      }
      column.Append(micros);
      return std::nullopt;
    }
    case kTimestamp:
    case kTimestamptz:
      return AppendTimestamp(bytes, column);
    case kJsonb:
      if (bytes.empty() || bytes[0] != 1) {
        return IsDamaged(bytes);
      }
      column.AppendText(bytes.substr(1));
      return std::nullopt;
    default:
      break;
  }
  if (element_ != 0) {
    return AppendArray(bytes, column);
  }
  if (!base::IsUtf8(bytes)) {
    return IsNoUtf8();
  }
  column.AppendText(bytes);
  return std::nullopt;
}

/// How many dimensions, whether there are nulls, the elements' type; of each dimension its length and first index; the elements.
std::optional<std::string> ValueDecoder::AppendArray(std::string_view bytes,
                                                     ColumnBuilder& column) const {
  WireReader in(bytes);
  const auto dimensions = in.Take<std::int32_t>();
  in.Take<std::int32_t>();
  const auto oid = in.Take<std::uint32_t>();
  if (dimensions > 1) {
    return HasDimensions(dimensions);
  }
  std::int32_t length = 0;
  if (dimensions == 1) {
    length = in.Take<std::int32_t>();
    in.Take<std::int32_t>();
  }
  ColumnBuilder& elements = column.child(0);
  const auto before = elements.length();
  const ValueDecoder decoder(element_, type_.children()[0].type);
  std::optional<std::string> refusal;
  if (in.failed() || dimensions < 0 || oid != decoder.oid_) {
    return IsDamaged(bytes);
  }
  for (std::int32_t i = 0; i < length && !refusal; ++i) {
    const auto size = in.Take<std::int32_t>();
    if (size < 0 && !in.failed()) {
      elements.AppendNull();
      continue;
    }
    const auto value = in.Bytes(static_cast<std::size_t>(size));
    refusal = in.failed() ? std::optional(IsDamaged(bytes)) : decoder.Append(value, elements);
  }
  if (refusal) {
    elements.Truncate(before);
    return refusal;
  }
  column.EndList();
  return std::nullopt;
}

}  // namespace streampark::connectors::postgres
