// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <limits>

#include "streampark/base/utf8.h"

#include "bound.h"

/// CAST holds the value or fails. What loses something on purpose is a function's: round, date_trunc. Three pairs lose something by what they
/// mean: to FLOAT and DOUBLE the nearest one, from a timestamp to DATE and TIME one half of it.
///
/// | from            | to                                                                                             |
/// |-----------------|------------------------------------------------------------------------------------------------|
/// | BOOLEAN         | whole numbers (0, 1), STRING                                                                   |
/// | whole numbers   | BOOLEAN (0 and 1 alone), whole numbers, DECIMAL, FLOAT, DOUBLE, STRING                         |
/// | FLOAT, DOUBLE   | whole numbers and DECIMAL (what its shortest spelling says), FLOAT, DOUBLE, STRING             |
/// | DECIMAL         | whole numbers, DECIMAL, FLOAT, DOUBLE, STRING                                                  |
/// | STRING          | all, as value_text.h spells them; BYTES: its UTF-8                                             |
/// | BYTES           | STRING, when it is UTF-8                                                                       |
/// | DATE            | TIMESTAMP and TIMESTAMP_LTZ (midnight), STRING                                                 |
/// | TIME            | STRING                                                                                         |
/// | TIMESTAMP[_LTZ] | the other one (by UTC), DATE, TIME, STRING                                                     |
namespace streampark::expressions {
namespace {

constexpr std::int64_t kDayMicros = 86'400'000'000;

struct Range {
  std::int64_t least, most;
};

Range RangeOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kInt8:
      return {std::numeric_limits<std::int8_t>::min(), std::numeric_limits<std::int8_t>::max()};
    case TypeKind::kInt16:
      return {std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max()};
    case TypeKind::kInt32:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    case TypeKind::kBoolean:
      return {0, 1};
    default:
      return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }
}

std::int64_t FloorDay(std::int64_t micros) {
  return micros / kDayMicros - (micros % kDayMicros < 0 ? 1 : 0);
}

template <typename Number>
std::string NumberText(Number value) {
  std::array<char, 64> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

std::string FloatingText(double value, TypeKind kind) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "Infinity" : "-Infinity";
  }
  return kind == TypeKind::kFloat32 ? NumberText(static_cast<float>(value)) : NumberText(value);
}

std::string TextOfWhole(std::int64_t value, TypeKind kind) {
  std::string text;
  switch (kind) {
    case TypeKind::kBoolean:
      return value != 0 ? "true" : "false";
    case TypeKind::kDate:
      connectors::AppendDate(static_cast<std::int32_t>(value), text);
      return text;
    case TypeKind::kTime:
      connectors::AppendTime(value, text);
      return text;
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      connectors::AppendTimestamp(value, ' ', text);
      return kind == TypeKind::kTimestampTz ? text + "Z" : text;
    default:
      return NumberText(value);
  }
}

std::optional<std::int64_t> ParseWhole(std::string_view text, TypeKind kind) {
  switch (kind) {
    case TypeKind::kDate: {
      const auto days = connectors::ParseDate(text);
      return days ? std::optional<std::int64_t>(*days) : std::nullopt;
    }
    case TypeKind::kTime:
      return connectors::ParseTime(text);
    case TypeKind::kTimestamp:
      return connectors::ParseTimestamp(text);
    case TypeKind::kTimestampTz:
      return connectors::ParseInstant(text, connectors::MissingZone::kIsRefused);
    case TypeKind::kBoolean: {
      std::string lower;
      for (const char c : text.substr(0, 6)) {
        lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
      }
      return lower == "true" || lower == "1"    ? std::optional<std::int64_t>(1)
             : lower == "false" || lower == "0" ? std::optional<std::int64_t>(0)
                                                : std::nullopt;
    }
    default: {
      std::int64_t value = 0;
      text.remove_prefix(text.size() > 1 && text[0] == '+' && text[1] != '-' ? 1 : 0);
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      const Range range = RangeOf(kind);
      return error == std::errc() && end == text.data() + text.size() && value >= range.least &&
                     value <= range.most
                 ? std::optional(value)
                 : std::nullopt;
    }
  }
}

