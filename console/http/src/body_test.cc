// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/body.h"

#include <gtest/gtest.h>

#include "streampark/base/json.h"

namespace streampark::http {
namespace {

using base::ErrorCode;

Request With(std::string type, std::string body) {
  Request request;
  request.headers.emplace_back("content-type", std::move(type));
  request.body = std::move(body);
  return request;
}

TEST(BodyTest, TakesJsonObjectsAlone) {
  EXPECT_TRUE(JsonBody(With("application/json", "{}")).ok());
  EXPECT_TRUE(JsonBody(With("application/json; charset=utf-8", "{}")).ok());
  EXPECT_EQ(JsonBody(With("text/plain", "{}")).error().code(), ErrorCode::kUnsupportedMediaType);
  EXPECT_EQ(JsonBody(Request{}).error().code(), ErrorCode::kUnsupportedMediaType);
  EXPECT_EQ(JsonBody(With("application/json", "[]")).error().code(), ErrorCode::kInvalidRequest);
  EXPECT_EQ(JsonBody(With("application/json", "{")).error().code(), ErrorCode::kInvalidRequest);
  EXPECT_EQ(JsonBody(With("application/json", "")).error().code(), ErrorCode::kInvalidRequest);
}

TEST(BodyTest, TakesYamlAsText) {
  EXPECT_EQ(YamlBody(With("application/yaml", "a: ü")).value(), "a: ü");
  EXPECT_EQ(YamlBody(With("application/json", "{}")).error().code(),
            ErrorCode::kUnsupportedMediaType);
  EXPECT_EQ(YamlBody(With("application/yaml", "\xff")).error().code(), ErrorCode::kInvalidRequest);
}

TEST(FieldReaderTest, ReadsWhatIsThereAndDefaultsTheRest) {
  const json::value body =
      json::Parse(R"({"name":"x 1","count":3,"on":true,"list":["a","b"],"for":"5m","kind":"B"})")
          .value();
  FieldReader in(body.get_object());
  constexpr std::string_view kKinds[] = {"A", "B"};
  EXPECT_EQ(in.Name("name"), "x 1");
  EXPECT_EQ(in.Integer("count"), 3);
  EXPECT_EQ(in.Integer("absent", {.fallback = 9}), 9);
  EXPECT_TRUE(in.Flag("on"));
  EXPECT_TRUE(in.Flag("off", true));
  EXPECT_EQ(in.Texts("list"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(in.Duration("for"), base::Millis(300'000));
  EXPECT_EQ(in.Duration("never"), std::nullopt);
  EXPECT_EQ(in.OneOf("kind", kKinds), "B");
  EXPECT_EQ(in.Object("object"), nullptr);
  EXPECT_TRUE(in.Finish().ok());
}

TEST(FieldReaderTest, NamesEveryFaultAtItsPlace) {
  const json::value body =
      json::Parse(
          R"({"name":"../x","count":99,"on":"yes","list":[1],"for":"soon","kind":"a","text":"toolong"})")
          .value();
  FieldReader in(body.get_object(), "/spec");
  constexpr std::string_view kKinds[] = {"A", "B"};
  in.Name("name");
  in.Integer("count", {.most = 10});
  in.Flag("on");
  in.Texts("list");
  in.Duration("for");
  in.OneOf("kind", kKinds);
  in.Text("text", {.longest = 3});
  in.Text("missing", {.required = true});
  const base::Status status = in.Finish();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kValidationFailed);
  std::vector<std::string> pointers;
  for (const base::FieldError& field : status.error().fields()) {
    pointers.push_back(field.pointer);
  }
  EXPECT_EQ(pointers,
            (std::vector<std::string>{"/spec/name", "/spec/count", "/spec/on", "/spec/list",
                                      "/spec/for", "/spec/kind", "/spec/text", "/spec/missing"}));
}

TEST(FieldReaderTest, SuggestsWhatAnUnknownFieldMeant) {
  const json::value body = json::Parse(R"({"paralelism":2,"a/b":1})").value();
  FieldReader in(body.get_object());
  in.Integer("parallelism");
  const base::Status status = in.Finish();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kUnknownField);
  EXPECT_EQ(status.error().hint(), "did you mean 'parallelism'?");
  ASSERT_EQ(status.error().fields().size(), 2U);
  EXPECT_EQ(status.error().fields()[1].pointer, "/a~1b");
}

TEST(FieldReaderTest, TakesOverTheFaultsOfAMember) {
  const json::value body = json::Parse(R"({"spec":{"x":1,"y":"no"}})").value();
  FieldReader in(body.get_object());
  FieldReader inner(*in.Object("spec"), "/spec");
  inner.Integer("y");
  in.Adopt(std::move(inner));
  const base::Status status = in.Finish();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kUnknownField);
  EXPECT_EQ(status.error().fields().size(), 2U);
}

}  // namespace
}  // namespace streampark::http
