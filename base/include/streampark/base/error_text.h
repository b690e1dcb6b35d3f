// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "streampark/base/error.h"

namespace streampark::base {

/// An error as JSON, to be kept or sent, and back: `{"code": "IO_ERROR", "message": "…", …}`. Absent when `text` is no JSON object; a
/// code that is not known becomes INTERNAL.
std::string ErrorToText(const Error& error);
std::optional<Error> ErrorFromText(std::string_view text);

}  // namespace streampark::base
