// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

/// What a connector keeps as bytes of its own: positions, committables, the state of an enumerator or a writer. Numbers
/// and texts one after another, as people can read them: `17 3:a b `.
namespace streampark::connectors {

class StateWriter {
 public:
  StateWriter& Number(std::int64_t value) {
    bytes_.append(std::to_string(value)).push_back(' ');
    return *this;
  }
  StateWriter& Text(std::string_view text) {
    bytes_.append(std::to_string(text.size())).append(":").append(text).push_back(' ');
    return *this;
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what StateWriter wrote. What is something else makes it failed, and gives zeros and empty texts from then on.
class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : rest_(bytes) {}

  std::int64_t Number() { return Leading(' '); }
  std::string_view Text() {
    const std::int64_t size = Leading(':');
    if (failed_ || size < 0 || static_cast<std::size_t>(size) >= rest_.size() ||
        rest_[static_cast<std::size_t>(size)] != ' ') {
      failed_ = true;
      return {};
    }
    const auto text = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(text.size() + 1);
    return text;
  }

  bool failed() const { return failed_; }
  bool at_end() const { return failed_ || rest_.empty(); }
  /// Whether all was read, and well.
  bool done() const { return !failed_ && rest_.empty(); }

 private:
  std::int64_t Leading(char after) {
    std::int64_t value = 0;
    const char* const end = rest_.data() + rest_.size();
    const auto [stop, error] = std::from_chars(rest_.data(), end, value);
    if (failed_ || error != std::errc() || stop == end || *stop != after) {
      failed_ = true;
      return 0;
    }
    rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()) + 1);
    return value;
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace streampark::connectors
