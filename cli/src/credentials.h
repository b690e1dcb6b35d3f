// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "streampark/base/result.h"

#include "api_client.h"

namespace streampark::cli {

/// ~/.config/streampark/cli.json (or under XDG_CONFIG_HOME): what `streampark login` keeps,
/// readable by its owner alone.
std::filesystem::path CredentialsFile();

/// What to connect with: the command line, then STREAMPARK_SERVER and STREAMPARK_TOKEN, then the
/// file, then http://127.0.0.1:10000. A stored token is used only for the server that it was made
/// for.
base::Result<Connection> ResolveConnection(const std::string& server_option,
                                           const std::string& token_option);

base::Status StoreConnection(const Connection& connection);

}  // namespace streampark::cli
