// SPDX-License-Identifier: Apache-2.0
#include "value_conversions.h"

#include <cstdlib>
#include <limits>
#include <utility>

#include <arrow/compute/cast.h>
#include <arrow/scalar.h>
#include <arrow/type_traits.h>
#include <arrow/util/bitmap_ops.h>
#include <arrow/util/decimal.h>
#include <arrow/util/float16.h>
#include <arrow/util/utf8.h>

#include "streampark/connectors/value_text.h"

#include "file_types.h"

namespace streampark::parquet {
namespace {

using connectors::Int128;
using connectors::PowerOfTen;
using connectors::Type;
using connectors::TypeKind;

constexpr std::int64_t kMicrosOfADay = 86'400'000'000;
constexpr std::int64_t kMillisOfADay = 86'400'000;

/// What a value of the file becomes.
enum class Fit : std::uint8_t { kFits, kIsNone, kIsFiner };

class Conversion {
 public:
  Conversion(const Type& to, TypePtr target, arrow::MemoryPool* pool, RefusedValues& refused)
      : to_(to), target_(std::move(target)), pool_(pool), refused_(refused) {}

  /// Each value that is not null by `convert(From, To&) -> Fit`.
  template <typename From, typename To, typename Convert>
  arrow::Result<ArrayPtr> Each(const arrow::Array& values, Convert convert) {
    const std::int64_t length = values.length();
    ARROW_ASSIGN_OR_RAISE(
        auto buffer, arrow::AllocateBuffer(length * static_cast<std::int64_t>(sizeof(To)), pool_));
    const auto* from = values.data()->GetValues<From>(1);
    auto* to = buffer->mutable_data_as<To>();
    const bool nulls = values.null_count() > 0;
    for (std::int64_t i = 0; i < length; ++i) {
      to[i] = To{};
      if (!nulls || values.IsValid(i)) {
        if (const Fit fit = convert(from[i], to[i]); fit != Fit::kFits) [[unlikely]] {
          ARROW_RETURN_NOT_OK(Refuse(values, i, fit));
        }
      }
    }
    ARROW_ASSIGN_OR_RAISE(auto validity, ValidityOf(values, pool_));
    return arrow::MakeArray(arrow::ArrayData::Make(
        target_, length, {std::move(validity), std::move(buffer)}, values.null_count()));
  }

  arrow::Status Refuse(const arrow::Array& values, std::int64_t at, Fit fit) {
    ARROW_ASSIGN_OR_RAISE(const auto value, values.GetScalar(at));
    refused_.push_back(
        {at, value->ToString() + (fit == Fit::kIsFiner ? " is finer than a microsecond"
                                                       : " is no " + to_.ToString())});
    return arrow::Status::OK();
  }
  void Refuse(std::int64_t at, std::string reason) { refused_.push_back({at, std::move(reason)}); }

  const Type& to() const { return to_; }
  const TypePtr& target() const { return target_; }
  arrow::MemoryPool* pool() const { return pool_; }

 private:
  const Type& to_;
  const TypePtr target_;
  arrow::MemoryPool* const pool_;
  RefusedValues& refused_;
};

/// The same values under the name of our type.
ArrayPtr As(const TypePtr& target, const arrow::Array& values) {
  auto renamed = values.data()->Copy();
  renamed->type = target;
  return arrow::MakeArray(renamed);
}

/// Calls `work` with a value of the C type that a whole number of the file has.
template <typename Work>
arrow::Result<ArrayPtr> WithWhole(arrow::Type::type from, Work work) {
  switch (from) {
    case arrow::Type::INT8:
      return work(std::int8_t{});
    case arrow::Type::INT16:
      return work(std::int16_t{});
    case arrow::Type::INT32:
      return work(std::int32_t{});
    case arrow::Type::INT64:
      return work(std::int64_t{});
    case arrow::Type::UINT8:
      return work(std::uint8_t{});
    case arrow::Type::UINT16:
      return work(std::uint16_t{});
    case arrow::Type::UINT32:
      return work(std::uint32_t{});
    default:
      return work(std::uint64_t{});
  }
}

template <typename To>
arrow::Result<ArrayPtr> ToWhole(const arrow::Array& values, Conversion& conversion) {
  if (values.type()->Equals(*conversion.target())) {
    return As(conversion.target(), values);
  }
  return WithWhole(values.type_id(), [&]<typename From>(From) {
    return conversion.Each<From, To>(values, [](From value, To& out) {
      out = static_cast<To>(value);
      return std::in_range<To>(value) ? Fit::kFits : Fit::kIsNone;
    });
  });
}

template <typename To>
arrow::Result<ArrayPtr> ToFloat(const arrow::Array& values, Conversion& conversion) {
  switch (values.type_id()) {
    case arrow::Type::HALF_FLOAT:
      return conversion.Each<std::uint16_t, To>(values, [](std::uint16_t bits, To& out) {
        out = arrow::util::Float16::FromBits(bits).ToFloat();
        return Fit::kFits;
      });
    case arrow::Type::FLOAT:
      if constexpr (sizeof(To) > sizeof(float)) {
        return conversion.Each<float, To>(values, [](float value, To& out) {
          out = value;
          return Fit::kFits;
        });
      }
      [[fallthrough]];
    default:
      return As(conversion.target(), values);
  }
}

/// Where a decimal of the file stands in ours.
struct Rescaling {
  int from_scale = 0;
  int to_scale = 0;
  Int128 limit = 0;  // of the unscaled value

