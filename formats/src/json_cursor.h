// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "streampark/base/utf8.h"

#include "byte_scan.h"

namespace streampark::formats {

/// Goes through one JSON text (RFC 8259), which need not end with a zero. Every method that reads gives false, and
/// keeps why, when the text is not what was to come.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text)
      : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}

  const char* at() const { return at_; }
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
  const char* fault() const { return fault_; }

  /// The next character that is no space; 0 at the end.
  char Peek() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) {
      ++at_;
    }
    return at_ < end_ ? *at_ : '\0';
  }
  bool Take(char c) {
    if (Peek() != c || at_ == end_) {
      return false;
    }
    ++at_;
    return true;
  }
  bool Expect(char c, const char* fault) { return Take(c) || Fail(fault); }
  bool AtEnd() {
    Peek();
    return at_ == end_;
  }
  bool Fail(const char* fault) {
    fault_ = fault;
    return false;
  }

  /// `name"` right here, after the quote that opens a name.
  bool TakeExpectedName(std::string_view name) {
    const auto left = static_cast<std::size_t>(end_ - at_);
    if (left > name.size() && at_[name.size()] == '"' &&
        std::memcmp(at_, name.data(), name.size()) == 0) {
      at_ += name.size() + 1;
      return true;
    }
    return false;
  }

  /// The rest of a string after its opening quote. `text` points into the JSON, or into `scratch` when there were
  /// escapes.
  bool ReadString(std::string& scratch, std::string_view& text) {
    const char* const start = at_;
    if (!SkipPlain()) {
      return false;
    }
    if (*at_ == '"') {
      text = {start, static_cast<std::size_t>(at_ - start)};
      ++at_;
      return true;
    }
    return ReadEscaped(start, scratch, text);
  }

  /// A number by the grammar. `whole`: neither point nor exponent.
  bool ReadNumber(std::string_view& text, bool& whole);

  bool TakeWord(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size() ||
        std::memcmp(at_, word.data(), word.size()) != 0) {
      return Fail("is no JSON value");
    }
    at_ += word.size();
    return true;
  }

  /// Past any value, at most 64 deep.
  bool SkipValue(int depth = 0);

 private:
  /// To the closing quote or the next escape.
  bool SkipPlain() {
    for (;;) {
      while (end_ - at_ >= 8) {
        const std::uint64_t word = LoadEight(at_);
        const std::uint64_t control = (word - kLowBits * 0x20) & ~word;
        const std::uint64_t special =
            ((control | word) & kHighBits) | BytesEqual(word, '"') | BytesEqual(word, '\\');
        if (special != 0) {
          at_ += LowestByte(special);
          break;
        }
        at_ += 8;
      }
      if (at_ == end_) {
        return Fail("ends within a string");
      }
      const auto c = static_cast<unsigned char>(*at_);
      if (c == '"' || c == '\\') {
        return true;
      }
      if (c >= 0x80) {
        const char* const next = base::SkipSequence(at_, end_);
        if (next == nullptr) {
          return Fail("is no UTF-8");
        }
        at_ = next;
      } else if (c < 0x20) {
        return Fail("has a control character in a string");
      } else {
        ++at_;
      }
    }
  }
  bool ReadEscaped(const char* start, std::string& scratch, std::string_view& text);
  bool ReadEscape(std::string& out);
  bool ReadHex(std::uint32_t& code);

  const char* begin_;
  const char* at_;
  const char* end_;
  const char* fault_ = nullptr;
};

}  // namespace streampark::formats
