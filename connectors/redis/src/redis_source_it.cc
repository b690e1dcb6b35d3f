// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/redis.h"
#include "streampark/connectors/testing/source_contract.h"

#include "columns.h"
#include "testing/redis_server.h"

namespace streampark::connectors::redis {
namespace {

using namespace std::chrono_literals;
using connectors::testing::AddRows;
using connectors::testing::Given;
using connectors::testing::ReadToTheEnd;
using connectors::testing::SchemaOf;
using connectors::testing::Sorted;
using connectors::testing::SourceOf;
using connectors::testing::SourceRefusal;
using connectors::testing::Strings;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::RedisServer;
using testing::Words;

/// A database with fifteen values under each of three keys or patterns, `a`, `b` and `c`.
class ValuesUnderTest final : public connectors::testing::SourceUnderTest {
 public:
  explicit ValuesUnderTest(KeyType type) : type_(type) {
    RedisServer::Get().Empty();
    for (const char* key : {"a", "b", "c"}) {
      for (int i = 0; i < 15; ++i) {
        Add(type_, key, i, rows_);
      }
    }
    if (type_ != KeyType::kStream) {  // the others end, so that it is streams that do not
      Strings endless;
      Add(KeyType::kStream, "x", 0, endless);
    }
  }
  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override {
    return SchemaOf(type_ == KeyType::kStream || type_ == KeyType::kHash
                        ? "n BIGINT NOT NULL, t STRING"
                        : "t STRING");
  }
  Given bounded() const override {
    Given given = common();
    if (type_ == KeyType::kStream || type_ == KeyType::kList) {
      given["key"] = "a, b,c";
    } else {
      given["key.pattern"] = "a:*,b:*,c:*";
    }
    if (type_ == KeyType::kStream) {
      given["end"] = "latest";
    }
    return given;
  }
  Strings rows() const override { return rows_; }
  Given unbounded() const override {
    Given given = common();
    given.insert_or_assign("type", "stream");
    given["key.pattern"] = "?";
    return given;
  }
  Strings Grow() override {
    Strings rows;
    for (const char* key : {"d", "e"}) {
      for (int i = 0; i < 5; ++i) {
        Add(KeyType::kStream, key, i, rows);
      }
    }
    return rows;
  }

 private:
  Given common() const {
    return {{"address", RedisServer::Get().socket()},
            {"type", std::string(ToString(type_))},
            {"format", "raw"},
            {"batch.rows", "4"}};
  }

  void Add(KeyType type, const std::string& key, int i, Strings& rows) const {
    const std::string n = std::to_string(i);
    const std::string text = key + n;
    switch (type) {
      case KeyType::kStream:
        RedisServer::Get().Do({"XADD", key, "*", "n", n, "more", "x", "t", text});
        break;
      case KeyType::kHash:
        RedisServer::Get().Do({"HSET", key + ":" + n, "n", n, "more", "x", "t", text});
        break;
      case KeyType::kString:
        RedisServer::Get().Do({"SET", key + ":" + n, text});
        break;
      case KeyType::kList:
        RedisServer::Get().Do({"RPUSH", key, text});
        break;
    }
    const bool fields = type_ == KeyType::kStream || type_ == KeyType::kHash;
    rows.push_back(fields ? "+I(" + n + ", '" + text + "')" : "+I('" + text + "')");
  }

  const KeyType type_;
  const std::unique_ptr<Connector> connector_ = MakeRedisConnector();
  Strings rows_;
};

class RedisSourceTest : public ::testing::Test {
 protected:
  void SetUp() override { server_.Empty(); }

