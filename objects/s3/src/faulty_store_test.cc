// SPDX-License-Identifier: Apache-2.0
// What a real store cannot be made to do: forget conditions, lose answers, change its mind.
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/temporary_folder.h"

#include "s3_folder.h"
#include "testing/test_server.h"

namespace streampark::objects::s3 {
namespace {

using namespace std::chrono_literals;
using connectors::http::testing::TestServer;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TestServer::Answer Refused(int status, const std::string& code) {
  return {status, "<Error><Code>" + code + "</Code><Message>words</Message></Error>"};
}

/// Objects in memory, one bucket, and faults.
class FaultyStore {
 public:
  enum class Conditions { kHeeded, kForgotten, kRefused };

  std::string endpoint() const { return server_.Url(""); }
  Conditions conditions = Conditions::kHeeded;
  /// Asked before a request is done: an answer instead of it.
  std::function<std::optional<TestServer::Answer>(const TestServer::Request&)> instead;
  /// How many of the next writes are done, and their answers lost.
  std::atomic<int> lost_answers = 0;
  std::atomic<int> asked = 0;

  std::map<std::string, std::string> objects() {
    const std::lock_guard lock(mutex_);
    return objects_;
  }
  void Set(const std::string& key, const std::string& bytes) {
    const std::lock_guard lock(mutex_);
    objects_[key] = bytes;
  }

 private:
  static std::string EtagOf(const std::string& bytes) {
    return "\"" + std::to_string(std::hash<std::string>()(bytes)) + "\"";
  }
  TestServer::Answer Serve(const TestServer::Request& request) {
    ++asked;
    if (instead) {
      if (auto answer = instead(request)) {
        return *answer;
      }
    }
    const std::lock_guard lock(mutex_);
    const std::string key = request.path.substr(std::string("/bucket").size());
    const auto name = key.empty() ? key : key.substr(1);
    if (request.query.contains("list-type")) {
      std::string xml = "<ListBucketResult>";
      for (const auto& [each, bytes] : objects_) {
        if (each.starts_with(request.query.at("prefix"))) {
          xml += "<Contents><Key>" + each + "</Key></Contents>";
        }
      }
      return {200, xml + "</ListBucketResult>"};
    }
    if (request.query.contains("uploads") && request.method == "GET") {
      return {200, "<ListMultipartUploadsResult/>"};
    }
    const auto found = objects_.find(name);
    if (request.method == "GET") {
      return found == objects_.end()
                 ? Refused(404, "NoSuchKey")
                 : TestServer::Answer{206, found->second, {{"ETag", EtagOf(found->second)}}};
    }
    if (request.method == "DELETE") {
      objects_.erase(name);
      return {204, ""};
    }
    const auto none = request.headers.find("if-none-match");
    const auto match = request.headers.find("if-match");
    const bool conditional = none != request.headers.end() || match != request.headers.end();
    if (conditional && conditions == Conditions::kRefused) {
      return Refused(501, "NotImplemented");
    }
    if (conditional && conditions == Conditions::kHeeded &&
        (none != request.headers.end()
             ? found != objects_.end()
             : found == objects_.end() || match->second != EtagOf(found->second))) {
      return Refused(412, "PreconditionFailed");
    }
    objects_[name] = request.body;
    if (lost_answers > 0) {
      --lost_answers;
      return {0, ""};
    }
    return {200, "", {{"ETag", EtagOf(request.body)}}};
  }

