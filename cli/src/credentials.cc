// SPDX-License-Identifier: Apache-2.0
#include "credentials.h"

#include <cstdlib>

#include "streampark/base/files.h"
#include "streampark/base/json.h"

namespace streampark::cli {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string WithoutTrailingSlash(std::string url) {
  while (url.ends_with('/')) {
    url.pop_back();
  }
  return url;
}

}  // namespace

std::filesystem::path CredentialsFile() {
  const std::string base = Environment("XDG_CONFIG_HOME");
  const std::filesystem::path folder = base.empty()
                                           ? std::filesystem::path(Environment("HOME")) / ".config"
                                           : std::filesystem::path(base);
  return folder / "streampark" / "cli.json";
}

base::Result<Connection> ResolveConnection(const std::string& server_option,
                                           const std::string& token_option) {
  Connection stored;
  const std::filesystem::path file = CredentialsFile();
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    const std::string text = SP_TRY(base::ReadFile(file));
    const auto parsed = json::Parse(text);
    if (!parsed.ok() || !parsed->is_object()) {
      return base::Error(base::ErrorCode::kConfigInvalid,
                         file.string() + " is not readable as JSON")
          .WithHint("delete it and `streampark login` again");
    }
    stored = {json::StringOr(parsed->get_object(), "server"),
              json::StringOr(parsed->get_object(), "token")};
  }
  Connection connection;
  connection.server = !server_option.empty() ? server_option : Environment("STREAMPARK_SERVER");
  if (connection.server.empty()) {
    connection.server = stored.server.empty() ? "http://127.0.0.1:10000" : stored.server;
  }
  connection.server = WithoutTrailingSlash(connection.server);
  connection.token = !token_option.empty() ? token_option : Environment("STREAMPARK_TOKEN");
  if (connection.token.empty() && connection.server == stored.server) {
    connection.token = stored.token;
  }
  return connection;
}

base::Status StoreConnection(const Connection& connection) {
  const std::filesystem::path file = CredentialsFile();
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  if (failed) {
    return base::FileError(failed.value(), "creating", file.parent_path());
  }
  const json::value content = {{"server", WithoutTrailingSlash(connection.server)},
                               {"token", connection.token}};
  return base::WriteFileAtomically(file, json::serialize(content) + "\n",
                                   base::FileMode::kOwnerOnly);
}

}  // namespace streampark::cli
