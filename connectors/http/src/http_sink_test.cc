// SPDX-License-Identifier: Apache-2.0
#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/json.h"
#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/http.h"
#include "streampark/connectors/testing/sink_contract.h"

#include "testing/test_server.h"

namespace streampark::connectors::http {
namespace {

using namespace std::chrono_literals;
using connectors::testing::Given;
using connectors::testing::NumberedRows;
using connectors::testing::SchemaOf;
using connectors::testing::SinkRefusal;
using connectors::testing::Strings;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::TestServer;
using Request = TestServer::Request;
using Answer = TestServer::Answer;

class RequestsUnderTest final : public connectors::testing::SinkUnderTest {
 public:
  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override { return SchemaOf("n BIGINT NOT NULL, name STRING"); }
  Given options() const override { return {{"url", server_.Url("/rows")}, {"batch.rows", "7"}}; }
  Strings Visible() override {
    Strings rows;
    for (const auto& request : server_.requests()) {
      const auto list = json::Parse(request.body).value();
      for (const auto& row : list.as_array()) {
        const auto& name = row.at("name");
        rows.push_back("+I(" + std::to_string(row.at("n").as_int64()) + ", " +
                       (name.is_null() ? "NULL" : "'" + std::string(name.as_string()) + "'") + ")");
      }
    }
    return rows;
  }
  Strings Staged() override { return {}; }

 private:
  const TestServer server_{[](const Request&) { return Answer{}; }};
  const std::unique_ptr<Connector> connector_ = MakeHttpConnector();
};

class HttpSinkTest : public ::testing::Test {
 protected:
  std::unique_ptr<Sink> Make(const Given& given, const SchemaPtr& schema = SchemaOf("n BIGINT")) {
    auto options = connector_->options().Read(given, OptionUse::kSink);
    EXPECT_TRUE(options.ok()) << options.error().ToString();
    auto sink = connector_->MakeSink({.options = *options, .schema = schema, .clock = &clock_});
    EXPECT_TRUE(sink.ok()) << sink.error().ToString();
    return std::move(sink).value();
  }
  std::unique_ptr<SinkWriter> Writer(Sink& sink, std::string restored = "") const {
    return sink.MakeWriter(id_, std::move(restored)).value();
  }
  static Strings Dirty(const base::Result<std::vector<DirtyRecord>>& written) {
    if (!written.ok()) {
      return {written.error().ToString()};
    }
    Strings reasons;
    for (const auto& record : *written) {
      reasons.push_back(record.bytes + " " + record.reason);
    }
    return reasons;
  }
  static Strings Bodies(const TestServer& server) {
    Strings bodies;
    for (const auto& request : server.requests()) {
      bodies.push_back(request.body);
    }
    return bodies;
  }
  /// Numbered so that none is null.
  static std::unique_ptr<Batch> Rows(std::int64_t first, std::int64_t count) {
    return NumberedRows(SchemaOf("n BIGINT NOT NULL"), first, count);
  }

