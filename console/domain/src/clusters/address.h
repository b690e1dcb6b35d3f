// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "streampark/base/result.h"

namespace streampark::console {

/// The one spelling of a cluster's address: `http://host:port`, scheme and host in lower case.
/// Refuses other schemes, credentials, paths, queries and what is no host; the error names the
/// place.
base::Result<std::string> NormalAddress(std::string_view address);

/// `text` as one token of a JSON pointer (RFC 6901).
std::string PointerToken(std::string_view text);

}  // namespace streampark::console
