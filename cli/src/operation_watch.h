// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <boost/json/fwd.hpp>

#include "streampark/base/result.h"

#include "api_client.h"
#include "output.h"

namespace CLI {
class App;
}

namespace streampark::cli {

/// Follows an operation to its end, writing each step to stderr as it begins. The Error of a failed
/// operation is the operation's own; CANCELLED when it was cancelled. Answers the ended operation.
base::Result<boost::json::value> FollowOperation(ApiClient& client,
                                                 const std::string& operation_id);

/// How a command that starts an operation is sent and waited for.
struct Following {
  bool no_wait = false;
  std::string idempotency_key;
};

void AddFollowingOptions(CLI::App* command, Following& following);

/// What a command acts on.
struct Subject {
  std::string path;  // of the API
  std::string name;  // as it was given
};

/// Sends a command and, unless told not to, follows the operation to its end. Prints the operation.
base::Status Operate(ApiClient& client, const Subject& subject, boost::json::object command,
                     const Following& following, OutputFormat output);

}  // namespace streampark::cli
