// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"

/// Redis' protocol, version 2 (https://redis.io/docs/latest/develop/reference/protocol-spec):
///
/// | first byte | what follows                                   | ReplyKind          |
/// |------------|------------------------------------------------|--------------------|
/// | `+`        | a line                                         | kText              |
/// | `-`        | a line; its first word is a code in capitals   | kError             |
/// | `:`        | a whole number                                 | kNumber            |
/// | `$`        | how many bytes, a line end, these, a line end  | kText; -1: kNull   |
/// | `*`        | how many replies, a line end, these            | kList; -1: kNull   |
namespace streampark::connectors::redis {

enum class ReplyKind : std::uint8_t { kText, kError, kNumber, kNull, kList };

class ReplyParser;

/// A reply, or one within another. A view: good until its parser is asked for the next one.
class Reply {
 public:
  ReplyKind kind() const;
  bool is_error() const { return kind() == ReplyKind::kError; }
  bool is_null() const { return kind() == ReplyKind::kNull; }
  /// Of kText and kError; else empty.
  std::string_view text() const;
  /// Of kNumber, and of a text that is one; else 0.
  std::int64_t number() const;

  class Iterator {
   public:
    Iterator(const ReplyParser* parser, std::size_t node) : parser_(parser), node_(node) {}
    Reply operator*() const { return {parser_, node_}; }
    Iterator& operator++();
    bool operator==(const Iterator&) const = default;

   private:
    const ReplyParser* parser_;
    std::size_t node_;
  };
  /// Those of a list; none of another.
  Iterator begin() const;
  Iterator end() const;
  std::size_t size() const;
  /// Steps through those before it. SP_CHECK: it is there.
  Reply operator[](std::size_t index) const;

 private:
  friend class ReplyParser;
  Reply(const ReplyParser* parser, std::size_t node) : parser_(parser), node_(node) {}

  const ReplyParser* parser_;
  std::size_t node_;
};

/// Makes replies of bytes as they come. Not thread-safe.
class ReplyParser {
 public:
  /// A reply has at most `limit` bytes.
  explicit ReplyParser(std::size_t limit) : limit_(limit) {}

  /// Where the next bytes belong; then Filled says how many there are.
  std::span<char> Room();
  void Filled(std::size_t count);

  /// Whether a whole reply is there: the one after the last that was. PAYLOAD_TOO_LARGE; ENGINE_ERROR when it is not this protocol. After an
  /// error nothing more can be read.
  base::Result<bool> Next();
  /// The one that Next found.
  Reply reply() const { return {this, 0}; }

 private:
  friend class Reply;
  friend class Reply::Iterator;
  struct Node {
    ReplyKind kind = ReplyKind::kNull;
    std::size_t at = 0;    // of its text
    std::size_t size = 0;  // of its text, or how many are in it
    std::size_t next = 0;  // the node after it and what is in it
    std::int64_t number = 0;
  };
  struct Open {
    std::size_t node = 0;
    std::size_t left = 0;  // that are still to come
  };
  enum class Step : std::uint8_t { kElement, kNeedsMore };

  base::Result<Step> ReadElement();
  /// Ends lists that are whole, the last node's first.
  void Close();

  const std::size_t limit_;
  std::string bytes_;
  std::size_t filled_ = 0;  // of bytes_, which has room behind it
  std::size_t begin_ = 0;   // of the reply that is being read
  std::size_t at_ = 0;
  bool whole_ = false;
  std::vector<Node> nodes_;
  std::vector<Open> open_;
};

/// Appends a command as the server reads it.
void AppendCommand(std::initializer_list<std::string_view> words, std::string& out);
/// The same in pieces: how many words, then each.
void BeginCommand(std::size_t words, std::string& out);
void AppendWord(std::string_view word, std::string& out);

}  // namespace streampark::connectors::redis
