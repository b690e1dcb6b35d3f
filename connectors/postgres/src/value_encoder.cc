// SPDX-License-Identifier: Apache-2.0
#include "value_encoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "streampark/connectors/sql/key_text.h"

#include "numeric.h"
#include "postgres_types.h"
#include "wire_bytes.h"

namespace streampark::connectors::postgres {
namespace {

using Refusal = std::optional<std::string>;

constexpr std::int64_t kMicrosOfADay = 86'400'000'000;
constexpr std::size_t kMostOfAValue = (1U << 30U) - 1;
constexpr std::int64_t kExactInDouble = std::int64_t{1} << 53U;

bool IsWholeKind(TypeKind kind) {
  return kind == TypeKind::kInt8 || kind == TypeKind::kInt16 || kind == TypeKind::kInt32 ||
         kind == TypeKind::kInt64;
}

std::int64_t WholeOf(const Column& column, std::int64_t row) {
  switch (column.type.kind()) {
    case TypeKind::kInt8:
      return column.value<std::int8_t>(row);
    case TypeKind::kInt16:
      return column.value<std::int16_t>(row);
    case TypeKind::kInt32:
      return column.value<std::int32_t>(row);
    default:
      return column.value<std::int64_t>(row);
  }
}

bool Takes(std::uint32_t oid, const Type& type) {
  if (const auto element = ElementOf(oid); element != 0) {
    return type.kind() == TypeKind::kList && Takes(element, type.children()[0].type);
  }
  const bool text = IsTextOnWire(oid) && oid != kJson && oid != kXml;
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return oid == kBool;
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return oid == kInt2 || oid == kInt4 || oid == kInt8 || oid == kOid || oid == kNumeric ||
             oid == kFloat8 || text;
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return oid == kFloat4 || oid == kFloat8;
    case TypeKind::kDecimal:
      return oid == kNumeric || text;
    case TypeKind::kString:
      return IsTextOnWire(oid) || oid == kUuid || oid == kJsonb || oid == kNumeric;
    case TypeKind::kBytes:
      return oid == kBytea;
    case TypeKind::kDate:
      return oid == kDate || oid == kTimestamp || text;
    case TypeKind::kTime:
      return oid == kTime || text;
    case TypeKind::kTimestamp:
      return oid == kTimestamp || text;
    case TypeKind::kTimestampTz:
      return oid == kTimestamptz || text;
    default:
      return false;
  }
}

Refusal AppendUuid(std::string_view text, std::string& out) {
  std::uint32_t byte = 1;  // a one that is shifted out by eight bits
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '-') {
      continue;
    }
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0 || ++digits > 32) {
      return "'" + std::string(text.substr(0, 40)) + "' is no uuid";
    }
    byte = byte << 4U | static_cast<std::uint32_t>(digit);
    if (digits % 2 == 0) {
      out.push_back(static_cast<char>(byte));
      byte = 1;
    }
  }
  if (digits != 32) {
    return "'" + std::string(text.substr(0, 40)) + "' is no uuid";
  }
  return std::nullopt;
}

Refusal AppendFloat(double value, std::uint32_t oid, std::string& out) {
  if (oid == kFloat8) {
    AppendToWire(std::bit_cast<std::uint64_t>(value), out);
    return std::nullopt;
  }
  const auto narrow = static_cast<float>(value);
  if (!std::isnan(value) && static_cast<double>(narrow) != value) {
    return std::to_string(value) + " has more digits than real holds";
  }
  AppendToWire(std::bit_cast<std::uint32_t>(narrow), out);
  return std::nullopt;
}

std::size_t CodePoints(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    count += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
  }
  return count;
}

}  // namespace

std::optional<ValueEncoder> ValueEncoder::Make(std::uint32_t oid, std::int32_t modifier,
                                               const Type& type) {
  if (!Takes(oid, type)) {
    return std::nullopt;
  }
  ValueEncoder encoder(oid, modifier);
  const TypeKind kind = type.kind();
  if (oid == kInt2 && kind == TypeKind::kInt16) {
    encoder.way_ = Way::kTwo;
  } else if ((oid == kInt4 && kind == TypeKind::kInt32) ||
             (oid == kFloat4 && kind == TypeKind::kFloat32)) {
    encoder.way_ = Way::kFour;
  } else if ((oid == kInt8 && kind == TypeKind::kInt64) ||
             (oid == kFloat8 && kind == TypeKind::kFloat64)) {
    encoder.way_ = Way::kEight;
  } else if (oid == kDate && kind == TypeKind::kDate) {
    encoder.way_ = Way::kDays;
  }
  return encoder;
}