  std::string Do(const std::string& command) const { return server_.Do(Words(command)); }
  Given With(Given more) const {
    more.insert({"address", server_.socket()});
    return more;
  }
  std::unique_ptr<Source> Make(Given more, const std::string& schema) const {
    return SourceOf(*connector_, With(std::move(more)), SchemaOf(schema));
  }
  std::string Refusal(Given more, const std::string& schema) const {
    return SourceRefusal(*connector_, With(std::move(more)), SchemaOf(schema));
  }
  static std::vector<Split> SplitsOf(Source& source) {
    return source.MakeEnumerator(std::nullopt).value()->Discover({}).value().splits;
  }
  /// All rows of a bounded source, and with `dirty` what is none.
  static Strings All(Source& source, Strings* dirty = nullptr) {
    const auto reader = source.MakeReader(0).value();
    auto splits = SplitsOf(source);
    std::size_t left = splits.size();
    EXPECT_TRUE(reader->Add(std::move(splits)).ok());
    Strings rows;
    while (left > 0) {
      auto read = reader->Read(1s);
      if (!read.ok()) {
        ADD_FAILURE() << read.error().ToString();
        break;
      }
      left -= read->ended.size();
      if (read->batch) {
        AddRows(*read->batch, rows);
      }
      for (const DirtyRecord& one : read->dirty) {
        if (dirty != nullptr) {
          dirty->push_back(one.where + ": " + one.reason + ": " + one.bytes);
        } else {
          ADD_FAILURE() << one.where << one.reason;
        }
      }
    }
    return rows;
  }
  static Strings Next(SplitReader& reader, std::size_t count) {
    Strings rows;
    while (rows.size() < count) {
      auto read = reader.Read(1s);
      if (!read.ok()) {
        ADD_FAILURE() << read.error().ToString();
        break;
      }
      if (read->batch) {
        AddRows(*read->batch, rows);
      }
    }
    return rows;
  }

