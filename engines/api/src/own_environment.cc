// SPDX-License-Identifier: Apache-2.0
#include "streampark/engines/own_environment.h"

#include <string_view>

#include <unistd.h>

namespace streampark::engines {

std::vector<std::string> OwnEnvironment() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (text.starts_with("STREAMPARK_")) {
      names.emplace_back(text.substr(0, text.find('=')));
    }
  }
  return names;
}

}  // namespace streampark::engines