std::optional<double> ParseFloating(std::string_view text, TypeKind kind) {
  if (text == "NaN") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (text == "Infinity" || text == "-Infinity") {
    const double infinity = std::numeric_limits<double>::infinity();
    return text[0] == '-' ? -infinity : infinity;
  }
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) {
    return std::nullopt;
  }
  const auto parse = [&](auto value) -> std::optional<double> {
    text.remove_prefix(text[0] == '+' && text.size() > 1 && text[1] != '-' ? 1 : 0);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional<double>(value)
                                                                    : std::nullopt;
  };
  return kind == TypeKind::kFloat32 ? parse(float{}) : parse(double{});
}

/// `f(value)` is the optional value, absent when `to` cannot hold it.
template <typename In, typename Out, typename F, typename Show>
NodePtr MakeCast(NodePtr from, const Type& to, CastKind kind, F f, Show show) {
  return MakeCall<Out>(
      [=](Work& work, const auto& in, std::size_t row, Out& out) {
        const In& value = expressions::In<In>(in, 0, row);
        if (const auto held = f(work, value)) {
          out = *held;
          return true;
        }
        if (kind == CastKind::kNulls) {
          return false;
        }
        return work.Fail(row, work.Shown(show(value)) + " is no " + to.ToString());
      },
      std::move(from));
}

NodePtr FromWhole(NodePtr from, const Type& was, const Type& to, CastKind kind) {
  const TypeKind was_kind = was.kind();
  const auto show = [was_kind](std::int64_t value) { return TextOfWhole(value, was_kind); };
  const auto whole = [&](auto f) {
    return MakeCast<std::int64_t, std::int64_t>(
        std::move(from), to, kind,
        [f](Work& /*work*/, std::int64_t value) -> std::optional<std::int64_t> { return f(value); },
        show);
  };
  const TypeKind to_kind = to.kind();
  const bool of_time = was_kind == TypeKind::kTimestamp || was_kind == TypeKind::kTimestampTz;
  if (was_kind == TypeKind::kDate && to_kind != TypeKind::kString) {
    return to_kind == TypeKind::kTimestamp || to_kind == TypeKind::kTimestampTz
               ? whole([](std::int64_t days) -> std::optional<std::int64_t> {
                   std::int64_t micros = 0;
                   return __builtin_mul_overflow(days, kDayMicros, &micros) ? std::nullopt
                                                                            : std::optional(micros);
                 })
               : nullptr;
  }
  if (of_time && to_kind == TypeKind::kDate) {
    return whole([](std::int64_t micros) { return std::optional(FloorDay(micros)); });
  }
  if (of_time && to_kind == TypeKind::kTime) {
    return whole(
        [](std::int64_t micros) { return std::optional(micros - FloorDay(micros) * kDayMicros); });
  }
  if (of_time && (to_kind == TypeKind::kTimestamp || to_kind == TypeKind::kTimestampTz)) {
    return from;
  }
  if (to_kind == TypeKind::kString) {
    return MakeCall<std::string_view>(
        [was_kind](Work& work, const auto& in, std::size_t row, std::string_view& out) {
          out = work.arena->Keep(TextOfWhole(In<std::int64_t>(in, 0, row), was_kind));
          return true;
        },
        std::move(from));
  }
  const bool number = was_kind == TypeKind::kBoolean || IsWhole(was);
  if (!number) {
    return nullptr;
  }
  if (IsWhole(to) || to_kind == TypeKind::kBoolean) {
    const Range range = RangeOf(to_kind);
    return whole([range](std::int64_t value) {
      return value >= range.least && value <= range.most ? std::optional(value) : std::nullopt;
    });
  }
  if (was_kind == TypeKind::kBoolean) {
    return nullptr;
  }
  if (IsFloating(to)) {
    return MakeCall<double>(
        [narrow = to_kind == TypeKind::kFloat32](Work& /*work*/, const auto& in, std::size_t row,
                                                 double& out) {
          out = static_cast<double>(In<std::int64_t>(in, 0, row));
          out = narrow ? static_cast<double>(static_cast<float>(out)) : out;
          return true;
        },
        std::move(from));
  }
  if (to_kind == TypeKind::kDecimal) {
    return MakeCast<std::int64_t, Int128>(
        std::move(from), to, kind,
        [factor = connectors::PowerOfTen(to.scale()),
         limit = connectors::PowerOfTen(to.precision())](
            Work& /*work*/, std::int64_t value) -> std::optional<Int128> {
          Int128 scaled = 0;
          return __builtin_mul_overflow(Int128{value}, factor, &scaled) || scaled >= limit ||
                         scaled <= -limit
                     ? std::nullopt
                     : std::optional(scaled);
        },
        show);
  }
  return nullptr;
}