  const RedisServer& server_ = RedisServer::Get();
  const std::unique_ptr<Connector> connector_ = MakeRedisConnector();
};

TEST_F(RedisSourceTest, AnEntryIsReadByItsFieldsAndItsId) {
  Do("XADD orders 1700000000000-3 id 7 price 1.50 at 2026-01-31T09:05:00Z raw x");
  Do("XADD orders 1700000000001-0 id 8");
  const auto source = Make({{"type", "stream"},
                            {"key", "orders"},
                            {"end", "latest"},
                            {"metadata.key", "k"},
                            {"metadata.id", "entry"},
                            {"metadata.timestamp", "made"}},
                           "k STRING, id INT, price DECIMAL(10, 2), at TIMESTAMP_LTZ, raw BYTES, "
                           "entry STRING, made TIMESTAMP_LTZ");
  EXPECT_THAT(All(*source),
              ElementsAre("+I('orders', 7, 1.50, 2026-01-31 09:05:00Z, x'78', '1700000000000-3', "
                          "2023-11-14 22:13:20Z)",
                          "+I('orders', 8, NULL, NULL, NULL, '1700000000001-0', "
                          "2023-11-14 22:13:20.001Z)"));
}

TEST_F(RedisSourceTest, WhatIsNoRowIsDirtyAndSaysWhere) {
  Do("XADD orders 1-0 id x name a");
  Do("XADD orders 2-0 name b");
  Do("XADD orders 3-0 id 3 id 4");
  Do("XADD orders 4-0 id 4 name d");
  server_.Do({"XADD", "orders", "5-0", "id", "5", "name", "\xff"});
  Strings dirty;
  const auto source = Make({{"type", "stream"}, {"key", "orders"}, {"end", "latest"}},
                           "id INT NOT NULL, name STRING");
  EXPECT_THAT(All(*source, &dirty), ElementsAre("+I(4, 'd')"));
  EXPECT_THAT(dirty, ElementsAre("orders at 1-0: the field 'id' is no INT: id x name a",
                                 "orders at 2-0: there is no field 'id': name b",
                                 "orders at 3-0: the field 'id' is there twice: id 3 id 4",
                                 "orders at 5-0: the field 'name' is no UTF-8: id 5 name \xff"));
}

TEST_F(RedisSourceTest, AFieldMayHaveTheWholeRowInAFormat) {
  server_.Do({"XADD", "orders", "1-0", "kind", "x", "payload", R"({"id": 1, "tags": ["a", "b"]})"});
  server_.Do({"XADD", "orders", "2-0", "kind", "x"});
  Strings dirty;
  const auto source =
      Make({{"type", "stream"}, {"key", "orders"}, {"end", "latest"}, {"value.field", "payload"}},
           "id INT, tags ARRAY<STRING>");
  EXPECT_THAT(All(*source, &dirty), ElementsAre("+I(1, ['a', 'b'])"));
  EXPECT_THAT(dirty, ElementsAre("orders at 2-0: there is no field 'payload': kind x"));
}

TEST_F(RedisSourceTest, AStreamIsReadFromItsBeginItsEndOrAnId) {
  for (int i = 1; i <= 4; ++i) {
    Do("XADD s " + std::to_string(i) + "-5 n " + std::to_string(i));
  }
  const auto from = [&](Given more) {
    more.insert({{"type", "stream"}, {"key", "s"}});
    const auto source = Make(std::move(more), "n INT");
    const auto reader = source->MakeReader(0).value();
    EXPECT_TRUE(reader->Add(SplitsOf(*source)).ok());
    Do("XADD s 5-5 n 5");
    Strings rows;
    while (rows.empty() || rows.back() != "+I(5)") {
      AddRows(*reader->Read(1h).value().batch, rows);
    }
    Do("XDEL s 5-5");
    Do("DEL s");
    for (int i = 1; i <= 4; ++i) {
      Do("XADD s " + std::to_string(i) + "-5 n " + std::to_string(i));
    }
    return rows;
  };
  EXPECT_THAT(from({}), ElementsAre("+I(1)", "+I(2)", "+I(3)", "+I(4)", "+I(5)"));
  EXPECT_THAT(from({{"start", "latest"}}), ElementsAre("+I(5)"));
  EXPECT_THAT(from({{"start.id", "3-5"}}), ElementsAre("+I(3)", "+I(4)", "+I(5)"));
  EXPECT_THAT(from({{"start.id", "4"}}), ElementsAre("+I(4)", "+I(5)"));
  const auto part =
      Make({{"type", "stream"}, {"key", "s"}, {"start.id", "2"}, {"end.id", "3-5"}}, "n INT");
  EXPECT_THAT(All(*part), ElementsAre("+I(2)", "+I(3)"));
}

TEST_F(RedisSourceTest, WhatComesAfterABoundedSourceBeganIsNotRead) {
  Do("XADD s 1-0 n 1");
  Do("RPUSH l a");
  const auto streams = Make({{"type", "stream"}, {"key", "s,none"}, {"end", "latest"}}, "n INT");
  const auto lists = Make({{"type", "list"}, {"key", "l,none"}, {"format", "raw"}}, "t STRING");
  const auto stream_splits = SplitsOf(*streams);
  const auto list_splits = SplitsOf(*lists);
  Do("XADD s 2-0 n 2");
  Do("RPUSH l b");
  const auto reader = streams->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(stream_splits).ok());
  EXPECT_THAT(ReadToTheEnd(*reader, 2), ElementsAre("+I(1)"));
  const auto other = lists->MakeReader(0).value();
  ASSERT_TRUE(other->Add(list_splits).ok());
  EXPECT_THAT(ReadToTheEnd(*other, 2), ElementsAre("+I('a')"));
}

TEST_F(RedisSourceTest, AListThatBecameShorterIsAnError) {
  Do("RPUSH l a b c");
  const auto source =
      Make({{"type", "list"}, {"key", "l"}, {"format", "raw"}, {"metadata.index", "i"}},
           "t STRING, i BIGINT");
  EXPECT_THAT(All(*source), ElementsAre("+I('a', 0)", "+I('b', 1)", "+I('c', 2)"));
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(SplitsOf(*source)).ok());
  Do("LPOP l");
  EXPECT_THAT(reader->Read(1s).error().ToString(),
              HasSubstr("the list became shorter than the 3 elements"));
}

TEST_F(RedisSourceTest, KeysOfOtherTypesAndOtherNamesAreNotRead) {
  Do("SET user:1 a");
  Do("SET other:1 b");
  Do("HSET user:2 name c");
  Do("HSET user:3 none d");
  const auto strings = Make(
      {{"type", "string"}, {"key.pattern", "user:*"}, {"format", "raw"}, {"metadata.key", "k"}},
      "k STRING, t STRING");
  EXPECT_THAT(All(*strings), ElementsAre("+I('user:1', 'a')"));
  const auto hashes = Make({{"type", "hash"}, {"key.pattern", "user:*"}, {"metadata.key", "k"}},
                           "k BYTES, name STRING");
  Do("HSET bad:1 id x name e");
  Strings dirty;
  const auto bad = Make({{"type", "hash"}, {"key.pattern", "bad:*"}}, "id INT, name STRING");
  EXPECT_TRUE(All(*bad, &dirty).empty());
  EXPECT_THAT(dirty, ElementsAre("bad:1: the field 'id' is no INT: id x name e"));
  EXPECT_THAT(Sorted(All(*hashes)),
              ElementsAre("+I(x'757365723a32', 'c')", "+I(x'757365723a33', NULL)"));
}