  std::mutex mutex_;
  std::map<std::string, std::string> objects_;
  TestServer server_{[this](const TestServer::Request& request) { return Serve(request); }};
};

class FaultyStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<S3Folder> Folder(base::Millis patience = 2'000ms) {
    return std::make_unique<S3Folder>(
        S3Folder::Setup{.client = {.bucket = "bucket",
                                   .endpoint = store_.endpoint(),
                                   .region = "here",
                                   .credentials = {"id", "hunter2", ""},
                                   .ca_file = "",
                                   .where = S3Settings::Bucket::kInPath,
                                   .deadline = 5'000ms,
                                   .patience = patience},
                        .prefix = "jobs",
                        .lease = 600s,
                        .part_bytes = 64},
        clock_);
  }
  const base::SystemClock clock_;
  FaultyStore store_;
};

TEST_F(FaultyStoreTest, AStoreThatHeedsConditionsHasNoWeakness) {
  const auto folder = Folder();
  EXPECT_EQ(folder->Claim().value()->weakness(), "");
}

TEST_F(FaultyStoreTest, AStoreWithoutConditionsIsFoundOutAndUsed) {
  for (const auto conditions :
       {FaultyStore::Conditions::kForgotten, FaultyStore::Conditions::kRefused}) {
    store_.conditions = conditions;
    const auto folder = Folder();
    const auto claim = folder->Claim().value();
    EXPECT_THAT(claim->weakness(), HasSubstr("does not heed conditions"));
    EXPECT_TRUE(claim->Confirm().ok());
    EXPECT_TRUE(claim->Mark(3).ok());
    EXPECT_TRUE(folder->PutNew("chk-3/_record", "ours").ok());
    EXPECT_EQ(Folder()->Claim().error().code(), base::ErrorCode::kDataFolderInUse);
    // Each write looks first: who was robbed long ago knows it.
    store_.Set("jobs/_lock", R"({"owner":"other","host":"far-away","beat":1})");
    EXPECT_EQ(claim->Mark(4).error().code(), base::ErrorCode::kDataFolderInUse);
    EXPECT_THAT(store_.objects().at("jobs/_lock"), HasSubstr("far-away"));
    store_.Set("jobs/_lock", R"({"owner":"","newest":3})");
  }
}

TEST_F(FaultyStoreTest, AnAnswerThatWasLostIsNoRefusal) {
  const auto folder = Folder();
  store_.lost_answers = 1;
  auto claim = folder->Claim();
  ASSERT_TRUE(claim.ok()) << claim.error().ToString();
  EXPECT_EQ((*claim)->weakness(), "");
  for (std::uint64_t mark = 1; mark < 4; ++mark) {
    store_.lost_answers = 1;
    const auto marked = (*claim)->Mark(mark);
    EXPECT_TRUE(marked.ok()) << marked.error().ToString();
  }
  store_.lost_answers = 1;
  EXPECT_TRUE(folder->PutNew("chk-1/_record", "ours").ok());
  store_.lost_answers = 1;
  EXPECT_TRUE(folder->Put("a", "x").ok());
  EXPECT_THAT(store_.objects().at("jobs/_lock"), HasSubstr("\"newest\":3"));
}

TEST_F(FaultyStoreTest, AWriteOfWhichNobodyHeardIsStillOurs) {
  const auto folder = Folder(0ms);  // no second try
  const auto claim = folder->Claim().value();
  ASSERT_TRUE(claim->Mark(1).ok());
  store_.lost_answers = 1;
  EXPECT_FALSE(claim->Mark(2).ok());
  EXPECT_TRUE(claim->Confirm().ok());
  EXPECT_TRUE(claim->Mark(3).ok());
}

TEST_F(FaultyStoreTest, WhatMayGoWellTheNextTimeIsTriedAgain) {
  int left = 0;
  for (const auto& [status, code] :
       {std::pair(503, "SlowDown"), std::pair(500, "InternalError"), std::pair(429, ""),
        std::pair(400, "RequestTimeout"), std::pair(409, "ConditionalRequestConflict"),
        std::pair(0, "")}) {
    left = 2;
    store_.instead = [&, answer = Refused(status, code)](const TestServer::Request&) {
      return left-- > 0 ? std::optional(answer) : std::nullopt;
    };
    EXPECT_TRUE(Folder(60s)->Put("a", "x").ok()) << status;
    left = 2;
    EXPECT_EQ(Folder(60s)->Get("a").value(), "x") << status;
  }
}

TEST_F(FaultyStoreTest, WhatAPersonHasToMendIsToldAtOnce) {
  struct Row {
    int status;
    std::string code;
    base::ErrorCode error;
    std::string says;
  };
  for (const auto& [status, code, error, says] : std::vector<Row>{
           {403, "AccessDenied", base::ErrorCode::kForbidden, "PUT s3://bucket/jobs/a"},
           {403, "", base::ErrorCode::kForbidden, "is not allowed"},
           {403, "SignatureDoesNotMatch", base::ErrorCode::kBadCredentials, "secret access key"},
           {403, "InvalidAccessKeyId", base::ErrorCode::kBadCredentials, "access key id"},
           {400, "ExpiredToken", base::ErrorCode::kBadCredentials, "session token"},
           {403, "RequestTimeTooSkewed", base::ErrorCode::kConfigInvalid, "clock"},
           {404, "NoSuchBucket", base::ErrorCode::kNotFound, "no bucket 'bucket'"},
           {301, "PermanentRedirect", base::ErrorCode::kConfigInvalid, "not in the region here"},
           {507, "", base::ErrorCode::kStorageFull, "is full"},
           {501, "NotImplemented", base::ErrorCode::kEngineError, "HTTP 501, NotImplemented"}}) {
    store_.instead = [answer = Refused(status, code)](const TestServer::Request&) {
      return std::optional(answer);
    };
    const int before = store_.asked;
    const auto refused = Folder(60s)->Put("a", "x").error();
    EXPECT_EQ(refused.code(), error) << code;
    EXPECT_EQ(store_.asked - before, 1) << status << code << refused.ToString();
    EXPECT_THAT(refused.ToString(), AllOf(HasSubstr(says), Not(HasSubstr("hunter2"))));
  }
  store_.instead = [](const TestServer::Request&) {
    auto answer = Refused(400, "AuthorizationHeaderMalformed");
    answer.body.insert(answer.body.find("</Error>"), "<Region>eu-west-1</Region>");
    return std::optional(answer);
  };
  EXPECT_THAT(Folder()->Put("a", "x").error().message(), HasSubstr("but in eu-west-1"));
}

TEST_F(FaultyStoreTest, PatienceEndsAndSaysSo) {
  store_.instead = [](const TestServer::Request&) {
    return std::optional(Refused(503, "SlowDown"));
  };
  const auto error = Folder(300ms)->Put("a", "x").error();
  EXPECT_EQ(error.code(), base::ErrorCode::kEngineError);
  EXPECT_THAT(error.ToString(), AllOf(HasSubstr("tried "), HasSubstr("SlowDown")));
}

TEST_F(FaultyStoreTest, PartsThatCannotBePutTogetherAreTakenBack) {
  std::string completion = "<Error><Code>InternalError</Code><Message>no</Message></Error>";
  std::atomic<int> aborted = 0;
  store_.instead = [&](const TestServer::Request& request) -> std::optional<TestServer::Answer> {
    if (request.method == "POST" && request.query.contains("uploads")) {
      return TestServer::Answer{
          200,
          "<InitiateMultipartUploadResult><UploadId>7</UploadId></InitiateMultipartUploadResult>"};
    }
    if (request.method == "PUT" && request.query.contains("uploadId")) {
      return TestServer::Answer{200, "", {{"ETag", "\"part\""}}};
    }
    if (request.method == "POST" && request.query.contains("uploadId")) {
      return TestServer::Answer{200, completion};
    }
    if (request.method == "DELETE" && request.query.contains("uploadId")) {
      ++aborted;
      return TestServer::Answer{204, ""};
    }
    return std::nullopt;
  };
  const std::string big(200, 'x');
  const auto error = Folder()->Put("big", big).error();
  EXPECT_EQ(error.code(), base::ErrorCode::kEngineError);
  EXPECT_EQ(aborted, 1);
  // The answer to the completion was lost, and its upload is gone since it was complete.
  completion = "<Error><Code>NoSuchUpload</Code><Message>no</Message></Error>";
  EXPECT_FALSE(Folder()->Put("big", big).ok());
  store_.Set("jobs/big", big);
  EXPECT_TRUE(Folder()->Put("big", big).ok());
}

TEST_F(FaultyStoreTest, AStoreThatRemovesOneAtATimeIsAskedSo) {
  const auto folder = Folder();
  for (const char* name : {"a", "b", "c"}) {
    ASSERT_TRUE(folder->Put(name, "x").ok());
  }
  store_.instead = [](const TestServer::Request& request) {
    return request.query.contains("delete") ? std::optional(Refused(501, "NotImplemented"))
                                            : std::nullopt;
  };
  ASSERT_TRUE(folder->Remove({"a", "b"}).ok());
  EXPECT_THAT(folder->List("").value(), ElementsAre("c"));
}

}  // namespace
}  // namespace streampark::objects::s3
