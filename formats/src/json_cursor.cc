// SPDX-License-Identifier: Apache-2.0
#include "json_cursor.h"

namespace streampark::formats {
namespace {

constexpr int kDeepest = 64;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool JsonCursor::ReadHex(std::uint32_t& code) {
  if (end_ - at_ < 4) {
    return Fail("ends within an escape");
  }
  code = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = *at_++;
    const int digit = IsDigit(c)             ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) {
      return Fail("has an escape that is none");
    }
    code = code << 4 | static_cast<std::uint32_t>(digit);
  }
  return true;
}

bool JsonCursor::ReadEscape(std::string& out) {
  if (at_ == end_) {
    return Fail("ends within an escape");
  }
  const char c = *at_++;
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  const auto place = kNames.find(c);
  if (place != std::string_view::npos) {
    out.push_back(kMeant[place]);
    return true;
  }
  if (c != 'u') {
    return Fail("has an escape that is none");
  }
  std::uint32_t code = 0;
  if (!ReadHex(code)) {
    return false;
  }
  if (code >= 0xd800 && code < 0xe000) {  // half of a pair
    std::uint32_t low = 0;
    if (code >= 0xdc00 || end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u') {
      return Fail("has half a surrogate pair");
    }
    at_ += 2;
    if (!ReadHex(low)) {
      return false;
    }
    if (low < 0xdc00 || low >= 0xe000) {
      return Fail("has half a surrogate pair");
    }
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  char bytes[4];
  out.append(bytes, base::WriteUtf8(code, bytes));
  return true;
}

bool JsonCursor::ReadEscaped(const char* start, std::string& scratch, std::string_view& text) {
  scratch.clear();
  for (;;) {
    scratch.append(start, at_);
    if (*at_ == '"') {
      ++at_;
      text = scratch;
      return true;
    }
    ++at_;
    if (!ReadEscape(scratch)) {
      return false;
    }
    start = at_;
    if (!SkipPlain()) {
      return false;
    }
  }
}

bool JsonCursor::ReadNumber(std::string_view& text, bool& whole) {
  const char* const start = at_;
  const auto digits = [&] {
    const char* const first = at_;
    while (at_ < end_ && IsDigit(*at_)) {
      ++at_;
    }
    return at_ - first;
  };
  at_ += at_ < end_ && *at_ == '-' ? 1 : 0;
  const char* const first = at_;
  const auto count = digits();
  if (count == 0 || (count > 1 && *first == '0')) {
    return Fail("is no JSON value");
  }
  whole = true;
  if (at_ < end_ && *at_ == '.') {
    whole = false;
    ++at_;
    if (digits() == 0) {
      return Fail("is no JSON value");
    }
  }
  if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
    whole = false;
    ++at_;
    at_ += at_ < end_ && (*at_ == '-' || *at_ == '+') ? 1 : 0;
    if (digits() == 0) {
      return Fail("is no JSON value");
    }
  }
  text = {start, static_cast<std::size_t>(at_ - start)};
  return true;
}

bool JsonCursor::SkipValue(int depth) {  // NOLINT(misc-no-recursion): bounded by kDeepest
  if (depth > kDeepest) {
    return Fail("is nested more than 64 deep");
  }
  std::string scratch;
  std::string_view text;
  bool whole = false;
  switch (Peek()) {
    case '"':
      ++at_;
      return ReadString(scratch, text);
    case 't':
      return TakeWord("true");
    case 'f':
      return TakeWord("false");
    case 'n':
      return TakeWord("null");
    case '[':
      ++at_;
      if (Take(']')) {
        return true;
      }
      do {
        if (!SkipValue(depth + 1)) {
          return false;
        }
      } while (Take(','));
      return Expect(']', "lacks ']'");
    case '{':
      ++at_;
      if (Take('}')) {
        return true;
      }
      do {
        if (!Expect('"', "lacks a name") || !ReadString(scratch, text) ||
            !Expect(':', "lacks ':'") || !SkipValue(depth + 1)) {
          return false;
        }
      } while (Take(','));
      return Expect('}', "lacks '}'");
    default:
      return ReadNumber(text, whole);
  }
}

}  // namespace streampark::formats
