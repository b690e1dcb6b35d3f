// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/redis.h"
#include "streampark/connectors/testing/sink_contract.h"

#include "testing/redis_server.h"

namespace streampark::connectors::redis {
namespace {

using connectors::testing::AddRows;
using connectors::testing::Given;
using connectors::testing::NumberedRows;
using connectors::testing::SchemaOf;
using connectors::testing::SinkOf;
using connectors::testing::SinkRefusal;
using connectors::testing::SourceOf;
using connectors::testing::Strings;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RedisServer;
using testing::Words;

/// What a bounded source reads.
Strings ReadBack(const Connector& connector, const Given& given, const SchemaPtr& schema) {
  const auto source = SourceOf(connector, given, schema);
  const auto reader = source->MakeReader(0).value();
  auto splits = source->MakeEnumerator(std::nullopt).value()->Discover({}).value().splits;
  const std::size_t count = splits.size();
  EXPECT_TRUE(reader->Add(std::move(splits)).ok());
  return connectors::testing::ReadToTheEnd(*reader, count);
}

class KeysUnderTest final : public connectors::testing::SinkUnderTest {
 public:
  KeysUnderTest(Given options, Given reading)
      : options_(std::move(options)), reading_(std::move(reading)) {
    RedisServer::Get().Empty();
    options_["address"] = reading_["address"] = RedisServer::Get().socket();
    reading_["type"] = options_["type"];
  }
  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override {
    return SchemaOf("n BIGINT NOT NULL, name STRING, price DOUBLE");
  }
  Given options() const override { return options_; }
  Strings Visible() override { return ReadBack(*connector_, reading_, schema()); }
  Strings Staged() override { return RedisServer::Get().List({"KEYS", "*:stage*"}); }

 private:
  Given options_;
  Given reading_;
  const std::unique_ptr<Connector> connector_ = MakeRedisConnector();
};

class RedisSinkTest : public ::testing::Test {
 protected:
  void SetUp() override { server_.Empty(); }

  std::unique_ptr<Sink> Make(Given more, const std::string& schema) const {
    more.insert({"address", server_.socket()});
    return SinkOf(*connector_, more, SchemaOf(schema));
  }
  std::string Refusal(Given more, const std::string& schema) const {
    more.insert({"address", server_.socket()});
    return SinkRefusal(*connector_, more, SchemaOf(schema));
  }
  std::string Do(const std::string& command) const { return server_.Do(Words(command)); }
  Strings List(const std::string& command) const { return server_.List(Words(command)); }
  static Strings Dirty(const base::Result<std::vector<DirtyRecord>>& written) {
    EXPECT_TRUE(written.ok()) << written.error().ToString();
    Strings reasons;
    for (const auto& record : *written) {
      reasons.push_back(record.bytes + " " + record.reason);
    }
    return reasons;
  }

  const WriterId id_ = {"01ABC", "daily sums", 3};
  const RedisServer& server_ = RedisServer::Get();
  const std::unique_ptr<Connector> connector_ = MakeRedisConnector();
};

/// Rows of (id INT, v STRING).
class Changes {
 public:
  explicit Changes(const std::string& schema) : rows_(SchemaOf(schema)) {}
  Changes& Add(RowKind kind, int id, const char* v) {
    rows_.column(0).Append<std::int32_t>(id);
    if (v != nullptr) {
      rows_.column(1).AppendText(v);
    }
    rows_.EndRow(kind);
    return *this;
  }
  std::unique_ptr<Batch> Finish() { return rows_.Finish(); }

