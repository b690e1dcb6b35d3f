// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/http.h"
#include "streampark/connectors/testing/source_contract.h"

#include "testing/test_server.h"

namespace streampark::connectors::http {
namespace {

using namespace std::chrono_literals;
using connectors::testing::AddRows;
using connectors::testing::Given;
using connectors::testing::SchemaOf;
using connectors::testing::SourceOf;
using connectors::testing::SourceRefusal;
using connectors::testing::Strings;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::TestServer;
using Request = TestServer::Request;
using Answer = TestServer::Answer;

std::string QueryOf(const Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? "-" : found->second;
}

std::string HeaderOf(const Request& request, const std::string& name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "-" : found->second;
}

/// `[{"n": 4}, …]`
std::string Numbers(int first, int count) {
  std::string list;
  for (int n = first; n < first + count; ++n) {
    list += (list.empty() ? "" : ", ") + ("{\"n\": " + std::to_string(n) + "}");
  }
  return "[" + list + "]";
}

/// Three addresses of fifteen rows each, four a page.
class PagesUnderTest final : public connectors::testing::SourceUnderTest {
 public:
  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override { return SchemaOf("n BIGINT NOT NULL"); }
  Given bounded() const override {
    return {{"url", server_.Url("/0") + ", " + server_.Url("/100") + "," + server_.Url("/200?x=1")},
            {"page.by", "offset"},
            {"page.parameter", "from"}};
  }
  Strings rows() const override {
    Strings rows;
    for (const int first : {0, 100, 200}) {
      for (int n = first; n < first + 15; ++n) {
        rows.push_back("+I(" + std::to_string(n) + ")");
      }
    }
    return rows;
  }
  Given unbounded() const override {
    Given given = bounded();
    given["poll.interval"] = "1h";
    return given;
  }
  Strings Grow() override { return {}; }

 private:
  const TestServer server_{[](const Request& request) {
    const int from = std::stoi(request.query.at("from"));
    return Answer{
        .body = Numbers(std::stoi(request.path.substr(1)) + from, std::clamp(15 - from, 0, 4))};
  }};
  const std::unique_ptr<Connector> connector_ = MakeHttpConnector();
};

class HttpSourceTest : public ::testing::Test {
 protected:
  static std::vector<Split> SplitsOf(Source& source) {
    return source.MakeEnumerator(std::nullopt).value()->Discover({}).value().splits;
  }
  std::unique_ptr<Source> Make(const Given& given, const std::string& schema) {
    auto setup_options = connector_->options().Read(given, OptionUse::kSource);
    EXPECT_TRUE(setup_options.ok()) << setup_options.error().ToString();
    auto source = connector_->MakeSource(
        {.options = *setup_options, .schema = SchemaOf(schema), .clock = &clock_});
    EXPECT_TRUE(source.ok()) << source.error().ToString();
    return std::move(source).value();
  }
  static std::unique_ptr<SplitReader> ReaderOf(Source& source) {
    auto reader = source.MakeReader(0).value();
    EXPECT_TRUE(reader->Add(SplitsOf(source)).ok());
    return reader;
  }
  /// The next that is not nothing.
  static SplitReader::Rows Next(SplitReader& reader) {
    for (;;) {
      auto read = reader.Read(1s);
      if (!read.ok()) {
        ADD_FAILURE() << read.error().ToString();
        return {};
      }
      if (!read->split.empty()) {
        return std::move(*read);
      }
    }
  }
  static base::Error Failure(SplitReader& reader) {
    for (;;) {
      auto read = reader.Read(1s);
      if (!read.ok()) {
        return read.error();
      }
    }
  }
  static Strings RowsOf(const SplitReader::Rows& read) {
    Strings rows;
    if (read.batch) {
      AddRows(*read.batch, rows);
    }
    return rows;
  }
  Strings All(const Given& given, const std::string& schema, Strings* dirty = nullptr) {
    const auto source = Make(given, schema);
    const auto reader = ReaderOf(*source);
    Strings rows;
    for (std::size_t left = SplitsOf(*source).size(); left > 0;) {
      auto read = reader->Read(1s);
      if (!read.ok()) {
        rows.push_back(read.error().ToString());
        return rows;
      }
      left -= read->ended.size();
      if (read->batch) {
        AddRows(*read->batch, rows);
      }
      for (const auto& one : read->dirty) {
        EXPECT_NE(dirty, nullptr) << one.where << one.reason;
        if (dirty != nullptr) {
          dirty->push_back(one.where.substr(one.where.rfind('/')) + ": " + one.reason + ": " +
                           one.bytes);
        }
      }
    }
    return rows;
  }

