// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/option_errors.h"

#include <utility>

namespace streampark::connectors {

base::Error WrongOption(std::string_view name, std::string message, std::string hint) {
  return base::Error(base::ErrorCode::kValidationFailed, "some options are not valid")
      .WithField({"/" + std::string(name), std::move(message), std::move(hint)});
}

base::Error NeedsColumns(std::string_view what) {
  return {base::ErrorCode::kValidationFailed, std::string(what) + " has to be told its columns"};
}

}  // namespace streampark::connectors
