// SPDX-License-Identifier: Apache-2.0
// What a server may answer, in two pieces: the first byte says where they part. Replies that come of it have to be such that can be looked at.
#include "resp.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace streampark::connectors::
    redis;  // NOLINT(google-build-using-namespace): a program of one file

std::size_t LookAt(const Reply& reply) {
  std::size_t seen =
      1 + static_cast<std::size_t>(std::count(reply.text().begin(), reply.text().end(), 'x'));
  std::size_t count = 0;
  for (const Reply one : reply) {
    seen += LookAt(one);
    ++count;
  }
  if (count != reply.size()) {
    std::abort();
  }
  return seen + static_cast<std::size_t>(reply.number() & 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  std::string_view rest(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  ReplyParser parser(4'096);
  for (std::size_t piece = std::min<std::size_t>(bytes[0], rest.size());; piece = rest.size()) {
    while (piece > 0) {
      const auto room = parser.Room();
      const std::size_t count = std::min(piece, room.size());
      std::copy_n(rest.data(), count, room.data());
      parser.Filled(count);
      rest.remove_prefix(count);
      piece -= count;
    }
    for (auto next = parser.Next();; next = parser.Next()) {
      if (!next.ok()) {
        return 0;
      }
      if (!*next) {
        break;
      }
      LookAt(parser.reply());
    }
    if (rest.empty()) {
      return 0;
    }
  }
}