 private:
  BatchBuilder rows_;
};

constexpr const char* kRow = "id INT NOT NULL, v STRING";

TEST_F(RedisSinkTest, HashesFollowChangesByTheirKey) {
  Do("HSET row:1 v old other 7");
  Do("HSET row:2 v old");
  Do("HSET row:3 v old");
  const auto sink = Make({{"type", "hash"}, {"key", "row:{id}"}, {"key.in.value", "false"}}, kRow);
  EXPECT_EQ(sink->delivery(), Delivery::kUpsert);
  const auto writer = sink->MakeWriter(id_, "").value();
  const auto changes = Changes(kRow)
                           .Add(RowKind::kUpdateBefore, 1, "old")
                           .Add(RowKind::kUpdateAfter, 1, "new")
                           .Add(RowKind::kDelete, 2, nullptr)
                           .Add(RowKind::kUpdateBefore, 3, "old")  // its key became 4
                           .Add(RowKind::kUpdateAfter, 4, "moved")
                           .Add(RowKind::kInsert, 5, "a")
                           .Add(RowKind::kDelete, 5, nullptr)
                           .Add(RowKind::kInsert, 6, "a")
                           .Add(RowKind::kUpdateAfter, 6, "b")
                           .Finish();
  for (int times = 0; times < 2; ++times) {  // again as after a crash
    EXPECT_THAT(Dirty(writer->Write(*changes)), IsEmpty());
    EXPECT_EQ(Do("HGETALL row:1"), "v new other 7");
    EXPECT_EQ(Do("EXISTS row:2 row:3 row:5"), "0");
    EXPECT_EQ(Do("HGETALL row:4"), "v moved");
    EXPECT_EQ(Do("HGETALL row:6"), "v b");
  }
  EXPECT_THAT(Dirty(writer->Write(*Changes(kRow).Add(RowKind::kInsert, 1, nullptr).Finish())),
              IsEmpty());
  EXPECT_EQ(Do("HGETALL row:1"), "other 7");
}

TEST_F(RedisSinkTest, AFieldThatIsNotKnownStaysAsItIs) {
  Do("HSET row:1 v old w old");
  const auto schema = SchemaOf("id INT, v STRING, w STRING");
  BatchBuilder rows(schema);
  rows.column(0).Append<std::int32_t>(1);
  rows.AppendUnknown(1);
  rows.column(2).AppendText("new");
  rows.EndRow(RowKind::kUpdateAfter);
  const auto batch = rows.Finish();
  const auto hashes = SinkOf(
      *connector_, {{"address", server_.socket()}, {"type", "hash"}, {"key", "row:{id}"}}, schema);
  EXPECT_THAT(Dirty(hashes->MakeWriter(id_, "").value()->Write(*batch)), IsEmpty());
  EXPECT_EQ(Do("HGETALL row:1"), "v old w new id 1");
  const auto strings =
      SinkOf(*connector_, {{"address", server_.socket()}, {"type", "string"}, {"key", "text:{id}"}},
             schema);
  EXPECT_THAT(Dirty(strings->MakeWriter(id_, "").value()->Write(*batch)),
              ElementsAre("+U(1, ?, 'new') 'v' is not known: its source did not send it"));
}

TEST_F(RedisSinkTest, StringsAreWrittenInAFormatAndForgotten) {
  const auto json = Make({{"type", "string"}, {"key", "{{row}}:{id}"}, {"ttl", "1h"}}, kRow);
  const auto changes = Changes(kRow)
                           .Add(RowKind::kInsert, 1, "a")
                           .Add(RowKind::kUpdateAfter, 2, nullptr)
                           .Add(RowKind::kInsert, 3, "c")
                           .Add(RowKind::kDelete, 3, nullptr)
                           .Finish();
  EXPECT_THAT(Dirty(json->MakeWriter(id_, "").value()->Write(*changes)), IsEmpty());
  EXPECT_EQ(Do("GET {row}:1"), R"({"id":1,"v":"a"})");
  EXPECT_EQ(Do("GET {row}:2"), R"({"id":2,"v":null})");
  EXPECT_EQ(Do("GET {row}:3"), "(nil)");
  EXPECT_GT(std::stol(Do("PTTL {row}:1")), 3'000'000);
  const auto raw =
      Make({{"type", "string"}, {"key", "raw:{id}"}, {"key.in.value", "false"}, {"format", "raw"}},
           kRow);
  EXPECT_THAT(Dirty(raw->MakeWriter(id_, "").value()->Write(*changes)),
              ElementsAre("+U(2, NULL) null cannot be written as raw bytes"));
  EXPECT_EQ(Do("GET raw:1"), "a");
  EXPECT_EQ(Do("PTTL raw:1"), "-1");
  const auto hashes = Make({{"type", "hash"}, {"key", "hash:{id}"}, {"ttl", "1h"}}, kRow);
  EXPECT_THAT(Dirty(hashes->MakeWriter(id_, "").value()->Write(*changes)), IsEmpty());
  EXPECT_GT(std::stol(Do("PTTL hash:1")), 3'000'000);
}

TEST_F(RedisSinkTest, StreamsAndListsTakeInsertsAlone) {
  for (const char* type : {"stream", "list"}) {
    const auto sink = Make({{"type", type}, {"key", "to"}, {"delivery", "at-least-once"}}, kRow);
    EXPECT_EQ(sink->delivery(), Delivery::kAtLeastOnce);
    const auto changes = Changes(kRow)
                             .Add(RowKind::kInsert, 1, "a")
                             .Add(RowKind::kUpdateBefore, 1, "a")
                             .Add(RowKind::kUpdateAfter, 1, "b")
                             .Add(RowKind::kDelete, 2, nullptr)
                             .Finish();
    const std::string takes = std::string(", and a ") + type + " takes inserts alone";
    EXPECT_THAT(Dirty(sink->MakeWriter(id_, "").value()->Write(*changes)),
                ElementsAre("-U(1, 'a') it is -U" + takes, "+U(1, 'b') it is +U" + takes,
                            "-D(2, NULL) it is -D" + takes));
    EXPECT_EQ(Do(type == std::string("list") ? "LLEN to" : "XLEN to"), "1");
    Do("DEL to");
  }
}

TEST_F(RedisSinkTest, EachRowGoesToTheKeyThatItsColumnsSay) {
  for (const char* delivery : {"exactly-once", "at-least-once"}) {
    server_.Empty();
    const auto streams = Make(
        {{"type", "stream"}, {"key", "s:{v}"}, {"delivery", delivery}, {"max.length", "3"}}, kRow);
    const auto lists = Make({{"type", "list"},
                             {"key", "l"},
                             {"push", "left"},
                             {"key.in.value", "false"},
                             {"delivery", delivery}},
                            kRow);
    const auto changes = Changes(kRow)
                             .Add(RowKind::kInsert, 1, "a")
                             .Add(RowKind::kInsert, 2, "b")
                             .Add(RowKind::kInsert, 3, "a")
                             .Add(RowKind::kInsert, 4, nullptr)
                             .Finish();
    for (Sink* sink : {streams.get(), lists.get()}) {
      const auto writer =
          sink->MakeWriter({"lineage", sink == lists.get() ? "l" : "s", 0}, "").value();
      const auto dirty = Dirty(writer->Write(*changes));
      if (sink == streams.get()) {
        EXPECT_THAT(dirty, ElementsAre("+I(4, NULL) its key is null in 'v'"));
      }
      const auto prepared = writer->Prepare(1).value();
      if (const auto committer = sink->MakeCommitter().value()) {
        ASSERT_TRUE(committer->Commit(prepared, {}).ok());
      }
    }
    EXPECT_EQ(List("XRANGE s:a - +").size(), 2U);
    EXPECT_THAT(List("XRANGE s:a - +")[0], HasSubstr("id 1 v a"));
    EXPECT_EQ(List("XRANGE s:b - +").size(), 1U);
    EXPECT_THAT(List("LRANGE l 0 -1"), ElementsAre(R"({"id":4,"v":null})", R"({"id":3,"v":"a"})",
                                                   R"({"id":2,"v":"b"})", R"({"id":1,"v":"a"})"));
  }
}

TEST_F(RedisSinkTest, AKeyOfAnotherTypeIsADirtyRowOrFailsTheCommitWhole) {
  Do("SET row:2 x");
  const auto hashes = Make({{"type", "hash"}, {"key", "row:{id}"}, {"ttl", "1h"}}, kRow);
  const auto changes =
      Changes(kRow).Add(RowKind::kInsert, 1, "a").Add(RowKind::kInsert, 2, "b").Finish();
  EXPECT_THAT(Dirty(hashes->MakeWriter(id_, "").value()->Write(*changes)),
              ElementsAre("+I(2, 'b') its key has a value of another type than hash"));
  EXPECT_EQ(Do("HGET row:1 v"), "a");

  const auto lists = Make({{"type", "list"}, {"key", "to:{id}"}}, kRow);
  Do("SET to:2 x");
  const auto writer = lists->MakeWriter(id_, "").value();
  EXPECT_THAT(Dirty(writer->Write(*changes)), IsEmpty());
  const auto prepared = writer->Prepare(1).value();
  const auto committer = lists->MakeCommitter().value();
  EXPECT_THAT(committer->Commit(prepared, {}).error().ToString(),
              AllOf(HasSubstr("the key 'to:2' is a string"), HasSubstr("its rows wait")));
  EXPECT_EQ(Do("EXISTS to:1"), "0");
  Do("DEL to:2");
  EXPECT_TRUE(committer->Commit(prepared, {}).ok());
  EXPECT_EQ(Do("EXISTS to:1 to:2"), "2");
}

TEST_F(RedisSinkTest, StagedRowsThatAreGoneAreAnError) {
  const auto sink = Make({{"type", "stream"}, {"key", "to"}}, kRow);
  const auto writer = sink->MakeWriter(id_, "").value();
  const auto row = Changes(kRow).Add(RowKind::kInsert, 1, "a").Finish();
  EXPECT_THAT(Dirty(writer->Write(*row)), IsEmpty());
  const auto stages = List("KEYS *:stage:*");
  ASSERT_EQ(stages.size(), 1U);
  server_.Do({"RPOP", stages[0]});
  EXPECT_THAT(
      sink->MakeCommitter().value()->Commit(writer->Prepare(1).value(), {}).error().ToString(),
      HasSubstr("rows of a checkpoint are gone"));
  EXPECT_EQ(Do("EXISTS to"), "0");

  EXPECT_THAT(Dirty(writer->Write(*row)), IsEmpty());
  EXPECT_TRUE(sink->MakeCommitter().value()->Recover(id_, {}, 1, {}).ok());
  EXPECT_THAT(writer->Write(*row).error().ToString(), HasSubstr("another process goes on"));
}

TEST_F(RedisSinkTest, ConnectionsThatTheServerClosedMeanwhileAreMadeAgain) {
  for (const char* delivery : {"exactly-once", "at-least-once"}) {
    server_.Empty();
    const auto sink = Make({{"type", "list"}, {"key", "to"}, {"delivery", delivery}}, kRow);
    const auto writer = sink->MakeWriter(id_, "").value();
    const auto committer = sink->MakeCommitter().value();
    const auto row = Changes(kRow).Add(RowKind::kInsert, 1, "a").Finish();
    for (std::uint64_t sequence = 1; sequence < 4; ++sequence) {
      for (int i = 0; i < 2; ++i) {
        EXPECT_THAT(Dirty(writer->Write(*row)), IsEmpty());
        Do("CLIENT KILL TYPE normal SKIPME yes");
      }
      const auto prepared = writer->Prepare(sequence).value();
      if (committer) {
        ASSERT_TRUE(committer->Commit(prepared, {}).ok());
        Do("CLIENT KILL TYPE normal SKIPME yes");
      }
    }
    EXPECT_EQ(Do("LLEN to"), "6");
  }
}

TEST_F(RedisSinkTest, AnOlderCheckpointThanTheLedgersIsRefused) {
  const auto sink = Make({{"type", "stream"}, {"key", "to"}}, kRow);
  const auto writer = sink->MakeWriter(id_, "").value();
  EXPECT_THAT(Dirty(writer->Write(*Changes(kRow).Add(RowKind::kInsert, 1, "a").Finish())),
              IsEmpty());
  const auto committer = sink->MakeCommitter().value();
  ASSERT_TRUE(committer->Commit(writer->Prepare(5).value(), {}).ok());
  EXPECT_THAT(committer->Recover(id_, {}, 5, {}).error().ToString(),
              AllOf(HasSubstr("holds rows of checkpoint 5"), HasSubstr("DEL streampark:ledger:")));
  EXPECT_TRUE(committer->Recover(id_, {}, 6, {}).ok());
}

TEST_F(RedisSinkTest, RowsOfAnyBytesAndManyOfThemCrossTheStage) {
  const auto schema = SchemaOf("b BYTES, t STRING");
  BatchBuilder rows(schema);
  for (int i = 0; i < 5'000; ++i) {
    rows.column(0).AppendText(
        std::string(1 + static_cast<std::size_t>(i % 300), static_cast<char>(i)));
    rows.column(1).AppendText(std::string("a\0\r\n\"", 5) + std::to_string(i));
    rows.EndRow();
  }
  const auto batch = rows.Finish();
  Strings expected;
  AddRows(*batch, expected);
  for (const char* delivery : {"exactly-once", "at-least-once"}) {
    server_.Empty();
    const auto sink = SinkOf(*connector_,
                             {{"address", server_.socket()},
                              {"type", "stream"},
                              {"key", "to"},
                              {"staging.prefix", "our:own"},
                              {"delivery", delivery}},
                             schema);
    const auto writer = sink->MakeWriter(id_, "").value();
    EXPECT_THAT(Dirty(writer->Write(*batch)), IsEmpty());
    const auto prepared = writer->Prepare(1).value();
    if (const auto committer = sink->MakeCommitter().value()) {
      ASSERT_TRUE(committer->Commit(prepared, {}).ok());
    }
    EXPECT_EQ(
        ReadBack(
            *connector_,
            {{"address", server_.socket()}, {"type", "stream"}, {"key", "to"}, {"end", "latest"}},
            schema),
        expected);
  }
}

TEST_F(RedisSinkTest, WhatCannotBeIsRefusedByItsOption) {
  EXPECT_THAT(Refusal({{"type", "stream"}}, kRow), HasSubstr("/key: "));
  EXPECT_THAT(Refusal({{"type", "stream"}, {"key", "a,b"}}, kRow),
              HasSubstr("/key: a sink writes to one"));
  EXPECT_THAT(Refusal({{"type", "hash"}, {"key", "a"}}, kRow), HasSubstr("/key: names no column"));
  EXPECT_THAT(Refusal({{"type", "hash"}, {"key", "a{x}"}}, kRow), HasSubstr("no column 'x'"));
  EXPECT_THAT(Refusal({{"type", "hash"}, {"key", "a{id"}}, kRow), HasSubstr("a brace without"));
  EXPECT_THAT(Refusal({{"type", "hash"}, {"key", "a}"}}, kRow), HasSubstr("a brace without"));
  EXPECT_THAT(Refusal({{"type", "hash"}, {"key", "{id}"}, {"delivery", "exactly-once"}}, kRow),
              HasSubstr("/delivery: means nothing to a hash"));
  EXPECT_THAT(Refusal({{"type", "list"}, {"key", "a"}, {"ttl", "1h"}}, kRow), HasSubstr("/ttl: "));
  EXPECT_THAT(Refusal({{"type", "list"}, {"key", "a"}, {"max.length", "1"}}, kRow),
              HasSubstr("/max.length: "));
  EXPECT_THAT(Refusal({{"type", "hash"}, {"key", "{id}"}}, "id INT, a ARRAY<INT>"),
              HasSubstr("cannot be a field of a hash"));
  EXPECT_THAT(Refusal({{"type", "string"}, {"key", "{id}"}, {"format", "raw"}}, kRow),
              HasSubstr("the format raw has one column"));
}

}  // namespace
}  // namespace streampark::connectors::redis

