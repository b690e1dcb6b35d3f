// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/code/schema_check.h"

#include <gtest/gtest.h>

#include "streampark/base/json.h"

namespace streampark::console {
namespace {

constexpr const char* kSchema = R"({
  "type": "object", "additionalProperties": false, "required": ["name"],
  "properties": {
    "name": {"$ref": "#/$defs/name"},
    "engine": {"enum": ["flink", "spark"]},
    "version": {"const": "v1"},
    "parallelism": {"type": "integer", "minimum": 1, "maximum": 8},
    "tags": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string"}},
    "options": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
    "coordinate": {"type": "string", "pattern": "^[a-z]+:[a-z]+$", "description": "group:artifact"}
  },
  "$defs": {"name": {"type": "string", "minLength": 1, "maxLength": 5}}
})";

std::string Check(const char* document) {
  std::string found;
  for (const base::FieldError& error :
       CheckAgainstSchema(boost::json::parse(document), boost::json::parse(kSchema))) {
    found += error.pointer + ": " + error.message +
             (error.hint.empty() ? "" : " (" + error.hint + ")") + "\n";
  }
  return found;
}

TEST(SchemaCheckTest, AcceptsWhatIsValid) {
  EXPECT_EQ(
      Check(
          R"({"name":"grün!","engine":"flink","version":"v1","parallelism":8,"tags":["a"],"options":{"a":"1","b":2},"coordinate":"a:b"})"),
      "");
}

TEST(SchemaCheckTest, SuggestsTheKeyThatWasMeant) {
  EXPECT_EQ(Check(R"({"name":"a","paralelism":1})"),
            "/paralelism: unknown key `paralelism` (did you mean `parallelism`?)\n");
}

TEST(SchemaCheckTest, SuggestsTheWordThatWasMeant) {
  EXPECT_EQ(Check(R"({"name":"a","engine":"flnk"})"),
            "/engine: `flnk` is not one of: flink, spark (did you mean `flink`?)\n");
  EXPECT_EQ(Check(R"({"name":"a","version":"v2"})"), "/version: `v2` must be `v1`\n");
}

TEST(SchemaCheckTest, ReportsEverythingAtOnce) {
  EXPECT_EQ(Check(R"({"parallelism":0,"tags":["a",1],"options":[]})"),
            ": the key `name` is missing\n"
            "/parallelism: this must be at least 1\n"
            "/tags/1: this must be a text, not a whole number (put it in quotes)\n"
            "/options: this must be a mapping (key: value), not a list\n");
}

TEST(SchemaCheckTest, KeepsLimits) {
  EXPECT_EQ(Check(R"({"name":""})"), "/name: this must not be empty\n");
  EXPECT_EQ(Check(R"({"name":"abcdef"})"), "/name: this may have at most 5 characters\n");
  EXPECT_EQ(Check(R"({"name":"a","parallelism":9})"), "/parallelism: this must be at most 8\n");
  EXPECT_EQ(Check(R"({"name":"a","tags":[]})"), "/tags: at least 1 items are needed\n");
  EXPECT_EQ(Check(R"({"name":"a","tags":["a","b","c"]})"), "/tags: at most 2 items are allowed\n");
  EXPECT_EQ(Check(R"({"name":"a","coordinate":"a"})"),
            "/coordinate: `a` does not have the form that is needed here (group:artifact)\n");
  EXPECT_EQ(Check(R"({"name":"a","options":{"x":[1]}})"),
            "/options/x: this must be a text, a number or true/false, not a list\n");
}

}  // namespace
}  // namespace streampark::console