NodePtr FromDecimal(NodePtr from, const Type& was, const Type& to, CastKind kind) {
  const int scale = was.scale();
  const auto text_of = [scale](Int128 value) {
    std::string text;
    connectors::AppendDecimal(value, scale, text);
    return text;
  };
  if (to.kind() == TypeKind::kString) {
    return MakeCall<std::string_view>(
        [text_of](Work& work, const auto& in, std::size_t row, std::string_view& out) {
          out = work.arena->Keep(text_of(In<Int128>(in, 0, row)));
          return true;
        },
        std::move(from));
  }
  if (IsFloating(to)) {
    return MakeCall<double>(
        [text_of, to_kind = to.kind()](Work& /*work*/, const auto& in, std::size_t row,
                                       double& out) {
          // By its digits: dividing would round twice.
          out = ParseFloating(text_of(In<Int128>(in, 0, row)), to_kind).value_or(0);
          return true;
        },
        std::move(from));
  }
  const bool decimal = to.kind() == TypeKind::kDecimal;
  if (!decimal && !IsWhole(to)) {
    return nullptr;
  }
  const int shift = (decimal ? to.scale() : 0) - scale;
  const Int128 factor = connectors::PowerOfTen(shift < 0 ? -shift : shift);
  const auto rescaled = [shift, factor](Int128 value) -> std::optional<Int128> {
    if (shift < 0) {
      return value % factor != 0 ? std::nullopt : std::optional<Int128>(value / factor);
    }
    Int128 scaled = 0;
    return __builtin_mul_overflow(value, factor, &scaled) ? std::nullopt : std::optional(scaled);
  };
  if (decimal) {
    return MakeCast<Int128, Int128>(
        std::move(from), to, kind,
        [rescaled, limit = connectors::PowerOfTen(to.precision())](
            Work& /*work*/, Int128 value) -> std::optional<Int128> {
          const auto scaled = rescaled(value);
          return scaled && *scaled<limit&& * scaled> - limit ? scaled : std::nullopt;
        },
        text_of);
  }
  return MakeCast<Int128, std::int64_t>(
      std::move(from), to, kind,
      [rescaled, range = RangeOf(to.kind())](Work& /*work*/,
                                             Int128 value) -> std::optional<std::int64_t> {
        const auto scaled = rescaled(value);
        return scaled && *scaled >= range.least && *scaled <= range.most
                   ? std::optional(static_cast<std::int64_t>(*scaled))
                   : std::nullopt;
      },
      text_of);
}