  Fit operator()(Int128 value, Int128& out) const {
    const int up = to_scale - from_scale;
    if (value != 0 && std::abs(up) > 38) {
      return Fit::kIsNone;
    }
    if (up >= 0) {
      if (value != 0 && __builtin_mul_overflow(value, PowerOfTen(up), &value)) {
        return Fit::kIsNone;
      }
    } else if (value != 0) {
      const Int128 power = PowerOfTen(-up);
      if (value % power != 0) {
        return Fit::kIsNone;
      }
      value /= power;
    }
    out = value;
    return value < limit && value > -limit ? Fit::kFits : Fit::kIsNone;
  }
};

arrow::Result<ArrayPtr> ToDecimal(const arrow::Array& values, Conversion& conversion) {
  const Type& to = conversion.to();
  Rescaling rescaling{.from_scale = 0, .to_scale = to.scale(), .limit = PowerOfTen(to.precision())};
  if (arrow::is_integer(values.type_id())) {
    return WithWhole(values.type_id(), [&]<typename From>(From) {
      return conversion.Each<From, Int128>(
          values, [&](From value, Int128& out) { return rescaling(value, out); });
    });
  }
  rescaling.from_scale = static_cast<const arrow::DecimalType&>(*values.type()).scale();
  switch (values.type_id()) {
    case arrow::Type::DECIMAL32:
      return conversion.Each<std::int32_t, Int128>(
          values, [&](std::int32_t value, Int128& out) { return rescaling(value, out); });
    case arrow::Type::DECIMAL64:
      return conversion.Each<std::int64_t, Int128>(
          values, [&](std::int64_t value, Int128& out) { return rescaling(value, out); });
    case arrow::Type::DECIMAL128:
      if (values.type()->Equals(*conversion.target())) {
        return As(conversion.target(), values);
      }
      return conversion.Each<Int128, Int128>(
          values, [&](Int128 value, Int128& out) { return rescaling(value, out); });
    default: {
      struct Wide {
        std::uint64_t words[4];
      };
      return conversion.Each<Wide, Int128>(values, [&](const Wide& value, Int128& out) {
        const auto low = static_cast<Int128>(static_cast<unsigned __int128>(value.words[1]) << 64 |
                                             value.words[0]);
        const std::uint64_t sign = low < 0 ? ~std::uint64_t{0} : 0;
        return value.words[2] == sign && value.words[3] == sign ? rescaling(low, out)
                                                                : Fit::kIsNone;
      });
    }
  }
}

/// Microseconds of a number of these units.
class ToMicros {
 public:
  ToMicros(arrow::TimeUnit::type unit, Nanoseconds nanoseconds)
      : unit_(unit), nanoseconds_(nanoseconds) {}

