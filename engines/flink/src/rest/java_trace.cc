// SPDX-License-Identifier: Apache-2.0
#include "rest/java_trace.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace streampark::flink {
namespace {

constexpr std::string_view kCausedBy = "Caused by: ";
constexpr std::string_view kServerSide = "<Exception on server side:";
constexpr std::size_t kLongestCause = 500;

std::string_view Trimmed(std::string_view text) {
  const auto blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

bool IsFrame(std::string_view trimmed_line) {
  return trimmed_line.starts_with("at ") || trimmed_line.starts_with("... ");
}

/// The length of a qualified class name (`a.b.C`, `a.b.C$D`) that `text` begins with, when the name
/// ends there or is followed by a colon; 0 otherwise.
std::size_t ClassNameLength(std::string_view text) {
  std::size_t end = 0;
  bool has_dot = false;
  while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 ||
                               text[end] == '.' || text[end] == '_' || text[end] == '$')) {
    has_dot = has_dot || text[end] == '.';
    ++end;
  }
  const bool ends = end == text.size() || text[end] == ':' || text[end] == '\n';
  return has_dot && ends && text[end - 1] != '.' ? end : 0;
}

struct Cause {
  std::string_view exception;  // simple name; empty when the text names no class
  std::string_view message;
};

/// Splits `a.b.Outer: c.d.Inner: words` into Inner and words: an outer whose message is only its
/// cause says nothing.
Cause Split(std::string_view text) {
  Cause cause{{}, Trimmed(text)};
  while (const std::size_t length = ClassNameLength(cause.message)) {
    const std::string_view name = cause.message.substr(0, length);
    const std::size_t cut = name.find_last_of(".$");
    cause.exception = name.substr(cut + 1);
    cause.message.remove_prefix(length);
    if (cause.message.starts_with(':')) {
      cause.message.remove_prefix(1);
    }
    cause.message = Trimmed(cause.message);
  }
  return cause;
}

/// The head lines of a trace and of each "Caused by", outermost first. Suppressed exceptions are
/// by-products of closing things and no causes.
std::vector<std::string> Heads(std::string_view trace) {
  std::vector<std::string> heads;
  bool in_head = true;
  bool in_suppressed = false;
  while (!trace.empty()) {
    const std::size_t end = trace.find('\n');
    const std::string_view line = Trimmed(trace.substr(0, end));
    const bool indented = !trace.empty() && (trace.front() == '\t' || trace.front() == ' ');
    trace.remove_prefix(end == std::string_view::npos ? trace.size() : end + 1);
    if (line.empty() || line.starts_with(kServerSide) || line.starts_with("End of exception on")) {
      continue;
    }
    if (line.starts_with("Suppressed: ")) {
      in_suppressed = true;
      in_head = false;
    } else if (line.starts_with(kCausedBy)) {
      in_suppressed = in_suppressed && indented;
      in_head = !in_suppressed;
      if (in_head) {
        heads.emplace_back(line.substr(kCausedBy.size()));
      }
    } else if (IsFrame(line)) {
      in_head = false;
    } else if (in_head && !heads.empty()) {
      heads.back().append("\n").append(line);
    } else if (heads.empty()) {
      heads.emplace_back(line);
    }
  }
  return heads;
}

std::string Shortened(std::string text) {
  if (text.size() <= kLongestCause) {
    return text;
  }
  std::size_t cut = kLongestCause;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) {
    --cut;  // not inside a UTF-8 sequence
  }
  return text.substr(0, cut) + "…";
}

}  // namespace

std::string RootCause(std::string_view trace) {
  const std::vector<std::string> heads = Heads(trace);
  if (heads.empty()) {
    return {};
  }
  const Cause innermost = Split(heads.back());
  std::string text(innermost.exception);
  if (!innermost.message.empty()) {
    text += (text.empty() ? "" : ": ");
    text += innermost.message;
    return Shortened(std::move(text));
  }
  for (auto outer = heads.rbegin() + 1; outer != heads.rend(); ++outer) {
    if (const Cause cause = Split(*outer); !cause.message.empty()) {
      return Shortened(std::string(cause.message) + " (" + text + ")");
    }
  }
  return Shortened(std::move(text));
}

}  // namespace streampark::flink