Refusal ValueEncoder::AppendField(const Column& column, std::int64_t row, std::string& out) const {
  const auto put = [&]<typename T>(T value) {
    std::array<char, sizeof(std::int32_t) + sizeof(T)> field;
    WriteToWire(static_cast<std::int32_t>(sizeof(T)), field.data());
    WriteToWire(value, field.data() + sizeof(std::int32_t));
    out.append(field.data(), field.size());
    return Refusal();
  };
  if (column.null(row)) {
    AppendToWire<std::int32_t>(-1, out);
    return std::nullopt;
  }
  switch (way_) {
    case Way::kTwo:
      return put(column.value<std::int16_t>(row));
    case Way::kFour:
      return put(column.value<std::int32_t>(row));
    case Way::kEight:
      return put(column.value<std::int64_t>(row));
    case Way::kDays:
      if (const auto days = column.value<std::int32_t>(row);
          days >= std::numeric_limits<std::int32_t>::min() + kEpochDays + 1) {
        return put(days - kEpochDays);
      }
      break;
    case Way::kOther:
      break;
  }
  return AppendOther(column, row, out);
}

Refusal ValueEncoder::AppendOther(const Column& column, std::int64_t row, std::string& out) const {
  const std::size_t at = out.size();
  AppendToWire<std::int32_t>(-1, out);
  if (auto refusal = Append(column, row, out)) {
    return refusal;
  }
  const std::size_t size = out.size() - at - sizeof(std::int32_t);
  if (size > kMostOfAValue) {
    return "it has " + std::to_string(size) + " bytes, and PostgreSQL's values end at 1 GiB";
  }
  WriteToWire(static_cast<std::int32_t>(size), out.data() + at);
  return std::nullopt;
}

Refusal ValueEncoder::AppendWhole(std::int64_t value, std::string& out) const {
  const auto within = [&](std::int64_t least, std::int64_t most) -> Refusal {
    return value >= least && value <= most
               ? std::nullopt
               : Refusal(std::to_string(value) + " is not within " + std::to_string(least) +
                         " and " + std::to_string(most));
  };
  Refusal refusal;
  switch (oid_) {
    case kInt2:
      refusal = within(std::numeric_limits<std::int16_t>::min(),
                       std::numeric_limits<std::int16_t>::max());
      AppendToWire(static_cast<std::int16_t>(value), out);
      return refusal;
    case kInt4:
      refusal = within(std::numeric_limits<std::int32_t>::min(),
                       std::numeric_limits<std::int32_t>::max());
      AppendToWire(static_cast<std::int32_t>(value), out);
      return refusal;
    case kOid:
      refusal = within(0, std::numeric_limits<std::uint32_t>::max());
      AppendToWire(static_cast<std::uint32_t>(value), out);
      return refusal;
    case kInt8:
      AppendToWire(value, out);
      return std::nullopt;
    case kFloat8:
      if (value > kExactInDouble || value < -kExactInDouble) {
        return std::to_string(value) + " has more digits than double precision holds";
      }
      return AppendFloat(static_cast<double>(value), oid_, out);
    case kNumeric:
      return AppendDecimal(value, 0, out);
    default:
      return AppendText(std::to_string(value), out);
  }
}

Refusal ValueEncoder::AppendText(std::string_view text, std::string& out) const {
  if (oid_ == kUuid) {
    return AppendUuid(text, out);
  }
  if (oid_ == kNumeric) {
    if (!AppendNumeric(text, out)) {
      return "'" + std::string(text.substr(0, 80)) + "' is no number";
    }
    const auto limits = LimitsOf(modifier_);
    const auto point = text.find('.');
    const auto fraction = point == std::string_view::npos ? 0 : text.size() - point - 1;
    if (limits && text != "NaN" && static_cast<int>(fraction) > limits->scale) {
      return "'" + std::string(text.substr(0, 80)) + "' has more than " +
             std::to_string(limits->scale) + " digits after the point";
    }
    return std::nullopt;
  }
  if (text.find('\0') != std::string_view::npos) {
    return "it holds a zero byte, which PostgreSQL's texts cannot";
  }
  if ((oid_ == kVarchar || oid_ == kBpchar) && modifier_ >= 4) {
    const auto most = static_cast<std::size_t>(modifier_ - 4);
    if (text.size() > most) {
      if (const auto count = CodePoints(text); count > most) {
        return "it has " + std::to_string(count) + " characters, and the column takes " +
               std::to_string(most);
      }
    }
  }
  if (oid_ == kJsonb) {
    out.push_back('\x01');
  }
  out.append(text);
  return std::nullopt;
}