  Fit operator()(std::int64_t value, std::int64_t& out) const {
    switch (unit_) {
      case arrow::TimeUnit::SECOND:
        return Times(value, 1'000'000, out);
      case arrow::TimeUnit::MILLI:
        return Times(value, 1'000, out);
      case arrow::TimeUnit::MICRO:
        out = value;
        return Fit::kFits;
      case arrow::TimeUnit::NANO:
        break;
    }
    const std::int64_t rest = value % 1'000;
    out = value / 1'000 - (rest < 0 ? 1 : 0);
    return rest == 0 || nanoseconds_ == Nanoseconds::kCut ? Fit::kFits : Fit::kIsFiner;
  }

 private:
  static Fit Times(std::int64_t value, std::int64_t factor, std::int64_t& out) {
    return __builtin_mul_overflow(value, factor, &out) ? Fit::kIsNone : Fit::kFits;
  }

  arrow::TimeUnit::type unit_;
  Nanoseconds nanoseconds_;
};

arrow::Result<ArrayPtr> ToTime(const arrow::Array& values, Nanoseconds nanoseconds,
                               Conversion& conversion) {
  const ToMicros to_micros(static_cast<const arrow::TimeType&>(*values.type()).unit(), nanoseconds);
  const auto convert = [&](std::int64_t value, std::int64_t& out) {
    const Fit fit = to_micros(value, out);
    return fit == Fit::kFits && (out < 0 || out >= kMicrosOfADay) ? Fit::kIsNone : fit;
  };
  if (values.type_id() == arrow::Type::TIME32) {
    return conversion.Each<std::int32_t, std::int64_t>(values, convert);
  }
  return conversion.Each<std::int64_t, std::int64_t>(values, convert);
}

arrow::Result<ArrayPtr> ToTimestamp(const arrow::Array& values, Nanoseconds nanoseconds,
                                    Conversion& conversion) {
  const auto unit = static_cast<const arrow::TimestampType&>(*values.type()).unit();
  if (unit == arrow::TimeUnit::MICRO) {
    return As(conversion.target(), values);
  }
  return conversion.Each<std::int64_t, std::int64_t>(values, ToMicros(unit, nanoseconds));
}

arrow::Result<ArrayPtr> ToDate(const arrow::Array& values, Conversion& conversion) {
  if (values.type_id() == arrow::Type::DATE32) {
    return As(conversion.target(), values);
  }
  return conversion.Each<std::int64_t, std::int32_t>(
      values, [](std::int64_t millis, std::int32_t& out) {
        const std::int64_t days = millis / kMillisOfADay;
        out = static_cast<std::int32_t>(days);
        return millis % kMillisOfADay == 0 && std::in_range<std::int32_t>(days) ? Fit::kFits
                                                                                : Fit::kIsNone;
      });
}

bool IsAscii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) {
    all |= static_cast<unsigned char>(c);
  }
  return all < 0x80;
}

void RefuseWhatIsNoUtf8(const arrow::BinaryArray& values, Conversion& conversion) {
  const std::int32_t* offsets = values.raw_value_offsets();
  const auto length = values.length();
  if (length == 0 || values.value_data() == nullptr ||
      IsAscii({reinterpret_cast<const char*>(values.raw_data()) + offsets[0],
               static_cast<std::size_t>(offsets[length] - offsets[0])})) {
    return;
  }
  for (std::int64_t i = 0; i < length; ++i) {
    if (values.IsValid(i) && !arrow::util::ValidateUTF8(values.GetView(i))) {
      conversion.Refuse(i, "is no UTF-8");
    }
  }
}

arrow::Result<ArrayPtr> FromFixedBytes(const arrow::Array& values, Conversion& conversion) {
  const auto& fixed = static_cast<const arrow::FixedSizeBinaryArray&>(values);
  const std::int64_t length = fixed.length();
  const std::int64_t width = fixed.byte_width();
  if (length * width > std::numeric_limits<std::int32_t>::max()) {
    return arrow::Status::Invalid("a batch has more than 2 GiB of bytes in a column");
  }
  ARROW_ASSIGN_OR_RAISE(
      auto offsets,
      arrow::AllocateBuffer((length + 1) * std::int64_t{sizeof(std::int32_t)}, conversion.pool()));
  auto* to = offsets->mutable_data_as<std::int32_t>();
  for (std::int64_t i = 0; i <= length; ++i) {
    to[i] = static_cast<std::int32_t>(i * width);
  }
  ARROW_ASSIGN_OR_RAISE(auto validity, ValidityOf(values, conversion.pool()));
  auto bytes = arrow::SliceBuffer(fixed.values(), fixed.offset() * width, length * width);
  return arrow::MakeArray(arrow::ArrayData::Make(
      conversion.target(), length, {std::move(validity), std::move(offsets), std::move(bytes)},
      fixed.null_count()));
}

arrow::Result<ArrayPtr> ToText(const arrow::Array& values, Conversion& conversion) {
  if (values.type_id() == arrow::Type::FIXED_SIZE_BINARY) {
    return FromFixedBytes(values, conversion);
  }
  ArrayPtr as = As(conversion.target(), values);
  if (conversion.to().kind() == TypeKind::kString) {
    RefuseWhatIsNoUtf8(static_cast<const arrow::BinaryArray&>(*as), conversion);
  }
  return as;
}

arrow::Result<ArrayPtr> Plain(ArrayPtr values, arrow::MemoryPool* pool) {
  while (values->type_id() == arrow::Type::EXTENSION) {
    values = static_cast<const arrow::ExtensionArray&>(*values).storage();
  }
  arrow::compute::ExecContext context(pool);
  if (values->type_id() == arrow::Type::DICTIONARY) {
    const auto& type = static_cast<const arrow::DictionaryType&>(*values->type());
    ARROW_ASSIGN_OR_RAISE(values,
                          arrow::compute::Cast(*values, type.value_type(),
                                               arrow::compute::CastOptions::Safe(), &context));
    return Plain(std::move(values), pool);
  }
  const TypePtr plain = PlainType(*values->type());
  if (plain->id() != values->type_id()) {
    return arrow::compute::Cast(*values, plain, arrow::compute::CastOptions::Safe(), &context);
  }
  return values;
}

}  // namespace