  base::ManualClock clock_;
  const std::unique_ptr<Connector> connector_ = MakeHttpConnector();
};

TEST_F(HttpSourceTest, RecordsAreReadFromWhereThePointerSays) {
  const TestServer server([](const Request& request) {
    return request.path == "/many"
               ? Answer{.body = R"({"data": {"items": [{"id": 1, "price": 12345678901234567890.10},
                                  {"id": "x"}, 7, {"id": 3}]}})"}
           : request.path == "/one"  ? Answer{.body = R"({"data": {"items": {"id": 4}}})"}
           : request.path == "/none" ? Answer{.body = R"({"data": {"items": null}})"}
                                     : Answer{.body = R"({"data": []})"};
  });
  const std::string schema = "id INT, price DECIMAL(30, 2)";
  Strings dirty;
  EXPECT_THAT(All({{"url", server.Url("/many")}, {"records", "/data/items"}}, schema, &dirty),
              ElementsAre("+I(1, 12345678901234567890.10)", "+I(3, NULL)"));
  EXPECT_THAT(dirty, ElementsAre(AllOf(HasSubstr("/many, page 1, record 1: "),
                                       HasSubstr("{\"id\": \"x\"}")),
                                 HasSubstr("/many, page 1, record 2: ")));
  EXPECT_THAT(All({{"url", server.Url("/one")}, {"records", "/data/items"}}, schema),
              ElementsAre("+I(4, NULL)"));
  EXPECT_THAT(All({{"url", server.Url("/none")}, {"records", "/data/items"}}, schema), IsEmpty());
  EXPECT_THAT(All({{"url", server.Url("/other")}, {"records", "/data/items"}}, schema),
              ElementsAre(HasSubstr("has nothing where 'records' says")));
}

TEST_F(HttpSourceTest, BodiesMayBeStreamsAndTexts) {
  const TestServer server([](const Request& request) {
    return request.path == "/csv"     ? Answer{.body = "n,id\na,1\nb,2\nc,x\n"}
           : request.path == "/lines" ? Answer{.body = "{\"id\": 1}\n\n{\"id\": 2}"}
           : request.path == "/empty" ? Answer{.status = 204, .body = ""}
                                      : Answer{.body = "a\nb"};
  });
  Strings dirty;
  EXPECT_THAT(All({{"url", server.Url("/csv")}, {"format", "csv"}, {"csv.header", "true"}},
                  "id INT", &dirty),
              ElementsAre("+I(1)", "+I(2)"));
  EXPECT_THAT(dirty, ElementsAre(HasSubstr("/csv, page 1, record 2: ")));
  EXPECT_THAT(All({{"url", server.Url("/lines")}, {"body", "stream"}}, "id INT"),
              ElementsAre("+I(1)", "+I(2)"));
  EXPECT_THAT(All({{"url", server.Url("/empty")}, {"body", "stream"}}, "id INT"), IsEmpty());
  EXPECT_THAT(All({{"url", server.Url("/raw")}, {"format", "raw"}}, "t STRING"),
              ElementsAre("+I('a\nb')"));
  EXPECT_THAT(All({{"url", server.Url("/raw")}, {"format", "raw"}, {"body", "stream"}}, "t STRING"),
              ElementsAre("+I('a')", "+I('b')"));
  EXPECT_THAT(All({{"url", server.Url("/raw")}}, "id INT"), ElementsAre(HasSubstr("the answer ")));
}

