// SPDX-License-Identifier: Apache-2.0
#include "pgoutput.h"

#include <algorithm>

#include "wire_bytes.h"

/// Frames (https://www.postgresql.org/docs/15/protocol-replication.html), in the COPY that START_REPLICATION opens:
///
/// | first byte | from   | what follows                                                                          |
/// |------------|--------|---------------------------------------------------------------------------------------|
/// | w          | server | place int64, end of its log int64, its time int64; a message                          |
/// | k          | server | all before it is sent int64, its time int64, whether it wants an answer byte          |
/// | r          | us     | written int64, flushed int64, applied int64, our time int64, whether we want one byte |
///
/// Messages of version 1 (https://www.postgresql.org/docs/15/protocol-logicalrep-message-formats.html):
///
/// | first byte | what it is | what follows                                                                                    |
/// |------------|------------|-------------------------------------------------------------------------------------------------|
/// | B          | begin      | place of the commit int64, time int64, transaction int32                                        |
/// | C          | commit     | flags byte, place int64, place behind it int64, time int64                                      |
/// | O          | origin     | place int64, name                                                                               |
/// | R          | relation   | id int32, schema, name, identity byte, count int16; each: flags byte, name, type int32, modifier int32 |
/// | Y          | type       | id int32, schema, name                                                                          |
/// | I          | insert     | relation int32, `N` tuple                                                                       |
/// | U          | update     | relation int32, perhaps `K` or `O` tuple, `N` tuple                                             |
/// | D          | delete     | relation int32, `K` or `O` tuple                                                                |
/// | T          | truncate   | count int32, options byte, relations int32 each                                                 |
///
/// A tuple is a count int16 and, each, `n` (null), `u` (unchanged, not sent) or `t` with a length int32 and a text. Names end with a zero
/// byte; times are microseconds since 2000. We ask neither for values in binary nor for parts of transactions that are open.
namespace streampark::connectors::postgres::pgoutput {
namespace {

base::Error Damaged(std::string_view what, std::string_view bytes) {
  return {base::ErrorCode::kIoError, "the server sent " + std::string(what) + " of " +
                                         std::to_string(bytes.size()) + " bytes that is none"};
}

Lsn TakeLsn(WireReader& in) { return {in.Take<std::uint64_t>()}; }

/// Microseconds since 1970; the farthest that can be said when there is no such.
std::int64_t TakeTime(WireReader& in) {
  const auto since_2000 = in.Take<std::int64_t>();
  std::int64_t micros = 0;
  return __builtin_add_overflow(since_2000, kEpochMicros, &micros) ? since_2000 : micros;
}

char TakeByte(WireReader& in) { return static_cast<char>(in.Take<std::uint8_t>()); }

/// False when it is damaged.
bool TakeTuple(WireReader& in, Tuple& tuple) {
  const auto count = in.Take<std::int16_t>();
  if (in.failed() || count < 0 || static_cast<std::size_t>(count) > in.rest().size()) {
    return false;
  }
  tuple.resize(static_cast<std::size_t>(count));
  for (Value& value : tuple) {
    switch (TakeByte(in)) {
      case 'n':
        value.kind = Value::Kind::kNull;
        break;
      case 'u':
        value.kind = Value::Kind::kUnknown;
        break;
      case 't': {
        const auto size = in.Take<std::int32_t>();
        value.kind = Value::Kind::kText;
        value.text = in.Bytes(static_cast<std::size_t>(size));  // a negative one is longer than all
        break;
      }
      default:
        return false;
    }
  }
  return !in.failed();
}

bool TakeRelation(WireReader& in, Relation& relation) {
  relation.id = in.Take<std::uint32_t>();
  relation.schema = in.Text();
  if (relation.schema.empty()) {
    relation.schema = "pg_catalog";  // which is written as nothing
  }
  relation.name = in.Text();
  relation.replica_identity = TakeByte(in);
  const auto count = in.Take<std::int16_t>();
  if (in.failed() || count < 0 || static_cast<std::size_t>(count) > in.rest().size()) {
    return false;
  }
  relation.columns.resize(static_cast<std::size_t>(count));
  for (Relation::Column& column : relation.columns) {
    column.identity = (in.Take<std::uint8_t>() & 1U) != 0;
    column.name = in.Text();
    column.type = in.Take<std::uint32_t>();
    column.modifier = in.Take<std::int32_t>();
  }
  return !in.failed();
}

bool TakeChange(WireReader& in, Change::Act act, Change& change) {
  change.act = act;
  change.relation = in.Take<std::uint32_t>();
  char part = TakeByte(in);
  if (act != Change::Act::kInsert && (part == 'K' || part == 'O')) {
    change.has_before = part == 'K' ? Change::Before::kIdentity : Change::Before::kRow;
    if (!TakeTuple(in, change.before)) {
      return false;
    }
    if (act == Change::Act::kDelete) {
      return true;
    }
    part = TakeByte(in);
  }
  return act != Change::Act::kDelete && part == 'N' && TakeTuple(in, change.after);
}

bool TakeTruncate(WireReader& in, Truncate& truncate) {
  const auto count = in.Take<std::uint32_t>();
  in.Take<std::uint8_t>();
  if (in.failed() || count > in.rest().size() / sizeof(std::uint32_t)) {
    return false;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    truncate.relations.push_back(in.Take<std::uint32_t>());
  }
  return !in.failed();
}

}  // namespace

base::Result<Message> Decode(std::string_view bytes) {
  WireReader in(bytes);
  const char kind = TakeByte(in);
  Message message;
  bool good = true;
  switch (kind) {
    case 'B': {
      auto& begin = message.emplace<Begin>();
      begin.commit = TakeLsn(in);
      begin.commit_micros = TakeTime(in);
      begin.transaction = in.Take<std::uint32_t>();
      break;
    }
    case 'C': {
      auto& commit = message.emplace<Commit>();
      in.Take<std::uint8_t>();
      commit.commit = TakeLsn(in);
      commit.end = TakeLsn(in);
      TakeTime(in);
      break;
    }
    case 'O':
      TakeLsn(in);
      in.Text();
      message.emplace<Aside>();
      break;
    case 'Y':
      in.Take<std::uint32_t>();
      in.Text();
      in.Text();
      message.emplace<Aside>();
      break;
    case 'R':
      good = TakeRelation(in, message.emplace<Relation>());
      break;
    case 'I':
      good = TakeChange(in, Change::Act::kInsert, message.emplace<Change>());
      break;
    case 'U':
      good = TakeChange(in, Change::Act::kUpdate, message.emplace<Change>());
      break;
    case 'D':
      good = TakeChange(in, Change::Act::kDelete, message.emplace<Change>());
      break;
    case 'T':
      good = TakeTruncate(in, message.emplace<Truncate>());
      break;
    default:
      if (bytes.empty()) {
        break;  // failed
      }
      return base::Error(base::ErrorCode::kIllegalState,
                         "the server sent a message of the kind " +
                             std::to_string(static_cast<unsigned char>(kind)) +
                             ", which is not known here")
          .WithHint("passing over it could lose rows; a newer StreamPark may know it");
  }
  if (!good || in.failed() || !in.rest().empty()) {
    return Damaged("a message", bytes);
  }
  return message;
}

base::Result<Frame> DecodeFrame(std::string_view bytes) {
  WireReader in(bytes);
  const char kind = TakeByte(in);
  if (kind == 'w') {
    LogPiece piece{.start = TakeLsn(in), .message = {}};
    in.Bytes(16);
    piece.message = in.rest();
    if (!in.failed()) {
      return piece;
    }
  } else if (kind == 'k') {
    Keepalive keepalive{.end = TakeLsn(in)};
    in.Take<std::int64_t>();
    keepalive.wants_answer = in.Take<std::uint8_t>() != 0;
    if (!in.failed() && in.rest().empty()) {
      return keepalive;
    }
  }
  return Damaged("a frame", bytes);
}

std::string StatusUpdate(Lsn received, Lsn forgettable, std::int64_t now) {
  std::string bytes = "r";
  AppendToWire(std::max(received, forgettable).at, bytes);
  AppendToWire(forgettable.at, bytes);
  AppendToWire(forgettable.at, bytes);
  AppendToWire(now - kEpochMicros, bytes);
  bytes.push_back('\0');
  return bytes;
}

}  // namespace streampark::connectors::postgres::pgoutput