bool Converts(const arrow::DataType& from, const Type& to) {
  const TypePtr plain = PlainType(from);
  const auto id = plain->id();
  if (id == arrow::Type::NA) {
    return true;
  }
  switch (to.kind()) {
    case TypeKind::kBoolean:
      return id == arrow::Type::BOOL;
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return arrow::is_integer(id);
    case TypeKind::kFloat32:
      return id == arrow::Type::FLOAT || id == arrow::Type::HALF_FLOAT;
    case TypeKind::kFloat64:
      return arrow::is_floating(id);
    case TypeKind::kDecimal:
      return arrow::is_integer(id) || arrow::is_decimal(id);
    case TypeKind::kString:
      return id == arrow::Type::STRING || id == arrow::Type::BINARY;
    case TypeKind::kBytes:
      return id == arrow::Type::STRING || id == arrow::Type::BINARY ||
             id == arrow::Type::FIXED_SIZE_BINARY;
    case TypeKind::kDate:
      return arrow::is_date(id);
    case TypeKind::kTime:
      return arrow::is_time(id);
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return id == arrow::Type::TIMESTAMP;
    case TypeKind::kList:
    case TypeKind::kMap:
    case TypeKind::kStruct:
      break;
  }
  return false;
}

arrow::Result<ArrayPtr> ConvertValues(ArrayPtr values, const Type& to, const TypePtr& target,
                                      Nanoseconds nanoseconds, arrow::MemoryPool* pool,
                                      RefusedValues& refused) {
  ARROW_ASSIGN_OR_RAISE(values, Plain(std::move(values), pool));
  if (values->type_id() == arrow::Type::NA) {
    return arrow::MakeArrayOfNull(target, values->length(), pool);
  }
  Conversion conversion(to, target, pool, refused);
  switch (to.kind()) {
    case TypeKind::kInt8:
      return ToWhole<std::int8_t>(*values, conversion);
    case TypeKind::kInt16:
      return ToWhole<std::int16_t>(*values, conversion);
    case TypeKind::kInt32:
      return ToWhole<std::int32_t>(*values, conversion);
    case TypeKind::kInt64:
      return ToWhole<std::int64_t>(*values, conversion);
    case TypeKind::kFloat32:
      return ToFloat<float>(*values, conversion);
    case TypeKind::kFloat64:
      return ToFloat<double>(*values, conversion);
    case TypeKind::kDecimal:
      return ToDecimal(*values, conversion);
    case TypeKind::kString:
    case TypeKind::kBytes:
      return ToText(*values, conversion);
    case TypeKind::kDate:
      return ToDate(*values, conversion);
    case TypeKind::kTime:
      return ToTime(*values, nanoseconds, conversion);
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return ToTimestamp(*values, nanoseconds, conversion);
    default:
      return As(target, *values);
  }
}

arrow::Result<std::shared_ptr<arrow::Buffer>> ValidityOf(const arrow::Array& values,
                                                         arrow::MemoryPool* pool) {
  if (values.null_count() == 0 || values.null_bitmap() == nullptr) {
    return nullptr;
  }
  if (values.offset() == 0) {
    return values.null_bitmap();
  }
  return arrow::internal::CopyBitmap(pool, values.null_bitmap_data(), values.offset(),
                                     values.length());
}

}  // namespace streampark::parquet