TEST_F(HttpSourceTest, PagesAreFollowedByLinkNumberAndToken) {
  const TestServer server([](const Request& request) -> Answer {
    if (request.path == "/header") {
      const bool last = QueryOf(request, "p") == "2";
      return {.body = Numbers(last ? 3 : 1, 2),
              .headers = {
                  {"Link", last ? "</header>; rel=\"first\""
                                : "</header>; rel=\"first\", </header?p=2&k=v>; rel=\"next\""}}};
    }
    if (request.path == "/body") {
      return {.body = QueryOf(request, "p") == "2" ? R"({"d": [{"n": 3}], "next": null})"
                                                   : R"({"d": [{"n": 1}], "next": "body?p=2"})"};
    }
    if (request.path == "/number") {
      const int page = std::stoi(request.query.at("p"));
      return {.body = Numbers(page * 10, page < 3 ? 2 : 0)};
    }
    const std::string token = QueryOf(request, "t");
    return {.body = token == "-"     ? R"({"d": [{"n": 1}], "t": "a&b"})"
                    : token == "a&b" ? R"({"d": [{"n": 2}], "t": 17})"
                                     : R"({"d": [{"n": 3}], "t": ""})"};
  });
  EXPECT_THAT(All({{"url", server.Url("/header")}, {"page.by", "link"}}, "n INT"),
              ElementsAre("+I(1)", "+I(2)", "+I(3)", "+I(4)"));
  EXPECT_THAT(All({{"url", server.Url("/body")},
                   {"page.by", "link"},
                   {"page.next", "/next"},
                   {"records", "/d"}},
                  "n INT"),
              ElementsAre("+I(1)", "+I(3)"));
  EXPECT_THAT(All({{"url", server.Url("/number")}, {"page.by", "number"}, {"page.parameter", "p"}},
                  "n INT"),
              ElementsAre("+I(10)", "+I(11)", "+I(20)", "+I(21)"));
  EXPECT_THAT(All({{"url", server.Url("/token")},
                   {"page.by", "token"},
                   {"page.parameter", "t"},
                   {"page.next", "/t"},
                   {"records", "/d"}},
                  "n INT"),
              ElementsAre("+I(1)", "+I(2)", "+I(3)"));
}

TEST_F(HttpSourceTest, PagesThatLeadNowhereAreErrors) {
  const TestServer server([](const Request& request) -> Answer {
    return {.body = R"([{"n": 1}])",
            .headers = {{"Link", request.path == "/self" ? "</self>; rel=next"
                                 : request.path == "/foreign"
                                     ? "<http://127.0.0.1:1/x?key=k>; rel=next"
                                     : "<?p=" + std::to_string(request.query.size()) +
                                           QueryOf(request, "p") + ">; rel=next"}}};
  });
  const auto of = [&](const std::string& path) {
    return All({{"url", server.Url(path)}, {"page.by", "link"}, {"page.most", "3"}}, "n INT")
        .back();
  };
  EXPECT_THAT(of("/self"), HasSubstr("a page leads to itself"));
  EXPECT_THAT(of("/foreign"),
              AllOf(HasSubstr("at http://127.0.0.1:1/x, and not at the same server"),
                    Not(HasSubstr("key"))));
  EXPECT_THAT(of("/endless"), HasSubstr("more than 3 pages"));
}

TEST_F(HttpSourceTest, EachRoundAsksForWhatIsBeyondTheLast) {
  std::string body =
      R"([{"id": 5, "at": "2026-01-31T09:00:00Z"}, {"id": 4, "at": "2026-01-31T10:00:00Z"}])";
  std::mutex mutex;
  const TestServer server([&](const Request&) {
    const std::lock_guard lock(mutex);
    return Answer{.body = body};
  });
  const auto answer = [&](std::string next) {
    const std::lock_guard lock(mutex);
    body = std::move(next);
  };
  const auto source = Make({{"url", server.Url("/?x=1")},
                            {"poll.interval", "1m"},
                            {"cursor.column", "at"},
                            {"cursor.parameter", "since"},
                            {"cursor.start", "2026-01-01 00:00:00Z"}},
                           "id INT, at TIMESTAMP_LTZ");
  const auto reader = ReaderOf(*source);
  EXPECT_EQ(RowsOf(Next(*reader)).size(), 2U);
  EXPECT_TRUE(reader->Read(0ms).value().split.empty());  // the next round is not due
  // The last one again, and two that are new.
  answer(R"([{"id": 4, "at": "2026-01-31T10:00:00Z"}, {"id": 6, "at": "2026-01-31T10:00:00.5Z"},
             {"id": 7, "at": null}])");
  clock_.Advance(1min);
  EXPECT_THAT(RowsOf(Next(*reader)), ElementsAre("+I(6, 2026-01-31 10:00:00.5Z)", "+I(7, NULL)"));
  answer("[]");
  clock_.Advance(1min);
  EXPECT_THAT(RowsOf(Next(*reader)), IsEmpty());
  // Another process goes on from here.
  const auto other = source->MakeReader(0).value();
  ASSERT_TRUE(other->Add(reader->Snapshot()).ok());
  EXPECT_THAT(RowsOf(Next(*other)), IsEmpty());
  Strings asked;
  for (const auto& request : server.requests()) {
    asked.push_back(QueryOf(request, "since"));
    EXPECT_EQ(QueryOf(request, "x"), "1");
  }
  EXPECT_THAT(asked, ElementsAre("2026-01-01 00:00:00Z", "2026-01-31T10:00:00Z",
                                 "2026-01-31T10:00:00.5Z", "2026-01-31T10:00:00.5Z"));
}

