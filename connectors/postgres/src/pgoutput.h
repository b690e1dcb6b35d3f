// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "streampark/base/result.h"

#include "lsn.h"

/// What a server sends of its log, and what it is answered: functions of bytes alone. pgoutput.cc has the tables. Texts and values refer
/// into the bytes that were decoded. Whatever the bytes are, memory stays within a few times theirs.
namespace streampark::connectors::postgres::pgoutput {

/// Begins a transaction; it is sent whole, once it is committed.
struct Begin {
  /// Where its commit is: transactions come in this order.
  Lsn commit;
  std::int64_t commit_micros = 0;  // since 1970
  std::uint32_t transaction = 0;
};

struct Commit {
  Lsn commit;
  /// The place behind it: what is committed later is not before it.
  Lsn end;
};

/// A table as it was when the changes that follow were made.
struct Relation {
  struct Column {
    /// Whether it is part of what the log has of old rows.
    bool identity = false;
    std::string_view name;
    std::uint32_t type = 0;
    std::int32_t modifier = -1;
  };

  std::uint32_t id = 0;
  std::string_view schema;
  std::string_view name;
  char replica_identity = 'd';  // as in pg_class.relreplident
  std::vector<Column> columns;
};

/// A value as text, as the type's output function writes it.
struct Value {
  /// kUnknown: a large value that the update left as it was, and that the log does not have.
  enum class Kind : std::uint8_t { kNull, kUnknown, kText };
  Kind kind = Kind::kNull;
  std::string_view text;

  bool operator==(const Value&) const = default;
};
/// One value a column of its relation, unless the server and its relation disagree.
using Tuple = std::vector<Value>;

/// A row that came, changed or went.
struct Change {
  enum class Act : std::uint8_t { kInsert, kUpdate, kDelete };
  /// What `before` has: nothing, the columns of the replica identity (the others are null there), or the whole row.
  enum class Before : std::uint8_t { kNothing, kIdentity, kRow };

  Act act = Act::kInsert;
  std::uint32_t relation = 0;
  Before has_before = Before::kNothing;
  Tuple before;
  Tuple after;  // empty of a delete
};

struct Truncate {
  std::vector<std::uint32_t> relations;
};

/// Says nothing about rows: an origin, the name of a type.
struct Aside {};

using Message = std::variant<Begin, Commit, Relation, Change, Truncate, Aside>;

/// One message of protocol version 1. IO_ERROR when it is damaged; ILLEGAL_STATE when it is of a kind that we do not know: passing over it
/// could lose rows.
base::Result<Message> Decode(std::string_view bytes);

/// What a message is packed into.
struct LogPiece {
  Lsn start;  // of the record that it was made from
  std::string_view message;
};
struct Keepalive {
  /// All that was committed before it was sent.
  Lsn end;
  bool wants_answer = false;
};
using Frame = std::variant<LogPiece, Keepalive>;

/// IO_ERROR.
base::Result<Frame> DecodeFrame(std::string_view bytes);

/// The answer: up to where all is received, and up to where the server may forget (0: no word on that). `now`: microseconds since 1970.
std::string StatusUpdate(Lsn received, Lsn forgettable, std::int64_t now);

}  // namespace streampark::connectors::postgres::pgoutput