namespace streampark::connectors::testing {
namespace {

MakeSinkUnderTest Keys(Given options, Given reading) {
  return [=] { return std::make_unique<redis::KeysUnderTest>(options, reading); };
}

}  // namespace
}  // namespace streampark::connectors::testing

SP_SINK_CONTRACT(RedisHashes,
                 Keys({{"type", "hash"}, {"key", "row:{n}"}}, {{"key.pattern", "row:*"}}));
SP_SINK_CONTRACT(RedisStrings,
                 Keys({{"type", "string"}, {"key", "row:{n}"}}, {{"key.pattern", "row:*"}}));
SP_SINK_CONTRACT(RedisListsAtLeastOnce,
                 Keys({{"type", "list"}, {"key", "to"}, {"delivery", "at-least-once"}},
                      {{"key", "to"}}));
SP_SINK_CONTRACT(RedisStreamsAtLeastOnce,
                 Keys({{"type", "stream"}, {"key", "to"}, {"delivery", "at-least-once"}},
                      {{"key", "to"}, {"end", "latest"}}));
SP_EXACTLY_ONCE_CONTRACT(RedisStreams, Keys({{"type", "stream"}, {"key", "to"}},
                                            {{"key", "to"}, {"end", "latest"}}));
SP_EXACTLY_ONCE_CONTRACT(RedisLists, Keys({{"type", "list"}, {"key", "to:{n}"}, {"push", "left"}},
                                          {{"key.pattern", "to:*"}}));