TEST_F(HttpSourceTest, WhatHasNotChangedIsNotReadAgain) {
  const TestServer server([](const Request& request) {
    return HeaderOf(request, "if-none-match") == "\"v1\""
               ? Answer{.status = 304, .body = ""}
               : Answer{.body = Numbers(1, 1),
                        .headers = {{"ETag", "\"v1\""},
                                    {"Last-Modified", "Sat, 31 Jan 2026 09:05:00 GMT"}}};
  });
  const auto source = Make({{"url", server.Url("/")}, {"poll.interval", "10s"}}, "n INT");
  const auto reader = ReaderOf(*source);
  EXPECT_EQ(RowsOf(Next(*reader)).size(), 1U);
  clock_.Advance(10s);
  EXPECT_EQ(RowsOf(Next(*reader)).size(), 0U);
  const auto other = source->MakeReader(0).value();
  ASSERT_TRUE(other->Add(reader->Snapshot()).ok());
  EXPECT_EQ(RowsOf(Next(*other)).size(), 0U);
  EXPECT_EQ(HeaderOf(server.requests().back(), "if-modified-since"),
            "Sat, 31 Jan 2026 09:05:00 GMT");
}

TEST_F(HttpSourceTest, WhatMayPassIsTriedAgainWhenItIsDueAndThenNoMore) {
  std::atomic<int> status = 503;
  const TestServer server([&](const Request&) -> Answer {
    if (status == 200) {
      return {.body = Numbers(1, 1)};
    }
    return {.status = status,
            .body = "busy",
            .headers = {{"Retry-After", status == 429 ? "120" : "0"}}};
  });
  const auto source = Make({{"url", server.Url("/")}, {"retry.for", "5m"}}, "n INT");
  const auto reader = ReaderOf(*source);
  const base::Error first = Failure(*reader);
  EXPECT_TRUE(first.retryable());
  EXPECT_THAT(first.ToString(), HasSubstr("is answered by 503"));
  EXPECT_TRUE(reader->Read(0ms).value().split.empty());  // not yet
  EXPECT_EQ(server.requests().size(), 1U);
  status = 429;
  clock_.Advance(1s);
  EXPECT_EQ(Failure(*reader).retry_after_seconds(), 120);
  clock_.Advance(119s);
  EXPECT_TRUE(reader->Read(0ms).value().split.empty());
  EXPECT_EQ(server.requests().size(), 2U);
  status = 200;
  clock_.Advance(1s);
  EXPECT_EQ(RowsOf(Next(*reader)).size(), 1U);

  status = 0;  // cut off
  const auto other = ReaderOf(*source);
  EXPECT_TRUE(Failure(*other).retryable());
  clock_.Advance(6min);
  const base::Error last = Failure(*other);
  EXPECT_FALSE(last.retryable());
  EXPECT_THAT(last.ToString(), AllOf(HasSubstr("given up after 5m"), HasSubstr("retry.for")));
}

