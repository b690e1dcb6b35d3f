// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <boost/json/fwd.hpp>

#include "streampark/base/result.h"

#include "api_client.h"

namespace streampark::cli {

/// Follows an operation to its end, writing each step to stderr as it begins. The Error of a failed
/// operation is the operation's own; CANCELLED when it was cancelled. Answers the ended operation.
base::Result<boost::json::value> FollowOperation(ApiClient& client,
                                                 const std::string& operation_id);

}  // namespace streampark::cli