NodePtr FromFloating(NodePtr from, const Type& was, const Type& to, CastKind kind) {
  const auto text_of = [was_kind = was.kind()](double value) {
    return FloatingText(value, was_kind);
  };
  if (to.kind() == TypeKind::kString) {
    return MakeCall<std::string_view>(
        [text_of](Work& work, const auto& in, std::size_t row, std::string_view& out) {
          out = work.arena->Keep(text_of(In<double>(in, 0, row)));
          return true;
        },
        std::move(from));
  }
  if (to.kind() == TypeKind::kFloat64) {
    return from;
  }
  if (to.kind() == TypeKind::kFloat32) {
    return MakeCast<double, double>(
        std::move(from), to, kind,
        [](Work& /*work*/, double value) -> std::optional<double> {
          const auto narrow = static_cast<double>(static_cast<float>(value));
          return std::isinf(narrow) && !std::isinf(value) ? std::nullopt : std::optional(narrow);
        },
        text_of);
  }
  if (to.kind() == TypeKind::kDecimal) {
    return MakeCast<double, Int128>(
        std::move(from), to, kind,
        [text_of, to](Work& /*work*/, double value) {
          return connectors::ParseDecimal(text_of(value), to.precision(), to.scale());
        },
        text_of);
  }
  if (!IsWhole(to)) {
    return nullptr;
  }
  return MakeCast<double, std::int64_t>(
      std::move(from), to, kind,
      [range = RangeOf(to.kind())](Work& /*work*/, double value) -> std::optional<std::int64_t> {
        // 2^63 is a double, the greatest whole number is none.
        constexpr double kBeyond = 9223372036854775808.0;
        if (!(value >= -kBeyond && value < kBeyond) || std::trunc(value) != value) {
          return std::nullopt;
        }
        const auto whole = static_cast<std::int64_t>(value);
        return whole >= range.least && whole <= range.most ? std::optional(whole) : std::nullopt;
      },
      text_of);
}

NodePtr FromText(NodePtr from, const Type& to, CastKind kind) {
  const auto show = [](std::string_view value) { return value; };
  const TypeKind to_kind = to.kind();
  switch (StorageOf(to_kind)) {
    case Storage::kText:
      return from;
    case Storage::kFloating:
      return MakeCast<std::string_view, double>(
          std::move(from), to, kind,
          [to_kind](Work& /*work*/, std::string_view text) { return ParseFloating(text, to_kind); },
          show);
    case Storage::kDecimal:
      return MakeCast<std::string_view, Int128>(
          std::move(from), to, kind,
          [precision = to.precision(), scale = to.scale()](Work& /*work*/, std::string_view text) {
            return connectors::ParseDecimal(text, precision, scale);
          },
          show);
    case Storage::kWhole:
      break;
  }
  return MakeCast<std::string_view, std::int64_t>(
      std::move(from), to, kind,
      [to_kind](Work& /*work*/, std::string_view text) { return ParseWhole(text, to_kind); }, show);
}

NodePtr FromBytes(NodePtr from, const Type& to, CastKind kind) {
  if (to.kind() != TypeKind::kString) {
    return nullptr;
  }
  return MakeCast<std::string_view, std::string_view>(
      std::move(from), to, kind,
      [](Work& /*work*/, std::string_view bytes) {
        return base::IsUtf8(bytes) ? std::optional(bytes) : std::nullopt;
      },
      [](std::string_view /*bytes*/) { return "a value that is no UTF-8"; });
}

}  // namespace

base::Result<Bound> Cast(Bound from, const Type& to, CastKind kind) {
  if (from.literal == Bound::Literal::kNull) {
    return NullOf(to, from.at);
  }
  if (from.type == to) {
    from.literal = Bound::Literal::kNone;
    return from;
  }
  if (!to.children().empty()) {
    return FaultAt(from.at, "no value is cast to " + to.ToString() + " here");
  }
  const Type was = from.type;
  NodePtr node;
  switch (was.kind()) {
    case TypeKind::kDecimal:
      node = FromDecimal(std::move(from.node), was, to, kind);
      break;
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      node = FromFloating(std::move(from.node), was, to, kind);
      break;
    case TypeKind::kString:
      node = FromText(std::move(from.node), to, kind);
      break;
    case TypeKind::kBytes:
      node = FromBytes(std::move(from.node), to, kind);
      break;
    default:
      node = FromWhole(std::move(from.node), was, to, kind);
      break;
  }
  if (!node) {
    return FaultAt(from.at, was.ToString() + " is not cast to " + to.ToString());
  }
  return Bound{.node = std::move(node),
               .type = to,
               .nullable = from.nullable || kind == CastKind::kNulls,
               .at = from.at,
               .literal = Bound::Literal::kNone,
               .text = ""};
}

}  // namespace streampark::expressions
