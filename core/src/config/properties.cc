// SPDX-License-Identifier: Apache-2.0
#include "config/properties.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "streampark/base/utf8.h"

#include "config/unicode_escape.h"

namespace streampark::core {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

std::string_view WithoutBlanksBefore(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) {
    text.remove_prefix(1);
  }
  return text;
}

/// Lines without their ends, counted from 1; a last one without end too.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  std::optional<std::string_view> Next() {
    if (rest_.empty()) {
      return std::nullopt;
    }
    ++number_;
    const auto end = rest_.find_first_of("\r\n");
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(line.size(), rest_.size()));
    if (rest_.starts_with("\r\n")) {
      rest_.remove_prefix(2);
    } else if (!rest_.empty()) {
      rest_.remove_prefix(1);
    }
    return line;
  }
  int number() const { return number_; }

 private:
  std::string_view rest_;
  int number_ = 0;
};

bool IsContinued(std::string_view line) {
  std::size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') {
    ++backslashes;
  }
  return backslashes % 2 == 1;
}

/// `text` with its escapes put in, up to the first unescaped byte that `ends`; what follows stays in `text`.
template <typename Ends>
std::optional<std::string> TakeEscaped(std::string_view& text, Ends ends) {
  std::string taken;
  while (!text.empty() && !ends(text.front())) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c != '\\' || text.empty()) {
      taken.push_back(c);
      continue;
    }
    const char escaped = text.front();
    text.remove_prefix(1);
    switch (escaped) {
      case 't':
        taken.push_back('\t');
        break;
      case 'n':
        taken.push_back('\n');
        break;
      case 'r':
        taken.push_back('\r');
        break;
      case 'f':
        taken.push_back('\f');
        break;
      case 'u': {
        const auto code = TakeUnicodeEscape(text);
        if (!code) {
          return std::nullopt;
        }
        char bytes[4];
        taken.append(bytes, base::WriteUtf8(*code, bytes));
        break;
      }
      default:
        taken.push_back(escaped);
    }
  }
  return taken;
}

}  // namespace

base::Result<std::vector<Property>> ParseProperties(std::string_view text,
                                                    const std::string& file) {
  std::vector<Property> properties;
  Lines lines(text);
  while (const auto first = lines.Next()) {
    const auto begun = WithoutBlanksBefore(*first);
    if (begun.empty() || begun.front() == '#' || begun.front() == '!') {
      continue;
    }
    const int line = lines.number();
    std::string whole(begun);
    while (IsContinued(whole)) {
      whole.pop_back();
      whole += WithoutBlanksBefore(lines.Next().value_or(std::string_view()));
    }
    std::string_view rest = whole;
    const auto key = TakeEscaped(rest, [](char c) { return IsBlank(c) || c == '=' || c == ':'; });
    rest = WithoutBlanksBefore(rest);
    if (!rest.empty() && (rest.front() == '=' || rest.front() == ':')) {
      rest = WithoutBlanksBefore(rest.substr(1));
    }
    const auto value = TakeEscaped(rest, [](char) { return false; });
    if (!key || !value) {
      return base::Error(base::ErrorCode::kJobFileInvalid,
                         file + ":" + std::to_string(line) + ": \\u is no character")
          .WithHint("four hexadecimal digits follow it; a backslash is written \\\\");
    }
    properties.push_back({*key, *value, line});
  }
  return properties;
}

}  // namespace streampark::core