TEST_F(HttpSourceTest, WhatWillNotPassIsAnErrorAtOnce) {
  const TestServer server([](const Request& request) {
    return Answer{.status = std::stoi(request.path.substr(1)), .body = "why not"};
  });
  const auto of = [&](const std::string& path) {
    return All({{"url", server.Url(path)}}, "n INT").back();
  };
  EXPECT_THAT(of("/401?key=k"),
              AllOf(HasSubstr("BAD_CREDENTIALS"), HasSubstr("'token'"), Not(HasSubstr("key"))));
  EXPECT_THAT(of("/403"), HasSubstr("FORBIDDEN"));
  EXPECT_THAT(of("/404"), AllOf(HasSubstr("NOT_FOUND"), HasSubstr("why not")));
  EXPECT_THAT(of("/400"), HasSubstr("VALIDATION_FAILED"));
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST_F(HttpSourceTest, AnAnswerThatIsTooLargeIsAnError) {
  const TestServer server([](const Request&) { return Answer{.body = std::string(5'000, ' ')}; });
  const auto source = Make({{"url", server.Url("/")}, {"response.limit", "1KiB"}}, "n INT");
  const base::Error error = Failure(*ReaderOf(*source));
  EXPECT_FALSE(error.retryable());
  EXPECT_THAT(error.ToString(),
              AllOf(HasSubstr("more than 1024 bytes"), HasSubstr("response.limit")));
}

TEST_F(HttpSourceTest, AReaderIsWokenWhileItWaitsAndLosesNoAnswer) {
  std::mutex mutex;
  std::condition_variable changed;
  bool may_answer = false;
  const TestServer server([&](const Request&) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return may_answer; });
    return Answer{.body = Numbers(1, 1)};
  });
  const auto source = Make({{"url", server.Url("/")}}, "n INT");
  const auto reader = ReaderOf(*source);
  for (int i = 0; i < 5; ++i) {
    std::jthread caller([&] { reader->WakeUp(); });
    EXPECT_TRUE(reader->Read(1h).value().split.empty());
  }
  {
    const std::lock_guard lock(mutex);
    may_answer = true;
  }
  changed.notify_all();
  EXPECT_EQ(RowsOf(Next(*reader)).size(), 1U);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(HttpSourceTest, WhatCannotBeIsRefusedByItsOption) {
  const auto refusal = [&](Given more) {
    more.insert({"url", "http://h/x"});
    return SourceRefusal(*connector_, more, SchemaOf("n INT, d DOUBLE"));
  };
  EXPECT_THAT(refusal({{"url", "http://me:hidden@h/"}}),
              AllOf(HasSubstr("/url: is no address"), Not(HasSubstr("hidden"))));
  EXPECT_THAT(refusal({{"records", "a"}}), HasSubstr("/records: 'a' is no JSON pointer"));
  EXPECT_THAT(refusal({{"records", "/a"}, {"format", "csv"}}), HasSubstr("/records: is for JSON"));
  EXPECT_THAT(refusal({{"page.by", "token"}, {"page.parameter", "t"}}),
              HasSubstr("/page.next: is missing"));
  EXPECT_THAT(refusal({{"page.by", "number"}}), HasSubstr("/page.parameter: is missing"));
  EXPECT_THAT(refusal({{"page.parameter", "p"}}), HasSubstr("/page.parameter: means nothing"));
  EXPECT_THAT(refusal({{"cursor.column", "n"}}), HasSubstr("/cursor.parameter: is missing"));
  EXPECT_THAT(refusal({{"cursor.column", "d"}, {"cursor.parameter", "p"}}),
              HasSubstr("has no order"));
  EXPECT_THAT(refusal({{"cursor.column", "n"}, {"cursor.parameter", "p"}, {"cursor.start", "x"}}),
              HasSubstr("/cursor.start: 'x' is no INT"));
  EXPECT_THAT(refusal({{"headers.Authorization", "x"}}),
              HasSubstr("/headers.Authorization: is a secret"));
  EXPECT_THAT(refusal({{"headers.a b", "x"}}), HasSubstr("is no header"));
  EXPECT_THAT(refusal({{"headers.a", "x\r\ny: z"}}), HasSubstr("is no header"));
  EXPECT_THAT(refusal({{"secret.header", "hidden"}}),
              AllOf(HasSubstr("/secret.header: is no header"), Not(HasSubstr("hidden"))));
  EXPECT_THAT(refusal({{"username", "u"}}), HasSubstr("/password: is missing"));
  EXPECT_THAT(refusal({{"tls.key.file", "k"}}), HasSubstr("/tls.certificate.file: is missing"));
}

}  // namespace
}  // namespace streampark::connectors::http

SP_SOURCE_CONTRACT(Http, [] { return std::make_unique<http::PagesUnderTest>(); });
