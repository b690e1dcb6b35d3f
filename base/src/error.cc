// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/error.h"

#include <algorithm>

namespace streampark::base {

std::optional<ErrorCode> ParseErrorCode(std::string_view name) {
  const auto* found =
      std::find_if(kErrorCodes.begin(), kErrorCodes.end(),
                   [name](const ErrorCodeTraits& traits) { return traits.code == name; });
  if (found == kErrorCodes.end()) {
    return std::nullopt;
  }
  return static_cast<ErrorCode>(found - kErrorCodes.begin());
}

std::string Error::ToString() const {
  std::string text(traits().code);
  text.append(": ").append(message_);
  for (const FieldError& field : fields_) {
    text.append("; ").append(field.pointer).append(": ").append(field.message);
  }
  if (!cause_.empty()) {
    text.append(" (").append(cause_).append(")");
  }
  if (!hint_.empty()) {
    text.append(" [").append(hint_).append("]");
  }
  return text;
}

}  // namespace streampark::base
