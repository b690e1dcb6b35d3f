// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"

namespace streampark::expressions {

struct Syntax;
using SyntaxPtr = std::shared_ptr<const Syntax>;

/// A part of an expression as it was written. Operators are calls of what they are spelled: `+`, `AND`, `IS NULL`.
struct Syntax {
  enum class Kind : std::uint8_t {
    kNull,
    kBoolean,    // text: TRUE, FALSE
    kNumber,     // text: 17, 1.5, 1e3
    kText,       // text: without quotes
    kBytes,      // text: the bytes
    kTyped,      // text: of a literal; type: DATE, TIME, TIMESTAMP
    kColumn,     // text: the name
    kParameter,  // text: the name
    kCall,       // text: the function in lower case, or the operator
    kCase,       // children: condition, value, …; an odd one at the end is ELSE
    kCast,       // children: one; type
    kTryCast,
  };

  Kind kind = Kind::kNull;
  std::size_t at = 0;  // the byte where it begins; of an operator, where that is
  std::string text;
  std::string type;
  std::vector<SyntaxPtr> children;
};

/// VALIDATION_FAILED with `at character N`.
base::Result<SyntaxPtr> ParseExpression(std::string_view text);

/// `at character N: what`.
base::Error FaultAt(std::size_t at, const std::string& what);

}  // namespace streampark::expressions
