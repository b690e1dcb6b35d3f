// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/type.h"

#include <gtest/gtest.h>

namespace streampark::connectors {
namespace {

std::string Respelled(std::string_view text) {
  auto type = Type::Parse(text);
  return type.ok() ? type->ToString() : type.error().message();
}

TEST(Type, IsSpelledAsItIsRead) {
  for (const std::string_view spelling :
       {"BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL(38, 0)",
        "DECIMAL(10, 2)", "STRING", "BYTES", "DATE", "TIME", "TIMESTAMP", "TIMESTAMP_LTZ",
        "ARRAY<STRING>", "ARRAY<ARRAY<INT NOT NULL>>", "MAP<STRING, DOUBLE NOT NULL>",
        "ROW<a BIGINT NOT NULL, `b c` STRING, `d``e` ROW<f DATE>>"}) {
    EXPECT_EQ(Respelled(spelling), spelling);
  }
  EXPECT_EQ(Respelled(" decimal( 5 ) "), "DECIMAL(5, 0)");
  EXPECT_EQ(Respelled("array < integer >"), "ARRAY<INT>");
  EXPECT_EQ(Respelled("map<string not null,int>"), "MAP<STRING, INT>");
}

TEST(Type, NamesWhatIsWrongAndWhere) {
  EXPECT_EQ(Respelled("VARCHAR(10)"),
            "'VARCHAR(10)' is no type: there is no type 'VARCHAR' at character 1");
  EXPECT_EQ(Respelled("ARRAY<INT"), "'ARRAY<INT' is no type: '>' is missing at character 10");
  EXPECT_EQ(Respelled("INT INT"), "'INT INT' is no type: something follows at character 5");
  EXPECT_EQ(Respelled("ROW<a INT, a INT>"),
            "'ROW<a INT, a INT>' is no type: the name 'a' is there twice at character 13");
  for (const std::string_view bad :
       {"", "DECIMAL", "DECIMAL(39, 0)", "DECIMAL(3, 4)", "DECIMAL(0, 0)", "MAP<INT>", "ROW<>",
        "ROW<`a INT>", "INT NOT NULL", "ROW<a INT NOT>", "DECIMAL(-1, 0)"}) {
    EXPECT_FALSE(Type::Parse(bad).ok()) << bad;
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) {
    deep += "ARRAY<";
  }
  EXPECT_NE(Respelled(deep).find("nested more than"), std::string::npos);
}

TEST(Type, IsComparedByContent) {
  EXPECT_EQ(Type::Parse("ROW<a INT>").value(), Type::Struct({{"a", TypeKind::kInt32}}));
  EXPECT_NE(Type::Decimal(10, 2), Type::Decimal(10, 3));
  EXPECT_NE(Type::List({"", TypeKind::kInt32}),
            Type::List({"", TypeKind::kInt32, Nullability::kRequired}));
  EXPECT_EQ(Type(TypeKind::kTimestampTz).ArrowFormat(), "tsu:UTC");
  EXPECT_EQ(Type::Decimal(10, 2).ArrowFormat(), "d:10,2");
  EXPECT_EQ(Type::Decimal(10, 2).width(), 16);
}

TEST(Schema, IsSpelledAsItIsRead) {
  constexpr std::string_view kText =
      "(id BIGINT NOT NULL, name STRING, `at time` TIMESTAMP, PRIMARY KEY (id, `at time`))";
  const auto schema = Schema::Parse(kText);
  ASSERT_TRUE(schema.ok()) << schema.error().ToString();
  EXPECT_EQ(schema.value().ToString(), kText);
  EXPECT_EQ(schema.value().Find("name"), 1);
  EXPECT_EQ(schema.value().Find("Name"), -1);
  EXPECT_EQ(Schema::Parse("primary INT, key STRING").value().ToString(),
            "(primary INT, key STRING)");
}

TEST(Schema, RefusesAKeyThatIsNoColumn) {
  for (const std::string_view bad :
       {"(a INT, PRIMARY KEY (b))", "(a INT, PRIMARY KEY (a, a))", "(a INT", "a INT)", "()"}) {
    EXPECT_FALSE(Schema::Parse(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace streampark::connectors