  const WriterId id_ = {"01ABC", "calls", 3};
  base::ManualClock clock_;
  const std::unique_ptr<Connector> connector_ = MakeHttpConnector();
};

TEST_F(HttpSinkTest, RequestsHaveRowsAsTheirBodySays) {
  const TestServer server([](const Request&) { return Answer{}; });
  const auto write = [&](Given given, const SchemaPtr& schema) {
    given["url"] = server.Url("/to");
    const auto sink = Make(given, schema);
    const auto before = server.requests().size();
    EXPECT_THAT(Dirty(Writer(*sink)->Write(*NumberedRows(schema, 0, 3))), IsEmpty());
    Strings told;
    const auto requests = server.requests();
    for (auto i = before; i < requests.size(); ++i) {
      told.push_back(requests[i].method + " " + requests[i].headers.at("content-type") + " " +
                     requests[i].body);
    }
    return told;
  };
  const auto numbers = SchemaOf("n BIGINT NOT NULL");
  EXPECT_THAT(write({}, numbers),
              ElementsAre(R"(POST application/json [{"n":0},{"n":1},{"n":2}])"));
  EXPECT_THAT(write({{"batch.rows", "2"}, {"method", "PUT"}}, numbers),
              ElementsAre(R"(PUT application/json [{"n":0},{"n":1}])",
                          R"(PUT application/json [{"n":2}])"));
  EXPECT_THAT(write({{"batch.bytes", "1"}}, numbers).size(), 3U);
  EXPECT_THAT(write({{"request.body", "lines"}}, numbers),
              ElementsAre("POST application/x-ndjson {\"n\":0}\n{\"n\":1}\n{\"n\":2}\n"));
  EXPECT_THAT(write({{"request.body", "single"}, {"content.type", "x/y"}}, numbers),
              ElementsAre("POST x/y {\"n\":0}", "POST x/y {\"n\":1}", "POST x/y {\"n\":2}"));
  EXPECT_THAT(write({{"format", "csv"}, {"csv.header", "true"}, {"batch.rows", "2"}}, numbers),
              ElementsAre("POST text/csv n\n0\n1\n", "POST text/csv n\n2\n"));
  EXPECT_THAT(write({{"format", "raw"}}, SchemaOf("t STRING NOT NULL")),
              ElementsAre("POST application/octet-stream row 0\nrow 1\nrow 2\n"));
}

TEST_F(HttpSinkTest, ARequestHasTheSameKeyWheneverItIsSentAgain) {
  std::atomic<int> refusals = 2;
  const TestServer server([&](const Request&) {
    return refusals-- > 0 ? Answer{.status = 503, .headers = {}} : Answer{};
  });
  const auto keys = [&] {
    Strings told;
    for (const auto& request : server.requests()) {
      told.push_back(request.headers.at("idempotency-key"));
    }
    return told;
  };
  const auto sink = Make({{"url", server.Url("/")}, {"batch.rows", "2"}});
  std::string state;
  {
    const auto writer = Writer(*sink);
    EXPECT_THAT(Dirty(writer->Write(*Rows(0, 2))), IsEmpty());
    auto sent = keys();
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_EQ(sent[0], sent[1]);
    EXPECT_EQ(sent[1], sent[2]);
    ASSERT_TRUE(writer->Prepare(1).ok());
    state = writer->Snapshot();
    EXPECT_THAT(Dirty(writer->Write(*Rows(2, 2))), IsEmpty());
    EXPECT_THAT(Dirty(writer->Write(*Rows(2, 2))), IsEmpty());  // the same rows, and others
  }
  const auto again = Writer(*sink, state);  // after a crash
  EXPECT_THAT(Dirty(again->Write(*Rows(2, 2))), IsEmpty());
  const auto other = sink->MakeWriter({"01ABC", "calls", 4}, state).value();
  EXPECT_THAT(Dirty(other->Write(*Rows(2, 2))), IsEmpty());
  const auto sent = keys();
  ASSERT_EQ(sent.size(), 7U);
  EXPECT_EQ(sent[5], sent[3]);
  EXPECT_EQ((std::set<std::string>{sent[0], sent[3], sent[4], sent[6]}).size(), 4U);
}

TEST_F(HttpSinkTest, RowsThatTheServerRefusesAreFoundOneByOne) {
  const TestServer server([](const Request& request) {
    return request.body.find("13") != std::string::npos ? Answer{.status = 422, .body = "unlucky"}
           : request.body.size() > 60                   ? Answer{.status = 413, .body = ""}
                                                        : Answer{};
  });
  const auto sink = Make({{"url", server.Url("/x?key=k")}});
  EXPECT_THAT(Dirty(Writer(*sink)->Write(*Rows(10, 10))),
              ElementsAre(AllOf(HasSubstr(R"({"n":13} POST )"),
                                HasSubstr("answered by 422 (unlucky)"), Not(HasSubstr("key")))));
  Strings taken;
  for (const auto& request : server.requests()) {
    if (request.body.size() <= 60 && request.body.find("13") == std::string::npos) {
      taken.push_back(request.body);
    }
  }
  EXPECT_THAT(taken, ElementsAre(R"([{"n":10},{"n":11}])", R"([{"n":12}])", R"([{"n":14}])",
                                 R"([{"n":15},{"n":16},{"n":17},{"n":18},{"n":19}])"));
}

TEST_F(HttpSinkTest, RowsThatAnAnswerNamesAreDirty) {
  std::string body;
  const TestServer server([&](const Request&) { return Answer{.body = body}; });
  const auto sink = Make({{"url", server.Url("/")}, {"rejected", "/errors"}, {"retry.for", "0ms"}});
  const auto write = [&](std::string answer) {
    body = std::move(answer);
    return Dirty(Writer(*sink)->Write(*Rows(0, 3)));
  };
  EXPECT_THAT(write(R"({"errors": [1, {"why": "no", "index": 2}]})"),
              ElementsAre("{\"n\":1} the server rejects it: 1",
                          R"({"n":2} the server rejects it: {"why": "no", "index": 2})"));
  for (const char* none : {"", "{}", R"({"errors": []})", R"({"errors": null})"}) {
    EXPECT_THAT(write(none), IsEmpty()) << none;
  }
  for (const char* bad :
       {R"({"errors": [3]})", R"({"errors": ["x"]})", R"({"errors": [{}]})", "x"}) {
    EXPECT_THAT(write(bad), ElementsAre(HasSubstr("does not tell which rows it rejects"))) << bad;
  }
}

TEST_F(HttpSinkTest, RowsWaitForOthersAndThenForNobody) {
  std::atomic<bool> refuses = false;
  const TestServer server(
      [&](const Request&) { return Answer{.status = refuses ? 400 : 200, .body = ""}; });
  const auto sink = Make({{"url", server.Url("/")}, {"batch.rows", "4"}, {"batch.age", "10s"}});
  const auto writer = Writer(*sink);
  EXPECT_THAT(Dirty(writer->Write(*Rows(0, 3))), IsEmpty());
  EXPECT_THAT(Bodies(server), IsEmpty());
  EXPECT_THAT(Dirty(writer->Write(*Rows(3, 2))), IsEmpty());
  EXPECT_EQ(Bodies(server).size(), 1U);
  clock_.Advance(10s);
  EXPECT_THAT(Dirty(writer->Write(*Rows(5, 1))), IsEmpty());
  EXPECT_THAT(Bodies(server).back(), R"([{"n":4},{"n":5}])");
  EXPECT_THAT(Dirty(writer->Write(*Rows(6, 1))), IsEmpty());
  ASSERT_TRUE(writer->Flush().ok());
  EXPECT_THAT(Bodies(server).back(), R"([{"n":6}])");
  EXPECT_THAT(Dirty(writer->Write(*Rows(7, 1))), IsEmpty());
  ASSERT_TRUE(writer->Prepare(1).ok());
  EXPECT_THAT(Bodies(server).back(), R"([{"n":7}])");
  EXPECT_THAT(Dirty(writer->Write(*Rows(8, 1))), IsEmpty());
  refuses = true;
  EXPECT_THAT(writer->Prepare(2).error().ToString(),
              AllOf(HasSubstr("1 rows that the server refuses"), HasSubstr("batch.age")));
}

TEST_F(HttpSinkTest, WhatDoesNotPassFailsTheAttempt) {
  const TestServer server([](const Request& request) -> Answer {
    if (request.path == "/moved") {
      return {.status = 307, .headers = {{"Location", "/there"}}};
    }
    if (request.path == "/elsewhere") {
      return {.status = 307, .headers = {{"Location", "http://127.0.0.1:1/?key=k"}}};
    }
    if (request.path == "/see") {
      return {.status = 303, .headers = {{"Location", "/there"}}};
    }
    return {.status = request.path == "/there" ? 200 : std::stoi(request.path.substr(1)),
            .headers = {{"Retry-After", "3600"}}};
  });
  const auto write = [&](const std::string& path) {
    const auto sink = Make({{"url", server.Url(path)}});
    return Dirty(Writer(*sink)->Write(*Rows(0, 1)));
  };
  EXPECT_THAT(write("/moved"), IsEmpty());
  EXPECT_EQ(Bodies(server).back(), R"([{"n":0}])");
  EXPECT_THAT(write("/elsewhere"),
              ElementsAre(AllOf(HasSubstr("ILLEGAL_STATE"), Not(HasSubstr("key")))));
  EXPECT_THAT(write("/see"), ElementsAre(HasSubstr("is redirected to")));
  EXPECT_THAT(write("/401"), ElementsAre(HasSubstr("BAD_CREDENTIALS")));
  EXPECT_THAT(write("/404"), ElementsAre(HasSubstr("NOT_FOUND")));
  EXPECT_THAT(write("/429"),
              ElementsAre(AllOf(HasSubstr("given up after 5m"), HasSubstr("3600 seconds"))));
}

TEST_F(HttpSinkTest, RowsOfOtherKindsAreDirty) {
  const TestServer server([](const Request&) { return Answer{}; });
  const auto schema = SchemaOf("n BIGINT");
  BatchBuilder rows(schema);
  for (const RowKind kind : {RowKind::kInsert, RowKind::kDelete}) {
    rows.column(0).Append<std::int64_t>(1);
    rows.EndRow(kind);
  }
  const auto sink = Make({{"url", server.Url("/")}});
  EXPECT_THAT(Dirty(Writer(*sink)->Write(*rows.Finish())), ElementsAre(HasSubstr("-D(1)")));
  EXPECT_THAT(Bodies(server), ElementsAre(R"([{"n":1}])"));
}

TEST_F(HttpSinkTest, WhatCannotBeIsRefusedByItsOption) {
  const auto refusal = [&](Given more) {
    more.insert({"url", "http://h/x"});
    return SinkRefusal(*connector_, more, SchemaOf("n INT"));
  };
  EXPECT_THAT(refusal({{"url", "http://a,http://b"}}), HasSubstr("/url: a sink writes to one"));
  EXPECT_THAT(refusal({{"format", "csv"}, {"request.body", "array"}}),
              HasSubstr("/request.body: rows in csv"));
  EXPECT_THAT(refusal({{"format", "avro"}, {"request.body", "lines"}}),
              HasSubstr("/request.body: rows in avro"));
  EXPECT_THAT(refusal({{"idempotency.header", "a b"}}), HasSubstr("/idempotency.header: "));
  EXPECT_THAT(refusal({{"content.type", "a\nb"}}), HasSubstr("/content.type: "));
  EXPECT_THAT(refusal({{"rejected", "x"}}), HasSubstr("/rejected: "));
}

}  // namespace
}  // namespace streampark::connectors::http

SP_SINK_CONTRACT(Http, [] { return std::make_unique<http::RequestsUnderTest>(); });