TEST_F(RedisSourceTest, AnswersThatAreTooLargeAreAskedForInParts) {
  const std::string large(30'000, 'x');
  for (int i = 0; i < 20; ++i) {
    server_.Do({"XADD", "s", "*", "n", std::to_string(i), "large", large});
    server_.Do({"RPUSH", "l", large});
  }
  const auto stream = Make(
      {{"type", "stream"}, {"key", "s"}, {"end", "latest"}, {"reply.limit", "64KiB"}}, "n INT");
  EXPECT_EQ(All(*stream).size(), 20U);
  const auto list = Make(
      {{"type", "list"}, {"key", "l"}, {"format", "raw"}, {"reply.limit", "64KiB"}}, "t STRING");
  EXPECT_EQ(All(*list).size(), 20U);
  const auto endless = Make({{"type", "stream"}, {"key", "s"}, {"reply.limit", "64KiB"}}, "n INT");
  const auto reader = endless->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(SplitsOf(*endless)).ok());
  EXPECT_EQ(Next(*reader, 20).size(), 20U);
  server_.Do({"XADD", "s", "*", "large", std::string(70'000, 'x')});
  auto read = reader->Read(1s);
  while (read.ok()) {
    read = reader->Read(1s);
  }
  EXPECT_THAT(read.error().ToString(), HasSubstr("'reply.limit'"));
}

TEST_F(RedisSourceTest, AStreamThatAppearsLaterIsReadFromItsBegin) {
  const auto source =
      Make({{"type", "stream"}, {"key.pattern", "s:*"}, {"start", "latest"}}, "n INT");
  Do("XADD s:1 1-0 n 1");
  const auto enumerator = source->MakeEnumerator(std::nullopt).value();
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(enumerator->Discover({}).value().splits).ok());
  EXPECT_EQ(reader->Read(0ms).value().batch, nullptr);  // its question is under way
  Do("XADD s:2 1-0 n 2");
  ASSERT_TRUE(reader->Add(enumerator->Discover({}).value().splits).ok());
  EXPECT_THAT(Next(*reader, 1), ElementsAre("+I(2)"));
}

TEST_F(RedisSourceTest, AReaderIsWokenWhileItWaitsAndLosesNothing) {
  const auto source = Make({{"type", "stream"}, {"key", "s"}}, "n INT");
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(SplitsOf(*source)).ok());
  for (int i = 0; i < 20; ++i) {
    std::jthread caller([&] { reader->WakeUp(); });
    EXPECT_EQ(reader->Read(1h).value().batch, nullptr);
  }
  Do("XADD s * n 1");
  EXPECT_THAT(Next(*reader, 1), ElementsAre("+I(1)"));
}

TEST_F(RedisSourceTest, ALostConnectionIsMadeAgainAndNothingIsReadTwice) {
  Strings expected;
  for (int i = 0; i < 50; ++i) {
    Do("XADD s * n " + std::to_string(i));
    expected.push_back("+I(" + std::to_string(i) + ")");
  }
  for (const Given& more : {Given{}, Given{{"end", "latest"}}}) {
    Given given = more;
    given.insert({{"type", "stream"}, {"key", "s"}, {"batch.rows", "7"}});
    const auto source = Make(given, "n INT");
    const auto reader = source->MakeReader(0).value();
    ASSERT_TRUE(reader->Add(SplitsOf(*source)).ok());
    Strings rows;
    while (rows.size() < 50) {
      Do("CLIENT KILL TYPE normal SKIPME yes");
      const auto read = reader->Read(1s).value();
      if (read.batch) {
        AddRows(*read.batch, rows);
      }
    }
    EXPECT_EQ(rows, expected);
  }
}

TEST_F(RedisSourceTest, AQuestionWhoseConnectionIsLostIsAskedAgain) {
  const auto source = Make({{"type", "stream"}, {"key", "s"}}, "n INT");
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(SplitsOf(*source)).ok());
  EXPECT_EQ(reader->Read(0ms).value().batch, nullptr);  // it is under way
  Do("CLIENT KILL TYPE normal SKIPME yes");
  Do("XADD s * n 1");
  const auto read = reader->Read(1s);
  ASSERT_FALSE(read.ok());
  EXPECT_TRUE(read.error().retryable()) << read.error().ToString();
  EXPECT_THAT(Next(*reader, 1), ElementsAre("+I(1)"));
}

