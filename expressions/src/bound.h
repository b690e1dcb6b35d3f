// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"

#include "node.h"
#include "syntax.h"

namespace streampark::expressions {

/// A part of an expression whose type is known.
struct Bound {
  /// What is written into the expression: null has any type, a text may be a date, a whole number as many digits as it has.
  enum class Literal : std::uint8_t { kNone, kNull, kText, kWhole };

  NodePtr node;
  Type type = TypeKind::kBoolean;
  bool nullable = true;
  std::size_t at = 0;
  Literal literal = Literal::kNone;
  std::string text;  // of a literal
};

/// A call whose arguments are bound, on its way to a node.
struct Call {
  const std::string& name;
  std::size_t at = 0;
  std::vector<Bound> arguments;

  bool nullable() const;
  /// `at character N: what`.
  base::Error Fault(const std::string& what) const { return FaultAt(at, what); }
  /// `at character N: 'name' takes no BOOLEAN`
  base::Error TakesNo(const Bound& argument) const;
  Bound Result(NodePtr node, Type type) const {
    return {.node = std::move(node),
            .type = std::move(type),
            .nullable = nullable(),
            .at = at,
            .literal = Bound::Literal::kNone,
            .text = ""};
  }
};

bool IsWhole(const Type& type);
bool IsFloating(const Type& type);
bool IsNumber(const Type& type);

/// The same value as another type, where no value can be lost and people need not ask: to wider numbers, from DATE to TIMESTAMP, of a null or a
/// text that is written there. Absent where that is not so. VALIDATION_FAILED: a text that is no such value.
base::Result<std::optional<Bound>> Widen(Bound from, const Type& to);
/// The type that both are widened to; absent when there is none.
std::optional<Type> CommonType(const Bound& a, const Bound& b);
/// All of them as one type. VALIDATION_FAILED with `at`, when there is none; null literals alone become texts.
base::Result<Type> Unify(std::vector<Bound*> parts, std::size_t at);
/// DECIMAL for a whole number or decimal.
Type DecimalOf(const Bound& number);

enum class CastKind : std::uint8_t { kFails, kNulls };
/// CAST and TRY_CAST. VALIDATION_FAILED for pairs that make no sense.
base::Result<Bound> Cast(Bound from, const Type& to, CastKind kind);

Bound NullOf(const Type& type, std::size_t at);
NodePtr MakeTexts(std::string text);

/// By their name in lower case, or an operator. Absent: there is no such function.
struct Function {
  std::string_view name;
  std::size_t least = 0;
  std::size_t most = 0;
  base::Result<Bound> (*bind)(Call&& call);
};
const Function* FindFunction(std::string_view name);
std::vector<std::string> FunctionNames();

std::vector<Function> ArithmeticFunctions();
std::vector<Function> LogicFunctions();
std::vector<Function> TextFunctions();
std::vector<Function> TimeFunctions();

/// CASE: conditions and values by turns, whose types are BOOLEAN and one.
NodePtr MakeCase(std::vector<NodePtr> conditions, std::vector<NodePtr> values);

}  // namespace streampark::expressions
