// SPDX-License-Identifier: Apache-2.0
#include "logs/log_piece.h"

#include <string_view>

namespace streampark::flink {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// How long the character that begins with `c` is; 0 when none begins so.
std::size_t LengthAt(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x80U) {
    return 1;
  }
  if (byte >= 0xC2U && byte < 0xE0U) {
    return 2;
  }
  if (byte >= 0xE0U && byte < 0xF0U) {
    return 3;
  }
  return byte >= 0xF0U && byte < 0xF5U ? 4 : 0;
}

}  // namespace

void TrimToWholeCharacters(engines::LogPiece& piece) {
  std::string& text = piece.text;
  std::size_t start = 0;
  while (piece.offset > 0 && start < text.size() && start < 3 && IsContinuation(text[start])) {
    ++start;
  }
  std::string whole;
  whole.reserve(text.size());
  std::size_t at = start;
  while (at < text.size()) {
    const std::size_t length = LengthAt(text[at]);
    std::size_t present = 1;
    while (present < length && at + present < text.size() && IsContinuation(text[at + present])) {
      ++present;
    }
    if (length > present && at + present == text.size()) {
      break;  // the rest of it comes with the next piece
    }
    if (length != present) {
      whole.push_back('?');
      at += length == 0 ? 1 : present;
      continue;
    }
    whole.append(text, at, length);
    at += length;
  }
  // A piece too small for one character must still move on.
  if (at == start && at < text.size()) {
    at = text.size();
  }
  piece.next_offset = piece.offset + static_cast<std::int64_t>(at);
  piece.offset += static_cast<std::int64_t>(start);
  text = std::move(whole);
}

}  // namespace streampark::flink