TEST_F(RedisSourceTest, WhatCannotBeIsRefusedByItsOption) {
  EXPECT_THAT(Refusal({{"type", "stream"}}, "n INT"), HasSubstr("/key: is missing"));
  EXPECT_THAT(Refusal({{"type", "hash"}, {"key", "a"}}, "n INT"), HasSubstr("/key: "));
  EXPECT_THAT(Refusal({{"type", "string"}}, "n INT"), HasSubstr("/key.pattern: is missing"));
  EXPECT_THAT(Refusal({{"type", "list"}, {"key", "a"}, {"start", "latest"}}, "n INT"),
              HasSubstr("/start: is for streams alone"));
  EXPECT_THAT(Refusal({{"type", "stream"}, {"key", "a"}, {"start", "id"}}, "n INT"),
              HasSubstr("/start: "));
  EXPECT_THAT(Refusal({{"type", "stream"}, {"key", "a"}, {"start.id", "x"}}, "n INT"),
              HasSubstr("/start.id: 'x' is no id"));
  EXPECT_THAT(Refusal({{"type", "stream"}, {"key", "a"}}, "n ARRAY<INT>"),
              HasSubstr("cannot be a field of a stream"));
  EXPECT_THAT(Refusal({{"type", "list"}, {"key", "a"}, {"metadata.id", "n"}}, "n INT, m INT"),
              HasSubstr("/metadata.id: a list has none"));
  EXPECT_THAT(Refusal({{"type", "stream"}, {"key", "a"}, {"metadata.id", "n"}}, "n INT, m INT"),
              HasSubstr("/metadata.id: the column 'n' is of type INT"));
  EXPECT_THAT(Refusal({{"type", "stream"}, {"key", "a"}, {"tls.ca.file", "x"}}, "n INT"),
              HasSubstr("/tls.ca.file: is of no use"));
  const std::string secret =
      SourceRefusal(*connector_, {{"type", "stream"}, {"key", "a"}, {"address", "me:secret@host"}},
                    SchemaOf("n INT"));
  EXPECT_THAT(secret, HasSubstr("/address: is no address"));
  EXPECT_THAT(secret, ::testing::Not(HasSubstr("secret")));
}

TEST_F(RedisSourceTest, AServerThatIsNotThereIsWaitedFor) {
  const auto source = SourceOf(
      *connector_, {{"address", server_.folder() + "/none"}, {"type", "stream"}, {"key", "a"}},
      SchemaOf("n INT"));
  const auto found = source->MakeEnumerator(std::nullopt).value()->Discover({});
  ASSERT_FALSE(found.ok());
  EXPECT_TRUE(found.error().retryable());
  EXPECT_THAT(found.error().ToString(), HasSubstr("No such file"));
}

TEST_F(RedisSourceTest, AKeyOfAnotherTypeSaysSo) {
  Do("SET s x");
  const auto source = Make({{"type", "stream"}, {"key", "s"}}, "n INT");
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(SplitsOf(*source)).ok());
  EXPECT_THAT(reader->Read(1s).error().ToString(), HasSubstr("WRONGTYPE"));
}

}  // namespace
}  // namespace streampark::connectors::redis

namespace streampark::connectors::testing {
namespace {

template <redis::KeyType kType>
std::unique_ptr<SourceUnderTest> MakeUnderTest() {
  return std::make_unique<redis::ValuesUnderTest>(kType);
}

}  // namespace
}  // namespace streampark::connectors::testing

SP_SOURCE_CONTRACT(RedisStreams, &MakeUnderTest<redis::KeyType::kStream>);
SP_SOURCE_CONTRACT(RedisLists, &MakeUnderTest<redis::KeyType::kList>);
SP_SOURCE_CONTRACT(RedisHashes, &MakeUnderTest<redis::KeyType::kHash>);
SP_SOURCE_CONTRACT(RedisStrings, &MakeUnderTest<redis::KeyType::kString>);
