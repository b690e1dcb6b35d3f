// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "bound.h"

/// Numbers. Whole numbers are computed as BIGINT, decimals exactly, both with DOUBLE as DOUBLE; what does not fit fails. With p and s of the operands:
///
/// | operator | of decimals                                                | of whole numbers                |
/// |----------|------------------------------------------------------------|---------------------------------|
/// | + −      | scale: the greater; one more digit before the point        | BIGINT                          |
/// | *        | DECIMAL(p₁+p₂, s₁+s₂)                                      | BIGINT                          |
/// | /        | scale: the left one's, at least 6; rounded half from zero  | BIGINT, cut towards zero        |
/// | %        | scale: the greater; the sign of the left one               | BIGINT, the sign of the left one |
///
/// A precision beyond 38 becomes 38, a scale beyond it is refused.
namespace streampark::expressions {
namespace {

constexpr int kMostDigits = 38;
constexpr int kLeastScaleOfQuotient = 6;

constexpr const char* kTooLarge = "the result is too large";
constexpr const char* kByZero = "division by zero";

/// Within the precision, or the row fails.
bool Within(Work& work, std::size_t row, Int128 value, Int128 limit) {
  return (value < limit && value > -limit) || work.Fail(row, kTooLarge);
}

base::Result<Bound> WholeOperator(Call&& call) {
  const char sign = call.name[0];
  const auto make = [&](auto f) {
    return call.Result(MakeCall<std::int64_t>(
                           [f](Work& work, const auto& in, std::size_t row, std::int64_t& out) {
                             return f(work, row, In<std::int64_t>(in, 0, row),
                                      In<std::int64_t>(in, 1, row), out);
                           },
                           std::move(call.arguments[0].node), std::move(call.arguments[1].node)),
                       TypeKind::kInt64);
  };
  switch (sign) {
    case '+':
      return make(
          [](Work& work, std::size_t row, std::int64_t a, std::int64_t b, std::int64_t& out) {
            return !__builtin_add_overflow(a, b, &out) || work.Fail(row, kTooLarge);
          });
    case '-':
      return make(
          [](Work& work, std::size_t row, std::int64_t a, std::int64_t b, std::int64_t& out) {
            return !__builtin_sub_overflow(a, b, &out) || work.Fail(row, kTooLarge);
          });
    case '*':
      return make(
          [](Work& work, std::size_t row, std::int64_t a, std::int64_t b, std::int64_t& out) {
            return !__builtin_mul_overflow(a, b, &out) || work.Fail(row, kTooLarge);
          });
    default:
      return make([quotient = sign == '/'](Work& work, std::size_t row, std::int64_t a,
                                           std::int64_t b, std::int64_t& out) {
        if (b == 0) {
          return work.Fail(row, kByZero);
        }
        if (b == -1) {
          out = 0;
          return !quotient || !__builtin_sub_overflow(std::int64_t{0}, a, &out) ||
                 work.Fail(row, kTooLarge);
        }
        out = quotient ? a / b : a % b;
        return true;
      });
  }
}

base::Result<Bound> DecimalOperator(Call&& call) {
  const char sign = call.name[0];
  const Type a = DecimalOf(call.arguments[0]);
  const Type b = DecimalOf(call.arguments[1]);
  const int whole = std::max(a.precision() - a.scale(), b.precision() - b.scale());
  int scale = std::max(a.scale(), b.scale());
  int precision = std::min(whole + scale + 1, kMostDigits);
  if (sign == '*') {
    scale = a.scale() + b.scale();
    precision = std::min(a.precision() + b.precision(), kMostDigits);
  } else if (sign == '/') {
    scale = std::max(a.scale(), kLeastScaleOfQuotient);
    precision = kMostDigits;
  }
  if (scale > kMostDigits || (sign != '*' && scale >= kMostDigits)) {
    return call.Fault(a.ToString() + " " + call.name + " " + b.ToString() +
                      " has more digits than 38; cast one of them");
  }
  const Type type = Type::Decimal(std::max(precision, scale), scale);
  const Int128 limit = connectors::PowerOfTen(type.precision());
  // Each as a decimal; the two of a sum of one scale.
  const bool level = sign != '*' && sign != '/';
  std::vector<NodePtr> nodes;
  for (std::size_t i = 0; i < 2; ++i) {
    const Type own = i == 0 ? a : b;
    auto cast = SP_TRY(Cast(std::move(call.arguments[i]),
                            level ? Type::Decimal(kMostDigits, scale) : own, CastKind::kFails));
    nodes.push_back(std::move(cast.node));
  }
  const auto make = [&](auto f) {
    return call.Result(MakeCall<Int128>(
                           [f](Work& work, const auto& in, std::size_t row, Int128& out) {
                             return f(work, row, In<Int128>(in, 0, row), In<Int128>(in, 1, row),
                                      out);
                           },
                           std::move(nodes[0]), std::move(nodes[1])),
                       type);
  };
  switch (sign) {
    case '+':
    case '-':
      return make([limit, minus = sign == '-'](Work& work, std::size_t row, Int128 x, Int128 y,
                                               Int128& out) {
        out = minus ? x - y : x + y;  // each below 10^38: no overflow
        return Within(work, row, out, limit);
      });
    case '*':
      return make([limit](Work& work, std::size_t row, Int128 x, Int128 y, Int128& out) {
        return __builtin_mul_overflow(x, y, &out) ? work.Fail(row, kTooLarge)
                                                  : Within(work, row, out, limit);
      });
    case '%':
      return make([](Work& work, std::size_t row, Int128 x, Int128 y, Int128& out) {
        if (y == 0) {
          return work.Fail(row, kByZero);
        }
        out = x % y;
        return true;
      });
    default:
      break;
  }
  const int shift = scale - a.scale() + b.scale();
  if (shift > kMostDigits) {
    return call.Fault(a.ToString() + " / " + b.ToString() +
                      " has more digits than 38; cast one of them");
  }
  return make([limit, factor = connectors::PowerOfTen(shift)](Work& work, std::size_t row, Int128 x,
                                                              Int128 y, Int128& out) {
    if (y == 0) {
      return work.Fail(row, kByZero);
    }
    Int128 numerator = 0;
    if (__builtin_mul_overflow(x, factor, &numerator)) {
      return work.Fail(row, kTooLarge);
    }
    out = numerator / y;
    const Int128 rest = numerator % y;
    const Int128 size = rest < 0 ? -rest : rest;
    const Int128 half = y < 0 ? -y : y;
    if (size >= half - size) {
      out += (numerator < 0) != (y < 0) ? -1 : 1;
    }
    return Within(work, row, out, limit);
  });
}

base::Result<Bound> FloatingOperator(Call&& call) {
  const char sign = call.name[0];
  std::vector<NodePtr> nodes;
  for (Bound& one : call.arguments) {
    auto cast = SP_TRY(Cast(std::move(one), TypeKind::kFloat64, CastKind::kFails));
    nodes.push_back(std::move(cast.node));
  }
  NodePtr node = MakeCall<double>(
      [sign](Work& work, const auto& in, std::size_t row, double& out) {
        const double a = In<double>(in, 0, row);
        const double b = In<double>(in, 1, row);
        if ((sign == '/' || sign == '%') && b == 0) {
          return work.Fail(row, kByZero);
        }
        out = sign == '+'   ? a + b
              : sign == '-' ? a - b
              : sign == '*' ? a * b
              : sign == '/' ? a / b
                            : std::fmod(a, b);
        return true;
      },
      std::move(nodes[0]), std::move(nodes[1]));
  return call.Result(std::move(node), TypeKind::kFloat64);
}

/// DATE ± days, DATE − DATE. Absent when it is something else.
std::optional<Bound> DayOperator(Call& call) {
  const bool plus = call.name == "+";
  if ((!plus && call.name != "-") || call.arguments[0].type.kind() != TypeKind::kDate) {
    return std::nullopt;
  }
  const bool difference = call.arguments[1].type.kind() == TypeKind::kDate;
  if ((difference && plus) || (!difference && !IsWhole(call.arguments[1].type))) {
    return std::nullopt;
  }
  NodePtr node = MakeCall<std::int64_t>(
      [plus, difference](Work& work, const auto& in, std::size_t row, std::int64_t& out) {
        const std::int64_t a = In<std::int64_t>(in, 0, row);
        const std::int64_t b = In<std::int64_t>(in, 1, row);
        const bool over =
            plus ? __builtin_add_overflow(a, b, &out) : __builtin_sub_overflow(a, b, &out);
        const bool day = difference || (out >= std::numeric_limits<std::int32_t>::min() &&
                                        out <= std::numeric_limits<std::int32_t>::max());
        return (!over && day) || work.Fail(row, "the day is too far away");
      },
      std::move(call.arguments[0].node), std::move(call.arguments[1].node));
  return call.Result(std::move(node), difference ? TypeKind::kInt64 : TypeKind::kDate);
}

base::Result<Bound> BindOperator(Call&& call) {
  // A null that is written takes the other side's type.
  for (std::size_t i = 0; i < 2; ++i) {
    if (call.arguments[i].literal == Bound::Literal::kNull) {
      const Bound& other = call.arguments[1 - i];
      const Type type = IsNumber(other.type) ? other.type : Type(TypeKind::kInt64);
      call.arguments[i] = NullOf(type, call.arguments[i].at);
    }
  }
  if (auto days = DayOperator(call)) {
    return *std::move(days);
  }
  for (const Bound& one : call.arguments) {
    if (!IsNumber(one.type)) {
      return call.TakesNo(one);
    }
  }
  const Type& a = call.arguments[0].type;
  const Type& b = call.arguments[1].type;
  if (IsFloating(a) || IsFloating(b)) {
    return FloatingOperator(std::move(call));
  }
  return IsWhole(a) && IsWhole(b) ? WholeOperator(std::move(call))
                                  : DecimalOperator(std::move(call));
}

/// A function of one number: by kind of number.
template <typename OfWhole, typename OfDecimal, typename OfFloating>
base::Result<Bound> BindSigned(Call&& call, OfWhole whole, OfDecimal decimal, OfFloating floating) {
  Bound& argument = call.arguments[0];
  if (argument.literal == Bound::Literal::kNull) {
    argument = NullOf(TypeKind::kInt64, argument.at);
  }
  const Type type = argument.type;
  if (!IsNumber(type)) {
    return call.TakesNo(argument);
  }
  if (IsWhole(type)) {
    return call.Result(MakeCall<std::int64_t>(
                           [whole](Work& work, const auto& in, std::size_t row, std::int64_t& out) {
                             return whole(In<std::int64_t>(in, 0, row), out) ||
                                    work.Fail(row, kTooLarge);
                           },
                           std::move(argument.node)),
                       TypeKind::kInt64);
  }
  if (type.kind() == TypeKind::kDecimal) {
    return call.Result(MakeCall<Int128>(
                           [decimal](Work& /*work*/, const auto& in, std::size_t row, Int128& out) {
                             out = decimal(In<Int128>(in, 0, row));
                             return true;
                           },
                           std::move(argument.node)),
                       type);
  }
  return call.Result(MakeCall<double>(
                         [floating](Work& /*work*/, const auto& in, std::size_t row, double& out) {
                           out = floating(In<double>(in, 0, row));
                           return true;
                         },
                         std::move(argument.node)),
                     type);
}

base::Result<Bound> BindNegative(Call&& call) {
  return BindSigned(
      std::move(call),
      [](std::int64_t value, std::int64_t& out) {
        return !__builtin_sub_overflow(std::int64_t{0}, value, &out);
      },
      [](Int128 value) { return -value; }, [](double value) { return -value; });
}

base::Result<Bound> BindAbs(Call&& call) {
  return BindSigned(
      std::move(call),
      [](std::int64_t value, std::int64_t& out) {
        out = value;
        return value >= 0 || !__builtin_sub_overflow(std::int64_t{0}, value, &out);
      },
      [](Int128 value) { return value < 0 ? -value : value; },
      [](double value) { return std::fabs(value); });
}

enum class Rounding : std::uint8_t { kHalf, kDown, kUp };

/// `value` / `factor`, to a whole number.
Int128 Rounded(Int128 value, Int128 factor, Rounding rounding) {
  const Int128 quotient = value / factor;
  const Int128 rest = value % factor;
  if (rest == 0) {
    return quotient;
  }
  const Int128 away = value < 0 ? quotient - 1 : quotient + 1;
  switch (rounding) {
    case Rounding::kHalf:
      return (rest < 0 ? -rest : rest) * 2 >= factor ? away : quotient;
    case Rounding::kDown:
      return value < 0 ? away : quotient;
    case Rounding::kUp:
      return value < 0 ? quotient : away;
  }
  return quotient;
}

base::Result<Bound> BindRounding(Call&& call, Rounding rounding, int places) {
  Bound& argument = call.arguments[0];
  if (argument.literal == Bound::Literal::kNull) {
    argument = NullOf(TypeKind::kInt64, argument.at);
  }
  const Type type = argument.type;
  if (!IsNumber(type)) {
    return call.TakesNo(argument);
  }
  if (IsWhole(type) || (type.kind() == TypeKind::kDecimal && type.scale() <= places)) {
    return call.Result(std::move(argument.node), type);
  }
  if (IsFloating(type)) {
    return call.Result(MakeCall<double>(
                           [rounding, factor = std::pow(10, places)](Work& /*work*/, const auto& in,
                                                                     std::size_t row, double& out) {
                             const double scaled = In<double>(in, 0, row) * factor;
                             out = (rounding == Rounding::kHalf   ? std::round(scaled)
                                    : rounding == Rounding::kDown ? std::floor(scaled)
                                                                  : std::ceil(scaled)) /
                                   factor;
                             return true;
                           },
                           std::move(argument.node)),
                       type);
  }
  const int cut = type.scale() - places;
  const Type rounded = Type::Decimal(std::min(type.precision() - cut + 1, kMostDigits), places);
  return call.Result(MakeCall<Int128>(
                         [rounding, factor = connectors::PowerOfTen(cut)](
                             Work& /*work*/, const auto& in, std::size_t row, Int128& out) {
                           out = Rounded(In<Int128>(in, 0, row), factor, rounding);
                           return true;
                         },
                         std::move(argument.node)),
                     rounded);
}

base::Result<Bound> BindRound(Call&& call) {
  int places = 0;
  if (call.arguments.size() == 2) {
    const Bound& count = call.arguments[1];
    if (count.literal != Bound::Literal::kWhole || count.text.size() > 2 || count.text[0] == '-') {
      return FaultAt(count.at, "round takes 0 to 38 places, written as a number");
    }
    places = std::min(std::stoi(count.text), kMostDigits);
  }
  return BindRounding(std::move(call), Rounding::kHalf, places);
}

}  // namespace

Type DecimalOf(const Bound& number) {
  if (number.type.kind() == TypeKind::kDecimal) {
    return number.type;
  }
  if (number.literal == Bound::Literal::kWhole) {
    const std::size_t digits = number.text.size() - (number.text[0] == '-' ? 1 : 0);
    return Type::Decimal(static_cast<int>(digits), 0);
  }
  switch (number.type.kind()) {
    case TypeKind::kInt8:
      return Type::Decimal(3, 0);
    case TypeKind::kInt16:
      return Type::Decimal(5, 0);
    case TypeKind::kInt32:
      return Type::Decimal(10, 0);
    default:
      return Type::Decimal(19, 0);
  }
}

std::vector<Function> ArithmeticFunctions() {
  return {
      {"+", 2, 2, BindOperator},
      {"-", 2, 2, BindOperator},
      {"*", 2, 2, BindOperator},
      {"/", 2, 2, BindOperator},
      {"%", 2, 2, BindOperator},
      {"negative", 1, 1, BindNegative},
      {"abs", 1, 1, BindAbs},
      {"round", 1, 2, BindRound},
      {"floor", 1, 1,
       [](Call&& call) { return BindRounding(std::move(call), Rounding::kDown, 0); }},
      {"ceil", 1, 1, [](Call&& call) { return BindRounding(std::move(call), Rounding::kUp, 0); }},
  };
}

}  // namespace streampark::expressions
