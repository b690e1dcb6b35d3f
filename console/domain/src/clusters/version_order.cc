// SPDX-License-Identifier: Apache-2.0
#include "clusters/version_order.h"

#include <cctype>
#include <cstdint>
#include <string>
#include <vector>

namespace streampark::console {
namespace {

struct Version {
  std::vector<std::uint64_t> numbers;
  std::string_view suffix;
};

Version Read(std::string_view text) {
  Version version;
  std::size_t at = 0;
  while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0) {
    std::uint64_t number = 0;
    while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0) {
      number = number * 10 + static_cast<std::uint64_t>(text[at++] - '0');
    }
    version.numbers.push_back(number);
    if (at == text.size() || text[at] != '.') {
      break;
    }
    ++at;
  }
  version.suffix = text.substr(at);
  return version;
}

}  // namespace

bool IsNewerVersion(std::string_view a, std::string_view b) {
  const Version left = Read(a);
  const Version right = Read(b);
  if (left.numbers != right.numbers) {
    return left.numbers > right.numbers;
  }
  if (left.suffix.empty() != right.suffix.empty()) {
    return left.suffix.empty();
  }
  return left.suffix > right.suffix;
}

}  // namespace streampark::console
