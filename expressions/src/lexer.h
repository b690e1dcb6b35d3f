// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"

namespace streampark::expressions {

struct Token {
  enum class Kind : std::uint8_t { kEnd, kWord, kName, kNumber, kText, kBytes, kParameter, kSign };

  Kind kind = Kind::kEnd;
  std::size_t at = 0;
  std::size_t end = 0;
  std::string text;   // of a word as it is; of texts and names without quotes
  std::string upper;  // of a word
};

/// The tokens of a text, an end last. VALIDATION_FAILED.
base::Result<std::vector<Token>> Tokenize(std::string_view text);

}  // namespace streampark::expressions
