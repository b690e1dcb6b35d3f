// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/secret_keys.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace streampark::base {

bool IsSecretKey(std::string_view key) {
  // org.apache.flink.configuration.GlobalConfiguration.SENSITIVE_KEYS, and what connectors use.
  constexpr std::array<std::string_view, 19> kWords = {
      "password",    "secret",       "fs.azure.account.key", "apikey",     "api-key",
      "accesskey",   "auth-params",  "service-key",          "token",      "basic-auth",
      "jaas.config", "http-headers", "passphrase",           "credential", "private-key",
      "access-key",  "key.pem",      "keystore.key",         "private.key"};
  std::string lower(key);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  // Periods and files that merely belong to a secret are none.
  if (lower.starts_with("security.delegation.token") || lower.ends_with(".expiration")) {
    return false;
  }
  return std::any_of(kWords.begin(), kWords.end(),
                     [&lower](std::string_view word) { return lower.find(word) != lower.npos; });
}

}  // namespace streampark::base
