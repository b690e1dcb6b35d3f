// SPDX-License-Identifier: Apache-2.0
#include "pgoutput.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log_place.h"
#include "text_decoder.h"
#include "wire_bytes.h"

namespace streampark::connectors::postgres::pgoutput {
namespace {

using ::testing::HasSubstr;

/// Bytes as the server writes them.
class Bytes {
 public:
  explicit Bytes(char kind) : bytes_(1, kind) {}
  template <std::integral T>
  Bytes& Number(T value) {
    AppendToWire(value, bytes_);
    return *this;
  }
  Bytes& Letter(char letter) {
    bytes_.push_back(letter);
    return *this;
  }
  Bytes& Name(std::string_view name) {
    bytes_.append(name).push_back('\0');
    return *this;
  }
  Bytes& Text(std::string_view text) {
    Letter('t').Number(static_cast<std::int32_t>(text.size()));
    bytes_.append(text);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

template <typename T>
T Decoded(const Bytes& bytes) {
  auto message = Decode(bytes.bytes());
  EXPECT_TRUE(message.ok()) << message.error().ToString();
  return std::get<T>(*message);
}

Value Null() { return {.kind = Value::Kind::kNull, .text = {}}; }
Value Unknown() { return {.kind = Value::Kind::kUnknown, .text = {}}; }
Value TextOf(std::string_view text) { return {.kind = Value::Kind::kText, .text = text}; }

Bytes BeginBytes() {
  Bytes bytes('B');
  bytes.Number(std::uint64_t{0x16'B374'D848}).Number(std::int64_t{1'000'000}).Number(77U);
  return bytes;
}
Bytes CommitBytes() {
  Bytes bytes('C');
  bytes.Letter('\0').Number(std::uint64_t{5}).Number(std::uint64_t{7}).Number(std::int64_t{0});
  return bytes;
}
Bytes RelationBytes() {
  Bytes bytes('R');
  bytes.Number(16'384U).Name("sales").Name("orders").Letter('d').Number(std::int16_t{2});
  bytes.Letter('\1').Name("id").Number(23U).Number(-1);
  bytes.Letter('\0').Name("price").Number(1700U).Number(655'366);
  return bytes;
}
Bytes InsertBytes() {
  Bytes bytes('I');
  bytes.Number(16'384U).Letter('N').Number(std::int16_t{3}).Text("1").Letter('n').Text("");
  return bytes;
}
Bytes UpdateBytes() {
  Bytes bytes('U');
  bytes.Number(16'384U).Letter('K').Number(std::int16_t{2}).Text("1").Letter('n');
  bytes.Letter('N').Number(std::int16_t{2}).Text("2").Letter('u');
  return bytes;
}
Bytes DeleteBytes() {
  Bytes bytes('D');
  bytes.Number(16'384U).Letter('O').Number(std::int16_t{1}).Text("1");
  return bytes;
}
Bytes TruncateBytes() {
  Bytes bytes('T');
  bytes.Number(2).Letter('\3').Number(16'384U).Number(16'390U);
  return bytes;
}
Bytes OriginBytes() {
  Bytes bytes('O');
  bytes.Number(std::uint64_t{1}).Name("elsewhere");
  return bytes;
}
Bytes TypeBytes() {
  Bytes bytes('Y');
  bytes.Number(16'400U).Name("").Name("mood");
  return bytes;
}

std::vector<Bytes> All() {
  return {BeginBytes(),  CommitBytes(),   RelationBytes(), InsertBytes(), UpdateBytes(),
          DeleteBytes(), TruncateBytes(), OriginBytes(),   TypeBytes()};
}

TEST(Pgoutput, TransactionsBeginAndEnd) {
  const auto begin = Decoded<Begin>(BeginBytes());
  EXPECT_EQ(begin.commit.ToString(), "16/B374D848");
  EXPECT_EQ(begin.commit_micros, 946'684'801'000'000);
  EXPECT_EQ(begin.transaction, 77U);
  const auto commit = Decoded<Commit>(CommitBytes());
  EXPECT_EQ(commit.commit, Lsn{5});
  EXPECT_EQ(commit.end, Lsn{7});
}

TEST(Pgoutput, RelationsHaveTheirColumns) {
  const Bytes bytes = RelationBytes();
  const auto relation = Decoded<Relation>(bytes);
  EXPECT_EQ(relation.id, 16'384U);
  EXPECT_EQ(relation.schema, "sales");
  EXPECT_EQ(relation.name, "orders");
  EXPECT_EQ(relation.replica_identity, 'd');
  ASSERT_EQ(relation.columns.size(), 2U);
  EXPECT_TRUE(relation.columns[0].identity);
  EXPECT_FALSE(relation.columns[1].identity);
  EXPECT_EQ(relation.columns[1].name, "price");
  EXPECT_EQ(relation.columns[1].type, 1700U);
  EXPECT_EQ(relation.columns[1].modifier, 655'366);
  Bytes of_catalog('R');
  of_catalog.Number(1U).Name("").Name("x").Letter('n').Number(std::int16_t{0});
  EXPECT_EQ(Decoded<Relation>(of_catalog).schema, "pg_catalog");
}

TEST(Pgoutput, ChangesHaveWhatIsKnownOfTheirRows) {
  const Bytes inserted = InsertBytes();
  const auto insert = Decoded<Change>(inserted);
  EXPECT_EQ(insert.act, Change::Act::kInsert);
  EXPECT_EQ(insert.has_before, Change::Before::kNothing);
  EXPECT_EQ(insert.after, (Tuple{TextOf("1"), Null(), TextOf("")}));
  const Bytes updated = UpdateBytes();
  const auto update = Decoded<Change>(updated);
  EXPECT_EQ(update.act, Change::Act::kUpdate);
  EXPECT_EQ(update.has_before, Change::Before::kIdentity);
  EXPECT_EQ(update.before, (Tuple{TextOf("1"), Null()}));
  EXPECT_EQ(update.after, (Tuple{TextOf("2"), Unknown()}));
  const Bytes deleted = DeleteBytes();
  const auto gone = Decoded<Change>(deleted);
  EXPECT_EQ(gone.act, Change::Act::kDelete);
  EXPECT_EQ(gone.has_before, Change::Before::kRow);
  EXPECT_TRUE(gone.after.empty());
  EXPECT_EQ(Decoded<Truncate>(TruncateBytes()).relations,
            (std::vector<std::uint32_t>{16'384, 16'390}));
  Decoded<Aside>(OriginBytes());
  Decoded<Aside>(TypeBytes());
}

TEST(Pgoutput, WhatIsCutOrGoesOnIsRefused) {
  for (const Bytes& message : All()) {
    const std::string& bytes = message.bytes();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(Decode(bytes.substr(0, size)).ok()) << bytes[0] << " cut to " << size;
    }
    EXPECT_FALSE(Decode(bytes + "x").ok()) << bytes[0];
  }
}

TEST(Pgoutput, CountsThatLieTakeNoMemory) {
  Bytes truncate('T');
  truncate.Number(0x7fff'ffff).Letter('\0').Number(1U);
  EXPECT_FALSE(Decode(truncate.bytes()).ok());
  Bytes long_text('I');
  long_text.Number(1U).Letter('N').Number(std::int16_t{1}).Letter('t').Number(0x7fff'ffff);
  EXPECT_FALSE(Decode(long_text.bytes()).ok());
  Bytes negative('I');
  negative.Number(1U).Letter('N').Number(std::int16_t{1}).Letter('t').Number(-1);
  EXPECT_FALSE(Decode(negative.bytes()).ok());
  Bytes fewer('I');
  fewer.Number(1U).Letter('N').Number(std::int16_t{-1});
  EXPECT_FALSE(Decode(fewer.bytes()).ok());
  Bytes binary('I');
  binary.Number(1U).Letter('N').Number(std::int16_t{1}).Letter('b').Number(1).Letter('x');
  EXPECT_FALSE(Decode(binary.bytes()).ok()) << "we did not ask for values in binary";
}

TEST(Pgoutput, AKindThatIsNotKnownIsNoDamage) {
  const auto message = Decode("S");
  ASSERT_FALSE(message.ok());
  EXPECT_FALSE(message.error().retryable());
  EXPECT_THAT(message.error().ToString(),
              HasSubstr("a message of the kind 83, which is not known"));
}

TEST(Pgoutput, Frames) {
  Bytes piece('w');
  piece.Number(std::uint64_t{9}).Number(std::uint64_t{10}).Number(std::int64_t{0}).Letter('x');
  const auto frame = DecodeFrame(piece.bytes());
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(std::get<LogPiece>(*frame).start, Lsn{9});
  EXPECT_EQ(std::get<LogPiece>(*frame).message, "x");
  Bytes alive('k');
  alive.Number(std::uint64_t{9}).Number(std::int64_t{0}).Letter('\1');
  const auto keepalive = DecodeFrame(alive.bytes());
  ASSERT_TRUE(keepalive.ok());
  EXPECT_EQ(std::get<Keepalive>(*keepalive).end, Lsn{9});
  EXPECT_TRUE(std::get<Keepalive>(*keepalive).wants_answer);
  for (const auto& bytes : {std::string(), std::string("z"), alive.bytes() + "x",
                            alive.bytes().substr(0, 12), piece.bytes().substr(0, 20)}) {
    EXPECT_FALSE(DecodeFrame(bytes).ok()) << bytes;
  }
}

TEST(Pgoutput, TheAnswerNeverSaysThatLessIsWrittenThanMayBeForgotten) {
  const std::string bytes = StatusUpdate(Lsn{5}, Lsn{7}, 946'684'800'000'001);
  WireReader in(std::string_view(bytes).substr(1));
  EXPECT_EQ(bytes[0], 'r');
  EXPECT_EQ(in.Take<std::uint64_t>(), 7U);
  EXPECT_EQ(in.Take<std::uint64_t>(), 7U);
  EXPECT_EQ(in.Take<std::uint64_t>(), 7U);
  EXPECT_EQ(in.Take<std::int64_t>(), 1);
  EXPECT_EQ(in.Bytes(1), std::string_view("\0", 1));
  EXPECT_TRUE(in.rest().empty());
}

TEST(Lsn, IsWrittenAsTheServerWritesIt) {
  for (const char* text : {"0/0", "0/1", "16/B374D848", "FFFFFFFF/FFFFFFFF", "1/0"}) {
    EXPECT_EQ(Lsn::Parse(text).value().ToString(), text);
  }
  EXPECT_EQ(Lsn::Parse("0/16b374d8")->at, 0x16b374d8U);
  for (const char* text : {"", "/", "1", "1/", "/1", "1/g", "1/1 ", "1/100000000", "-1/1"}) {
    EXPECT_FALSE(Lsn::Parse(text)) << text;
  }
}

TEST(LogPlace, IsReadAsItWasWritten) {
  const LogPlace place{.system = "7419", .behind = Lsn{5}, .half_read = Lsn{9}, .changes = 3};
  EXPECT_EQ(LogPlace::From(place.ToPosition()).value(), place);
  Position later = place.ToPosition();
  later.version = 2;
  EXPECT_FALSE(LogPlace::From(later).ok());
  for (std::size_t size = 0; size < place.ToPosition().bytes.size(); ++size) {
    EXPECT_FALSE(LogPlace::From({1, place.ToPosition().bytes.substr(0, size)}).ok()) << size;
  }
  EXPECT_FALSE(LogPlace::From({1, "4:7419 3:0/5 3:0/0 3 "}).ok()) << "changes of no transaction";
}

/// What a text is as that type: the value, or why it is none.
std::string Read(std::uint32_t code, const Type& type, std::string_view text) {
  sql::NativeColumn column{.name = "c", .native = "a type", .natural = type};
  column.code = code;
  const auto decoder = TextDecoder::Make(column, type).value();
  BatchBuilder rows(std::make_shared<const Schema>(std::vector<Field>{{"c", type}}));
  if (auto refusal = decoder.Append(text, rows.column(0))) {
    EXPECT_EQ(rows.column(0).length(), 0);
    return *refusal;
  }
  rows.EndRow();
  return DebugText(rows.Finish()->columns[0], 0);
}

TEST(TextDecoder, DamagedTextsAreRefused) {
  constexpr std::uint32_t kInts = 1007;
  const Type ints = Type::List({"element", TypeKind::kInt32});
  EXPECT_EQ(Read(kInts, ints, "{1,NULL,-3}"), "[1, NULL, -3]");
  EXPECT_EQ(Read(kInts, ints, "[0:1]={1,2}"), "[1, 2]");
  EXPECT_EQ(Read(kInts, ints, "{}"), "[]");
  for (const char* text : {"", "{", "}", "{1", "1}", "{1,}", "{,1}", "{1,,2}", "{1}x", "{\"1}",
                           "{\"1\\", "{\"1\"2}", "[0:1]", "[0:1]=", "{1;2}", "{x}"}) {
    EXPECT_THAT(Read(kInts, ints, text), HasSubstr("bytes that are no such value")) << text;
  }
  EXPECT_THAT(Read(kInts, ints, "{{1},{2}}"), HasSubstr("an array of 2 dimensions"));
  EXPECT_THAT(Read(16, TypeKind::kBoolean, "true"), HasSubstr("no such value"));
  EXPECT_THAT(Read(21, TypeKind::kInt16, "32768"), HasSubstr("no such value"));
  EXPECT_THAT(Read(17, TypeKind::kBytes, "\\x0"), HasSubstr("no such value"));
  EXPECT_THAT(Read(17, TypeKind::kBytes, "\\x0G"), HasSubstr("no such value"));
  EXPECT_THAT(Read(1082, TypeKind::kDate, "yesterday"), HasSubstr("no such value"));
  EXPECT_THAT(Read(1082, TypeKind::kDate, "BC"), HasSubstr("no such value"));
  EXPECT_THAT(Read(1083, TypeKind::kTime, "25:00"), HasSubstr("no such value"));
  EXPECT_THAT(Read(25, TypeKind::kString, "\xff"), HasSubstr("no UTF-8"));
}

}  // namespace
}  // namespace streampark::connectors::postgres::pgoutput