Refusal ValueEncoder::AppendDecimal(Int128 unscaled, int scale, std::string& out) const {
  const auto shown = [&] {
    std::string text;
    connectors::AppendDecimal(unscaled, scale, text);
    return text;
  };
  if (oid_ != kNumeric) {
    return AppendText(shown(), out);
  }
  if (const auto limits = LimitsOf(modifier_)) {
    // What the column would round.
    for (int place = scale; place > limits->scale; --place) {
      if (unscaled / PowerOfTen(std::min(scale - place, 38)) % 10 != 0) {
        return shown() + " has more than " + std::to_string(limits->scale) +
               " digits after the point";
      }
    }
    const int whole = limits->precision - limits->scale + scale;
    if (whole < 38 && whole >= 0 &&
        (unscaled >= PowerOfTen(whole) || -unscaled >= PowerOfTen(whole))) {
      return shown() + " has more than " + std::to_string(limits->precision - limits->scale) +
             " digits before the point";
    }
  }
  AppendNumeric(unscaled, scale, out);
  return std::nullopt;
}

Refusal ValueEncoder::AppendMicros(std::int64_t micros, std::string& out) const {
  if (modifier_ >= 0 && modifier_ < 6 &&
      micros % static_cast<std::int64_t>(PowerOfTen(6 - modifier_)) != 0) {
    return "it has more than " + std::to_string(modifier_) + " digits of a second";
  }
  std::int64_t value = micros;
  if (oid_ != kTime && __builtin_sub_overflow(micros, kEpochMicros, &value)) {
    return "it is too far in the past";
  }
  if (value == std::numeric_limits<std::int64_t>::max() ||
      value == std::numeric_limits<std::int64_t>::min()) {
    return "it would be infinity";
  }
  AppendToWire(value, out);
  return std::nullopt;
}

Refusal ValueEncoder::AppendArray(const Column& column, std::int64_t row, std::string& out) const {
  const Column& elements = column.children[0];
  const auto range = column.range(row);
  const std::uint32_t oid = ElementOf(oid_);
  const ValueEncoder encoder(oid, modifier_);
  AppendToWire<std::int32_t>(range.begin == range.end ? 0 : 1, out);
  AppendToWire<std::int32_t>(1, out);
  AppendToWire(oid, out);
  if (range.begin == range.end) {
    return std::nullopt;
  }
  AppendToWire(static_cast<std::int32_t>(range.end - range.begin), out);
  AppendToWire<std::int32_t>(1, out);
  for (auto i = range.begin; i < range.end; ++i) {
    const std::size_t at = out.size();
    AppendToWire<std::int32_t>(-1, out);
    if (elements.null(i)) {
      continue;
    }
    if (auto refusal = encoder.Append(elements, i, out)) {
      return "an element: " + *refusal;
    }
    WriteToWire(static_cast<std::int32_t>(out.size() - at - 4), out.data() + at);
  }
  return std::nullopt;
}

Refusal ValueEncoder::Append(const Column& column, std::int64_t row, std::string& out) const {
  const TypeKind kind = column.type.kind();
  if (IsWholeKind(kind)) {
    return AppendWhole(WholeOf(column, row), out);
  }
  switch (kind) {
    case TypeKind::kBoolean:
      out.push_back(column.bit(row) ? '\x01' : '\x00');
      return std::nullopt;
    case TypeKind::kFloat32:
      return AppendFloat(column.value<float>(row), oid_, out);
    case TypeKind::kFloat64:
      return AppendFloat(column.value<double>(row), oid_, out);
    case TypeKind::kDecimal:
      return AppendDecimal(column.value<Int128>(row), column.type.scale(), out);
    case TypeKind::kString:
      return AppendText(column.text(row), out);
    case TypeKind::kBytes:
      out.append(column.text(row));
      return std::nullopt;
    case TypeKind::kList:
      return AppendArray(column, row, out);
    default:
      break;
  }
  if (IsTextOnWire(oid_)) {
    const std::string text = sql::KeyText(column, row);
    return AppendText(kind == TypeKind::kTimestampTz ? text + "Z" : text, out);
  }
  if (kind == TypeKind::kDate) {
    const auto days = column.value<std::int32_t>(row);
    if (oid_ == kTimestamp) {
      return AppendMicros(days * kMicrosOfADay, out);
    }
    if (days < std::numeric_limits<std::int32_t>::min() + kEpochDays + 1) {
      return "it is too far in the past";
    }
    AppendToWire(days - kEpochDays, out);
    return std::nullopt;
  }
  return AppendMicros(column.value<std::int64_t>(row), out);
}

}  // namespace streampark::connectors::postgres
