// SPDX-License-Identifier: Apache-2.0
#include "resp.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "streampark/base/check.h"

namespace streampark::connectors::redis {
namespace {

constexpr std::size_t kRoom = 64U << 10U;
constexpr std::size_t kLongestLine = 64U << 10U;
constexpr std::size_t kDeepest = 32;

std::optional<std::int64_t> ParseWhole(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

base::Error Nonsense(std::string_view what) {
  return base::Error(base::ErrorCode::kEngineError,
                     "what the server says is not Redis' protocol: " + std::string(what))
      .WithHint("look at 'address', and whether the server wants 'tls'");
}

}  // namespace

ReplyKind Reply::kind() const { return parser_->nodes_[node_].kind; }

std::string_view Reply::text() const {
  const auto& node = parser_->nodes_[node_];
  const bool has_text = node.kind == ReplyKind::kText || node.kind == ReplyKind::kError;
  return has_text ? std::string_view(parser_->bytes_).substr(node.at, node.size)
                  : std::string_view();
}

std::int64_t Reply::number() const {
  const auto& node = parser_->nodes_[node_];
  return node.kind == ReplyKind::kText ? ParseWhole(text()).value_or(0) : node.number;
}

Reply::Iterator& Reply::Iterator::operator++() {
  node_ = parser_->nodes_[node_].next;
  return *this;
}

Reply::Iterator Reply::begin() const { return size() == 0 ? end() : Iterator(parser_, node_ + 1); }

Reply::Iterator Reply::end() const { return {parser_, parser_->nodes_[node_].next}; }

std::size_t Reply::size() const {
  return kind() == ReplyKind::kList ? parser_->nodes_[node_].size : 0;
}

Reply Reply::operator[](std::size_t index) const {
  SP_CHECK(index < size());
  Iterator at = begin();
  for (; index > 0; --index) {
    ++at;
  }
  return *at;
}

std::span<char> ReplyParser::Room() {
  if (bytes_.size() - filled_ < kRoom / 2) {
    bytes_.resize(std::max(filled_ + kRoom, bytes_.size() + bytes_.size() / 2));
  }
  return std::span(bytes_).subspan(filled_);
}

void ReplyParser::Filled(std::size_t count) { filled_ += count; }

base::Result<bool> ReplyParser::Next() {
  if (whole_) {
    whole_ = false;
    nodes_.clear();
    begin_ = at_;
    // Moved to the front when that is less than what was read.
    if (begin_ > filled_ - begin_) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, filled_ - begin_);
      filled_ -= begin_;
      begin_ = at_ = 0;
      if (bytes_.size() > 16 * kRoom && filled_ < kRoom) {
        bytes_.resize(kRoom);
        bytes_.shrink_to_fit();
      }
    }
  }
  for (;;) {
    if (SP_TRY(ReadElement()) == Step::kNeedsMore) {
      return false;
    }
    if (open_.empty()) {
      whole_ = true;
      return true;
    }
  }
}

base::Result<ReplyParser::Step> ReplyParser::ReadElement() {
  const std::string_view rest(bytes_.data() + at_, filled_ - at_);
  const auto line_end = rest.substr(0, kLongestLine).find('\n');
  if (line_end == std::string_view::npos) {
    if (rest.size() >= kLongestLine) {
      return Nonsense("a line without an end");
    }
    return Step::kNeedsMore;
  }
  if (line_end < 2 || rest[line_end - 1] != '\r') {
    return Nonsense("a line of no kind");
  }
  const std::string_view line = rest.substr(1, line_end - 2);
  std::size_t taken = line_end + 1;
  Node node{.at = at_ + 1, .size = line.size()};
  switch (rest[0]) {
    case '+':
      node.kind = ReplyKind::kText;
      break;
    case '-':
      node.kind = ReplyKind::kError;
      break;
    case ':': {
      const auto number = ParseWhole(line);
      if (!number) {
        return Nonsense("a number that is none");
      }
      node.kind = ReplyKind::kNumber;
      node.number = *number;
      break;
    }
    case '$':
    case '*': {
      const auto count = ParseWhole(line);
      if (!count || *count < -1) {
        return Nonsense("a length that is none");
      }
      if (*count == -1) {
        node.kind = ReplyKind::kNull;
        break;
      }
      node.size = static_cast<std::size_t>(*count);
      if (at_ - begin_ + taken > limit_ || node.size > limit_ - (at_ - begin_ + taken)) {
        return base::Error(base::ErrorCode::kPayloadTooLarge,
                           "an answer of the server has more than the " + std::to_string(limit_) +
                               " bytes of 'reply.limit'")
            .WithHint("raise 'reply.limit', or lower 'batch.rows'");
      }
      if (rest[0] == '*') {
        node.kind = ReplyKind::kList;
        break;
      }
      if (rest.size() < taken + node.size + 2) {
        return Step::kNeedsMore;
      }
      if (rest[taken + node.size] != '\r' || rest[taken + node.size + 1] != '\n') {
        return Nonsense("a text that does not end where it says");
      }
      node.kind = ReplyKind::kText;
      node.at = at_ + taken;
      taken += node.size + 2;
      break;
    }
    default:
      return Nonsense("it begins with '" + std::string(rest.substr(0, 1)) + "'");
  }
  at_ += taken;
  nodes_.push_back(node);
  nodes_.back().next = nodes_.size();
  if (node.kind == ReplyKind::kList && node.size > 0) {
    if (open_.size() == kDeepest) {
      return Nonsense("lists within lists without end");
    }
    open_.push_back({nodes_.size() - 1, node.size});
  } else {
    Close();
  }
  return Step::kElement;
}

void ReplyParser::Close() {
  while (!open_.empty() && --open_.back().left == 0) {
    nodes_[open_.back().node].next = nodes_.size();
    open_.pop_back();
  }
}

void BeginCommand(std::size_t words, std::string& out) {
  out.append("*").append(std::to_string(words)).append("\r\n");
}

void AppendWord(std::string_view word, std::string& out) {
  char head[24];
  head[0] = '$';
  char* end = std::to_chars(head + 1, head + sizeof head, word.size()).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(head, end).append(word).append("\r\n");
}

void AppendCommand(std::initializer_list<std::string_view> words, std::string& out) {
  BeginCommand(words.size(), out);
  for (const std::string_view word : words) {
    AppendWord(word, out);
  }
}

}  // namespace streampark::connectors::redis
